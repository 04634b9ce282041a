public import LibraryOS
internal import Synchronization

/// Files that outlive a confidential guest, in a store of the host's whose every block is sealed with a key that the host has not.
///
/// The host can lose the store, or give one of its earlier states when it is opened; it cannot read it, and while it is open it can change nothing of it that is not
/// found out: a block that does not open is a violation, which ends the guest. Nothing that is durable is written over before what replaces it is durable too.
///
/// Beyond what `FileStore` says: numbers of files are below 2^39 but for their two highest bits (`EFBIG`); a store whose key has sealed as many blocks as random nonces allow, 2^32, is written to no
/// more (`EROFS`); a removal that failed (`EIO`) may have removed a part.
public final class SealedStore: FileStore, @unchecked Sendable {
    /// Why a store cannot be opened or made.
    public enum OpenError: Error, Sendable, Equatable {
        /// The host does not read or write it.
        case unreadable
        /// No header opens: it was sealed with another key, is no store, or was altered.
        case notSealedWithThisKey
        /// It was made for another number of blocks, or for one that no store has.
        case wrongSize
        /// A block is not the one that was sealed: a violation.
        case altered
    }

    let blocks: SealedBlocks
    /// Blocks of the whole store.
    let total: UInt64
    let sealBudget: SealBudget
    var places: StorePlaces
    var nodes: StoreNodes
    /// The table of files.
    var table: TreeRoot
    /// Nodes and leaves that there are, and those of them whose place was taken since the last commit.
    var nodeCount = 0, freshNodes = 0
    /// Blocks of files that there are.
    var contentCount = 0
    /// Blocks for which room is kept, and those whose room has been taken since the last commit.
    var reserved = 0, taken = 0
    /// Something differs from what is durable.
    var isChanged = false
    var durable: DurableState

    /// One operation at a time. No `Lock`: those are never held around what the host does (as in `Ring`).
    private let isBusy = Atomic<Bool>(false)

    /// Opens a store, reading all its nodes.
    ///
    /// - Parameters:
    ///   - blocks: blocks of the whole store, as the manifest says.
    ///   - cachedNodes: how many nodes of 4 KiB are kept in memory.
    public convenience init(opening ring: Ring, sealer: BlockSealer, blocks: UInt64, cachedNodes: Int = 1024) throws(OpenError) {
        try self.init(opening: ring, sealer: sealer, blocks: blocks, cachedNodes: cachedNodes, sealBudget: SealBudget())
    }

    /// Likewise, with other bounds for seals.
    package init(opening ring: Ring, sealer: BlockSealer, blocks total: UInt64, cachedNodes: Int, sealBudget: SealBudget) throws(OpenError) {
        let blocks = SealedBlocks(ring, sealer)
        let (header, slot) = try Self.header(blocks, total)
        (self.blocks, self.total, self.sealBudget) = (blocks, total, sealBudget)
        places = StorePlaces(total: total)
        nodes = StoreNodes(capacity: cachedNodes)
        table = header.table
        durable = DurableState(table: header.table, slot: slot, generation: header.generation, promisedSeals: header.seals)
        super.init()
        try walkTable()
    }

    private func alone<Value>(_ body: () throws(Errno) -> Value) throws(Errno) -> Value {
        while !isBusy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged {}
        defer { isBusy.store(false, ordering: .releasing) }
        return try body()
    }

    private func alone<Value>(_ body: () -> Value) -> Value {
        while !isBusy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged {}
        defer { isBusy.store(false, ordering: .releasing) }
        return body()
    }

    // MARK: FileStore

    /// As `FileStore` says: those of one leaf of the table.
    public override func files(from first: UInt64) throws(Errno) -> [UInt64] { try alone { () throws(Errno) in try listFiles(from: first) } }

    /// As `FileStore` says.
    public override func record(of file: UInt64) throws(Errno) -> [UInt8]? { try alone { () throws(Errno) in try slot(of: file).record } }

    /// As `FileStore` says; only a new file needs room.
    public override func setRecord(_ record: [UInt8], of file: UInt64) throws(Errno) { try alone { () throws(Errno) in try changeRecord(record, of: file) } }

    /// As `FileStore` says.
    public override func remove(file: UInt64) throws(Errno) { try alone { () throws(Errno) in try removeAll(of: file) } }

    /// As `FileStore` says; reads that go on are best of 16 blocks.
    public override func readBlocks(of file: UInt64, from first: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(Errno) {
        try alone { () throws(Errno) in try readContent(of: file, from: first, into: buffer) }
    }

    /// As `FileStore` says; they are written out at once, best 16 at a time.
    public override func writeBlocks(of file: UInt64, from first: UInt64, from buffer: UnsafeRawBufferPointer) throws(Errno) {
        try alone { () throws(Errno) in try writeContent(of: file, from: first, from: buffer) }
    }

    /// As `FileStore` says.
    public override func removeBlocks(of file: UInt64, from first: UInt64, count: UInt64) throws(Errno) {
        try alone { () throws(Errno) in try removeContent(of: file, first..<(first > .max &- count ? .max : first &+ count)) }
    }

    /// As `FileStore` says: runs end where a node ends.
    public override func blocks(of file: UInt64, from first: UInt64) throws(Errno) -> Range<UInt64>? {
        try alone { () throws(Errno) in try contentRun(of: file, from: first) }
    }

    /// As `FileStore` says.
    public override func blockCount(of file: UInt64) throws(Errno) -> UInt64 { try alone { () throws(Errno) in try slot(of: file).count } }

    /// As `FileStore` says.
    public override func reserve(_ count: Int) -> Bool {
        alone {
            let (need, overflow) = count.multipliedReportingOverflow(by: Self.roomForBlock)
            if count < 0 || overflow || need > available { return false }
            reserved &+= count
            return true
        }
    }

    /// As `FileStore` says.
    public override func unreserve(_ count: Int) { alone { reserved = max(0, reserved &- max(0, count)) } }

    /// As `FileStore` says: free is what can be written for certain, all nodes that it may need included.
    public override var usage: (total: UInt64, free: UInt64) {
        alone { (total &- SealedStoreLayout.headers, UInt64(max(0, available))) }
    }

    /// As `FileStore` says. After an `EIO` all that is not durable is still there, and another commit may succeed; when it was the last write that failed, a crash may
    /// show this commit or the one before.
    public override func commit() throws(Errno) { try alone { () throws(Errno) in try makeDurable() } }
}
