internal import LibraryOS

extension SealedStore {
    /// All that the table has of a file.
    func slot(of file: UInt64) throws(Errno) -> FileSlot {
        nodes.trim()
        if !StoreKey.isFile(file) { return FileSlot() }
        guard let leaf = try node(.leaf(of: file)) else { return FileSlot() }
        guard let slot = leaf.slot(of: file) else { throw .EIO }
        return slot
    }

    /// The files with a record in the next leaf that has some.
    func listFiles(from first: UInt64) throws(Errno) -> [UInt64] {
        guard var key = StoreKey.nextFile(first).map({ StoreKey.leaf(of: $0) }) else { return [] }
        while true {
            nodes.trim()
            guard let index = try next(SealedStoreLayout.table, from: key.index) else { return [] }
            key.index = index
            if let leaf = try node(key) {
                let files = (key.firstFile..<key.firstFile &+ 1 << UInt64(SealedStoreLayout.slotBits)).filter { $0 >= first && leaf.slot(of: $0)?.record != nil }
                if !files.isEmpty { return files }
            }
            key.index &+= 1
        }
    }

    /// Sets a record.
    func changeRecord(_ record: [UInt8], of file: UInt64) throws(Errno) {
        if record.count > FileStore.recordSize { throw .EINVAL }
        if !StoreKey.isFile(file) { throw .EFBIG }
        try settle()
        try requireSeals()
        let missing = try missingLeaf(of: file)
        if missing > 0, reserved > 0 {
            (reserved, taken) = (reserved &- 1, taken &+ 1)
        } else if missing > 0, available < 2 &* missing {
            throw .ENOSPC
        }
        let leaf = try makeLeaf(of: file)
        mark(leaf)
        leaf.setRecord(of: file, record)
    }

    /// Removes a file's blocks and its record.
    func removeAll(of file: UInt64) throws(Errno) {
        if !StoreKey.isFile(file) { return }
        try removeContent(of: file, 0..<UInt64.max)
        guard let leaf = try node(.leaf(of: file)), leaf.slot(of: file)?.record != nil else { return }
        mark(leaf)
        leaf.setRecord(of: file, nil)
        try dropUnusedSlot(of: file)
    }

    /// A file without a record and without blocks is no file, and a leaf without files no leaf.
    func dropUnusedSlot(of file: UInt64) throws(Errno) {
        guard let leaf = try node(.leaf(of: file)), let slot = leaf.slot(of: file), slot.isUnused else { return }
        if slot.near.height != 0 || slot.far.height != 0 || slot.count != 0 {
            mark(leaf)
            leaf.clearSlot(of: file)
        }
        if leaf.isEmpty { try discard(leaf.key) }
    }
}
