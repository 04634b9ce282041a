/// Keeps the content of one file of a `StoredFS`.
final class StoredPager: ObjectPager, @unchecked Sendable {
    let fileSystem: StoredFS
    let number: UInt64
    /// Blocks that the store had of the file when it was mounted.
    private let recorded: UInt64

    /// `recorded`: how many blocks there are of a file that is in the store already; nil: it is new.
    init(_ fileSystem: StoredFS, _ number: UInt64, recorded: UInt64?) {
        self.fileSystem = fileSystem
        self.number = number
        self.recorded = recorded ?? 0
        super.init(isKnown: recorded == nil)
        hasStoredPages = recorded != nil
    }

    override var keptAtFirst: UInt64 { recorded }
    override var capacity: Int { fileSystem.cachePages }

    override func keptRanges() throws(Errno) -> [Range<UInt64>] {
        var result: [Range<UInt64>] = []
        var position: UInt64 = 0
        while let range = try fileSystem.store.blocks(of: number, from: position) {
            guard range.lowerBound >= position, range.lowerBound < range.upperBound, range.upperBound <= UInt64(StoredFS.largestFile) / 4096 else { throw .EIO }
            result.append(range)
            position = range.upperBound
        }
        return result
    }

    override func read(_ page: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(Errno) {
        try fileSystem.store.readBlocks(of: number, from: page, into: buffer)
    }

    override func makeRoom(_ pages: Int, mayCommit: Bool) throws(Errno) {
        if !mayCommit, fileSystem.isFlooded { throw .ENOSPC }
        try fileSystem.makeRoom(pages, removing: false, mayCommit: mayCommit)
    }
    override func roomIsUsed(_ pages: Int) { fileSystem.roomIsUsed(pages) }
    override func sync() throws(Errno) { try fileSystem.commit() }
    override func giveBackMemory() -> Bool { fileSystem.dropClean(atLeast: 64) > 0 }
    override func settle(mayCommit: Bool) throws(Errno) {
        fileSystem.trim()
        if mayCommit { try fileSystem.settle() }
    }

    override func used() { lastUse = fileSystem.uses.take() }
    override func dirtyChanged(_ object: MemoryObject, by pages: Int) { fileSystem.dirtyChanged(number, object, by: pages) }
    override func removedChanged(_ object: MemoryObject) { fileSystem.contentChanged(number, object) }
    override func residentChanged(_ object: MemoryObject, by pages: Int) {
        resident &+= pages
        if pages > 0 { used() }
        fileSystem.residentChanged(number, object, by: pages, isEmpty: resident == 0)
    }
}

extension MemoryObject {
    /// Whether a name leads to the file.
    func setOrphan(_ isOrphan: Bool) { lock.withLock { pager?.isOrphan = isOrphan } }
    var isOrphan: Bool { lock.withLock { pager?.isOrphan ?? false } }
    /// When it was used last.
    var lastUse: UInt64 { lock.withLock { pager?.lastUse ?? 0 } }
    /// Its pages were not written back after all.
    func hasNotStoredPages() { lock.withLock { pager?.hasStoredPages = false } }
    /// Its pages are about to be written back; false when some were before.
    func willStorePages() -> Bool {
        lock.withLock {
            defer { pager?.hasStoredPages = true }
            return pager?.hasStoredPages == false
        }
    }
}
