internal import LibraryOS

/// What is durable, as far as is known.
struct DurableState {
    /// The table of the last commit that succeeded.
    var table: TreeRoot
    /// Which header says so; the other one is written next.
    var slot: Int
    /// The latest generation that was written, or tried.
    var generation: UInt64
    /// How many seals the header allows for.
    var promisedSeals: UInt64
    /// A commit whose header may have been written or not: its table, and its places.
    var attempt: (table: TreeRoot, places: [UInt64])?

    init(table: TreeRoot, slot: Int, generation: UInt64, promisedSeals: UInt64) {
        (self.table, self.slot, self.generation, self.promisedSeals) = (table, slot, generation, promisedSeals)
    }
}

extension SealedStore {
    /// The commit: all nodes to free places, then a header that leads to them.
    func makeDurable() throws(Errno) {
        try settleAttempt()
        if isChanged {
            try writeOutNodes()
            try blocks.flush()
            do throws(Errno) { try writeHeader(table) } catch {
                durable.attempt = (table, places.current)
                places.keepBoth()
                (freshNodes, isChanged) = (0, false)
                // What has changed may be written again, and is not to be lost for want of room then.
                (reserved, taken) = (reserved &+ taken, 0)
                throw error
            }
            (freshNodes, isChanged) = (0, false)
            settleDurable(table, places.current)
        }
        (reserved, taken) = (0, 0)
    }

    /// Makes a commit durable of which that is not known: until it is, its places and those before it are both kept.
    func settleAttempt() throws(Errno) {
        guard let attempt = durable.attempt else { return }
        try writeHeader(attempt.table)
        settleDurable(attempt.table, attempt.places)
    }

    private func settleDurable(_ table: TreeRoot, _ current: [UInt64]) {
        (durable.table, durable.attempt) = (table, nil)
        places.setDurable(current)
    }

    /// Writes a header that leads to a table, in place of the one that is not the latest durable one.
    private func writeHeader(_ table: TreeRoot) throws(Errno) {
        if blocks.seals >= sealBudget.limit { throw .EIO }
        durable.generation &+= 1
        // A part of what is left: runs that end without a commit do not use up the margin.
        let allowance = max(UInt64(SealedBlocks.runLength), min(sealBudget.allowance, (sealBudget.limit &- blocks.seals) / 16))
        let promise = min(blocks.seals &+ 1 &+ allowance, sealBudget.limit)
        let slot = 1 &- durable.slot
        let header = StoreHeader(identity: blocks.identity, generation: durable.generation, blocks: total, seals: promise, table: table)
        try blocks.writeHeader(header, slot: slot)
        try blocks.flush()
        (durable.slot, durable.promisedSeals) = (slot, promise)
    }

    /// Before blocks are sealed, up to 16: has a header that allows for them, so that a crash leaves none uncounted.
    func prepareSeals() throws(Errno) {
        let count = UInt64(SealedBlocks.runLength)
        if blocks.seals &+ count > sealBudget.limit { throw .EIO }
        if blocks.seals &+ count <= durable.promisedSeals { return }
        try writeHeader(durable.table)
    }

    // MARK: Nodes

    /// Seals dirty nodes and writes them to free places, from below: each changes the one above.
    func writeOutNodes() throws(Errno) {
        for level in 1...SealedStoreLayout.farHeight { try writeOut(nodes.dirty(level: level, ofTable: false)) }
        for level in 0...SealedStoreLayout.tableHeight { try writeOut(nodes.dirty(level: level, ofTable: true)) }
    }

    private func writeOut(_ dirty: [StoreNode]) throws(Errno) {
        var start = 0
        while start < dirty.count {
            let most = min(dirty.count &- start, SealedBlocks.runLength)
            for node in dirty[start..<start &+ most] { _ = try entry(node.key) }
            try prepareSeals()
            guard let run = places.allocate(most) else { throw .EIO }
            let batch = Array(dirty[start..<start &+ run.count])
            let entries: [SealedEntry]
            do throws(Errno) {
                entries = try blocks.write(batch.map { $0.key.name }, at: run.lowerBound) { index, block in
                    batch[index].bytes.withUnsafeBytes { block.copyMemory(from: $0) }
                }
            } catch {
                for place in run { places.release(place) }
                throw error
            }
            for index in batch.indices { try move(batch[index], entries[index]) }
            start &+= run.count
        }
    }

    /// A node is somewhere else now.
    private func move(_ node: StoreNode, _ entry: SealedEntry) throws(Errno) {
        let old = try self.entry(node.key)
        try setEntry(node.key, entry)
        if !places.isFresh(old.place) { freshNodes &+= 1 }
        places.release(old.place)
        nodes.setDirty(node, false)
    }
}
