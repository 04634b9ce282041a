/// Changes of names: everything that has to be read from the lower file system is read first, then checked again under `structure`.
extension OverlayFS {
    private func time(_ directory: Inode) throws(Errno) {
        var change = AttributeChange()
        change.modificationTime = upper.time.realtimeNow()
        try directory.change(change)
    }

    private func entry(_ name: [UInt8], _ directory: OverlayNode) -> OverlayEntry? { names.withLock { directory.children[name] } }

    /// Adds a name that `make` enters in the upper directory.
    func add(_ name: [UInt8], to directory: OverlayNode, _ make: (Inode) throws(Errno) -> OverlayNode) throws(Errno) -> OverlayInode {
        if directory.kind != .directory { throw .ENOTDIR }
        let target = try copyUp(directory)
        // Also puts a lower file of that name into `children`, where the check under the lock sees it.
        let existing = try find(name, in: directory)
        structure.lock()
        defer { structure.unlock() }
        if existing != nil || entry(name, directory) != nil { throw .EEXIST }
        let node = try make(target)
        names.withLock {
            if node.place == nil { node.place = (directory, name) }
            node.isRemoved = false
            directory.children[name] = OverlayEntry(node: node, coversLower: false)
            node.handles += 1
        }
        return OverlayInode(self, node)
    }

    /// A node for a file that was made above.
    func madeAbove(_ inode: Inode) -> OverlayNode {
        OverlayNode(number: inode.number | Self.upperNumbers, kind: inode.kind, lower: nil, upper: inode, place: nil)
    }

    /// unlink and rmdir.
    func remove(_ name: [UInt8], from directory: OverlayNode, isDirectory: Bool) throws(Errno) {
        let child = try lookup(name, in: directory)
        if isDirectory != (child.kind == .directory) { throw isDirectory ? .ENOTDIR : .EISDIR }
        let lowerNames = isDirectory ? try child.node.lower?.directoryEntries() ?? [] : []
        let target = try copyUp(directory)
        structure.lock()
        defer { structure.unlock() }
        guard entry(name, directory)?.node === child.node else { throw .ENOENT }
        if isDirectory { try checkEmpty(child.node, lowerNames) }
        if upper(of: child.node) == nil {
            try time(target)
        } else if isDirectory {
            try target.rmdir(name)
        } else {
            try target.unlink(name)
        }
        names.withLock { takeOut(name, directory) }
    }

    private func checkEmpty(_ directory: OverlayNode, _ lowerNames: [DirectoryEntry]) throws(Errno) {
        let isEmpty = names.withLock { directory.children.isEmpty && lowerNames.allSatisfy { directory.hidden.contains($0.name) } }
        if !isEmpty { throw .ENOTEMPTY }
    }

    /// Removes an entry and leaves a whiteout where the lower directory has the name. Under `names`.
    private func takeOut(_ name: [UInt8], _ directory: OverlayNode) {
        guard let entry = directory.children.removeValue(forKey: name) else { return }
        if entry.coversLower { directory.hidden.insert(name) }
        markRemoved(entry.node)
    }

    /// A directory has one name; a file that was never copied up too.
    private func markRemoved(_ node: OverlayNode) {
        if node.kind == .directory || node.upper == nil {
            node.isRemoved = true
            node.place = nil
        }
    }

    func rename(_ name: [UInt8], in directory: OverlayNode, to newDirectory: OverlayNode, _ newName: [UInt8], flags: UInt32) throws(Errno) {
        let (noReplace, exchange) = (flags & 1 != 0, flags & 2 != 0)
        if flags & ~3 != 0 || (noReplace && exchange) { throw .EINVAL }
        let source = try lookup(name, in: directory)
        let existing = try find(newName, in: newDirectory)
        if noReplace && existing != nil { throw .EEXIST }
        if exchange && existing == nil { throw .ENOENT }
        if let existing, existing.node === source.node { return }
        try checkMovable(source.node)
        if let existing {
            if exchange {
                try checkMovable(existing.node)
            } else if (source.kind == .directory) != (existing.kind == .directory) {
                throw existing.kind == .directory ? .EISDIR : .ENOTDIR
            }
        }
        let lowerNames = existing?.kind == .directory && !exchange ? try existing?.node.lower?.directoryEntries() ?? [] : []
        let (from, to) = (try copyUp(directory), try copyUp(newDirectory))
        _ = try copyUp(source.node)
        if exchange, let existing { _ = try copyUp(existing.node) }

        structure.lock()
        defer { structure.unlock() }
        guard entry(name, directory)?.node === source.node, entry(newName, newDirectory)?.node === existing?.node else { throw .ENOENT }
        if let existing, existing.kind == .directory, !exchange { try checkEmpty(existing.node, lowerNames) }
        try from.rename(name, to: to, newName, flags: exchange ? 2 : 0)
        names.withLock {
            if exchange, let existing {
                directory.children[name]?.node = existing.node
                existing.node.place = (directory, name)
            } else {
                if let existing { markRemoved(existing.node) }
                if directory.children.removeValue(forKey: name)?.coversLower == true { directory.hidden.insert(name) }
            }
            let covers = newDirectory.children[newName]?.coversLower ?? false
            newDirectory.children[newName] = OverlayEntry(node: source.node, coversLower: covers)
            source.node.place = (newDirectory, newName)
        }
    }

    /// Moving a directory that exists below would mean copying its whole tree; programs do that themselves after `EXDEV` (mv).
    private func checkMovable(_ node: OverlayNode) throws(Errno) {
        if node.kind == .directory, node.lower != nil { throw .EXDEV }
    }
}
