internal import LibraryOS

extension SealedStore {
    private static func key(_ file: UInt64, _ block: UInt64) -> StoreKey { StoreKey(tree: StoreKey.tree(file, block), level: 0, index: block) }

    private static func wholeBlocks(_ bytes: Int) throws(Errno) -> Int {
        if bytes % SealedStoreLayout.block != 0 { throw .EINVAL }
        return bytes / SealedStoreLayout.block
    }

    /// What leads to a file's block; none behind the last possible.
    private func entry(_ file: UInt64, _ first: UInt64, _ index: Int) throws(Errno) -> SealedEntry {
        let (block, overflow) = first.addingReportingOverflow(UInt64(index))
        return overflow || !StoreKey.isFile(file) ? .none : try entry(Self.key(file, block))
    }

    // MARK: Reading

    /// Fills a buffer with blocks, zeros where there are none.
    func readContent(of file: UInt64, from first: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(Errno) {
        let count = try Self.wholeBlocks(buffer.count)
        var start = 0
        while start < count {
            nodes.trim()
            var run: [(entry: SealedEntry, name: SealedName)] = []
            while start &+ run.count < count, run.count < SealedBlocks.runLength {
                let entry = try entry(file, first, start &+ run.count)
                if entry.isNone || !run.isEmpty && entry.place != run[run.count &- 1].entry.place &+ 1 { break }
                run.append((entry, Self.key(file, first &+ UInt64(start &+ run.count)).name))
            }
            if run.isEmpty {
                Self.part(buffer, start).initializeMemory(as: UInt8.self, repeating: 0)
                start &+= 1
                continue
            }
            try blocks.read(run) { index, bytes in Self.part(buffer, start &+ index).copyMemory(from: bytes) }
            start &+= run.count
        }
    }

    private static func part(_ buffer: UnsafeMutableRawBufferPointer, _ index: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: buffer[index &* SealedStoreLayout.block..<(index &+ 1) &* SealedStoreLayout.block])
    }

    // MARK: Writing

    /// Seals blocks and writes them to free places.
    func writeContent(of file: UInt64, from first: UInt64, from buffer: UnsafeRawBufferPointer) throws(Errno) {
        let total = try Self.wholeBlocks(buffer.count)
        if !StoreKey.isFile(file) || first > SealedStoreLayout.mostFileBlocks || UInt64(total) > SealedStoreLayout.mostFileBlocks &- first { throw .EFBIG }
        var start = 0
        while start < total {
            try settle()
            try requireSeals()
            // Not more than there are reservations for, so that those are used first.
            var piece = min(total &- start, SealedBlocks.runLength, reserved > 0 ? reserved : .max)
            let block = first &+ UInt64(start)
            if block < SealedStoreLayout.nearBlocks { piece = min(piece, Int(SealedStoreLayout.nearBlocks &- block)) }
            let range = block..<block &+ UInt64(piece)
            let count = try take(StoreKey.tree(file, block), range)
            do throws(Errno) {
                let bytes = buffer[start &* SealedStoreLayout.block..<(start &+ piece) &* SealedStoreLayout.block]
                try write(range.map { Self.key(file, $0) }, UnsafeRawBufferPointer(rebasing: bytes))
            } catch {
                (reserved, taken) = (reserved &+ count, taken &- count)
                throw error
            }
            start &+= piece
        }
    }

    /// Writes blocks of a file for which there is room. Each is where it was, or where it is now: one that is written again before a commit leaves its place only then.
    private func write(_ keys: [StoreKey], _ bytes: UnsafeRawBufferPointer) throws(Errno) {
        guard let tree = keys.first?.tree else { return }
        // All that has to be read is read first.
        for key in keys { _ = try entry(key) }
        var start = 0
        while start < keys.count {
            try prepareSeals()
            guard let run = places.allocate(keys.count &- start) else { throw .ENOSPC }
            let names = keys[start..<start &+ run.count].map { $0.name }
            let entries: [SealedEntry]
            do throws(Errno) {
                entries = try blocks.write(names, at: run.lowerBound) { index, block in
                    let begin = (start &+ index) &* SealedStoreLayout.block
                    block.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[begin..<begin &+ SealedStoreLayout.block]))
                }
            } catch {
                for place in run { places.release(place) }
                throw error
            }
            var added: UInt64 = 0
            for index in entries.indices {
                let key = keys[start &+ index]
                let old = try entry(key)
                if old.isNone {
                    added &+= 1
                    try grow(tree, to: key.index)
                }
                try setEntry(key, entries[index])
                places.release(old.place)
            }
            var root = try root(tree)
            root.count &+= added
            contentCount &+= Int(added)
            try setRoot(tree, root)
            start &+= run.count
        }
    }

    // MARK: Removing

    /// Removes blocks of a range.
    func removeContent(of file: UInt64, _ range: Range<UInt64>) throws(Errno) {
        if !StoreKey.isFile(file) { return }
        let near = SealedStoreLayout.nearBlocks
        if range.lowerBound < near { try removeContent(ofTree: file, range.lowerBound..<min(range.upperBound, near)) }
        if range.upperBound > near { try removeContent(ofTree: file | SealedStoreLayout.far, max(range.lowerBound, near)..<range.upperBound) }
        try dropUnusedSlot(of: file)
    }

    private func removeContent(ofTree tree: UInt64, _ range: Range<UInt64>) throws(Errno) {
        var from = range.lowerBound
        while true {
            try settle()
            guard let block = try next(tree, from: from), block < range.upperBound else { return }
            var root = try root(tree)
            if root.height == 0 {
                places.release(root.entry.place)
                contentCount &-= 1
                try setRoot(tree, TreeRoot())
                return
            }
            guard let node = try node(StoreKey(tree: tree, level: 0, index: block).above) else { throw .EIO }
            let end = min(range.upperBound, (block | UInt64(StoreNode.entries &- 1)) &+ 1)
            root.count &-= removeEntries(node, block..<end)
            try setRoot(tree, root)
            if node.isEmpty { try discard(node.key) }
            from = end
        }
    }

    /// Takes blocks out of the node above them, and says how many there were.
    private func removeEntries(_ node: StoreNode, _ range: Range<UInt64>) -> UInt64 {
        var removed: UInt64 = 0
        mark(node)
        for block in range {
            let index = StoreKey(tree: node.key.tree, level: 0, index: block).entry
            let entry = node[entry: index]
            if entry.isNone { continue }
            places.release(entry.place)
            node[entry: index] = .none
            removed &+= 1
        }
        contentCount &-= Int(removed)
        return removed
    }

    // MARK: Searching

    /// The next blocks that are there, as far as one node tells.
    func contentRun(of file: UInt64, from first: UInt64) throws(Errno) -> Range<UInt64>? {
        nodes.trim()
        if !StoreKey.isFile(file) { return nil }
        var found: UInt64?
        if first < SealedStoreLayout.nearBlocks { found = try next(file, from: first) }
        if found == nil { found = try next(file | SealedStoreLayout.far, from: max(first, SealedStoreLayout.nearBlocks)) }
        guard let begin = found else { return nil }
        let key = Self.key(file, begin)
        guard let node = try root(key.tree).height == 0 ? nil : try node(key.above) else { return begin..<begin &+ 1 }
        var end = begin &+ 1
        while end % UInt64(StoreNode.entries) != 0, !node[entry: Self.key(file, end).entry].isNone { end &+= 1 }
        return begin..<end
    }
}
