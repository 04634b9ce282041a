/// /proc/1: the sandbox's init, which is part of the library OS and has no task.
enum ProcInit {
    static func directory(_ fileSystem: FileSystem, _ number: UInt64) -> Inode {
        FixedDirectory(fileSystem: fileSystem, number: number, entries: entries)
    }

    private static let entries: [(StaticString, GeneratedEntry)] = [
        ("cgroup", .constant("0::/\n")),
        ("cmdline", .file(0o444, { _ throws(Errno) in Array("init".utf8) + [0] }, nil)),
        ("comm", .constant("init\n")),
        ("environ", .file(0o400, { _ throws(Errno) in [] }, nil)),
        ("fd", .directory([])),
        ("fdinfo", .directory([])),
        ("limits", .text { reader throws(Errno) in try ProcText.limits(reader, reader) }),
        ("maps", .file(0o444, { _ throws(Errno) in [] }, nil)),
        ("mountinfo", .text { reader throws(Errno) in try ProcText.mountInformation(reader, reader) }),
        ("mounts", .text { reader throws(Errno) in try ProcText.mounts(reader, reader) }),
        ("oom_score", .constant("0\n")),
        ("oom_score_adj", .constant("0\n")),
        (
            "stat",
            .constant(
                "1 (init) S 0 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 0 0 0 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n")
        ),
        ("statm", .constant("0 0 0 0 0 0 0\n")),
        (
            "status",
            .constant(
                """
                Name:\tinit
                Umask:\t0022
                State:\tS (sleeping)
                Tgid:\t1
                Ngid:\t0
                Pid:\t1
                PPid:\t0
                TracerPid:\t0
                Uid:\t0\t0\t0\t0
                Gid:\t0\t0\t0\t0
                FDSize:\t64
                Groups:\t\u{20}
                Threads:\t1

                """)
        ),
    ]
}
