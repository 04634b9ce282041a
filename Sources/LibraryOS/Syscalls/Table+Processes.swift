extension Syscalls {
    /// Processes, identity, resources, scheduling.
    static let processesTable: [SyscallEntry] = identityTable + resourceTable + schedulingTable

    private static let identityTable: [SyscallEntry] = [
        SyscallEntry(39, "getpid", inPlace: true, Syscalls.getpid),
        SyscallEntry(61, "wait4", [.signed, .structureOut("waitstatus"), .named("wait"), .structureOut("rusage")], .partial, note: times, Syscalls.wait4),
        SyscallEntry(102, "getuid", inPlace: true, Syscalls.getuid),
        SyscallEntry(104, "getgid", inPlace: true, Syscalls.getgid),
        SyscallEntry(105, "setuid", [.unsigned], Syscalls.setuid),
        SyscallEntry(106, "setgid", [.unsigned], Syscalls.setgid),
        SyscallEntry(107, "geteuid", inPlace: true, Syscalls.geteuid),
        SyscallEntry(108, "getegid", inPlace: true, Syscalls.getegid),
        SyscallEntry(109, "setpgid", [.signed, .signed], Syscalls.setpgid),
        SyscallEntry(110, "getppid", inPlace: true, Syscalls.getppid),
        SyscallEntry(111, "getpgrp", inPlace: true, Syscalls.getpgrp),
        SyscallEntry(112, "setsid", Syscalls.setsid),
        SyscallEntry(113, "setreuid", [.named("id"), .named("id")], Syscalls.setreuid),
        SyscallEntry(114, "setregid", [.named("id"), .named("id")], Syscalls.setregid),
        SyscallEntry(115, "getgroups", [.signed, .structureOut("groups")], Syscalls.getgroups),
        SyscallEntry(116, "setgroups", [.unsigned, .structureIn("groups")], Syscalls.setgroups),
        SyscallEntry(117, "setresuid", [.named("id"), .named("id"), .named("id")], Syscalls.setresuid),
        SyscallEntry(118, "getresuid", [.structureOut("uint"), .structureOut("uint"), .structureOut("uint")], Syscalls.getresuid),
        SyscallEntry(119, "setresgid", [.named("id"), .named("id"), .named("id")], Syscalls.setresgid),
        SyscallEntry(120, "getresgid", [.structureOut("uint"), .structureOut("uint"), .structureOut("uint")], Syscalls.getresgid),
        SyscallEntry(121, "getpgid", [.signed], Syscalls.getpgid),
        SyscallEntry(122, "setfsuid", [.named("id")], Syscalls.setfsuid),
        SyscallEntry(123, "setfsgid", [.named("id")], Syscalls.setfsgid),
        SyscallEntry(124, "getsid", [.signed], Syscalls.getsid),
        SyscallEntry(125, "capget", [.structureIn("caphdr"), .structureOut("capdata")], Syscalls.capget),
        SyscallEntry(126, "capset", [.structureIn("caphdr"), .structureIn("capdata")], Syscalls.capset),
        SyscallEntry(
            247, "waitid", [.named("idtype"), .signed, .structureOut("siginfo"), .named("wait"), .structureOut("rusage")], .partial, note: times,
            Syscalls.waitid),
        SyscallEntry(272, "unshare", [.named("clone")], .partial, note: "no namespaces: EPERM; CLONE_FILES and CLONE_FS work", Syscalls.unshare),
        SyscallEntry(
            424, "pidfd_send_signal", [.descriptor, .named("signal"), .structureIn("siginfo"), .hex], Syscalls.pidfdSendSignal),
        SyscallEntry(434, "pidfd_open", [.signed, .hex], Syscalls.pidfdOpen),
        SyscallEntry(438, "pidfd_getfd", [.descriptor, .signed, .hex], Syscalls.pidfdGetFD),
        SyscallEntry(312, "kcmp", [.signed, .signed, .named("kcmp"), .unsigned, .unsigned], .partial, note: "not KCMP_EPOLL_TFD", Syscalls.kcmp),
    ]

    private static let times = "of rusage, the times, minor faults, voluntary switches and the peak of resident memory are counted"

    private static let noCore = "RLIMIT_CORE begins at zero, hard limit and soft: no core file is ever written, whatever it is set to"

    private static let resourceTable: [SyscallEntry] = [
        SyscallEntry(63, "uname", [.structureOut("utsname")], Syscalls.uname),
        SyscallEntry(97, "getrlimit", [.named("rlimit"), .structureOut("rlimit")], Syscalls.getrlimit),
        SyscallEntry(98, "getrusage", [.named("rusage"), .structureOut("rusage")], .partial, note: times, Syscalls.getrusage),
        SyscallEntry(99, "sysinfo", [.structureOut("sysinfo")], Syscalls.sysinfo),
        SyscallEntry(100, "times", [.structureOut("tms")], Syscalls.times),
        SyscallEntry(135, "personality", [.hex], .partial, note: "kept and reported", Syscalls.personality),
        SyscallEntry(157, "prctl", [.named("prctl"), .hex, .hex, .hex, .hex], .partial, note: "speculation cannot be changed, no mm editing", Syscalls.prctl),
        SyscallEntry(158, "arch_prctl", [.named("arch_prctl"), .hex], .partial, note: "FS and GS bases; no CPUID faulting, CET or LAM", Syscalls.archPrctl),
        SyscallEntry(160, "setrlimit", [.named("rlimit"), .structureIn("rlimit")], .partial, note: noCore, Syscalls.setrlimit),
        SyscallEntry(170, "sethostname", [.input(length: 1), .unsigned], .partial, note: "user 0 of the sandbox, without CAP_SYS_ADMIN", Syscalls.sethostname),
        SyscallEntry(171, "setdomainname", [.input(length: 1), .unsigned], .partial, note: "user 0 of the sandbox, without CAP_SYS_ADMIN", Syscalls.setdomainname),
        SyscallEntry(
            302, "prlimit64", [.signed, .named("rlimit"), .structureIn("rlimit"), .structureOut("rlimit")], .partial, note: noCore, inPlace: true,
            Syscalls.prlimit64),
        SyscallEntry(
            309, "getcpu", [.structureOut("uint"), .structureOut("uint"), .pointer], .partial, note: "one processor of the task's mask, not the one it runs on",
            Syscalls.getcpu),
        SyscallEntry(318, "getrandom", [.output, .unsigned, .named("getrandom")], inPlace: true, Syscalls.getrandom),
    ]

    private static let schedulingTable: [SyscallEntry] = [
        SyscallEntry(24, "sched_yield", inPlace: true, Syscalls.schedYield),
        SyscallEntry(140, "getpriority", [.named("priority_which"), .signed], Syscalls.getpriority),
        SyscallEntry(141, "setpriority", [.named("priority_which"), .signed, .signed], .partial, note: kept, Syscalls.setpriority),
        SyscallEntry(142, "sched_setparam", [.signed, .structureIn("sched_param")], .partial, note: kept, Syscalls.schedSetparam),
        SyscallEntry(143, "sched_getparam", [.signed, .structureOut("sched_param")], Syscalls.schedGetparam),
        SyscallEntry(144, "sched_setscheduler", [.signed, .named("sched_policy"), .structureIn("sched_param")], .partial, note: kept, Syscalls.schedSetscheduler),
        SyscallEntry(145, "sched_getscheduler", [.signed], Syscalls.schedGetscheduler),
        SyscallEntry(146, "sched_get_priority_max", [.named("sched_policy")], Syscalls.schedGetPriorityMax),
        SyscallEntry(147, "sched_get_priority_min", [.named("sched_policy")], Syscalls.schedGetPriorityMin),
        SyscallEntry(148, "sched_rr_get_interval", [.signed, .structureOut("timespec")], Syscalls.schedRRGetInterval),
        SyscallEntry(203, "sched_setaffinity", [.signed, .unsigned, .structureIn("cpuset")], .partial, note: kept, Syscalls.schedSetaffinity),
        SyscallEntry(204, "sched_getaffinity", [.signed, .unsigned, .structureOut("cpuset")], Syscalls.schedGetaffinity),
        SyscallEntry(251, "ioprio_set", [.named("ioprio_who"), .signed, .hex], .partial, note: kept, Syscalls.ioprioSet),
        SyscallEntry(252, "ioprio_get", [.named("ioprio_who"), .signed], Syscalls.ioprioGet),
        SyscallEntry(
            314, "sched_setattr", [.signed, .pointer, .unsigned], .partial, note: "kept and reported, the host schedules; no SCHED_DEADLINE, no clamps",
            Syscalls.schedSetattr),
        SyscallEntry(315, "sched_getattr", [.signed, .pointer, .unsigned, .unsigned], Syscalls.schedGetattr),
    ]
    private static let kept = "kept and reported; the host schedules"
}
