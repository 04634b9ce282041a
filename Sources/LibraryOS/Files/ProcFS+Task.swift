/// /proc/PID and /proc/PID/task/TID.
final class ProcTask: GeneratedDirectory, @unchecked Sendable {
    private let task: Task
    /// Whose the process is.
    private let user: FileCredentials
    /// Whose most of the entries are.
    private let owner: FileCredentials
    /// False below task/, where there is no further task directory.
    private let wholeProcess: Bool

    init(fileSystem: FileSystem, number: UInt64, task: Task, wholeProcess: Bool) {
        self.task = task
        self.wholeProcess = wholeProcess
        let credentials = task.sharedCredentials
        user = FileCredentials(user: credentials.effectiveUser, group: credentials.effectiveGroup)
        // A process that is not dumpable belongs to root, and what is left of one; ps(1) takes the user from directories that everybody may list.
        let dumpable = !task.hasDeparted && task.group.lock.withLock { task.group.attributes.dumpable == 1 }
        owner = dumpable ? user : FileCredentials(user: 0, group: 0)
        super.init(fileSystem: fileSystem, number: number, owner: user)
    }

    /// The process, for a directory that stands for a whole one.
    var process: ThreadGroup? { wholeProcess ? task.group : nil }

    /// A text about `subject`, for a reader.
    typealias Content = @Sendable (_ subject: Task, _ reader: Task) throws(Errno) -> [UInt8]

    private indirect enum Entry: Sendable {
        case text(UInt32, Content)
        /// A list of mounts, that programs wait for a change of.
        case mountList(Content)
        /// A text about the memory the process has when the file is opened: empty after that memory is gone, by execve too.
        case memoryText(UInt32, Content)
        case writable(UInt32, Content, @Sendable (_ subject: Task, _ writer: Task, _ bytes: [UInt8]) throws(Errno) -> Void)
        case link(@Sendable (_ subject: Task, _ reader: Task) throws(Errno) -> PathLocation)
        /// Not to be had of a thread, only of its whole process.
        case ofProcess(Entry)
        case ofThread(Content)
        case namespaces
        case directory([(StaticString, GeneratedEntry)])
        case descriptors(information: Bool)
        case tasks
        case memory

        var isOfProcess: Bool {
            switch self {
            case .ofProcess, .tasks: true
            default: false
            }
        }
        var isOfThread: Bool {
            if case .ofThread = self { return true }
            return false
        }
        var kind: FileKind {
            switch self {
            case .text, .mountList, .memoryText, .writable, .memory, .ofThread: .regular
            case .link: .symbolicLink
            case .directory, .namespaces, .descriptors, .tasks: .directory
            case .ofProcess(let entry): entry.kind
            }
        }
    }

    private static let entries: [(StaticString, Entry)] = [
        ("auxv", .memoryText(0o400, { subject, _ throws(Errno) in subject.group.lock.withLock { subject.group.auxiliaryVector } })),
        ("cgroup", .text(0o444, { _, _ throws(Errno) in Array("0::/\n".utf8) })),
        ("cmdline", .text(0o444, ProcText.arguments)),
        ("children", .ofThread(ProcText.children)),
        ("clear_refs", .ofProcess(.writable(0o200, { _, _ throws(Errno) in throw .EINVAL }, clearReferences))),
        ("comm", .writable(0o644, { subject, _ throws(Errno) in subject.sharedName + [0x0a] }, setName)),
        ("coredump_filter", .ofProcess(.writable(0o644, coreFilter, setCoreFilter))),
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
        ("net", .directory(ProcSystem.network)),
        ("ns", .namespaces),
        ("oom_adj", .text(0o444, { subject, _ throws(Errno) in TextWriter.line(Int64(adjustment(subject)) * 17 / 1000) })),
        ("oom_score", .text(0o444, { subject, _ throws(Errno) in TextWriter.line(ProcText.outOfMemoryScore(subject)) })),
        ("oom_score_adj", .writable(0o644, { subject, _ throws(Errno) in TextWriter.line(Int64(adjustment(subject))) }, setAdjustment)),
        ("personality", .text(0o400, ProcText.personality)),
        ("projid_map", .text(0o444, { _, _ throws(Errno) in identityMap })),
        ("root", .link({ subject, _ throws(Errno) in subject.sharedFileSystem.root })),
        ("schedstat", .text(0o444, ProcText.schedulerStatistics)),
        ("sessionid", .text(0o444, { _, _ throws(Errno) in Array("4294967295".utf8) })),
        ("setgroups", .text(0o444, { _, _ throws(Errno) in Array("allow\n".utf8) })),
        ("smaps", .memoryText(0o444, ProcText.smaps)),
        ("smaps_rollup", .ofProcess(.memoryText(0o444, ProcText.smapsRollup))),
        ("stack", .text(0o400, { _, _ throws(Errno) in throw .EACCES })),
        ("stat", .text(0o444, ProcText.stat)),
        ("statm", .text(0o444, ProcText.statm)),
        ("status", .text(0o444, ProcText.status)),
        ("syscall", .text(0o400, ProcText.currentCall)),
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
            if entry.isOfProcess ? !wholeProcess : entry.isOfThread && wholeProcess { continue }
            let kind = entry.kind
            result.append(Name(name.withUTF8Buffer { Array($0) }, kind))
        }
        return result
    }

    private func checkAlive() throws(Errno) { if task.kernel.processes.taskOrRemains(task.id) !== task { throw .ESRCH } }

    override func lookup(_ name: [UInt8]) throws(Errno) -> Inode {
        try checkAlive()
        guard let found = Self.entries.first(where: { entry in entry.0.withUTF8Buffer { $0.elementsEqual(name) } }) else { throw .ENOENT }
        if found.1.isOfProcess ? !wholeProcess : found.1.isOfThread && wholeProcess { throw .ENOENT }
        return make(found.1, number(of: name))
    }

    private func make(_ entry: Entry, _ number: UInt64) -> Inode {
        let task = task
        switch entry {
        case .ofProcess(let entry): return make(entry, number)
        case .ofThread(let content): return make(.text(0o444, content), number)
        case .text(let permissions, let content): return text(number, permissions, polled: nil, content)
        case .mountList(let content): return text(number, 0o444, polled: [.input, .readNormal], content)
        case .memoryText(let permissions, let content):
            let memory = task.sharedMemory
            return GeneratedFile(
                fileSystem: fileSystem, number: number, permissions: permissions, owner: owner,
                guardian: { opener throws(Errno) in
                    try Self.checkInspection(of: task, by: opener)
                    // Of an ended one's strings the kernel says so at once, of its mappings not.
                    if permissions == 0o400, task.hasDeparted { throw .ESRCH }
                }
            ) { reader throws(Errno) in
                if task.sharedMemory !== memory || task.hasDeparted { return [] }
                return try content(task, reader)
            }
        case .writable(let permissions, let content, let store):
            return GeneratedFile(
                fileSystem: fileSystem, number: number, permissions: permissions, owner: owner,
                store: { writer, bytes throws(Errno) in try store(task, writer, bytes) }
            ) { reader throws(Errno) in try content(task, reader) }
        case .link(let place):
            return GeneratedLink(
                fileSystem: fileSystem, number: number, owner: owner, jump: { reader throws(Errno) in try Self.follow(place, task, reader) },
                target: { reader throws(Errno) in try Self.follow(place, task, reader).displayPath(from: reader.fileSystem.root) })
        case .directory(let entries): return FixedDirectory(fileSystem: fileSystem, number: number, owner: user, entries: entries)
        case .namespaces:
            return FixedDirectory(fileSystem: fileSystem, number: number, permissions: 0o511, owner: owner, entries: ProcNamespaces.entries(of: task))
        case .descriptors(let information):
            return ProcDescriptors(fileSystem: fileSystem, number: number, task: task, user: user, owner: owner, information: information)
        case .memory: return ProcMemoryInode(fileSystem: fileSystem, number: number, task: task, owner: owner)
        case .tasks:
            return ProcTaskList(fileSystem: fileSystem, number: number, group: task.group, owner: user)
        }
    }

    private func text(_ number: UInt64, _ permissions: UInt32, polled: PollEvents?, _ content: @escaping Content) -> GeneratedFile {
        let task = task
        return GeneratedFile(fileSystem: fileSystem, number: number, permissions: permissions, owner: owner, polled: polled) { reader throws(Errno) in
            if task.kernel.processes.taskOrRemains(task.id) !== task { throw .ESRCH }
            return try content(task, reader)
        }
    }

    /// Links and texts about memory are for those who may inspect the process; `EACCES`.
    static func checkInspection(of subject: Task, by reader: Task) throws(Errno) {
        if !reader.mayInspect(subject, asFileSystemUser: true) { throw .EACCES }
    }
    private static func follow(
        _ place: (_ subject: Task, _ reader: Task) throws(Errno) -> PathLocation, _ subject: Task, _ reader: Task
    ) throws(Errno) -> PathLocation {
        try checkInspection(of: subject, by: reader)
        // What has ended is nowhere.
        if subject.hasDeparted { throw .ENOENT }
        return try place(subject, reader)
    }

    // MARK: Entries too long for the list

    private static func coreFilter(_ subject: Task, _ reader: Task) throws(Errno) -> [UInt8] {
        var writer = TextWriter(capacity: 9)
        writer.hex(UInt64(subject.group.lock.withLock { subject.group.attributes.coreFilter }), width: 8)
        writer.newline()
        return writer.bytes
    }
    private static func setCoreFilter(_ subject: Task, _ writer: Task, _ bytes: [UInt8]) throws(Errno) {
        guard let value = ProcText.unsignedNumber(bytes) else { throw .EINVAL }
        // The nine kinds of mappings there are.
        subject.group.lock.withLock { subject.group.attributes.coreFilter = value & 0x1ff }
    }
    private static func clearReferences(_ subject: Task, _ writer: Task, _ bytes: [UInt8]) throws(Errno) {
        // 1 to 4 clear marks that nobody can see here.
        guard let value = ProcText.number(bytes), (1...5).contains(value) else { throw .EINVAL }
        if value == 5 { subject.sharedMemory.forgetPeak() }
    }

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
