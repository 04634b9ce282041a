extension Syscalls {
    static let threadsTable: [SyscallEntry] = [
        SyscallEntry(56, "clone", [.named("clone"), .pointer, .pointer, .pointer, .pointer], .partial, note: namespaces, Syscalls.clone),
        SyscallEntry(57, "fork", [], Syscalls.fork),
        SyscallEntry(58, "vfork", [], Syscalls.vfork),
        SyscallEntry(60, "exit", [.signed], Syscalls.exit),
        SyscallEntry(186, "gettid", [], inPlace: true, Syscalls.gettid),
        SyscallEntry(
            202, "futex", [.pointer, .named("futex"), .signed, .structureIn("timespec"), .pointer, .hex], .partial,
            note: "owners of FUTEX_LOCK_PI words inherit no priority: the host schedules", inPlace: true, Syscalls.futex),
        SyscallEntry(218, "set_tid_address", [.pointer], inPlace: true, Syscalls.set_tid_address),
        SyscallEntry(231, "exit_group", [.signed], Syscalls.exit_group),
        SyscallEntry(273, "set_robust_list", [.pointer, .unsigned], inPlace: true, Syscalls.set_robust_list),
        SyscallEntry(274, "get_robust_list", [.signed, .pointer, .pointer], Syscalls.get_robust_list),
        SyscallEntry(
            324, "membarrier", [.named("membarrier"), .hex, .signed], .partial, note: "no RSEQ barriers", Syscalls.membarrier),
        SyscallEntry(435, "clone3", [.structureIn("clone_args"), .unsigned], .partial, note: namespaces + "; no CLONE_INTO_CGROUP, no set_tid: EPERM", Syscalls.clone3),
        SyscallEntry(449, "futex_waitv", [.pointer, .unsigned, .hex, .structureIn("timespec"), .signed], Syscalls.futex_waitv),
    ]
    private static let namespaces = "new namespaces answer EPERM, as without privileges"
}
