/// Where a file system keeps files that outlive the sandbox: numbered files of 4 KiB blocks, each with a short record that the file system writes (attributes).
///
/// Changes take effect at once for whoever reads, and become durable together at `commit`: after a crash, all of them up to the last commit are there and none of those
/// behind it. Methods may be called from any thread, and may wait for the outside; none is called with a lock of the library OS held that something else needs meanwhile.
/// The base class is a store without room.
open class FileStore: @unchecked Sendable {
    /// Bytes of a block.
    public static let blockSize = 4096
    /// The most bytes of a record.
    public static let recordSize = 128

    /// For subclasses.
    public init() {}

    /// Numbers of all files that have a record, in ascending order, from `first` on; as many as the store likes to tell at a time, none at the end.
    ///
    /// - Throws: `EIO`.
    open func files(from first: UInt64) throws(Errno) -> [UInt64] { [] }

    /// A file's record; nil when it has none.
    ///
    /// - Throws: `EIO`.
    open func record(of file: UInt64) throws(Errno) -> [UInt8]? { nil }

    /// Sets a file's record, of at most `recordSize` bytes.
    ///
    /// - Throws: `ENOSPC` unless room was reserved (`reserve`, one block for each record), `EIO`.
    open func setRecord(_ record: [UInt8], of file: UInt64) throws(Errno) { throw .ENOSPC }

    /// Removes a file: its record and its blocks. There is always room for that.
    ///
    /// - Throws: `EIO`.
    open func remove(file: UInt64) throws(Errno) {}

    /// Reads whole blocks of a file, as many as the buffer has room for; blocks that were never written, or were removed, are zeros.
    ///
    /// - Throws: `EIO`.
    open func readBlocks(of file: UInt64, from first: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(Errno) { throw .EIO }

    /// Writes whole blocks of a file (fewer than 2^40 in all).
    ///
    /// - Throws: `ENOSPC` unless room was reserved, `EFBIG`, `EIO`.
    open func writeBlocks(of file: UInt64, from first: UInt64, from buffer: UnsafeRawBufferPointer) throws(Errno) { throw .ENOSPC }

    /// Removes `count` blocks of a file, those that exist. There is always room for that.
    ///
    /// - Throws: `EIO`.
    open func removeBlocks(of file: UInt64, from first: UInt64, count: UInt64) throws(Errno) {}

    /// The next run of blocks of a file that exist, at `first` or behind it; it may go on behind its end. Nil: there are none.
    ///
    /// - Throws: `EIO`.
    open func blocks(of file: UInt64, from first: UInt64) throws(Errno) -> Range<UInt64>? { nil }

    /// How many blocks of a file exist (`st_blocks` is eight times this).
    ///
    /// - Throws: `EIO`.
    open func blockCount(of file: UInt64) throws(Errno) -> UInt64 { 0 }

    /// Keeps room for this many blocks or records to be written before the next commit, wherever they are, with all that leads to them; false when there is not so
    /// much. What is written takes no more than was reserved; a commit ends all reservations.
    open func reserve(_ count: Int) -> Bool { false }

    /// Gives reserved room back: what was to be written is gone.
    open func unreserve(_ count: Int) {}

    /// Blocks the store has for files, and how many of them are free, reserved ones not counted.
    open var usage: (total: UInt64, free: UInt64) { (0, 0) }

    /// Makes everything durable that was changed.
    ///
    /// - Throws: `EIO`: what is durable is still what was there at the last commit that succeeded.
    open func commit() throws(Errno) {}
}
