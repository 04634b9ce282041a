/// /proc/1: the sandbox's init, which is part of the library OS and has no task.
enum ProcInit {
    static func directory(_ fileSystem: FileSystem, _ number: UInt64) -> Inode {
        FixedDirectory(fileSystem: fileSystem, number: number, entries: entries)
    }

    private static let entries = ownEntries + [("task", GeneratedEntry.directory([("1", .directory(ownEntries))]))]

    /// Nobody but root may look into it, and it has no program file.
    private static func place(_ reader: Task) throws(Errno) -> PathLocation {
        if reader.credentials.fileSystemUser != 0 { throw .EACCES }
        return reader.fileSystem.root
    }
    private static func shownPlace(_ reader: Task) throws(Errno) -> [UInt8] { try place(reader).displayPath(from: reader.fileSystem.root) }
    private static func program(_ reader: Task) throws(Errno) -> PathLocation {
        _ = try place(reader)
        throw .ENOENT
    }

    private static let ownEntries: [(StaticString, GeneratedEntry)] = [
        ("cgroup", .constant("0::/\n")),
        ("cmdline", .file(0o444, { _ throws(Errno) in Array("init".utf8) + [0] }, nil)),
        ("comm", .constant("init\n")),
        ("cwd", .jump(place, shownPlace)),
        ("environ", .file(0o400, { _ throws(Errno) in [] }, nil)),
        ("exe", .jump(program, { reader throws(Errno) in try program(reader).name })),
        ("fd", .directory([])),
        ("fdinfo", .directory([])),
        ("limits", .text { reader throws(Errno) in try ProcText.limits(reader, reader) }),
        ("maps", .file(0o444, { _ throws(Errno) in [] }, nil)),
        ("mountinfo", .text { reader throws(Errno) in try ProcText.mountInformation(reader, reader) }),
        ("mounts", .text { reader throws(Errno) in try ProcText.mounts(reader, reader) }),
        ("oom_score", .constant("0\n")),
        ("oom_score_adj", .constant("0\n")),
        ("root", .jump(place, shownPlace)),
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
