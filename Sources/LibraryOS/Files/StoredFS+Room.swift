/// Room in the store. Before something changes, so many blocks are reserved as it may come to owe; what has changed owes its blocks until a commit has written
/// them. Some more are always held, for what makes room: that never fails for want of it.
extension StoredFS {
    /// Blocks for removals that are to be found at any time.
    private static let spare = 32
    /// Blocks that are reserved beside those that are needed, so that the store is not asked each time.
    private static let batch = 32

    func makeRoom(_ blocks: Int, removing: Bool, mayCommit: Bool) throws(Errno) {
        if promise(blocks, removing: removing) { return }
        guard mayCommit else { throw .ENOSPC }
        try commit(spilling: false)
        if promise(blocks, removing: removing) { return }
        // Removals may owe more than there is room for when nothing else is left: what a commit replaces is free after it.
        if !removing { throw .ENOSPC }
        ledger.withLock { account.promised &+= blocks }
    }

    /// Reserves blocks for a change; false when there is no room for it.
    func promise(_ blocks: Int, removing: Bool) -> Bool {
        noteFirstChange()
        let wanted = blocks &+ (removing ? 0 : Self.spare)
        if ledger.withLock({ take(blocks, wanted) }) { return true }
        roomLock.lock()
        defer { roomLock.unlock() }
        let missing = ledger.withLock { wanted &+ account.promised &+ account.owed &+ account.flying &- account.held }
        if missing > 0 {
            var reserved = missing &+ Self.batch
            if !store.reserve(reserved) {
                reserved = missing
                if !store.reserve(reserved) { return false }
            }
            ledger.withLock { account.held &+= reserved }
        }
        return ledger.withLock { take(blocks, wanted) }
    }

    /// `ledger` held.
    private func take(_ blocks: Int, _ wanted: Int) -> Bool {
        guard account.held &- account.owed &- account.flying &- account.promised >= wanted else { return false }
        account.promised &+= blocks
        return true
    }

    private func noteFirstChange() {
        if ledger.withLock({ account.firstChange != nil }) { return }
        let now = time.monotonicNow()
        ledger.withLock { account.firstChange = account.firstChange ?? now }
    }

    /// Nothing has come of changes that room was reserved for.
    func giveBackRoom() {
        roomLock.lock()
        defer { roomLock.unlock() }
        let excess = ledger.withLock {
            let excess = account.held &- account.owed &- account.flying &- account.promised &- Self.spare &- Self.batch
            guard excess > 0, !account.isDoubtful else { return 0 }
            account.held &-= excess
            return excess
        }
        if excess > 0 { store.unreserve(excess) }
    }

    /// Ends a commit: what it has written is durable, and room is reserved anew for what has changed meanwhile.
    func commitStore() throws(Errno) {
        let now = time.monotonicNow()
        roomLock.lock()
        defer { roomLock.unlock() }
        try store.commit()
        let (needed, isChanged) = ledger.withLock {
            account.flying = 0
            return (account.owed &+ account.promised, account.owed > 0 || account.promised > 0)
        }
        var held = 0
        for more in [Self.spare &+ Self.batch, Self.spare, 0] where held == 0 && store.reserve(needed &+ more) { held = needed &+ more }
        ledger.withLock {
            account.held = held
            account.isDoubtful = false
            if isChanged { account.firstChange = account.firstChange ?? now }
        }
    }
}
