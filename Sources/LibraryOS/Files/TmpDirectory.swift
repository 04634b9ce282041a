/// A directory of a `TmpFS`.
package final class TmpDirectory: TmpNode, @unchecked Sendable {
    /// Names; under the file system's `treeLock`, as is `place`.
    private var entries = TmpDirectoryEntries()
    /// Where the names are kept, if they are.
    private var names: StoredNames?
    /// Where it is: nil for the root. A removed directory keeps its last place, so that its ".." still leads somewhere.
    private var place: (parent: TmpDirectory, name: [UInt8])?
    private var isRemoved = false

    init(_ tmpfs: TmpFS, number: UInt64, permissions: UInt32, owner: FileCredentials, parent: TmpDirectory?, name: [UInt8]) {
        place = parent.map { ($0, name) }
        names = tmpfs.makeNames()
        super.init(tmpfs, number: number, kind: .directory, permissions: permissions, owner: owner, links: 2)
    }

    override var extent: (size: Int64, blocks: Int64) { (tmpfs.treeLock.withLock { Int64(entries.count + 2) * 20 }, 0) }

    package override func lookup(_ name: [UInt8]) throws(Errno) -> Inode {
        tmpfs.treeLock.lock()
        defer { tmpfs.treeLock.unlock() }
        guard let node = entries[name] else { throw .ENOENT }
        return node
    }

    override func directoryEntries() throws(Errno) -> [DirectoryEntry] {
        tmpfs.treeLock.withLock {
            entries.list(from: TmpDirectoryEntries.firstCookie, limit: .max).map {
                DirectoryEntry(name: $0.name, inode: $0.node.number, type: $0.node.kind.directoryEntryType, next: $0.cookie + 1)
            }
        }
    }

    package override func parentDirectory() -> (parent: Inode, name: [UInt8])? { tmpfs.treeLock.withLock { place } }

    override func open(flags: OpenFlags, location: PathLocation, task: Task) throws(Errno) -> OpenFile {
        TmpOpenDirectory(self, flags: flags, location: location)
    }

    // MARK: Making

    override func create(_ name: [UInt8], kind: FileKind, mode: UInt32, deviceNumber: UInt64, owner: FileCredentials) throws(Errno) -> Inode {
        let (owner, permissions) = inherited(kind: kind, mode: mode, owner: owner)
        try tmpfs.makeRoom(Self.blocksOfName)
        defer { tmpfs.roomIsUsed(Self.blocksOfName) }
        let number = try tmpfs.takeNumber()
        let node: TmpNode
        switch kind {
        case .regular: node = TmpFile(tmpfs, number: number, permissions: permissions, owner: owner)
        case .directory: node = TmpDirectory(tmpfs, number: number, permissions: permissions, owner: owner, parent: self, name: name)
        case .fifo, .socket, .characterDevice, .blockDevice:
            node = TmpSpecialFile(tmpfs, number: number, kind: kind, permissions: permissions, owner: owner, deviceNumber: deviceNumber)
        case .symbolicLink, .anonymous: throw .EINVAL
        }
        try insert(name, node)
        return node
    }

    override func symlink(_ name: [UInt8], target: [UInt8], owner: FileCredentials) throws(Errno) -> Inode {
        let (owner, _) = inherited(kind: .symbolicLink, mode: 0o777, owner: owner)
        try tmpfs.makeRoom(Self.blocksOfName)
        defer { tmpfs.roomIsUsed(Self.blocksOfName) }
        let node = TmpSymbolicLink(tmpfs, number: try tmpfs.takeNumber(), target: target, owner: owner)
        try insert(name, node)
        return node
    }

    /// A file without a name (O_TMPFILE); it may get one by linkat(2) when `linkable`.
    override func createTemporary(mode: UInt32, owner: FileCredentials, linkable: Bool) throws(Errno) -> Inode {
        let (owner, permissions) = inherited(kind: .regular, mode: mode, owner: owner)
        return TmpFile(tmpfs, number: try tmpfs.takeNumber(), permissions: permissions, owner: owner, links: 0, linkable: linkable)
    }

    override func link(_ name: [UInt8], to inode: Inode) throws(Errno) {
        guard let node = inode as? TmpNode, node.tmpfs === tmpfs else { throw .EXDEV }
        if node.kind == .directory { throw .EPERM }
        let now = tmpfs.time.realtimeNow()
        try tmpfs.makeRoom(Self.blocksOfName)
        defer { tmpfs.roomIsUsed(Self.blocksOfName) }
        tmpfs.treeLock.lock()
        defer { tmpfs.treeLock.unlock() }
        try checkFree(name)
        if node.lock.withLock({ node.links }) == 0, (node as? TmpFile)?.linkable != true { throw .ENOENT }
        enter(name, node)
        node.addLinks(1, now)
        touch(now)
    }

    /// Blocks that a new name may change: of names, the records of the directory and of the file, the target of a link.
    private static let blocksOfName = 4
    /// As many for two names and two more records.
    private static let blocksOfRenaming = 8

    /// Adds a name, or makes it name another node. Under `treeLock`.
    private func enter(_ name: [UInt8], _ node: TmpNode) {
        entries.set(name, node)
        if let names { tmpfs.owe(names.set(name, node.number)) }
    }

    /// Under `treeLock`.
    private func strike(_ name: [UInt8]) {
        entries.remove(name)
        if let names { tmpfs.owe(names.remove(name)) }
    }

    /// A node made by the sandbox's set-up (devices of /dev).
    func insert(_ name: [UInt8], _ node: TmpNode) throws(Errno) {
        let now = tmpfs.time.realtimeNow()
        tmpfs.treeLock.lock()
        defer { tmpfs.treeLock.unlock() }
        try checkFree(name)
        enter(name, node)
        node.lock.withLock { tmpfs.changed(node) }
        if node.kind == .directory { addLinks(1, now) }
        touch(now)
    }

    private func checkFree(_ name: [UInt8]) throws(Errno) {
        if isRemoved { throw .ENOENT }
        if name.count > PathResolver.maximumName { throw .ENAMETOOLONG }
        if entries[name] != nil { throw .EEXIST }
    }

    /// The group and mode of a new node: a set-group-ID directory hands its group on, and the bit itself to directories (inode(7)).
    private func inherited(kind: FileKind, mode: UInt32, owner: FileCredentials) -> (FileCredentials, UInt32) {
        let (directoryMode, directoryGroup) = lock.withLock { (permissions, group) }
        guard directoryMode & 0o2000 != 0 else { return (owner, mode) }
        var result = owner
        result.group = directoryGroup
        if kind == .directory { return (result, mode | 0o2000) }
        let mayKeep = mode & 0o2010 != 0o2010 || owner.user == 0 || owner.isMember(of: directoryGroup)
        return (result, mayKeep ? mode : mode & ~0o2000)
    }

    // MARK: Removing

    override func unlink(_ name: [UInt8]) throws(Errno) {
        let now = tmpfs.time.realtimeNow()
        try tmpfs.makeRoom(Self.blocksOfName, removing: true)
        defer { tmpfs.roomIsUsed(Self.blocksOfName) }
        // Held until the lock is free: the last reference may free the file's memory.
        let node: TmpNode
        tmpfs.treeLock.lock()
        defer { tmpfs.treeLock.unlock() }
        guard let found = entries[name] else { throw .ENOENT }
        node = found
        if node.kind == .directory { throw .EISDIR }
        strike(name)
        node.addLinks(-1, now)
        touch(now)
    }

    override func rmdir(_ name: [UInt8]) throws(Errno) {
        let now = tmpfs.time.realtimeNow()
        try tmpfs.makeRoom(Self.blocksOfName, removing: true)
        defer { tmpfs.roomIsUsed(Self.blocksOfName) }
        tmpfs.treeLock.lock()
        defer { tmpfs.treeLock.unlock() }
        guard let node = entries[name] else { throw .ENOENT }
        guard let directory = node as? TmpDirectory else { throw .ENOTDIR }
        if !directory.entries.isEmpty { throw .ENOTEMPTY }
        strike(name)
        directory.markRemoved(now)
        addLinks(-1, now)
        touch(now)
    }

    private func markRemoved(_ now: Int64) {
        isRemoved = true
        addLinks(-2, now)
        forgetNames()
    }

    // MARK: Keeping

    /// Makes it what was kept: these names, in this layout. Nobody else knows the directory yet.
    func restore(_ kept: [(name: [UInt8], node: TmpNode)], _ layout: StoredNames) {
        for entry in kept { entries.set(entry.name, entry.node) }
        names = layout
    }

    /// Blocks of names that have changed, for a commit, which says afterwards how it has gone. Under `treeLock`.
    func takeChangedNames() -> [StoredNames.Change] { names?.takeChanges() ?? [] }
    /// It has no name any more and its own are of no interest. Under `treeLock`.
    private func forgetNames() { if let names { tmpfs.owe(-names.forgetChanges()) } }
    /// Under `treeLock`.
    func namesAreLost(_ changes: [StoredNames.Change]) { if let names, !isRemoved { tmpfs.owe(names.changesAreLost(changes)) } }

    /// Cuts the cycles between directories and their parents.
    func releaseTree() {
        let children = tmpfs.treeLock.withLock {
            let result = entries.nodes
            entries.removeAll()
            place = nil
            return result
        }
        for case let directory as TmpDirectory in children { directory.releaseTree() }
    }

    // MARK: Renaming

    override func rename(_ name: [UInt8], to newParent: Inode, _ newName: [UInt8], flags: UInt32) throws(Errno) {
        guard let newParent = newParent as? TmpDirectory, newParent.tmpfs === tmpfs else { throw .EXDEV }
        let (noReplace, exchange) = (flags & 1 != 0, flags & 2 != 0)
        if flags & ~3 != 0 || (noReplace && exchange) { throw .EINVAL }
        let now = tmpfs.time.realtimeNow()
        try tmpfs.makeRoom(Self.blocksOfRenaming)
        defer { tmpfs.roomIsUsed(Self.blocksOfRenaming) }
        tmpfs.treeLock.lock()
        defer { tmpfs.treeLock.unlock() }
        guard let source = entries[name] else { throw .ENOENT }
        if newParent.isRemoved { throw .ENOENT }
        if newName.count > PathResolver.maximumName { throw .ENAMETOOLONG }
        let target = newParent.entries[newName]
        if noReplace, target != nil { throw .EEXIST }
        if exchange, target == nil { throw .ENOENT }
        if newParent.isInside(source) { throw .EINVAL }
        if exchange, let target, isInside(target) { throw .EINVAL }
        if source === target { return }
        if let target {
            if exchange {
                enter(name, target)
                newParent.enter(newName, source)
                moved(target, from: newParent, to: self, name, now)
            } else {
                try newParent.replace(target, by: source, newName, now)
                strike(name)
            }
        } else {
            strike(name)
            newParent.enter(newName, source)
        }
        moved(source, from: self, to: newParent, newName, now)
        touch(now)
        if newParent !== self { newParent.touch(now) }
    }

    /// Whether this directory is `node` or lies below it. Under `treeLock`.
    private func isInside(_ node: TmpNode) -> Bool {
        guard node.kind == .directory else { return false }
        var directory = self
        while true {
            if directory === node { return true }
            guard let up = directory.place?.parent else { return false }
            directory = up
        }
    }

    private func replace(_ target: TmpNode, by source: TmpNode, _ name: [UInt8], _ now: Int64) throws(Errno) {
        if let directory = target as? TmpDirectory {
            if source.kind != .directory { throw .EISDIR }
            if !directory.entries.isEmpty { throw .ENOTEMPTY }
            directory.markRemoved(now)
            addLinks(-1, now)
        } else {
            if source.kind == .directory { throw .ENOTDIR }
            target.addLinks(-1, now)
        }
        enter(name, source)
    }

    /// Books a move: a directory's new place, and the ".." link that goes from one parent to the other.
    private func moved(_ node: TmpNode, from old: TmpDirectory, to new: TmpDirectory, _ name: [UInt8], _ now: Int64) {
        node.addLinks(0, now)
        guard let directory = node as? TmpDirectory else { return }
        directory.place = (new, name)
        if old !== new {
            old.addLinks(-1, now)
            new.addLinks(1, now)
        }
    }

    // MARK: Listing

    /// Entries from a cookie on, "." and ".." included; what getdents64 shows of each.
    func list(from cookie: Int64, limit: Int) -> [DirectoryEntry] {
        tmpfs.treeLock.lock()
        defer { tmpfs.treeLock.unlock() }
        var result: [DirectoryEntry] = []
        if isRemoved { return result }
        let directoryType = FileKind.directory.directoryEntryType
        if cookie <= 0 { result.append(DirectoryEntry(name: [UInt8(ascii: ".")], inode: number, type: directoryType, next: 1)) }
        if cookie <= 1 {
            let up = place?.parent.number ?? number
            result.append(DirectoryEntry(name: [UInt8(ascii: "."), UInt8(ascii: ".")], inode: up, type: directoryType, next: 2))
        }
        for entry in entries.list(from: max(cookie, TmpDirectoryEntries.firstCookie), limit: limit) {
            result.append(DirectoryEntry(name: entry.name, inode: entry.node.number, type: entry.node.kind.directoryEntryType, next: entry.cookie + 1))
        }
        return result
    }
}

/// An open directory of a `TmpFS`; its position is the cookie of the next entry.
package final class TmpOpenDirectory: OpenFile, @unchecked Sendable {
    private let directory: TmpDirectory

    init(_ directory: TmpDirectory, flags: OpenFlags, location: PathLocation) {
        self.directory = directory
        super.init(flags: flags, location: location)
    }

    override var isSeekable: Bool { true }
    override func read(_ buffers: inout UserBuffers, at offset: Int64?, task: Task, inPlace: Bool) throws(Errno) -> Int { throw .EISDIR }
    override func sync(dataOnly: Bool) throws(Errno) { try directory.tmpfs.sync() }

    override func readDirectory(task: Task, _ emit: (DirectoryEntry) -> Bool) throws(Errno) {
        directory.touchAccess()
        if try directory.attributes().links == 0 { throw .ENOENT }
        while true {
            let batch = directory.list(from: lock.withLock { position }, limit: 64)
            if batch.isEmpty { return }
            for entry in batch {
                if !emit(entry) { return }
                lock.withLock { position = entry.next }
            }
        }
    }

    override func seek(_ offset: Int64, whence: Int32) throws(Errno) -> Int64? {
        // SEEK_END and the data and hole searches mean nothing in a list.
        if whence > 1 { throw .EINVAL }
        return nil
    }
}
