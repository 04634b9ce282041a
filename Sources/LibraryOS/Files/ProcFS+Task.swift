/// /proc/PID and /proc/PID/task/TID.
final class ProcTask: GeneratedDirectory, @unchecked Sendable {
    private let task: Task
    private let owner: FileCredentials
    /// False below task/, where there is no further task directory.
    private let wholeProcess: Bool

    init(fileSystem: FileSystem, number: UInt64, task: Task, wholeProcess: Bool) {
        self.task = task
        self.wholeProcess = wholeProcess
        let credentials = task.sharedCredentials
        // A process that is not dumpable belongs to root.
        let dumpable = task.group.lock.withLock { task.group.attributes.dumpable == 1 }
        owner = dumpable ? FileCredentials(user: credentials.effectiveUser, group: credentials.effectiveGroup) : FileCredentials(user: 0, group: 0)
        super.init(fileSystem: fileSystem, number: number, owner: owner)
    }

    /// The process, for a directory that stands for a whole one.
    var process: ThreadGroup? { wholeProcess ? task.group : nil }

    /// A text about `subject`, for a reader.
    typealias Content = @Sendable (_ subject: Task, _ reader: Task) throws(Errno) -> [UInt8]

    private enum Entry {
        case text(UInt32, Content)
        /// A list of mounts, that programs wait for a change of.
        case mountList(Content)
        /// A text about the memory the process has when the file is opened: empty after that memory is gone, by execve too.
        case memoryText(UInt32, Content)
        case writable(UInt32, Content, @Sendable (_ subject: Task, _ writer: Task, _ bytes: [UInt8]) throws(Errno) -> Void)
        case link(@Sendable (_ subject: Task, _ reader: Task) throws(Errno) -> PathLocation)
        case descriptors(information: Bool)
        case tasks
        case memory
    }

    private static let entries: [(StaticString, Entry)] = [
        ("auxv", .text(0o400, { subject, _ throws(Errno) in subject.group.lock.withLock { subject.group.auxiliaryVector } })),
        ("cgroup", .text(0o444, { _, _ throws(Errno) in Array("0::/\n".utf8) })),
        ("cmdline", .text(0o444, ProcText.arguments)),
        ("comm", .writable(0o644, { subject, _ throws(Errno) in subject.sharedName + [0x0a] }, setName)),
        ("cwd", .link({ subject, _ throws(Errno) in subject.sharedFileSystem.workingDirectory })),
        ("environ", .memoryText(0o400, ProcText.environment)),
        ("exe", .link(executable)),
        ("fd", .descriptors(information: false)),
        ("fdinfo", .descriptors(information: true)),
        ("gid_map", .text(0o444, { _, _ throws(Errno) in identityMap })),
        ("io", .text(0o400, ProcText.io)),
        ("limits", .text(0o444, ProcText.limits)),
        ("loginuid", .text(0o444, { _, _ throws(Errno) in Array("4294967295".utf8) })),
        ("maps", .memoryText(0o444, ProcText.maps)),
        ("mem", .memory),
        ("mountinfo", .mountList(ProcText.mountInformation)),
        ("mounts", .mountList(ProcText.mounts)),
        ("oom_adj", .text(0o444, { subject, _ throws(Errno) in TextWriter.line(Int64(adjustment(subject)) * 17 / 1000) })),
        ("oom_score", .text(0o444, { subject, _ throws(Errno) in TextWriter.line(ProcText.outOfMemoryScore(subject)) })),
        ("oom_score_adj", .writable(0o644, { subject, _ throws(Errno) in TextWriter.line(Int64(adjustment(subject))) }, setAdjustment)),
        ("personality", .text(0o400, ProcText.personality)),
        ("projid_map", .text(0o444, { _, _ throws(Errno) in identityMap })),
        ("root", .link({ subject, _ throws(Errno) in subject.sharedFileSystem.root })),
        ("sessionid", .text(0o444, { _, _ throws(Errno) in Array("4294967295".utf8) })),
        ("setgroups", .text(0o444, { _, _ throws(Errno) in Array("allow\n".utf8) })),
        ("stat", .text(0o444, ProcText.stat)),
        ("statm", .text(0o444, ProcText.statm)),
        ("status", .text(0o444, ProcText.status)),
        ("task", .tasks),
        ("timerslack_ns", .text(0o444, { subject, _ throws(Errno) in TextWriter.line(Int64(clamping: subject.timerSlack)) })),
        ("uid_map", .text(0o444, { _, _ throws(Errno) in identityMap })),
        ("wchan", .text(0o444, { _, _ throws(Errno) in [0x30] })),
    ]
    private static let identityMap = Array("         0          0 4294967295\n".utf8)

    override func names() throws(Errno) -> [Name] {
        try checkAlive()
        var result: [Name] = []
        for (name, entry) in Self.entries {
            let kind: FileKind
            switch entry {
            case .text, .mountList, .memoryText, .writable, .memory: kind = .regular
            case .link: kind = .symbolicLink
            case .descriptors: kind = .directory
            case .tasks:
                if !wholeProcess { continue }
                kind = .directory
            }
            result.append(Name(name.withUTF8Buffer { Array($0) }, kind))
        }
        return result
    }

    private func checkAlive() throws(Errno) { if task.kernel.processes.taskOrRemains(task.id) !== task { throw .ESRCH } }

    override func lookup(_ name: [UInt8]) throws(Errno) -> Inode {
        try checkAlive()
        guard let found = Self.entries.first(where: { entry in entry.0.withUTF8Buffer { $0.elementsEqual(name) } }) else { throw .ENOENT }
        let (task, number) = (task, number(of: name))
        switch found.1 {
        case .text(let permissions, let content): return text(number, permissions, polled: nil, content)
        case .mountList(let content): return text(number, 0o444, polled: [.input, .readNormal], content)
        case .memoryText(let permissions, let content):
            let memory = task.sharedMemory
            return GeneratedFile(fileSystem: fileSystem, number: number, permissions: permissions, owner: owner) { reader throws(Errno) in
                if task.sharedMemory !== memory { return [] }
                return try content(task, reader)
            }
        case .writable(let permissions, let content, let store):
            return GeneratedFile(
                fileSystem: fileSystem, number: number, permissions: permissions, owner: owner,
                store: { writer, bytes throws(Errno) in try store(task, writer, bytes) }
            ) { reader throws(Errno) in try content(task, reader) }
        case .link(let place):
            return GeneratedLink(
                fileSystem: fileSystem, number: number, owner: owner, jump: { reader throws(Errno) in try place(task, reader) },
                target: { reader throws(Errno) in try place(task, reader).displayPath(from: reader.fileSystem.root) })
        case .descriptors(let information):
            return ProcDescriptors(fileSystem: fileSystem, number: number, task: task, owner: owner, information: information)
        case .memory: return ProcMemoryInode(fileSystem: fileSystem, number: number, task: task, owner: owner)
        case .tasks:
            if !wholeProcess { throw .ENOENT }
            return ProcTaskList(fileSystem: fileSystem, number: number, group: task.group, owner: owner)
        }
    }

    private func text(_ number: UInt64, _ permissions: UInt32, polled: PollEvents?, _ content: @escaping Content) -> GeneratedFile {
        let task = task
        return GeneratedFile(fileSystem: fileSystem, number: number, permissions: permissions, owner: owner, polled: polled) { reader throws(Errno) in
            if task.kernel.processes.taskOrRemains(task.id) !== task { throw .ESRCH }
            return try content(task, reader)
        }
    }

    // MARK: Entries too long for the list

    private static func executable(_ subject: Task, _ reader: Task) throws(Errno) -> PathLocation {
        guard let place = subject.group.lock.withLock({ subject.group.executable }) else { throw .ENOENT }
        return place
    }
    private static func adjustment(_ subject: Task) -> Int32 { subject.group.lock.withLock { subject.group.attributes.outOfMemoryAdjustment } }

    private static func setName(_ subject: Task, _ writer: Task, _ bytes: [UInt8]) throws(Errno) {
        if subject.group !== writer.group { throw .EINVAL }
        subject.sharedName = Array(bytes.prefix(15).prefix { $0 != 0 && $0 != 0x0a })
    }
    private static func setAdjustment(_ subject: Task, _ writer: Task, _ bytes: [UInt8]) throws(Errno) {
        guard let value = ProcText.number(bytes), (-1000...1000).contains(value) else { throw .EINVAL }
        if value < Int64(adjustment(subject)) && !writer.credentials.has(.resources) { throw .EACCES }
        subject.group.lock.withLock { subject.group.attributes.outOfMemoryAdjustment = Int32(value) }
    }
}

/// fd/ and fdinfo/ of a task.
final class ProcDescriptors: GeneratedDirectory, @unchecked Sendable {
    private let task: Task
    private let information: Bool
    private let owner: FileCredentials

    init(fileSystem: FileSystem, number: UInt64, task: Task, owner: FileCredentials, information: Bool) {
        self.task = task
        self.owner = owner
        self.information = information
        super.init(fileSystem: fileSystem, number: number, permissions: information ? 0o555 : 0o500, owner: owner)
    }
    override func names() throws(Errno) -> [Name] {
        task.sharedDescriptors.openDescriptors.map {
            Name(TextWriter.decimal(UInt64($0)), information ? .regular : .symbolicLink, place: Int64($0))
        }
    }
    override func lookup(_ name: [UInt8]) throws(Errno) -> Inode {
        guard let descriptor = ProcText.number(name), let number = Int32(exactly: descriptor) else { throw .ENOENT }
        let task = task
        let find: @Sendable () throws(Errno) -> OpenFile = { () throws(Errno) in
            do throws(Errno) { return try task.sharedDescriptors.file(number) } catch { throw .ENOENT }
        }
        let file = try find()
        if information {
            return GeneratedFile(fileSystem: fileSystem, number: self.number(of: name), permissions: 0o444, owner: owner) { reader throws(Errno) in
                let table = task.sharedDescriptors
                return try ProcText.descriptorInformation(try find(), table.closeOnExec(number), in: table, reader)
            }
        }
        let permissions: UInt32 = (file.statusFlags.canRead ? 0o500 : 0) | (file.statusFlags.canWrite ? 0o300 : 0)
        return GeneratedLink(
            fileSystem: fileSystem, number: self.number(of: name), permissions: permissions, owner: owner,
            jump: { _ throws(Errno) in
                let file = try find()
                if let place = file.location { return place }
                // Pipes and anonymous files have no name: the place is the inode alone.
                guard let inode = file.inode else { throw .ENXIO }
                return PathLocation(mount: task.kernel.mounts.detached(inode.fileSystem), inode: inode, parent: nil, name: [])
            },
            target: { reader throws(Errno) in try find().displayName(reader) })
    }
}
