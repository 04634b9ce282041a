internal import LibraryOS

extension SealedStore {
    /// What one block can take: itself; the nodes over it, and where its file's tree grows those over the file's first block too; the leaf of the table, and the nodes
    /// over that. (The table grows once: that is in `slack`.)
    static let roomForBlock = 1 + (2 * Int(SealedStoreLayout.fileHeight) - 1) + 1 + Int(SealedStoreLayout.tableHeight)

    /// Never promised: what is written again before a commit lies twice for a moment, 16 blocks at most.
    static let slack = SealedBlocks.runLength + Int(SealedStoreLayout.tableHeight)

    /// Places nobody has been promised. Each node may have to be written to another place before the next commit, once (then that place is fresh and may be left again):
    /// so many are kept, which is why removals need no room.
    var available: Int { places.free &- (nodeCount &- freshNodes) &- Self.slack &- reserved &* Self.roomForBlock }

    /// Refuses what a key may not seal.
    func requireSeals() throws(Errno) {
        if blocks.seals &+ sealBudget.margin >= sealBudget.limit { throw .EROFS }
    }

    /// Takes room for some of these blocks (up to 16, one behind the other), and says how many blocks' reservations that were.
    func take(_ keys: [StoreKey]) throws(Errno) -> Int {
        var (count, missing) = (0, 0)
        for key in keys {
            let entry = try entry(key)
            if !places.isFresh(entry.place) { count &+= 1 }
            if entry.isNone { missing &+= 1 }
        }
        if reserved >= count {
            reserved &-= count
            return count
        }
        // With a block that is there, all that leads to it is there. Neighbours have one path, or two beside each other.
        let paths = missing == 0 ? 0 : Self.roomForBlock &+ Int(SealedStoreLayout.fileHeight)
        if available < count &+ min(paths, missing &* Self.roomForBlock) { throw .ENOSPC }
        return 0
    }

    /// Between two steps of an operation: bounds the memory for nodes.
    func settle() throws(Errno) {
        if nodes.isDirty { try writeOutNodes() }
        nodes.trim()
    }
}
