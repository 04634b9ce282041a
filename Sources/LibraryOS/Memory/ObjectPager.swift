/// What a memory object asks whoever keeps its content outside memory: pages are brought in when they are needed, and what is changed is written back.
///
/// The state is under the object's lock; the methods that say so are called without it, as they may wait for the outside.
package class ObjectPager: @unchecked Sendable {
    // Under the object's lock:
    /// It is known which pages are kept outside.
    final var isKnown: Bool
    /// Pages with content: kept outside, or changed in memory. The others are zeros.
    final var kept = PageSet()
    /// Pages in memory that are newer than what is kept outside.
    final var dirty = PageSet()
    /// Pages that are being written back: not dropped until that is durable.
    final var flying = PageSet()
    /// Pages to be removed outside before anything is written there.
    final var removed = PageSet()
    /// Counts pages that have left memory, so that a page that was read meanwhile is known not to be the latest.
    final var departures: UInt64 = 0
    /// The page behind those that were brought in last: who goes on there is read ahead for.
    final var expected: UInt64 = .max
    /// When it was used last, as the owner counts.
    final var lastUse: UInt64 = 0
    /// Pages in memory.
    final var resident = 0
    /// Pages were written back at some time.
    final var hasStoredPages = false
    /// No name leads to it: what is dropped is lost to nobody but who has it open.
    final var isOrphan = false

    /// `isKnown`: nothing is kept outside yet.
    init(isKnown: Bool) { self.isKnown = isKnown }

    /// The most pages that are in memory, of all it may have to share that with.
    var capacity: Int { .max }
    /// How many pages are kept outside, as long as it is not known which.
    var keptAtFirst: UInt64 { 0 }

    // Called without locks of the object:

    /// The pages that are kept outside. `EIO`.
    func keptRanges() throws(Errno) -> [Range<UInt64>] { [] }
    /// Reads whole pages. `EIO`.
    func read(_ page: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(Errno) { throw .EIO }
    /// Makes sure that so many pages can be written back later; `mayCommit`: the caller holds no lock, so that what has changed may be made durable for it.
    /// `ENOSPC`, `EIO`.
    func makeRoom(_ pages: Int, mayCommit: Bool) throws(Errno) { throw .ENOSPC }
    /// What the room was made for is over.
    func roomIsUsed(_ pages: Int) {}
    /// Everything that has changed becomes durable. `EIO`.
    func sync() throws(Errno) {}
    /// There is no frame for a page: drops others; false when there are none.
    func giveBackMemory() -> Bool { false }
    /// Pages were brought in or changed: drops others that are too many; `mayCommit` as above.
    func settle(mayCommit: Bool) throws(Errno) {}

    // Called with the object's lock held:

    /// Somebody reads.
    func used() {}
    /// So many pages more are dirty (or fewer).
    func dirtyChanged(_ object: MemoryObject, by pages: Int) {}
    /// There are pages to be removed outside.
    func removedChanged(_ object: MemoryObject) {}
    /// So many pages more are in memory (or fewer).
    func residentChanged(_ object: MemoryObject, by pages: Int) {}
}
