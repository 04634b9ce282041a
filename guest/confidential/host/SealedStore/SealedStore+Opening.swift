internal import LibraryOS

/// How many blocks one key seals. Random nonces of 96 bits: at most 2^32 (SP 800-38D, 8.3).
package struct SealBudget: Sendable {
    /// No block is sealed beyond these.
    package var limit: UInt64
    /// A header promises so many before the next one: what a crash leaves uncounted.
    package var allowance: UInt64
    /// Kept for commits, once writes are refused.
    package var margin: UInt64

    /// The bounds of a store, or others for tests.
    package init(limit: UInt64 = 1 << 32, allowance: UInt64 = 1 << 18, margin: UInt64 = 1 << 16) {
        (self.limit, self.allowance, self.margin) = (limit, allowance, margin)
    }
}

extension SealedStore {
    /// Makes an empty store, whatever was there before.
    ///
    /// - Parameter blocks: blocks of the whole store, 64 at least.
    public static func format(_ ring: Ring, sealer: BlockSealer, blocks total: UInt64) throws(OpenError) {
        if !SealedStoreLayout.sizes.contains(total) { throw .wrongSize }
        let blocks = SealedBlocks(ring, sealer)
        do throws(Errno) {
            // What the key has sealed before counts, as far as the host tells; and the latest store is there until the new one is.
            let before = latest(try blocks.readHeaders())
            blocks.seals = before?.header.seals ?? 0
            withUnsafeMutableBytes(of: &blocks.identity) { blocks.random($0) }
            var header = StoreHeader(identity: blocks.identity, generation: before?.header.generation ?? 0, blocks: total, seals: blocks.seals &+ 2, table: TreeRoot())
            let last = before?.slot ?? 1
            for slot in [1 &- last, last] {
                header.generation &+= 1
                try blocks.writeHeader(header, slot: slot)
                try blocks.flush()
            }
        } catch { throw .unreadable }
    }

    private static func latest(_ headers: [StoreHeader?]) -> (header: StoreHeader, slot: Int)? {
        var latest: (header: StoreHeader, slot: Int)?
        for slot in headers.indices {
            if let header = headers[slot], header.generation > latest?.header.generation ?? 0 { latest = (header, slot) }
        }
        return latest
    }

    /// The latest header, and which of the two it is.
    static func header(_ blocks: SealedBlocks, _ total: UInt64) throws(OpenError) -> (StoreHeader, slot: Int) {
        if !SealedStoreLayout.sizes.contains(total) { throw .wrongSize }
        let headers: [StoreHeader?]
        // One that cannot be read may be the latest.
        do throws(Errno) { headers = try blocks.readHeaders() } catch { throw .unreadable }
        guard let latest = latest(headers) else { throw .notSealedWithThisKey }
        if latest.header.blocks != total { throw .wrongSize }
        (blocks.identity, blocks.seals) = (latest.header.identity, latest.header.seals)
        return (latest.header, latest.slot)
    }

    /// Reads all nodes: which places are in use, each by one block only.
    func walkTable() throws(OpenError) {
        do throws(Errno) {
            _ = try walk(SealedStoreLayout.table, table)
        } catch { throw blocks.isViolated ? .altered : .unreadable }
        places.setDurable(places.current)
    }

    private func require(_ holds: Bool) throws(Errno) {
        if holds { return }
        blocks.violate()
        throw .EIO
    }

    /// Walks a tree, and gives how many blocks of level 0 it has.
    private func walk(_ tree: UInt64, _ root: TreeRoot) throws(Errno) -> UInt64 {
        let top = StoreKey(tree: tree, level: root.height, index: 0)
        let most = top.isTable ? SealedStoreLayout.tableHeight : StoreKey.isFar(tree) ? SealedStoreLayout.farHeight : SealedStoreLayout.nearHeight
        try require(root.height <= most)
        return root.entry.isNone ? 0 : try walk([(root.entry, top)])
    }

    /// Walks what is below entries of one level.
    private func walk(_ entries: [(entry: SealedEntry, key: StoreKey)]) throws(Errno) -> UInt64 {
        for child in entries { try require(places.claim(child.entry.place)) }
        guard let key = entries.first?.key else { return 0 }
        if key.level == 0 && !key.isTable {
            contentCount &+= entries.count
            return UInt64(entries.count)
        }
        nodeCount &+= entries.count
        var (count, start) = (UInt64(0), 0)
        while start < entries.count {
            let end = Self.runEnd(entries, from: start)
            var found: [StoreNode] = []
            let run = entries[start..<end].map { (entry: $0.entry, name: $0.key.name) }
            try blocks.read(run) { index, bytes in found.append(StoreNode(entries[start &+ index].key, Array(bytes))) }
            for node in found { count &+= try walkBelow(node) }
            start = end
        }
        return count
    }

    /// Where the blocks that lie one behind the other end, at most 16 of them.
    private static func runEnd(_ entries: [(entry: SealedEntry, key: StoreKey)], from start: Int) -> Int {
        var end = start &+ 1
        while end < entries.count, end &- start < SealedBlocks.runLength, entries[end].entry.place == entries[end &- 1].entry.place &+ 1 { end &+= 1 }
        return end
    }

    private func walkBelow(_ node: StoreNode) throws(Errno) -> UInt64 {
        if node.key.level > 0 {
            var children: [(entry: SealedEntry, key: StoreKey)] = []
            for index in 0..<StoreNode.entries {
                let entry = node[entry: index]
                let below = node.key.index << UInt64(SealedStoreLayout.fanOutBits) | UInt64(index)
                if !entry.isNone { children.append((entry, StoreKey(tree: node.key.tree, level: node.key.level &- 1, index: below))) }
            }
            return try walk(children)
        }
        let first = node.key.firstFile
        for file in first..<first &+ 1 << UInt64(SealedStoreLayout.slotBits) {
            guard let slot = node.slot(of: file) else {
                try require(false)
                continue
            }
            for (tree, root) in [(file, slot.near), (file | SealedStoreLayout.far, slot.far)] { try require(try walk(tree, root) == root.count) }
        }
        return 1
    }
}
