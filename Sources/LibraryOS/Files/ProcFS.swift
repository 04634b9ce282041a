/// /proc (proc(5)): what ordinary programs read of it. Everything is made when it is looked at, from the sandbox's own state.
public final class ProcFS: FileSystem, @unchecked Sendable {
    /// The kernel whose processes it shows.
    let kernel: Kernel

    /// A procfs of `kernel`.
    public init(kernel: Kernel) {
        self.kernel = kernel
        super.init(typeName: "proc", device: kernel.deviceNumbers.take(), readOnly: false)
    }

    /// The directory of processes and system-wide files.
    public override var root: Inode { ProcRoot(self) }
    /// statfs(2).
    public override func statistics() throws(Errno) -> FileSystemStatistics {
        var result = FileSystemStatistics()
        result.type = 0x9fa0
        return result
    }
}

/// The root directory: a fixed part, and one directory a process.
private final class ProcRoot: FixedDirectory, @unchecked Sendable {
    private let kernel: Kernel
    /// Processes are listed behind all other names (FIRST_PROCESS_ENTRY of the kernel).
    private static let firstProcess: Int64 = 256

    init(_ fileSystem: ProcFS) {
        kernel = fileSystem.kernel
        super.init(fileSystem: fileSystem, number: 1, entries: ProcSystem.entries)
    }

    override func names() throws(Errno) -> [Name] {
        var result = try super.names()
        result.append(Name([0x31], .directory, place: Self.firstProcess &+ 1))
        for group in kernel.allGroups {
            result.append(Name(TextWriter.decimal(UInt64(group.id)), .directory, place: Self.firstProcess &+ Int64(group.id)))
        }
        return result
    }

    override func lookup(_ name: [UInt8]) throws(Errno) -> Inode {
        guard let id = ProcText.identifier(name) else { return try super.lookup(name) }
        if id == Syscalls.initID { return ProcInit.directory(fileSystem, number(of: name)) }
        // A thread's directory can be reached by its id, though it is not listed.
        if let group = kernel.group(id), let leader = ProcTask.leader(group) {
            return ProcTask(fileSystem: fileSystem, number: number(of: name), task: leader, wholeProcess: true)
        }
        guard let task = kernel.processes.taskOrRemains(id) else { throw .ENOENT }
        return ProcTask(fileSystem: fileSystem, number: number(of: name), task: task, wholeProcess: true)
    }
}

extension ProcText {
    /// A canonical decimal id; nil for other names.
    static func identifier(_ name: [UInt8]) -> Int32? {
        if name.isEmpty || name.count > 9 || (name[0] == 0x30 && name.count > 1) { return nil }
        var value: Int32 = 0
        for byte in name {
            if byte < 0x30 || byte > 0x39 { return nil }
            value = value * 10 + Int32(byte - 0x30)
        }
        return value
    }
}

extension ProcTask {
    /// The task that stands for a process: its first thread, which may have ended before the others.
    static func leader(_ group: ThreadGroup) -> Task? {
        if let ended = group.endedLeader { return ended }
        return group.lock.withLock { group.tasks[group.id] ?? group.tasks.values.min { $0.id < $1.id } }
    }
}

/// The directories task/ of a process.
final class ProcTaskList: GeneratedDirectory, @unchecked Sendable {
    private let group: ThreadGroup

    init(fileSystem: FileSystem, number: UInt64, group: ThreadGroup, owner: FileCredentials) {
        self.group = group
        super.init(fileSystem: fileSystem, number: number, owner: owner)
    }
    /// Also what is left of a first thread, or of the whole process.
    private var tasks: [Task] {
        let live = group.liveTasks
        let remains = live.isEmpty ? group.table?.taskOrRemains(group.id) : group.endedLeader
        return live + (remains.map { [$0] } ?? [])
    }

    override func names() throws(Errno) -> [Name] {
        tasks.map { $0.id }.sorted().map { Name(TextWriter.decimal(UInt64($0)), .directory, place: Int64($0)) }
    }
    override func lookup(_ name: [UInt8]) throws(Errno) -> Inode {
        for task in tasks where TextWriter.decimal(UInt64(task.id)) == name {
            return ProcTask(fileSystem: fileSystem, number: number(of: name), task: task, wholeProcess: false)
        }
        throw .ENOENT
    }
}
