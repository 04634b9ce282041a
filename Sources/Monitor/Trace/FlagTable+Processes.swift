/// Names of the constants of process, resource and clock calls.
extension FlagTable {
    static let processes: [String: FlagTable] = [
        "clone": FlagTable(
            .flags, unknown: "CLONE_???",
            [
                (0x100, "CLONE_VM"), (0x200, "CLONE_FS"), (0x400, "CLONE_FILES"), (0x800, "CLONE_SIGHAND"), (0x1000, "CLONE_PIDFD"), (0x2000, "CLONE_PTRACE"),
                (0x4000, "CLONE_VFORK"), (0x8000, "CLONE_PARENT"), (0x10000, "CLONE_THREAD"), (0x20000, "CLONE_NEWNS"), (0x40000, "CLONE_SYSVSEM"),
                (0x80000, "CLONE_SETTLS"), (0x100000, "CLONE_PARENT_SETTID"), (0x200000, "CLONE_CHILD_CLEARTID"), (0x400000, "CLONE_DETACHED"),
                (0x800000, "CLONE_UNTRACED"), (0x1000000, "CLONE_CHILD_SETTID"), (0x2000000, "CLONE_NEWCGROUP"), (0x4000000, "CLONE_NEWUTS"),
                (0x8000000, "CLONE_NEWIPC"), (0x10000000, "CLONE_NEWUSER"), (0x20000000, "CLONE_NEWPID"), (0x40000000, "CLONE_NEWNET"), (0x80000000, "CLONE_IO"),
            ]),
        "clock": FlagTable(
            .values, unknown: "CLOCK_???",
            [
                (0x0, "CLOCK_REALTIME"), (0x1, "CLOCK_MONOTONIC"), (0x2, "CLOCK_PROCESS_CPUTIME_ID"), (0x3, "CLOCK_THREAD_CPUTIME_ID"),
                (0x4, "CLOCK_MONOTONIC_RAW"), (0x5, "CLOCK_REALTIME_COARSE"), (0x6, "CLOCK_MONOTONIC_COARSE"), (0x7, "CLOCK_BOOTTIME"),
                (0x8, "CLOCK_REALTIME_ALARM"), (0x9, "CLOCK_BOOTTIME_ALARM"), (0xb, "CLOCK_TAI"),
            ]),
        "timer": FlagTable(
            .flags, unknown: "TIMER_???",
            [
                (0x1, "TIMER_ABSTIME")
            ]),
        "itimer": FlagTable(
            .values, unknown: "ITIMER_???",
            [
                (0x0, "ITIMER_REAL"), (0x1, "ITIMER_VIRTUAL"), (0x2, "ITIMER_PROF"),
            ]),
        "rlimit": FlagTable(
            .values, unknown: "RLIMIT_???",
            [
                (0x0, "RLIMIT_CPU"), (0x1, "RLIMIT_FSIZE"), (0x2, "RLIMIT_DATA"), (0x3, "RLIMIT_STACK"), (0x4, "RLIMIT_CORE"), (0x5, "RLIMIT_RSS"),
                (0x6, "RLIMIT_NPROC"), (0x7, "RLIMIT_NOFILE"), (0x8, "RLIMIT_MEMLOCK"), (0x9, "RLIMIT_AS"), (0xa, "RLIMIT_LOCKS"), (0xb, "RLIMIT_SIGPENDING"),
                (0xc, "RLIMIT_MSGQUEUE"), (0xd, "RLIMIT_NICE"), (0xe, "RLIMIT_RTPRIO"), (0xf, "RLIMIT_RTTIME"),
            ]),
        "rusage": FlagTable(
            .values, unknown: "RUSAGE_???",
            [
                (0x0, "RUSAGE_SELF"), (0xffffffff, "RUSAGE_CHILDREN"), (0x1, "RUSAGE_THREAD"),
            ]),
        "prctl": FlagTable(
            .values, unknown: "PR_???",
            [
                (0x1, "PR_SET_PDEATHSIG"), (0x2, "PR_GET_PDEATHSIG"), (0x3, "PR_GET_DUMPABLE"), (0x4, "PR_SET_DUMPABLE"), (0x5, "PR_GET_UNALIGN"),
                (0x6, "PR_SET_UNALIGN"), (0x7, "PR_GET_KEEPCAPS"), (0x8, "PR_SET_KEEPCAPS"), (0x9, "PR_GET_FPEMU"), (0xa, "PR_SET_FPEMU"), (0xb, "PR_GET_FPEXC"),
                (0xc, "PR_SET_FPEXC"), (0xd, "PR_GET_TIMING"), (0xe, "PR_SET_TIMING"), (0xf, "PR_SET_NAME"), (0x10, "PR_GET_NAME"), (0x13, "PR_GET_ENDIAN"),
                (0x14, "PR_SET_ENDIAN"), (0x15, "PR_GET_SECCOMP"), (0x16, "PR_SET_SECCOMP"), (0x17, "PR_CAPBSET_READ"), (0x18, "PR_CAPBSET_DROP"),
                (0x19, "PR_GET_TSC"), (0x1a, "PR_SET_TSC"), (0x1b, "PR_GET_SECUREBITS"), (0x1c, "PR_SET_SECUREBITS"), (0x1d, "PR_SET_TIMERSLACK"),
                (0x1e, "PR_GET_TIMERSLACK"), (0x1f, "PR_TASK_PERF_EVENTS_DISABLE"), (0x20, "PR_TASK_PERF_EVENTS_ENABLE"), (0x21, "PR_MCE_KILL"),
                (0x22, "PR_MCE_KILL_GET"), (0x23, "PR_SET_MM"), (0x24, "PR_SET_CHILD_SUBREAPER"), (0x25, "PR_GET_CHILD_SUBREAPER"), (0x26, "PR_SET_NO_NEW_PRIVS"),
                (0x27, "PR_GET_NO_NEW_PRIVS"), (0x28, "PR_GET_TID_ADDRESS"), (0x29, "PR_SET_THP_DISABLE"), (0x2a, "PR_GET_THP_DISABLE"), (0x2d, "PR_SET_FP_MODE"),
                (0x2e, "PR_GET_FP_MODE"), (0x2f, "PR_CAP_AMBIENT"), (0x34, "PR_GET_SPECULATION_CTRL"), (0x35, "PR_SET_SPECULATION_CTRL"),
                (0x37, "PR_SET_TAGGED_ADDR_CTRL"), (0x38, "PR_GET_TAGGED_ADDR_CTRL"), (0x39, "PR_SET_IO_FLUSHER"), (0x3a, "PR_GET_IO_FLUSHER"),
                (0x3b, "PR_SET_SYSCALL_USER_DISPATCH"), (0x53564d41, "PR_SET_VMA"), (0x59616d61, "PR_SET_PTRACER"),
            ]),
        "arch_prctl": FlagTable(
            .values, unknown: "ARCH_???",
            [
                (0x1001, "ARCH_SET_GS"), (0x1002, "ARCH_SET_FS"), (0x1003, "ARCH_GET_FS"), (0x1004, "ARCH_GET_GS"), (0x1011, "ARCH_GET_CPUID"),
                (0x1012, "ARCH_SET_CPUID"), (0x1021, "ARCH_GET_XCOMP_SUPP"), (0x1022, "ARCH_GET_XCOMP_PERM"), (0x1023, "ARCH_REQ_XCOMP_PERM"),
                (0x3001, "ARCH_CET_STATUS"), (0x4001, "ARCH_GET_UNTAG_MASK"), (0x4002, "ARCH_ENABLE_TAGGED_ADDR"), (0x4003, "ARCH_GET_MAX_TAG_BITS"),
                (0x5001, "ARCH_SHSTK_ENABLE"), (0x5005, "ARCH_SHSTK_STATUS"),
            ]),
        "wait": FlagTable(
            .flags, unknown: "W???",
            [
                (0x1, "WNOHANG"), (0x2, "WSTOPPED"), (0x4, "WEXITED"), (0x8, "WCONTINUED"), (0x1000000, "WNOWAIT"), (0x20000000, "__WNOTHREAD"),
                (0x40000000, "__WALL"), (0x80000000, "__WCLONE"),
            ]),
        "idtype": FlagTable(
            .values, unknown: "P_???",
            [
                (0x0, "P_ALL"), (0x1, "P_PID"), (0x2, "P_PGID"), (0x3, "P_PIDFD"),
            ]),
        "getrandom": FlagTable(
            .flags, unknown: "GRND_???",
            [
                (0x1, "GRND_NONBLOCK"), (0x2, "GRND_RANDOM"), (0x4, "GRND_INSECURE"),
            ]),
        "sched_policy": FlagTable(
            .values, unknown: "SCHED_???",
            [
                (0x0, "SCHED_OTHER"), (0x1, "SCHED_FIFO"), (0x2, "SCHED_RR"), (0x3, "SCHED_BATCH"), (0x5, "SCHED_IDLE"), (0x6, "SCHED_DEADLINE"),
            ]),
        "priority_which": FlagTable(
            .values, unknown: "PRIO_???",
            [
                (0x0, "PRIO_PROCESS"), (0x1, "PRIO_PGRP"), (0x2, "PRIO_USER"),
            ]),
        "ioprio_who": FlagTable(
            .values, unknown: "IOPRIO_WHO_???",
            [
                (0x1, "IOPRIO_WHO_PROCESS"), (0x2, "IOPRIO_WHO_PGRP"), (0x3, "IOPRIO_WHO_USER"),
            ]),
        "kcmp": FlagTable(
            .values, unknown: "KCMP_???",
            [
                (0x0, "KCMP_FILE"), (0x1, "KCMP_VM"), (0x2, "KCMP_FILES"), (0x3, "KCMP_FS"), (0x4, "KCMP_SIGHAND"), (0x5, "KCMP_IO"), (0x6, "KCMP_SYSVSEM"),
                (0x7, "KCMP_EPOLL_TFD"),
            ]),
        "membarrier": FlagTable(
            .values, unknown: "MEMBARRIER_CMD_???",
            [
                (0x0, "MEMBARRIER_CMD_QUERY"), (0x1, "MEMBARRIER_CMD_GLOBAL"), (0x2, "MEMBARRIER_CMD_GLOBAL_EXPEDITED"),
                (0x4, "MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED"), (0x8, "MEMBARRIER_CMD_PRIVATE_EXPEDITED"), (0x10, "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED"),
                (0x20, "MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE"), (0x40, "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE"),
            ]),
        "dumpable": FlagTable(
            .values, unknown: "SUID_DUMP_???",
            [
                (0x0, "SUID_DUMP_DISABLE"), (0x1, "SUID_DUMP_USER"), (0x2, "SUID_DUMP_ROOT"),
            ]),
    ]
}
