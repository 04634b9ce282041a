extension Syscalls {
    /// Sockets: AF_UNIX.
    static let socketsTable: [SyscallEntry] = [
        SyscallEntry(41, "socket", [.named("family"), .named("socket"), .signed], .partial, note: "AF_UNIX only, other families EAFNOSUPPORT", Syscalls.socket),
        SyscallEntry(42, "connect", [.descriptor, .structureIn("sockaddr"), .unsigned], Syscalls.connect),
        SyscallEntry(43, "accept", [.descriptor, .structureOut("sockaddr"), .pointer], Syscalls.accept),
        SyscallEntry(44, "sendto", [.descriptor, .input(length: 2), .unsigned, .named("msg"), .structureIn("sockaddr"), .unsigned], Syscalls.sendto),
        SyscallEntry(45, "recvfrom", [.descriptor, .output, .unsigned, .named("msg"), .structureOut("sockaddr"), .pointer], Syscalls.recvfrom),
        SyscallEntry(46, "sendmsg", [.descriptor, .structureIn("msghdr"), .named("msg")], Syscalls.sendmsg),
        SyscallEntry(47, "recvmsg", [.descriptor, .structureOut("msghdr"), .named("msg")], Syscalls.recvmsg),
        SyscallEntry(48, "shutdown", [.descriptor, .named("shutdown")], Syscalls.shutdown),
        SyscallEntry(
            49, "bind", [.descriptor, .structureIn("sockaddr"), .unsigned], .partial,
            note: "a socket bound in a granted folder is a file there, and is reached from inside the sandbox only", Syscalls.bind),
        SyscallEntry(50, "listen", [.descriptor, .signed], Syscalls.listen),
        SyscallEntry(51, "getsockname", [.descriptor, .structureOut("sockaddr"), .pointer], Syscalls.getsockname),
        SyscallEntry(52, "getpeername", [.descriptor, .structureOut("sockaddr"), .pointer], Syscalls.getpeername),
        SyscallEntry(
            53, "socketpair", [.named("family"), .named("socket"), .signed, .structureOut("descriptors")], .partial, note: "AF_UNIX only", Syscalls.socketpair),
        SyscallEntry(
            54, "setsockopt", [.descriptor, .signed, .named("sockopt"), .pointer, .unsigned], .partial,
            note: "SOL_SOCKET options of AF_UNIX; no filters, SO_TXTIME, SO_PASSPIDFD, SO_PEERPIDFD or SO_PASSRIGHTS",
            Syscalls.setsockopt),
        SyscallEntry(
            55, "getsockopt", [.descriptor, .signed, .named("sockopt"), .pointer, .pointer], .partial,
            note: "SOL_SOCKET options of AF_UNIX; no filters, SO_TXTIME, SO_PASSPIDFD, SO_PEERPIDFD or SO_PASSRIGHTS",
            Syscalls.getsockopt),
        SyscallEntry(288, "accept4", [.descriptor, .structureOut("sockaddr"), .pointer, .named("socket_flags")], Syscalls.accept4),
        SyscallEntry(299, "recvmmsg", [.descriptor, .structureOut("mmsghdr"), .unsigned, .named("msg"), .structureIn("timespec")], Syscalls.recvmmsg),
        SyscallEntry(307, "sendmmsg", [.descriptor, .structureIn("mmsghdr"), .unsigned, .named("msg")], Syscalls.sendmmsg),
    ]
}
