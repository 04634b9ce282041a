/// Names of the constants of System V calls and of seccomp(2).
extension FlagTable {
    private static let permissions: [(value: UInt64, name: String)] = [(0o1000, "IPC_CREAT"), (0o2000, "IPC_EXCL")]
    private static let commands: [(value: UInt64, name: String)] = [(0, "IPC_RMID"), (1, "IPC_SET"), (2, "IPC_STAT"), (3, "IPC_INFO")]

    static let interprocess: [String: FlagTable] = [
        "ipc_key": FlagTable(.flags, unknown: "key", [(0, "IPC_PRIVATE")]),
        "ipcget": FlagTable(.flags, unknown: "IPC_???", permissions),
        "shmget": FlagTable(.flags, unknown: "SHM_???", permissions + [(0o4000, "SHM_HUGETLB"), (0o10000, "SHM_NORESERVE")]),
        "shmat": FlagTable(.flags, unknown: "SHM_???", [(0o10000, "SHM_RDONLY"), (0o20000, "SHM_RND"), (0o40000, "SHM_REMAP"), (0o100000, "SHM_EXEC")]),
        "shmctl": FlagTable(
            .values, unknown: "SHM_???",
            commands + [(11, "SHM_LOCK"), (12, "SHM_UNLOCK"), (13, "SHM_STAT"), (14, "SHM_INFO"), (15, "SHM_STAT_ANY")]),
        "semctl": FlagTable(
            .values, unknown: "SEM_???",
            commands + [
                (11, "GETPID"), (12, "GETVAL"), (13, "GETALL"), (14, "GETNCNT"), (15, "GETZCNT"), (16, "SETVAL"), (17, "SETALL"), (18, "SEM_STAT"),
                (19, "SEM_INFO"), (20, "SEM_STAT_ANY"),
            ]),
        "msgctl": FlagTable(.values, unknown: "MSG_???", commands + [(11, "MSG_STAT"), (12, "MSG_INFO"), (13, "MSG_STAT_ANY")]),
        "msgop": FlagTable(.flags, unknown: "MSG_???", [(0o4000, "IPC_NOWAIT"), (0o10000, "MSG_NOERROR"), (0o20000, "MSG_EXCEPT"), (0o40000, "MSG_COPY")]),
        "seccomp_op": FlagTable(
            .values, unknown: "SECCOMP_SET_MODE_???",
            [(0, "SECCOMP_SET_MODE_STRICT"), (1, "SECCOMP_SET_MODE_FILTER"), (2, "SECCOMP_GET_ACTION_AVAIL"), (3, "SECCOMP_GET_NOTIF_SIZES")]),
        "seccomp_flags": FlagTable(
            .flags, unknown: "SECCOMP_FILTER_FLAG_???",
            [
                (1, "SECCOMP_FILTER_FLAG_TSYNC"), (2, "SECCOMP_FILTER_FLAG_LOG"), (4, "SECCOMP_FILTER_FLAG_SPEC_ALLOW"),
                (8, "SECCOMP_FILTER_FLAG_NEW_LISTENER"), (16, "SECCOMP_FILTER_FLAG_TSYNC_ESRCH"), (32, "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"),
            ]),
    ]
}
