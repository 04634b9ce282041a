/// The few files of /sys that run times read: processors, huge pages; and the place where the sandbox's limits are mounted (`ControlGroupFS`).
public final class SysFS: FileSystem, @unchecked Sendable {
    /// A sysfs of `kernel`'s sandbox.
    public init(kernel: Kernel) {
        processors = kernel.visibleProcessors
        super.init(typeName: "sysfs", device: kernel.deviceNumbers.take(), readOnly: true)
    }
    private let processors: Int

    /// The root directory.
    public override var root: Inode {
        FixedDirectory(
            fileSystem: self, number: 1,
            entries: [
                ("devices", .directory([("system", .directory([("cpu", .processors(processors)), ("node", .directory(Self.nodes))]))])),
                ("fs", .directory([("cgroup", .directory([]))])),
                ("kernel", .directory([("mm", .directory([("transparent_hugepage", .directory(Self.hugePages))]))])),
            ])
    }
    /// statfs(2).
    public override func statistics() throws(Errno) -> FileSystemStatistics {
        var result = FileSystemStatistics()
        result.type = 0x6265_6572
        return result
    }

    private static let hugePages: [(StaticString, GeneratedEntry)] = [
        ("enabled", .constant("always [madvise] never\n")),
        ("hpage_pmd_size", .constant("2097152\n")),
    ]

    fileprivate static func allProcessorsMask(_ reader: Task) throws(Errno) -> [UInt8] {
        ProcText.processorMask(Syscalls.allProcessors(reader.kernel), count: reader.kernel.visibleProcessors) + [0x0a]
    }
    fileprivate static func allProcessors(_ reader: Task) throws(Errno) -> [UInt8] {
        ProcText.processorList(Syscalls.allProcessors(reader.kernel)) + [0x0a]
    }
    fileprivate static let processorFiles: [(StaticString, GeneratedEntry)] = [
        ("kernel_max", .constant("1023\n")),
        ("offline", .constant("\n")),
        ("online", .text(allProcessors)),
        ("possible", .text(allProcessors)),
        ("present", .text(allProcessors)),
    ]
    private static let nodes: [(StaticString, GeneratedEntry)] = [
        ("node0", .directory([("cpulist", .text(allProcessors)), ("cpumap", .text(allProcessorsMask))])),
        ("online", .constant("0\n")),
        ("possible", .constant("0\n")),
    ]
}

/// /sys/devices/system/cpu: fixed files, and cpu0... for each processor.
final class ProcessorDirectory: FixedDirectory, @unchecked Sendable {
    private let count: Int

    init(fileSystem: FileSystem, number: UInt64, count: Int) {
        self.count = count
        super.init(fileSystem: fileSystem, number: number, entries: SysFS.processorFiles)
    }
    private static let prefix = Array("cpu".utf8)

    override func names() throws(Errno) -> [Name] {
        try super.names() + (0..<count).map { Name(Self.prefix + TextWriter.decimal(UInt64($0)), .directory) }
    }
    override func lookup(_ name: [UInt8]) throws(Errno) -> Inode {
        guard name.starts(with: Self.prefix), let index = ProcText.number(Array(name.dropFirst(3))), index >= 0, index < Int64(count) else {
            return try super.lookup(name)
        }
        let number = UInt64(index)
        let (one, all) = (Self.bit(index), count)
        let whole: GeneratedEntry = .text(SysFS.allProcessorsMask)
        let wholeList: GeneratedEntry = .text(SysFS.allProcessors)
        let own: GeneratedEntry = .text { _ throws(Errno) in ProcText.processorMask(one, count: all) + [0x0a] }
        let ownList: GeneratedEntry = .text { _ throws(Errno) in TextWriter.line(Int64(number)) }
        let topology: [(StaticString, GeneratedEntry)] = [
            ("core_cpus", own), ("core_cpus_list", ownList), ("core_id", ownList), ("core_siblings", whole), ("core_siblings_list", wholeList),
            ("die_cpus", whole), ("die_cpus_list", wholeList), ("die_id", .constant("0\n")), ("package_cpus", whole), ("package_cpus_list", wholeList),
            ("physical_package_id", .constant("0\n")), ("thread_siblings", own), ("thread_siblings_list", ownList),
        ]
        return FixedDirectory(fileSystem: fileSystem, number: self.number(of: name), entries: [("topology", .directory(topology))])
    }
    private static func bit(_ index: Int64) -> [UInt8] {
        var mask = [UInt8](repeating: 0, count: Int(index) / 8 + 1)
        mask[Int(index) / 8] = 1 << UInt8(index % 8)
        return mask
    }
}
