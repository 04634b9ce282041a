/// A read-only file system with a private, writable one on top: what a program changes is copied up first (Linux's overlayfs without `redirect_dir` and
/// `index`: renaming a directory that exists below is `EXDEV`, and hard links of lower files part when one of them is changed).
///
/// Whiteouts and opaque directories are kept beside the upper file system, not in it, as nobody else sees it. Two locks: `structure` makes changes of
/// names atomic and is held while the upper file system (memory) is changed, never during a call to the lower one; `names` protects the nodes for moments.
package final class OverlayFS: FileSystem, @unchecked Sendable {
    let host: Host
    let lower: FileSystem
    let upper: TmpFS
    let structure = Lock(.overlay)
    let names = Lock(.overlayNodes)
    let rootNode: OverlayNode
    /// Set in the numbers of files that exist only above.
    static let upperNumbers: UInt64 = 1 << 62

    package init(host: Host, lower: FileSystem, upper: TmpFS, device: UInt64) throws(Errno) {
        self.host = host
        self.lower = lower
        self.upper = upper
        let below = lower.root
        rootNode = OverlayNode(number: below.number, kind: below.kind, lower: below, upper: upper.root, place: nil)
        super.init(typeName: "overlay", device: device, readOnly: false)
        if below.kind != .directory { throw .ENOTDIR }
        try upper.root.change(Self.everything(of: try below.attributes()))
    }

    package override var root: Inode { handle(rootNode) }

    package override func statistics() throws(Errno) -> FileSystemStatistics {
        var result = try upper.statistics()
        result.type = 0x794c_7630
        result.identifier = device
        return result
    }

    package override func sync() throws(Errno) {
        try upper.sync()
        try lower.sync()
    }
    package override func giveBackMemory() -> Int { upper.giveBackMemory() &+ lower.giveBackMemory() }

    package override func release() {
        var nodes = [rootNode]
        while let node = nodes.popLast() {
            let children = names.withLock {
                defer {
                    node.children = [:]
                    node.place = nil
                }
                return node.children
            }
            nodes.append(contentsOf: children.values.map { $0.node })
        }
        upper.release()
        lower.release()
    }

    /// A change that gives a copy the mode, owner and times of its original.
    static func everything(of attributes: FileAttributes) -> AttributeChange {
        var change = times(of: attributes)
        change.permissions = attributes.permissions
        change.user = attributes.user
        change.group = attributes.group
        return change
    }

    static func times(of attributes: FileAttributes) -> AttributeChange {
        var change = AttributeChange()
        change.accessTime = attributes.accessTime
        change.modificationTime = attributes.modificationTime
        return change
    }

    // MARK: Nodes in use

    /// An inode object for a node.
    func handle(_ node: OverlayNode) -> OverlayInode {
        names.withLock { node.handles += 1 }
        return OverlayInode(self, node)
    }

    /// An inode object is gone: forgets its node, and the directories above it, if nothing was changed in them.
    func handleGone(_ node: OverlayNode) {
        // Kept until the lock is free: the last reference to a lower inode may close a file.
        var forgotten: [OverlayNode] = []
        names.withLock {
            node.handles -= 1
            var candidate = node
            while candidate.isUnchanged, let place = candidate.place {
                guard place.parent.children[place.name]?.node === candidate else { break }
                forgotten.append(candidate)
                place.parent.children[place.name] = nil
                candidate = place.parent
            }
        }
        forgotten.removeAll()
    }

    func upper(of node: OverlayNode) -> Inode? { names.withLock { node.upper } }

    /// The file that holds content and attributes now.
    func current(_ node: OverlayNode) throws(Errno) -> Inode {
        guard let inode = names.withLock({ node.upper ?? node.lower }) else { throw .ESTALE }
        return inode
    }

    // MARK: Looking

    func lookup(_ name: [UInt8], in directory: OverlayNode) throws(Errno) -> OverlayInode {
        if directory.kind != .directory { throw .ENOTDIR }
        let (known, hidden) = names.withLock { () -> (OverlayNode?, Bool) in
            let child = directory.children[name]?.node
            child?.handles += 1
            return (child, directory.isRemoved || directory.hidden.contains(name))
        }
        if let known { return OverlayInode(self, known) }
        guard let below = directory.lower, !hidden else { throw .ENOENT }
        let found = try below.lookup(name)
        let node = names.withLock { () -> OverlayNode? in
            let node: OverlayNode
            if let entry = directory.children[name] {
                node = entry.node
            } else {
                if directory.isRemoved || directory.hidden.contains(name) { return nil }
                node = OverlayNode(number: found.number, kind: found.kind, lower: found, upper: nil, place: (directory, name))
                directory.children[name] = OverlayEntry(node: node, coversLower: true)
            }
            node.handles += 1
            return node
        }
        guard let node else { throw .ENOENT }
        return OverlayInode(self, node)
    }

    /// The entry, or nil when there is none.
    func find(_ name: [UInt8], in directory: OverlayNode) throws(Errno) -> OverlayInode? {
        do throws(Errno) { return try lookup(name, in: directory) } catch {
            if error == .ENOENT { return nil }
            throw error
        }
    }

    /// Both layers without duplicates; `next` counts from the third position, after "." and "..".
    func list(_ directory: OverlayNode) throws(Errno) -> [DirectoryEntry] {
        let below = names.withLock({ directory.isRemoved }) ? nil : directory.lower
        let lowerEntries = try below?.directoryEntries() ?? []
        var result = names.withLock {
            lowerEntries.filter { !directory.hidden.contains($0.name) && directory.children[$0.name] == nil }
                + directory.children.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map {
                    DirectoryEntry(name: $0.key, inode: $0.value.node.number, type: $0.value.node.kind.directoryEntryType, next: 0)
                }
        }
        for index in result.indices { result[index].next = Int64(index) + 3 }
        return result
    }
}
