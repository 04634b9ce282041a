internal import LibraryOS

extension SealedStore {
    /// The most nodes that a block can need: those over it (a tree of near blocks that grows needs fewer), the leaf of the table, and the nodes over that but the top.
    /// (The table grows once: that is in `slack`.)
    static let nodesForBlock = Int(SealedStoreLayout.farHeight) + 1 + Int(SealedStoreLayout.tableHeight) - 1

    /// What a reservation keeps of what is there after the commit: the block, and twice each node, which must be able to move then.
    static let roomForBlock = 1 + 2 * nodesForBlock

    /// Never promised: what is written again before a commit lies twice for a moment, 16 blocks at most; and the table may grow.
    static let slack = SealedBlocks.runLength + 2 * Int(SealedStoreLayout.tableHeight)

    /// Places nobody has been promised.
    ///
    /// Each node may have to be written to another place before the next commit, once (then that place is fresh, and may be left again): so many places are kept, which
    /// is why removals need no room. That has to be so now, and after the commit, when new nodes are nodes like others, and places that were left are free.
    var available: Int {
        let now = places.free &- (nodeCount &- freshNodes) &- reserved &* (1 + Self.nodesForBlock)
        let then = Int(clamping: total &- SealedStoreLayout.headers) &- contentCount &- 2 &* nodeCount &- reserved &* Self.roomForBlock
        return min(now, then) &- Self.slack
    }

    /// Refuses what a key may not seal.
    func requireSeals() throws(Errno) {
        if blocks.seals &+ sealBudget.margin >= sealBudget.limit { throw .EROFS }
    }

    /// Takes room for blocks of a file's tree (up to 16), and says how many blocks' reservations that were.
    func take(_ tree: UInt64, _ range: Range<UInt64>) throws(Errno) -> Int {
        var (count, missing) = (0, 0)
        for block in range {
            let entry = try entry(StoreKey(tree: tree, level: 0, index: block))
            if !places.isFresh(entry.place) { count &+= 1 }
            if entry.isNone { missing &+= 1 }
        }
        if reserved >= count {
            (reserved, taken) = (reserved &- count, taken &+ count)
            return count
        }
        // With a block that is there, all that leads to it is there.
        var nodes = 0
        if missing > 0 { nodes = try missingNodes(tree, range) &+ missingLeaf(of: tree) }
        if available < count &+ 2 &* nodes { throw .ENOSPC }
        return 0
    }

    /// How many nodes a file's record needs that are not there: the leaf, and what leads to it.
    func missingLeaf(of file: UInt64) throws(Errno) -> Int {
        let leaf = StoreKey.leaf(of: file)
        if try !entry(leaf).isNone { return 0 }
        return 1 &+ (try missingNodes(leaf.tree, leaf.index..<leaf.index &+ 1))
    }

    /// How many nodes blocks of a tree need that are not there.
    private func missingNodes(_ tree: UInt64, _ range: Range<UInt64>) throws(Errno) -> Int {
        let root = try root(tree)
        var grown = root
        if StoreKey.isFar(tree) { grown.height = SealedStoreLayout.farHeight }
        while !grown.spans(range.upperBound &- 1, level: 0) { grown.height &+= 1 }
        var (count, first, last) = (0, range.lowerBound, range.upperBound &- 1)
        for level in 0..<grown.height {
            (first, last) = (first >> UInt64(SealedStoreLayout.fanOutBits), last >> UInt64(SealedStoreLayout.fanOutBits))
            for index in first...last {
                // What grows is counted once, below.
                if !root.entry.isNone, level &+ 1 > root.height, index == 0 { continue }
                if try entry(StoreKey(tree: tree, level: level &+ 1, index: index)).isNone { count &+= 1 }
            }
        }
        return root.entry.isNone ? count : count &+ Int(grown.height &- root.height)
    }

    /// Between two steps of an operation: bounds the memory for nodes.
    func settle() throws(Errno) {
        // When the host goes on failing, there is less room than was promised.
        if available < 0, durable.attempt != nil { do throws(Errno) { try settleAttempt() } catch {} }
        if nodes.isDirty { try writeOutNodes() }
        nodes.trim()
    }
}
