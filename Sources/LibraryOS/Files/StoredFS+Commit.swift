/// What a commit writes, looked at while names stand still.
private struct StoredChanges {
    struct Node {
        let node: TmpNode
        let record: [UInt8]
        /// Of a symbolic link.
        let target: [UInt8]?
        let names: [StoredNames.Change]
        /// nil: they have not changed.
        let attributes: (record: [UInt8], content: [UInt8])?
        /// What the attributes owed.
        let attributeBlocks: Int
    }
    struct Content {
        let number: UInt64
        let object: MemoryObject
        let changes: MemoryObject.Changes
        /// The file has no name, and the store nothing of it yet.
        let needsRecord: Bool
    }

    var nodes: [Node] = []
    var contents: [Content] = []
    var gone: [UInt64] = []
    /// Blocks to be written.
    var count = 0
}

extension StoredFS {
    /// So many pages are written at a time.
    private static let pagesAtATime = 32

    /// Makes everything durable. `spilling`: also pages of files without a name, which nobody will look for after this sandbox, but which take memory.
    func commit(spilling: Bool) throws(Errno) {
        commitLock.lock()
        defer { commitLock.unlock() }
        let changes = takeChanges(spilling)
        guard let changes else { return giveBackRoom() }
        do throws(Errno) {
            for content in changes.contents { content.object.protect(content.changes.pages) }
            try write(changes)
            try commitStore()
        } catch {
            putBack(changes)
            throw error
        }
        for content in changes.contents { content.object.changesAreKept(content.changes) }
    }

    // MARK: Looking

    private func takeChanges(_ spilling: Bool) -> StoredChanges? {
        treeLock.lock()
        defer { treeLock.unlock() }
        var changes = StoredChanges()
        let (nodes, contents) = ledger.withLock {
            let taken = (account.changedNodes, account.changedContents)
            changes.gone = account.gone
            account.changedNodes = [:]
            account.changedContents = [:]
            account.gone = []
            if account.promised == 0 { account.firstChange = nil }
            return taken
        }
        for (_, node) in nodes {
            let taken = take(node)
            changes.count &+= Self.blocksOfRecord(node) &+ taken.names.count &+ taken.attributeBlocks
            changes.nodes.append(taken)
        }
        var pages = 0
        for (number, object) in contents {
            let isOrphan = object.isOrphan
            if isOrphan, !spilling {
                contentChanged(number, object)
                continue
            }
            let taken = object.takeChanges()
            let isFirst = object.willStorePages()
            pages &+= taken.count
            if isOrphan, isFirst {
                owe(1)
                changes.count &+= 1
            }
            changes.contents.append(StoredChanges.Content(number: number, object: object, changes: taken, needsRecord: isOrphan && isFirst))
        }
        changes.count &+= pages
        ledger.withLock {
            account.owed &-= changes.count
            account.flying &+= changes.count
            account.dirtyPages &-= pages
        }
        return changes.nodes.isEmpty && changes.contents.isEmpty && changes.gone.isEmpty ? nil : changes
    }

    /// `treeLock` held.
    private func take(_ node: TmpNode) -> StoredChanges.Node {
        let names = (node as? TmpDirectory)?.takeChangedNames() ?? []
        let file = node as? TmpFile
        var record = StoredRecord()
        record.kind = node.kind
        record.deviceNumber = node.deviceNumber
        let target = (node as? TmpSymbolicLink)?.target
        record.size = target.map { Int64($0.count) } ?? file?.object.size ?? 0
        record.blocks = UInt64(file?.object.residentPages ?? 0)
        return node.lock.withLock {
            record.permissions = node.permissions
            record.user = node.user
            record.group = node.group
            record.links = node.links
            record.accessTime = node.accessTime
            record.modificationTime = node.modificationTime
            record.changeTime = node.changeTime
            record.birthTime = node.birthTime
            record.hasAttributes = !node.extendedAttributes.isEmpty
            let blocks = max(0, node.changedAttributeBlocks)
            let attributes = blocks > 0 ? StoredAttributes.encode(node.extendedAttributes) : nil
            node.hasStoredAttributes = record.hasAttributes
            node.changedAttributeBlocks = 0
            node.isStored = true
            return StoredChanges.Node(node: node, record: record.bytes, target: target, names: names, attributes: attributes, attributeBlocks: blocks)
        }
    }

    // MARK: Writing

    private func write(_ changes: StoredChanges) throws(Errno) {
        for number in changes.gone { try store.remove(file: number) }
        for content in changes.contents { try write(content) }
        for node in changes.nodes { try write(node) }
    }

    private func write(_ content: StoredChanges.Content) throws(Errno) {
        let end = UInt64(Self.largestFile) / 4096
        if content.needsRecord { try store.setRecord(StoredRecord().bytes, of: content.number) }
        for range in content.changes.removed where range.lowerBound < end {
            try store.removeBlocks(of: content.number, from: range.lowerBound, count: min(range.upperBound, end) &- range.lowerBound)
        }
        if content.changes.pages.isEmpty { return }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pagesAtATime &* 4096, alignment: 4096)
        defer { buffer.deallocate() }
        for range in content.changes.pages {
            var page = range.lowerBound
            while page < range.upperBound {
                let wanted = min(Self.pagesAtATime, Int(clamping: range.upperBound &- page))
                let count = try content.object.copyPages(from: page, to: UnsafeMutableRawBufferPointer(rebasing: buffer[..<(wanted &* 4096)]))
                if count > 0 {
                    try store.writeBlocks(of: content.number, from: page, from: UnsafeRawBufferPointer(rebasing: buffer[..<(count &* 4096)]))
                    page &+= UInt64(count)
                } else {
                    // Truncated in between.
                    page &+= 1
                }
            }
        }
    }

    private func write(_ node: StoredChanges.Node) throws(Errno) {
        let number = node.node.number
        try store.setRecord(node.record, of: number)
        if var target = node.target {
            target.append(contentsOf: [UInt8](repeating: 0, count: max(0, FileStore.blockSize &- target.count)))
            try write(target, to: number, at: 0)
        }
        for change in node.names {
            if let content = change.content {
                try write(content, to: number, at: UInt64(change.block))
            } else {
                try store.removeBlocks(of: number, from: UInt64(change.block), count: 1)
            }
        }
        guard let attributes = node.attributes else { return }
        let file = StoredAttributes.number(of: number)
        try store.remove(file: file)
        if attributes.content.isEmpty { return }
        try store.setRecord(attributes.record, of: file)
        try write(attributes.content, to: file, at: 0)
    }

    private func write(_ bytes: [UInt8], to file: UInt64, at block: UInt64) throws(Errno) {
        var failure: Errno?
        bytes.withUnsafeBytes { content in
            do throws(Errno) { try store.writeBlocks(of: file, from: block, from: content) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    // MARK: Failing

    /// Nothing has become durable: all that was taken has changed as before.
    private func putBack(_ changes: StoredChanges) {
        let now = time.monotonicNow()
        treeLock.lock()
        defer { treeLock.unlock() }
        ledger.withLock {
            account.flying &-= changes.count
            account.isDoubtful = true
            account.gone.append(contentsOf: changes.gone)
            account.firstChange = account.firstChange ?? now
        }
        for content in changes.contents {
            content.object.changesAreLost(content.changes)
            if content.needsRecord { content.object.hasNotStoredPages() }
        }
        for taken in changes.nodes {
            (taken.node as? TmpDirectory)?.namesAreLost(taken.names)
            taken.node.lock.withLock {
                if taken.node.changedAttributeBlocks == 0, taken.attributeBlocks > 0 { taken.node.changedAttributeBlocks = -1 }
                changed(taken.node)
            }
        }
    }
}
