extension Syscalls {
    /// Memory calls: mmap(2) and its family.
    static let memoryTable: [SyscallEntry] = [
        SyscallEntry(
            9, "mmap", [.pointer, .unsigned, .named("prot"), .named("map"), .descriptor, .hex], .partial,
            note: "MAP_HUGETLB answers ENOMEM (no huge page pool); MAP_LOCKED and MAP_NORESERVE are accepted as hints", mmap),
        SyscallEntry(10, "mprotect", [.pointer, .unsigned, .named("prot")], inPlace: true, mprotect),
        SyscallEntry(11, "munmap", [.pointer, .unsigned], munmap),
        SyscallEntry(12, "brk", [.pointer], inPlace: true, brk),
        SyscallEntry(25, "mremap", [.pointer, .unsigned, .unsigned, .named("mremap"), .pointer], mremap),
        SyscallEntry(26, "msync", [.pointer, .unsigned, .named("msync")], msync),
        SyscallEntry(27, "mincore", [.pointer, .unsigned, .pointer], mincore),
        SyscallEntry(28, "madvise", [.pointer, .unsigned, .named("madvise")], madvise),
        SyscallEntry(149, "mlock", [.pointer, .unsigned], .partial, note: "pages are made present; guest memory is never paged out by the sandbox", mlock),
        SyscallEntry(150, "munlock", [.pointer, .unsigned], munlock),
        SyscallEntry(151, "mlockall", [.signed], .partial, note: "flags are checked; guest memory is never paged out by the sandbox", mlockall),
        SyscallEntry(152, "munlockall", [], munlockall),
        SyscallEntry(216, "remap_file_pages", [.pointer, .unsigned, .signed, .unsigned, .hex], .refused, note: "obsolete since Linux 4.0; EINVAL", remapFilePages),
        SyscallEntry(237, "mbind", [.pointer, .unsigned, .signed, .pointer, .unsigned, .hex], .partial, note: "one memory node; every policy is accepted", mbind),
        SyscallEntry(238, "set_mempolicy", [.signed, .pointer, .unsigned], .partial, note: "one memory node; every policy is accepted", setMemoryPolicy),
        SyscallEntry(239, "get_mempolicy", [.pointer, .pointer, .unsigned, .pointer, .hex], .partial, note: "always the default policy on node 0", getMemoryPolicy),
        SyscallEntry(325, "mlock2", [.pointer, .unsigned, .hex], .partial, note: "as mlock", mlock2),
    ]
}
