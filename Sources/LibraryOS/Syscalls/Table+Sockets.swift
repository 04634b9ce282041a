extension Syscalls {
    /// Sockets: pairs of AF_UNIX.
    static let socketsTable: [SyscallEntry] = [
        SyscallEntry(41, "socket", [.named("family"), .named("socket"), .signed], .partial, note: "AF_UNIX only, other families EAFNOSUPPORT", Syscalls.socket),
        SyscallEntry(
            42, "connect", [.descriptor, .structureIn("sockaddr"), .unsigned], .partial, note: "nothing listens yet: ENOENT or ECONNREFUSED", Syscalls.connect),
        SyscallEntry(
            44, "sendto", [.descriptor, .input(length: 2), .unsigned, .named("msg"), .structureIn("sockaddr"), .unsigned], .partial, note: "connected pairs",
            Syscalls.sendto),
        SyscallEntry(
            45, "recvfrom", [.descriptor, .output, .unsigned, .named("msg"), .structureOut("sockaddr"), .pointer], .partial, note: "connected pairs",
            Syscalls.recvfrom),
        SyscallEntry(46, "sendmsg", [.descriptor, .structureIn("msghdr"), .named("msg")], .partial, note: "connected pairs; no MSG_OOB", Syscalls.sendmsg),
        SyscallEntry(47, "recvmsg", [.descriptor, .structureOut("msghdr"), .named("msg")], .partial, note: "connected pairs; no MSG_OOB", Syscalls.recvmsg),
        SyscallEntry(48, "shutdown", [.descriptor, .named("shutdown")], Syscalls.shutdown),
        SyscallEntry(51, "getsockname", [.descriptor, .structureOut("sockaddr"), .pointer], Syscalls.getsockname),
        SyscallEntry(52, "getpeername", [.descriptor, .structureOut("sockaddr"), .pointer], Syscalls.getpeername),
        SyscallEntry(
            53, "socketpair", [.named("family"), .named("socket"), .signed, .structureOut("descriptors")], .partial, note: "AF_UNIX only", Syscalls.socketpair),
        SyscallEntry(
            54, "setsockopt", [.descriptor, .signed, .named("sockopt"), .pointer, .unsigned], .partial, note: "SOL_SOCKET options of AF_UNIX",
            Syscalls.setsockopt),
        SyscallEntry(
            55, "getsockopt", [.descriptor, .signed, .named("sockopt"), .pointer, .pointer], .partial, note: "SOL_SOCKET options of AF_UNIX",
            Syscalls.getsockopt),
        SyscallEntry(
            299, "recvmmsg", [.descriptor, .structureOut("mmsghdr"), .unsigned, .named("msg"), .structureIn("timespec")], .partial, note: "connected pairs",
            Syscalls.recvmmsg),
        SyscallEntry(307, "sendmmsg", [.descriptor, .structureIn("mmsghdr"), .unsigned, .named("msg")], .partial, note: "connected pairs", Syscalls.sendmmsg),
    ]
}
