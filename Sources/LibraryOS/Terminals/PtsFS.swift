/// The file system of pseudo-terminals (devpts, pts(4)), mounted on /dev/pts: a name for each terminal whose master is open.
package final class PtsFS: FileSystem, @unchecked Sendable {
    private let lock = Lock(.directory)
    private var nodes: [UInt32: PtsNode] = [:]
    private let processes: ProcessTable
    private let time: TimeBase
    private let account: BufferAccount

    /// /proc/sys/kernel/pty/max.
    static let most = 4096
    /// What a terminal can hold: both queues, the line being typed with its marks, echoes, and the objects.
    private static let cost = 64 << 10
    /// `tty`, as distributions mount it.
    static let ownerGroup: UInt32 = 5

    init(processes: ProcessTable, time: TimeBase, account: BufferAccount, device: UInt64) {
        self.processes = processes
        self.time = time
        self.account = account
        super.init(typeName: "devpts", device: device, readOnly: false)
    }

    package override var root: Inode { PtsDirectory(self) }
    package override var mountOptions: String { "gid=\(Self.ownerGroup),mode=620,ptmxmode=666" }
    package override func statistics() throws(Errno) -> FileSystemStatistics {
        var result = FileSystemStatistics()
        result.type = 0x1cd1
        return result
    }
    package override func release() { lock.withLock { nodes = [:] } }

    /// /proc/sys/kernel/pty/nr.
    var count: Int { lock.withLock { nodes.count } }
    var numbers: [UInt32] { lock.withLock { nodes.keys.sorted() } }
    func node(_ number: UInt32) -> PtsNode? { lock.withLock { nodes[number] } }

    /// Opens /dev/ptmx: a new terminal with the lowest free number.
    func openMaster(flags: OpenFlags, location: PathLocation, task: Task) throws(Errno) -> OpenFile {
        if !account.charge(Self.cost) { throw .ENOMEM }
        let owner = task.credentials.forFiles
        let now = time.realtimeNow()
        let node: PtsNode? = lock.withLock {
            guard nodes.count < Self.most, let number = (0..<UInt32(Self.most)).first(where: { nodes[$0] == nil }) else { return nil }
            let terminal = PseudoTerminal(number: number, processes: processes, time: time)
            let node = PtsNode(self, terminal, owner: owner, time: now)
            nodes[number] = node
            return node
        }
        guard let node else {
            account.refund(Self.cost)
            throw .ENOSPC
        }
        root.notify(.create, TextWriter.decimal(UInt64(node.terminal.number)), isDirectory: false)
        return MasterFile(node.terminal, in: self, flags: flags, location: location)
    }

    /// The master is closed: the name goes.
    func remove(_ terminal: PseudoTerminal) {
        let node = lock.withLock {
            guard nodes[terminal.number]?.terminal === terminal else { return nil as PtsNode? }
            return nodes.removeValue(forKey: terminal.number)
        }
        account.refund(Self.cost)
        guard let node else { return }
        node.removed()
        root.notify(.delete, TextWriter.decimal(UInt64(terminal.number)), isDirectory: false)
        // The number may name another terminal at once.
        for watch in marks.watches(of: node.number) {
            watch.report(.deleteSelf)
            watch.fileIsGone()
        }
    }

    /// Where a terminal's name is.
    func location(of number: UInt32, in mounts: MountTable) -> PathLocation? {
        guard let node = node(number) else { return nil }
        let mount = mounts.all.last { $0.fileSystem === self } ?? mounts.detached(self)
        return PathLocation(mount: mount, inode: node, parent: mount.rootLocation, name: TextWriter.decimal(UInt64(number)))
    }
}

/// The directory /dev/pts.
private final class PtsDirectory: GeneratedDirectory, @unchecked Sendable {
    private let terminals: PtsFS
    private static let multiplexer = Array("ptmx".utf8)

    init(_ fileSystem: PtsFS) {
        terminals = fileSystem
        super.init(fileSystem: fileSystem, number: 1, permissions: 0o755)
    }

    override func names() throws(Errno) -> [Name] {
        [Name(Self.multiplexer, .characterDevice)] + terminals.numbers.map { Name(TextWriter.decimal(UInt64($0)), .characterDevice) }
    }
    override func lookup(_ name: [UInt8]) throws(Errno) -> Inode {
        if name == Self.multiplexer { return MultiplexerNode(terminals) }
        guard let number = ProcText.identifier(name) else { throw .ENOENT }
        return try node(UInt32(number))
    }
    override func number(of name: [UInt8]) -> UInt64 {
        name == Self.multiplexer ? 2 : UInt64((ProcText.number(name) ?? 0) &+ 3)
    }
    private func node(_ number: UInt32) throws(Errno) -> Inode {
        guard let node = terminals.node(number) else { throw .ENOENT }
        return node
    }
    override func create(_ name: [UInt8], kind: FileKind, mode: UInt32, deviceNumber: UInt64, owner: FileCredentials) throws(Errno) -> Inode {
        throw kind == .regular ? .EACCES : .EPERM
    }
    override func open(flags: OpenFlags, location: PathLocation, task: Task) throws(Errno) -> OpenFile {
        if flags.canWrite { throw .EISDIR }
        return OpenGeneratedDirectory(self, flags: flags, location: location)
    }
}

/// /dev/pts/N.
final class PtsNode: Inode, @unchecked Sendable {
    let terminal: PseudoTerminal
    private let lock = Lock(.inode)
    private var stored: FileAttributes

    fileprivate init(_ fileSystem: PtsFS, _ terminal: PseudoTerminal, owner: FileCredentials, time: Int64) {
        self.terminal = terminal
        stored = FileAttributes()
        stored.device = fileSystem.device
        // 1 is the directory, 2 the multiplexer.
        stored.inode = UInt64(terminal.number) + 3
        stored.kind = .characterDevice
        stored.permissions = 0o620
        stored.user = owner.user
        stored.group = PtsFS.ownerGroup
        stored.deviceNumber = terminal.deviceNumber
        stored.blockSize = 1024
        stored.accessTime = time
        stored.modificationTime = time
        stored.changeTime = time
        super.init(fileSystem: fileSystem, number: stored.inode, kind: .characterDevice)
    }

    fileprivate func removed() { lock.withLock { stored.links = 0 } }

    package override func attributes() throws(Errno) -> FileAttributes { lock.withLock { stored } }
    override func change(_ change: AttributeChange) throws(Errno) {
        lock.withLock {
            stored.permissions = (change.permissions ?? stored.permissions) & 0o7777
            stored.user = change.user ?? stored.user
            stored.group = change.group ?? stored.group
            stored.accessTime = change.accessTime ?? stored.accessTime
            stored.modificationTime = change.modificationTime ?? stored.modificationTime
        }
    }
    override func open(flags: OpenFlags, location: PathLocation, task: Task) throws(Errno) -> OpenFile {
        try terminal.open(flags: flags, location: location, task: task)
    }
}

/// /dev/pts/ptmx.
private final class MultiplexerNode: GeneratedInode, @unchecked Sendable {
    private let terminals: PtsFS

    init(_ fileSystem: PtsFS) {
        terminals = fileSystem
        super.init(fileSystem: fileSystem, number: 2, kind: .characterDevice, permissions: 0o666, owner: FileCredentials(user: 0, group: 0))
    }
    package override func attributes() throws(Errno) -> FileAttributes {
        var result = try super.attributes()
        result.deviceNumber = MultiplexerDevice.number
        return result
    }
    override func open(flags: OpenFlags, location: PathLocation, task: Task) throws(Errno) -> OpenFile {
        try terminals.openMaster(flags: flags, location: location, task: task)
    }
}
