/// A file system whose files outlive the sandbox: they are kept in a `FileStore`.
///
/// Names and attributes of all files are in memory (`TmpFS`), made from the store when it is mounted. The content of regular files is brought in page by page
/// (`StoredPager`) and dropped again. What changes is written by the next commit, which is always one of everything: what has changed is looked at with the tree
/// locked, so that a commit holds every change of names as a whole, and written without locks. Room for whatever will be written is reserved before something
/// changes, so that a commit never fails for want of it (StoredFS+Room.swift).
///
/// A file's number in the store is its inode number, the root's is 1. A record that no name leads to is of a file that was removed while it was open: it goes when
/// the store is mounted next.
package final class StoredFS: TmpFS, @unchecked Sendable {
    let store: FileStore
    /// The most pages of files in memory.
    let cachePages: Int
    /// Held by who commits. It is held while the store is called: whoever else commits has to wait.
    let commitLock = Lock(.commit)
    /// Held while the store is asked for room, and while a commit ends all that was reserved.
    let roomLock = Lock(.reservations)
    let ledger = Lock(.leaf)
    /// Under `ledger`.
    var account = Account()
    /// Counts uses of files' content.
    let uses = Counter()

    /// The most bytes of a file: 2^40 blocks.
    static let largestFile: Int64 = 1 << 52
    /// The least that is kept in memory, so that whoever needs several pages at a time gets on.
    private static let smallestCache = 256
    /// How long a change waits for a commit that nobody has asked for, in nanoseconds.
    private static let longestWait: Int64 = 5_000_000_000

    /// What is in memory, and what of it has changed.
    struct Account {
        /// Blocks reserved in the store.
        var held = 0
        /// A commit has failed after it had written something: less than `held` may be reserved.
        var isDoubtful = false
        /// Blocks that the next commit will write, and that the present one writes.
        var owed = 0, flying = 0
        /// Blocks that changes under way may come to owe.
        var promised = 0
        var dirtyPages = 0
        var residentPages = 0
        /// Since when there is something to commit.
        var firstChange: MonotonicInstant?
        /// Files with pages in memory; those with pages that have changed.
        var contents: [UInt64: MemoryObject] = [:]
        var changedContents: [UInt64: MemoryObject] = [:]
        /// Nodes that have names and whose attributes or names have changed.
        var changedNodes: [UInt64: TmpNode] = [:]
        /// Files that are to be removed from the store.
        var gone: [UInt64] = []
    }

    /// Reads the tree; an empty store gives an empty root directory.
    ///
    /// - Throws: `EIO` when the store does not hold what this file system writes, `ENOSPC` when there are more files than the sandbox has memory for.
    package init(kernel: Kernel, store: FileStore, cacheLimit: UInt64) throws(Errno) {
        self.store = store
        cachePages = max(Self.smallestCache, Int(clamping: cacheLimit / 4096))
        let numbers = try StoredTree.numbers(in: store)
        super.init(kernel: kernel, typeName: "skerrystore", firstNumber: (numbers.last { $0 < 1 << 62 } ?? 1) &+ 1)
        do throws(Errno) { try restore(numbers) } catch {
            release()
            throw error
        }
    }

    package override func statistics() throws(Errno) -> FileSystemStatistics {
        var result = try super.statistics()
        let usage = store.usage
        result.type = 0x534b_5259
        result.blocks = usage.total
        result.blocksFree = usage.free
        result.blocksAvailable = usage.free
        return result
    }

    package override func release() {
        // Kept until the lock is free: the last reference to a file frees its memory.
        let kept = ledger.withLock {
            defer { account = Account() }
            return account
        }
        super.release()
        withExtendedLifetime(kept) {}
    }

    // MARK: What a `TmpFS` asks for

    override var maximumFileSize: Int64 { Self.largestFile }
    override func makePager(_ number: UInt64) -> ObjectPager? { StoredPager(self, number, recorded: nil) }
    override func makeNames() -> StoredNames? { StoredNames() }

    override func nodeGone(_ number: UInt64, links: UInt64, isStored: Bool, hasStoredAttributes: Bool) {
        super.nodeGone(number, links: links, isStored: isStored, hasStoredAttributes: hasStoredAttributes)
        guard links == 0, isStored else { return }
        ledger.withLock {
            account.gone.append(number)
            if hasStoredAttributes { account.gone.append(StoredAttributes.number(of: number)) }
        }
    }

    override func contentGone(_ number: UInt64) {
        // Kept until the lock is free.
        let content = ledger.withLock { (account.contents.removeValue(forKey: number), account.changedContents.removeValue(forKey: number)) }
        withExtendedLifetime(content) {}
    }

    override func changed(_ node: TmpNode) {
        if node.kind == .regular, let file = node as? TmpFile { file.object.setOrphan(node.links == 0) }
        if node.links == 0 { return forget(node) }
        if node.changedAttributeBlocks < 0 {
            node.changedAttributeBlocks = StoredAttributes.blocks(node.extendedAttributes) &+ 1
            owe(node.changedAttributeBlocks)
        }
        ledger.withLock {
            if account.changedNodes.updateValue(node, forKey: node.number) == nil { account.owed &+= Self.blocksOfRecord(node) }
        }
    }

    /// Nothing of a node without a name is kept. Its lock is held, and it is not the last reference.
    private func forget(_ node: TmpNode) {
        if node.changedAttributeBlocks > 0 {
            owe(-node.changedAttributeBlocks)
            node.changedAttributeBlocks = -1
        }
        ledger.withLock {
            if account.changedNodes.removeValue(forKey: node.number) != nil { account.owed &-= Self.blocksOfRecord(node) }
        }
    }

    /// The record; a link's target.
    static func blocksOfRecord(_ node: TmpNode) -> Int { node.kind == .symbolicLink ? 2 : 1 }

    override func makeRoom(_ blocks: Int, removing: Bool = false) throws(Errno) { try makeRoom(blocks, removing: removing, mayCommit: true) }
    override func roomIsUsed(_ blocks: Int) { ledger.withLock { account.promised &-= blocks } }
    override func owe(_ blocks: Int) { ledger.withLock { account.owed &+= blocks } }

    override func accessed(_ node: TmpNode) {
        guard promise(1, removing: false) else { return }
        node.lock.withLock { changed(node) }
        roomIsUsed(1)
    }

    package override func giveBackMemory() -> Int {
        let wanted = ledger.withLock { account.residentPages }
        if wanted == 0 { return 0 }
        let dropped = dropClean(atLeast: wanted)
        if dropped > 0 { return dropped }
        do throws(Errno) { try commit(spilling: true) } catch { return 0 }
        return dropClean(atLeast: wanted)
    }

    // MARK: Commits in time

    package override func sync() throws(Errno) { try commit() }

    /// Makes everything durable.
    ///
    /// - Throws: `EIO`: what is durable is what was there at the last commit that succeeded; everything is tried again at the next.
    package func commit() throws(Errno) { try commit(spilling: false) }

    /// Commits when the oldest change that is not durable has waited for long. Called without locks, by whoever has nothing better to do.
    package func commitIfDue(now: MonotonicInstant) {
        guard let first = ledger.withLock({ account.firstChange }), first.advanced(byNanoseconds: Self.longestWait) <= now else { return }
        do throws(Errno) { try commit() } catch {
            // Not again at once; fsync(2) tells of it.
            ledger.withLock { account.firstChange = now }
        }
    }

    /// When `commitIfDue` will have something to do; nil as long as nothing has changed.
    package var commitDue: MonotonicInstant? { ledger.withLock { account.firstChange }?.advanced(byNanoseconds: Self.longestWait) }

    override func settle() throws(Errno) {
        if ledger.withLock({ account.dirtyPages > cachePages / 4 }) { try commit(spilling: true) }
    }

    /// So much has changed that nobody should change more before a commit.
    var isFlooded: Bool { ledger.withLock { account.dirtyPages > cachePages / 2 } }
}
