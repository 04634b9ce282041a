/// The pages of files in memory: a cache with a limit.
extension StoredFS {
    func dirtyChanged(_ number: UInt64, _ object: MemoryObject, by pages: Int) {
        ledger.withLock {
            account.owed &+= pages
            account.dirtyPages &+= pages
            if pages > 0 { account.changedContents[number] = object }
        }
    }

    func contentChanged(_ number: UInt64, _ object: MemoryObject) { ledger.withLock { account.changedContents[number] = object } }

    func residentChanged(_ number: UInt64, _ object: MemoryObject, by pages: Int, isEmpty: Bool) {
        ledger.withLock {
            account.residentPages &+= pages
            if isEmpty { account.contents[number] = nil } else if pages > 0 { account.contents[number] = object }
        }
    }

    /// Drops pages when there are too many, some more than that, so that it does not come to it again at once. Under no lock above `.inode`.
    func trim() {
        let excess = ledger.withLock { account.residentPages &- cachePages }
        if excess > 0 { _ = dropClean(atLeast: excess &+ cachePages / 8) }
    }

    /// Drops pages that are the same in the store, of the files that were used longest ago; returns how many. Pages right before the place where somebody reads on are
    /// spared, unless that is not enough: of many small files they are all. The file that was used last keeps them even then, as somebody is reading it now.
    func dropClean(atLeast wanted: Int) -> Int {
        let objects = ledger.withLock { Array(account.contents.values) }.map { (object: $0, lastUse: $0.lastUse) }.sorted { $0.lastUse < $1.lastUse }
        var left = wanted
        for (entries, isSparing) in [(objects[...], true), (objects.dropLast(), false)] {
            for entry in entries {
                if left <= 0 { break }
                left &-= entry.object.dropClean(limit: left, sparing: isSparing)
            }
        }
        return wanted &- left
    }
}
