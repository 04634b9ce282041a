extension Syscalls {
    @Sendable private static func refuse(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { throw .EPERM }
    @Sendable private static func invalid(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { throw .EINVAL }
    @Sendable private static func absent(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { throw .ENOSYS }
    @Sendable private static func noKeys(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { throw .ENOSPC }
    @Sendable private static func unsupported(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { throw .EOPNOTSUPP }
    @Sendable private static func protectWithKey(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        guard call.int(3) == -1 else { throw .EINVAL }
        return try mprotect(task, &call)
    }
    @Sendable private static func denied(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { throw .EACCES }

    /// Calls that administer a machine, watch other programs or build sandboxes. Refused as container engines refuse them by default,
    /// so that programs take the way they take there.
    static let refusedTable: [SyscallEntry] =
        [
            SyscallEntry(298, "perf_event_open", [.pointer, .signed, .signed, .signed, .hex], .refused, note: "no performance counters", denied),
            SyscallEntry(
                334, "rseq", [.pointer, .hex, .hex, .hex], .refused, note: "ENOSYS, as on kernels without it: C libraries then use what they used before", inPlace: true,
                absent),
            SyscallEntry(329, "pkey_mprotect", [.pointer, .unsigned, .named("prot"), .signed], .partial, note: "only with key -1, as mprotect", protectWithKey),
            SyscallEntry(330, "pkey_alloc", [.hex, .hex], .refused, note: "ENOSPC, as on processors without protection keys", noKeys),
            SyscallEntry(331, "pkey_free", [.signed], .refused, note: "EINVAL: no key can have been allocated", invalid),
            SyscallEntry(444, "landlock_create_ruleset", [.pointer, .unsigned, .hex], .refused, note: "EOPNOTSUPP, as where Landlock is off", unsupported),
            SyscallEntry(445, "landlock_add_rule", [.descriptor, .signed, .pointer, .hex], .refused, note: "EOPNOTSUPP, as where Landlock is off", unsupported),
            SyscallEntry(446, "landlock_restrict_self", [.descriptor, .hex], .refused, note: "EOPNOTSUPP, as where Landlock is off", unsupported),
            SyscallEntry(240, "mq_open", [.path, .named("open"), .octal, .pointer], .refused, note: noQueues, absent),
            SyscallEntry(241, "mq_unlink", [.path], .refused, note: noQueues, absent),
            SyscallEntry(242, "mq_timedsend", [.signed, .pointer, .unsigned, .unsigned, .structureIn("timespec")], .refused, note: noQueues, absent),
            SyscallEntry(243, "mq_timedreceive", [.signed, .pointer, .unsigned, .pointer, .structureIn("timespec")], .refused, note: noQueues, absent),
            SyscallEntry(244, "mq_notify", [.signed, .pointer], .refused, note: noQueues, absent),
            SyscallEntry(245, "mq_getsetattr", [.signed, .pointer, .pointer], .refused, note: noQueues, absent),
        ] + refusedByPermission.map { SyscallEntry($0.0, $0.1, [.hex, .hex, .hex, .hex, .hex], .refused, note: $0.2, refuse) }

    private static let noQueues = "ENOSYS, as on kernels without POSIX message queues; System V queues are served"
    private static let machine = "administers the machine", tracing = "looks into other programs"
    private static let mounts = "mounts are made when the sandbox is", keys = "no kernel key rings"
    private static let clocks = "the clock is the host's", namespaces = "no namespaces inside the sandbox", rings = "no io_uring, as in container engines' default profile"

    private static let refusedByPermission: [(Int, String, String)] = [
        (101, "ptrace", tracing), (103, "syslog", machine), (153, "vhangup", machine), (155, "pivot_root", mounts), (163, "acct", machine),
        (164, "settimeofday", clocks), (165, "mount", mounts), (166, "umount2", mounts), (167, "swapon", machine), (168, "swapoff", machine),
        (169, "reboot", machine), (172, "iopl", machine), (173, "ioperm", machine), (175, "init_module", machine), (176, "delete_module", machine),
        (179, "quotactl", machine), (212, "lookup_dcookie", tracing), (227, "clock_settime", clocks), (246, "kexec_load", machine),
        (248, "add_key", keys), (249, "request_key", keys), (250, "keyctl", keys), (303, "name_to_handle_at", mounts),
        (304, "open_by_handle_at", mounts), (308, "setns", namespaces), (313, "finit_module", machine), (320, "kexec_file_load", machine),
        (321, "bpf", tracing), (323, "userfaultfd", "faults belong to the monitor"),
        (425, "io_uring_setup", rings), (426, "io_uring_enter", rings), (427, "io_uring_register", rings), (428, "open_tree", mounts),
        (429, "move_mount", mounts), (430, "fsopen", mounts), (431, "fsconfig", mounts), (432, "fsmount", mounts), (433, "fspick", mounts),
        (442, "mount_setattr", mounts), (443, "quotactl_fd", machine),
    ]
}
