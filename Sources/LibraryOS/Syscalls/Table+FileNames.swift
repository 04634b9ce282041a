extension Syscalls {
    /// Calls about names, attributes and places of files.
    static let fileNamesTable: [SyscallEntry] = openTable + namesTable + statusTable + attributesTable + extendedAttributesTable

    private static let openTable: [SyscallEntry] = [
        SyscallEntry(2, "open", [.path, .named("open"), .octal], .partial, note: openNote, Syscalls.open),
        SyscallEntry(85, "creat", [.path, .octal], Syscalls.creat),
        SyscallEntry(257, "openat", [.directoryDescriptor, .path, .named("open"), .octal], .partial, note: openNote, Syscalls.openat),
        SyscallEntry(
            319, "memfd_create", [.path, .named("memfd")], .partial, note: "MFD_HUGETLB answers EINVAL; F_SEAL_WRITE does not look for writable mappings",
            Syscalls.memfdCreate),
        SyscallEntry(
            437, "openat2", [.directoryDescriptor, .path, .structureIn("open_how"), .unsigned], .partial, note: openNote + "; RESOLVE_CACHED answers EAGAIN",
            Syscalls.openat2),
        SyscallEntry(78, "getdents", [.descriptor, .structureOut("dirent"), .unsigned], Syscalls.getdents),
        SyscallEntry(217, "getdents64", [.descriptor, .structureOut("dirent64"), .unsigned], Syscalls.getdents64),
        SyscallEntry(79, "getcwd", [.output, .unsigned], Syscalls.getcwd),
        SyscallEntry(80, "chdir", [.path], Syscalls.chdir),
        SyscallEntry(81, "fchdir", [.descriptor], Syscalls.fchdir),
        SyscallEntry(95, "umask", [.octal], inPlace: true, Syscalls.umask),
        SyscallEntry(161, "chroot", [.path], .partial, note: "for user 0 of the sandbox", Syscalls.chroot),
    ]
    private static let openNote = "O_ASYNC and O_DIRECT are kept as flags only; device nodes that programs make have no device (ENXIO)"

    private static let namesTable: [SyscallEntry] = [
        SyscallEntry(82, "rename", [.path, .path], Syscalls.rename),
        SyscallEntry(83, "mkdir", [.path, .octal], Syscalls.mkdir),
        SyscallEntry(84, "rmdir", [.path], Syscalls.rmdir),
        SyscallEntry(86, "link", [.path, .path], Syscalls.link),
        SyscallEntry(87, "unlink", [.path], Syscalls.unlink),
        SyscallEntry(88, "symlink", [.path, .path], Syscalls.symlink),
        SyscallEntry(133, "mknod", [.path, .octal, .hex], .partial, note: "device nodes for user 0 only, and without a device", Syscalls.mknod),
        SyscallEntry(258, "mkdirat", [.directoryDescriptor, .path, .octal], Syscalls.mkdirat),
        SyscallEntry(
            259, "mknodat", [.directoryDescriptor, .path, .octal, .hex], .partial, note: "device nodes for user 0 only, and without a device", Syscalls.mknodat),
        SyscallEntry(263, "unlinkat", [.directoryDescriptor, .path, .named("at")], Syscalls.unlinkat),
        SyscallEntry(264, "renameat", [.directoryDescriptor, .path, .directoryDescriptor, .path], Syscalls.renameat),
        SyscallEntry(265, "linkat", [.directoryDescriptor, .path, .directoryDescriptor, .path, .named("at")], Syscalls.linkat),
        SyscallEntry(266, "symlinkat", [.path, .directoryDescriptor, .path], Syscalls.symlinkat),
        SyscallEntry(
            316, "renameat2", [.directoryDescriptor, .path, .directoryDescriptor, .path, .named("rename")], .partial, note: "RENAME_WHITEOUT answers EINVAL",
            Syscalls.renameat2),
    ]

    private static let statusTable: [SyscallEntry] = [
        SyscallEntry(4, "stat", [.path, .structureOut("stat")], Syscalls.stat),
        SyscallEntry(5, "fstat", [.descriptor, .structureOut("stat")], Syscalls.fstat),
        SyscallEntry(6, "lstat", [.path, .structureOut("stat")], Syscalls.lstat),
        SyscallEntry(21, "access", [.path, .named("access")], Syscalls.access),
        SyscallEntry(89, "readlink", [.path, .output, .unsigned], Syscalls.readlink),
        SyscallEntry(137, "statfs", [.path, .structureOut("statfs")], Syscalls.statfs),
        SyscallEntry(138, "fstatfs", [.descriptor, .structureOut("statfs")], Syscalls.fstatfs),
        SyscallEntry(162, "sync", [], .partial, note: "for files in a store; the host writes back its own when it likes", Syscalls.sync),
        SyscallEntry(262, "newfstatat", [.directoryDescriptor, .path, .structureOut("stat"), .named("at")], Syscalls.newfstatat),
        SyscallEntry(267, "readlinkat", [.directoryDescriptor, .path, .output, .unsigned], Syscalls.readlinkat),
        SyscallEntry(269, "faccessat", [.directoryDescriptor, .path, .named("access")], Syscalls.faccessat),
        SyscallEntry(
            306, "syncfs", [.descriptor], .partial, note: "for files in a store; the host writes back its own when it likes", Syscalls.syncfs),
        SyscallEntry(332, "statx", [.directoryDescriptor, .path, .named("statx_flags"), .named("statx_mask"), .structureOut("statx")], Syscalls.statx),
        SyscallEntry(439, "faccessat2", [.directoryDescriptor, .path, .named("access"), .named("faccessat")], Syscalls.faccessat2),
    ]

    private static let attributesTable: [SyscallEntry] = [
        SyscallEntry(76, "truncate", [.path, .signed], Syscalls.truncate),
        SyscallEntry(77, "ftruncate", [.descriptor, .signed], Syscalls.ftruncate),
        SyscallEntry(90, "chmod", [.path, .octal], Syscalls.chmod),
        SyscallEntry(91, "fchmod", [.descriptor, .octal], Syscalls.fchmod),
        SyscallEntry(92, "chown", [.path, .named("id"), .named("id")], Syscalls.chown),
        SyscallEntry(93, "fchown", [.descriptor, .named("id"), .named("id")], Syscalls.fchown),
        SyscallEntry(94, "lchown", [.path, .named("id"), .named("id")], Syscalls.lchown),
        SyscallEntry(132, "utime", [.path, .structureIn("utimbuf")], Syscalls.utime),
        SyscallEntry(235, "utimes", [.path, .structureIn("timevals")], Syscalls.utimes),
        SyscallEntry(260, "fchownat", [.directoryDescriptor, .path, .named("id"), .named("id"), .named("at")], Syscalls.fchownat),
        SyscallEntry(261, "futimesat", [.directoryDescriptor, .path, .structureIn("timevals")], Syscalls.futimesat),
        SyscallEntry(268, "fchmodat", [.directoryDescriptor, .path, .octal], Syscalls.fchmodat),
        SyscallEntry(280, "utimensat", [.directoryDescriptor, .path, .structureIn("timespecs"), .named("at")], Syscalls.utimensat),
        SyscallEntry(452, "fchmodat2", [.directoryDescriptor, .path, .octal, .named("at")], Syscalls.fchmodat2),
    ]

    private static let extendedAttributesTable: [SyscallEntry] = [
        SyscallEntry(188, "setxattr", [.path, .path, .input(length: 3), .unsigned, .named("xattr")], .partial, note: attributeNote, Syscalls.setxattr),
        SyscallEntry(189, "lsetxattr", [.path, .path, .input(length: 3), .unsigned, .named("xattr")], .partial, note: attributeNote, Syscalls.lsetxattr),
        SyscallEntry(190, "fsetxattr", [.descriptor, .path, .input(length: 3), .unsigned, .named("xattr")], .partial, note: attributeNote, Syscalls.fsetxattr),
        SyscallEntry(191, "getxattr", [.path, .path, .output, .unsigned], Syscalls.getxattr),
        SyscallEntry(192, "lgetxattr", [.path, .path, .output, .unsigned], Syscalls.lgetxattr),
        SyscallEntry(193, "fgetxattr", [.descriptor, .path, .output, .unsigned], Syscalls.fgetxattr),
        SyscallEntry(194, "listxattr", [.path, .output, .unsigned], Syscalls.listxattr),
        SyscallEntry(195, "llistxattr", [.path, .output, .unsigned], Syscalls.llistxattr),
        SyscallEntry(196, "flistxattr", [.descriptor, .output, .unsigned], Syscalls.flistxattr),
        SyscallEntry(197, "removexattr", [.path, .path], Syscalls.removexattr),
        SyscallEntry(198, "lremovexattr", [.path, .path], Syscalls.lremovexattr),
        SyscallEntry(199, "fremovexattr", [.descriptor, .path], Syscalls.fremovexattr),
    ]
    private static let attributeNote = "no POSIX access control lists (system.*: EOPNOTSUPP)"
}
