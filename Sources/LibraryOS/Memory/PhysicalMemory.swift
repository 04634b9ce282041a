/// The number of a guest-physical 4 KiB frame (GPA divided by 4,096).
public struct FrameNumber: Equatable, Hashable, Comparable, Sendable {
    /// The frame number.
    public let value: UInt64
    /// Wraps a number.
    public init(_ value: UInt64) { self.value = value }
    /// Orders by number.
    public static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}

/// A run of consecutive guest-physical frames.
public struct FrameRange: Equatable, Sendable {
    /// The first frame.
    public let start: FrameNumber
    /// How many frames.
    public let count: Int
    /// A run of `count` frames from `start`.
    public init(start: FrameNumber, count: Int) {
        self.start = start
        self.count = count
    }
    /// The part from frame `offset` on, `count` frames long; the caller stays inside the run.
    package func slice(_ offset: Int, _ count: Int) -> FrameRange {
        FrameRange(start: FrameNumber(start.value &+ UInt64(offset)), count: count)
    }
    /// The frame at `index`.
    package subscript(index: Int) -> FrameNumber { FrameNumber(start.value &+ UInt64(index)) }
}

/// What a page-table entry allows. x86-64 has no write-only or execute-only pages: both imply reading.
public struct PageProtection: OptionSet, Hashable, Sendable {
    /// The bits, as PROT_READ, PROT_WRITE and PROT_EXEC of mmap(2).
    public let rawValue: UInt8
    /// Wraps the bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// PROT_READ.
    public static let read = PageProtection(rawValue: 1)
    /// PROT_WRITE.
    public static let write = PageProtection(rawValue: 2)
    /// PROT_EXEC.
    public static let execute = PageProtection(rawValue: 4)
}

/// Guest-physical memory: who owns which frame, and the only way to touch what is in them.
///
/// The monitor implements it over a memfd, host file mappings and `GuestAccess`; a confidential guest over its own memory. Frames are handed
/// out zeroed. All methods may be called from any thread.
open class PhysicalMemory: @unchecked Sendable {
    /// For subclasses.
    public init() {}

    /// Frames that several address spaces own.
    package let shares = FrameShares()

    /// Hands out `count` zeroed frames as few runs as possible, runs of 512 and more aligned to 2 MiB where possible. `ENOMEM` when the limit is reached.
    open func allocate(frames count: Int) throws(Errno) -> [FrameRange] { throw .ENOMEM }

    /// Whether that many more frames fit below the limit even if every frame handed out so far is touched: what is made before it is touched has to.
    open func mayPopulate(frames count: Int) -> Bool { true }

    /// Takes frames back. Their content is dropped and every vCPU's translation of them is gone when this returns; they are handed out again only
    /// after every pin that was taken before has been released.
    open func free(_ frames: FrameRange) {}

    /// As `allocate`, for frames that are overwritten as a whole at once: what is in them is anything, also what other processes have left there.
    open func allocateForCopy(frames count: Int) throws(Errno) -> [FrameRange] { try allocate(frames: count) }

    /// Takes back the frames of an address space that no vCPU enters any more: translations of them may stay, as nobody comes by them.
    open func recycle(_ frames: [FrameRange]) { for range in frames { free(range) } }

    /// Maps part of a host file (page offset `page`, `count` pages) straight from the page cache. `shared` mappings write through to the file; private ones are copied by the host on write.
    /// Free with `free`. `ENOMEM` when the budget of host mappings is used up (the caller then copies).
    open func mapHostFile(_ file: HostFile, page: UInt64, count: Int, shared: Bool, writable: Bool) throws(Errno) -> FrameRange { throw .ENODEV }

    /// Maps frames that were handed out by `allocate` a second time, copied by the host on write (MAP_PRIVATE of a tmpfs file). The source must outlive the result.
    open func mapPrivateCopy(of frames: FrameRange) throws(Errno) -> FrameRange { throw .ENOMEM }

    /// Makes every vCPU forget its translations of these frames; their content stays (a downgrade of entries takes effect on both kinds of host).
    open func zap(_ frames: FrameRange) {}

    /// Drops the content of frames that stay owned: they read as zero afterwards (or as the file's content, for a private file mapping), and translations are zapped.
    open func discard(_ frames: FrameRange) {}

    /// Where the frames lie in the monitor's address space, valid while the frames are owned or pinned. Touch it only by host calls that
    /// report EFAULT, or by `copy`. Runs handed out by one call are contiguous.
    open func hostAddress(of frame: FrameNumber) -> UnsafeMutableRawPointer? { nil }

    /// Copies bytes between guest frames and the monitor with one load per byte; `EFAULT` when the host page behind it is gone (a truncated file).
    open func copy(from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer, count: Int) throws(Errno) { throw .EFAULT }

    /// An atomic compare-exchange on a naturally aligned 32-bit word in guest frames; returns the value found. `EFAULT` as `copy`.
    open func compareExchange32(at address: UnsafeMutableRawPointer, expected: UInt32, desired: UInt32) throws(Errno) -> UInt32 { throw .EFAULT }

    /// An atomic load of a naturally aligned 32-bit word in guest frames.
    open func load32(at address: UnsafeMutableRawPointer) throws(Errno) -> UInt32 { throw .EFAULT }

    /// Announces that host addresses of guest frames are in use: frames freed from now on are not handed out again until `unpin` with the returned token.
    open func pin() -> Int { 0 }
    /// Ends the use announced by `pin`.
    open func unpin(_ token: Int) {}

    /// The frames are about to be written, one after the other: makes them resident at once, which is cheaper than a fault each. Failing is no error.
    open func touch(_ frames: FrameRange) {}

    /// Writes dirty pages of a shared host file mapping back (msync MS_SYNC).
    open func sync(_ frames: FrameRange) throws(Errno) {}
    /// Which of the pages are resident (mincore): one byte a page.
    open func residency(_ frames: FrameRange) throws(Errno) -> [UInt8] { [UInt8](repeating: 1, count: frames.count) }

    /// Which of the frames have content that a copy has to have: not those that were never touched, and not those of a private file mapping that still show
    /// the file. When in doubt, all.
    open func ownContent(_ frames: FrameRange) -> [Bool] { [Bool](repeating: true, count: frames.count) }

    /// Counts bytes of the library OS's own objects against the limit; false when they do not fit any more.
    open func charge(_ bytes: Int) -> Bool { true }
    /// Counts bytes that exist already, whether they fit or not.
    open func chargeBeyondLimit(_ bytes: Int) {}
    /// Takes back what was charged.
    open func refund(_ bytes: Int) {}

    /// Bytes of guest RAM and of the library OS's objects in use now, and the limit.
    open var usage: (resident: UInt64, limit: UInt64) { (0, 0) }

    /// The most that was in use at a time, as far as anybody has looked.
    open var peak: UInt64 { usage.resident }

    /// No further frame could be had: what is in use reaches the limit, or there is no other way to get one.
    open var isExhausted: Bool {
        let usage = usage
        return usage.resident &+ 4096 > usage.limit
    }

    /// True once after frames were handed out that fit the limit only as long as others are not touched: those have to be taken back soon
    /// (`Kernel.takeBackUntouched`).
    open func takeOvercommitment() -> Bool { false }

    /// Which of the frames nobody has ever touched, guest or monitor. When in doubt, none.
    open func untouched(_ frames: FrameRange) -> [Bool] { [Bool](repeating: false, count: frames.count) }

    /// Host addresses of some frames are in use now (`pin`).
    open var isPinned: Bool { false }

    /// A new, empty page-table tree for an address space. `ENOMEM` when the memory for it is not there.
    open func makePageTable() throws(Errno) -> PageTable { throw .ENOMEM }
}

/// The page tables of one address space. The address space's lock is held around every call.
open class PageTable: @unchecked Sendable {
    /// For subclasses.
    public init() {}
    /// Enters translations for a run of pages that had none, or whose protection only grows; never needs a zap. `ENOMEM` when table frames run out.
    open func map(_ address: GuestAddress, to frames: FrameRange, _ protection: PageProtection) throws(Errno) {}
    /// Removes translations of `pages` pages. The caller zaps or frees the frames afterwards; until then vCPUs may still use them.
    open func unmap(_ address: GuestAddress, pages: Int) {}
    /// Takes the right to write from the translations of `pages` pages. The caller zaps the frames afterwards; until then vCPUs may still write.
    open func writeProtect(_ address: GuestAddress, pages: Int) {}
    /// Whether a translation is present for the page at `address`.
    open func isMapped(_ address: GuestAddress) -> Bool { false }
    /// The address space is gone: table frames go into quarantine.
    open func release() {}
}
