extension Syscalls {
    /// Calls on descriptors, whatever is behind them.
    static let descriptorsTable: [SyscallEntry] = [
        SyscallEntry(0, "read", [.descriptor, .output, .unsigned], inPlace: true, Syscalls.read),
        SyscallEntry(1, "write", [.descriptor, .input(length: 2), .unsigned], inPlace: true, Syscalls.write),
        SyscallEntry(3, "close", [.descriptor], Syscalls.close),
        SyscallEntry(8, "lseek", [.descriptor, .signed, .named("whence")], Syscalls.lseek),
        SyscallEntry(
            16, "ioctl", [.descriptor, .named("ioctl"), .pointer], .partial,
            note: "terminals: ioctl_tty(2), of which an inherited one is passed an allow list; devices: their own requests", Syscalls.ioctl),
        SyscallEntry(17, "pread64", [.descriptor, .output, .unsigned, .signed], inPlace: true, Syscalls.pread64),
        SyscallEntry(18, "pwrite64", [.descriptor, .input(length: 2), .unsigned, .signed], Syscalls.pwrite64),
        SyscallEntry(19, "readv", [.descriptor, .structureOut("iovec"), .signed], inPlace: true, Syscalls.readv),
        SyscallEntry(20, "writev", [.descriptor, .structureIn("iovec"), .signed], inPlace: true, Syscalls.writev),
        SyscallEntry(22, "pipe", [.structureOut("descriptors")], Syscalls.pipe),
        SyscallEntry(32, "dup", [.descriptor], Syscalls.dup),
        SyscallEntry(33, "dup2", [.descriptor, .descriptor], Syscalls.dup2),
        SyscallEntry(40, "sendfile", [.descriptor, .descriptor, .structureIn("offset"), .unsigned], Syscalls.sendfile),
        SyscallEntry(72, "fcntl", [.descriptor, .named("fcntl"), .hex], .partial, note: "no leases", Syscalls.fcntl),
        SyscallEntry(73, "flock", [.descriptor, .named("flock")], Syscalls.flock),
        SyscallEntry(74, "fsync", [.descriptor], Syscalls.fsync),
        SyscallEntry(75, "fdatasync", [.descriptor], Syscalls.fdatasync),
        SyscallEntry(187, "readahead", [.descriptor, .signed, .unsigned], Syscalls.readahead),
        SyscallEntry(221, "fadvise64", [.descriptor, .signed, .unsigned, .named("fadvise")], Syscalls.fadvise64),
        SyscallEntry(
            275, "splice", [.descriptor, .structureIn("offset"), .descriptor, .structureIn("offset"), .unsigned, .named("splice")], .partial,
            note: "at most 64 KiB a call", Syscalls.splice),
        SyscallEntry(276, "tee", [.descriptor, .descriptor, .unsigned, .named("splice")], Syscalls.tee),
        SyscallEntry(277, "sync_file_range", [.descriptor, .signed, .signed, .hex], Syscalls.syncFileRange),
        SyscallEntry(278, "vmsplice", [.descriptor, .structureIn("iovec"), .unsigned, .named("splice")], Syscalls.vmsplice),
        SyscallEntry(285, "fallocate", [.descriptor, .named("fallocate"), .signed, .signed], Syscalls.fallocate),
        SyscallEntry(292, "dup3", [.descriptor, .descriptor, .named("pipe2")], Syscalls.dup3),
        SyscallEntry(293, "pipe2", [.structureOut("descriptors"), .named("pipe2")], Syscalls.pipe2),
        SyscallEntry(295, "preadv", [.descriptor, .structureOut("iovec"), .signed, .signed, .signed], inPlace: true, Syscalls.preadv),
        SyscallEntry(296, "pwritev", [.descriptor, .structureIn("iovec"), .signed, .signed, .signed], Syscalls.pwritev),
        SyscallEntry(
            326, "copy_file_range", [.descriptor, .structureIn("offset"), .descriptor, .structureIn("offset"), .unsigned, .hex], Syscalls.copyFileRange),
        SyscallEntry(
            327, "preadv2", [.descriptor, .structureOut("iovec"), .signed, .signed, .signed, .named("rwf")], .partial, note: "no RWF_ATOMIC, RWF_DONTCACHE",
            Syscalls.preadv2),
        SyscallEntry(
            328, "pwritev2", [.descriptor, .structureIn("iovec"), .signed, .signed, .signed, .named("rwf")], .partial,
            note: "no RWF_NOAPPEND, RWF_ATOMIC, RWF_DONTCACHE; RWF_NOWAIT on streams only", Syscalls.pwritev2),
        SyscallEntry(436, "close_range", [.unsigned, .unsigned, .named("close_range")], Syscalls.closeRange),
    ]
}
