/// /proc/PID/ns: a sandbox has one namespace of each kind, with the number Linux gives its first one.
enum ProcNamespaces {
    private static let kinds: [(StaticString, kind: StaticString, number: UInt64)] = [
        ("cgroup", "cgroup", 4_026_531_835),
        ("ipc", "ipc", 4_026_531_839),
        ("mnt", "mnt", 4_026_531_841),
        ("net", "net", 4_026_531_840),
        ("pid", "pid", 4_026_531_836),
        ("pid_for_children", "pid", 4_026_531_836),
        ("time", "time", 4_026_531_834),
        ("time_for_children", "time", 4_026_531_834),
        ("user", "user", 4_026_531_837),
        ("uts", "uts", 4_026_531_838),
    ]

    static func entries(of subject: Task) -> [(StaticString, GeneratedEntry)] {
        kinds.map { name, kind, number in
            (
                name,
                .jump(
                    { reader throws(Errno) in
                        try ProcTask.checkInspection(of: subject, by: reader)
                        return place(number, reader.kernel)
                    },
                    { reader throws(Errno) in
                        try ProcTask.checkInspection(of: subject, by: reader)
                        var writer = TextWriter(capacity: 32)
                        writer.text(kind)
                        writer.text(":[")
                        writer.unsigned(number)
                        writer.text("]")
                        return writer.bytes
                    })
            )
        }
    }

    /// Programs compare the numbers; there is nothing to read.
    private static func place(_ number: UInt64, _ kernel: Kernel) -> PathLocation {
        let files = kernel.anonymousFiles.others
        let inode = GeneratedFile(fileSystem: files, number: number, permissions: 0o444) { _ throws(Errno) in throw .EINVAL }
        return PathLocation(mount: kernel.mounts.detached(files), inode: inode, parent: nil, name: [])
    }
}
