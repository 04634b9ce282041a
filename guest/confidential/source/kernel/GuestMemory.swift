import LibraryOS
import Platform

/// The memory of programs: frames of the guest's own RAM, seen through the direct map. Nothing here can be taken away by anybody, so that no access fails and
/// nothing has to be pinned.
final class GuestMemory: PhysicalMemory, @unchecked Sendable {
    private let limit: UInt64
    private var used: UInt64 = 0
    private var charged: UInt64 = 0
    private var highest: UInt64 = 0
    /// Tables of address spaces that are gone.
    private var retired: [UInt64] = []

    /// - Parameter limit: Bytes that programs and what the library OS keeps for them may have.
    init(limit: UInt64) {
        self.limit = limit
        super.init()
    }

    static func address(_ frame: UInt64) -> UnsafeMutableRawPointer { pointer(frame << 12) }

    private func fits(_ frames: UInt64) -> Bool { (used &+ frames) << 12 &+ charged <= limit && Self.hasReserve(beyond: frames) }

    /// Frames that only the library OS itself gets: what a call needs until it fails for want of memory.
    private static var reserve: UInt64 { 1024 }

    /// So many frames can be had without touching what the library OS needs for itself, which has no way to go on without memory.
    static func hasReserve(beyond frames: UInt64) -> Bool {
        let free = skerry_frames_free()
        return free >= frames && free &- frames >= reserve
    }

    override func allocate(frames count: Int) throws(Errno) -> [FrameRange] {
        let runs = try take(count)
        for run in runs { skerry_wipe(Self.address(run.start.value), run.count << 12) }
        return runs
    }

    override func allocateForCopy(frames count: Int) throws(Errno) -> [FrameRange] { try take(count) }

    private func take(_ count: Int) throws(Errno) -> [FrameRange] {
        guard let wanted = UInt64(exactly: count), fits(wanted) else { throw .ENOMEM }
        var runs: [FrameRange] = []
        var left = wanted
        while left > 0 {
            var got: UInt64 = 0
            let first = skerry_frames_take(left, &got)
            guard first != 0 else {
                for run in runs { skerry_frames_give(run.start.value, UInt64(run.count)) }
                throw .ENOMEM
            }
            runs.append(FrameRange(start: FrameNumber(first), count: Int(got)))
            left &-= got
        }
        used &+= wanted
        highest = max(highest, usage.resident)
        return runs
    }

    override func mayPopulate(frames count: Int) -> Bool { fits(UInt64(clamping: count)) }

    override func free(_ frames: FrameRange) {
        zap(frames)
        give(frames)
    }

    override func recycle(_ frames: [FrameRange]) { for range in frames { give(range) } }

    private func give(_ frames: FrameRange) {
        skerry_frames_give(frames.start.value, UInt64(frames.count))
        used &-= UInt64(frames.count)
    }

    override func zap(_ frames: FrameRange) { skerry_flush(frames.start.value, UInt64(frames.count)) }

    override func discard(_ frames: FrameRange) {
        zap(frames)
        skerry_wipe(Self.address(frames.start.value), frames.count << 12)
    }

    /// Nothing is mapped from outside; whoever asks copies.
    override func mapHostFile(_ file: HostFile, page: UInt64, count: Int, shared: Bool, writable: Bool) throws(Errno) -> FrameRange {
        throw shared ? .ENODEV : .ENOMEM
    }

    override func hostAddress(of frame: FrameNumber) -> UnsafeMutableRawPointer? { Self.address(frame.value) }

    override func copy(from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer, count: Int) throws(Errno) {
        memmove(destination, source, count)
    }

    override func compareExchange32(at address: UnsafeMutableRawPointer, expected: UInt32, desired: UInt32) throws(Errno) -> UInt32 {
        // One processor, which no program runs on now.
        let found = address.load(as: UInt32.self)
        if found == expected { address.storeBytes(of: desired, as: UInt32.self) }
        return found
    }

    override func load32(at address: UnsafeMutableRawPointer) throws(Errno) -> UInt32 { address.load(as: UInt32.self) }

    override func charge(_ bytes: Int) -> Bool {
        guard fits((UInt64(clamping: bytes) &+ 4095) >> 12) else { return false }
        charged &+= UInt64(clamping: bytes)
        return true
    }
    override func chargeBeyondLimit(_ bytes: Int) { charged &+= UInt64(clamping: bytes) }
    override func refund(_ bytes: Int) { charged &-= min(charged, UInt64(clamping: bytes)) }
    override var usage: (resident: UInt64, limit: UInt64) { (used << 12 &+ charged, limit) }
    override var peak: UInt64 { highest }

    override func makePageTable() throws(Errno) -> PageTable { try ProgramTables(memory: self) }

    // MARK: Tables

    /// A zeroed frame for a table.
    func takeTable() throws(Errno) -> UInt64 {
        guard fits(1) else { throw .ENOMEM }
        var got: UInt64 = 0
        let frame = skerry_frames_take(1, &got)
        guard frame != 0 else { throw .ENOMEM }
        skerry_wipe(Self.address(frame), 4096)
        used &+= 1
        return frame
    }

    /// How many tables wait until they are given back together.
    private static var batch: Int { 512 }

    /// Tables that no processor walks any more. A KVM that is page-table-based remembers what was below them until it is told.
    func retire(_ tables: [UInt64]) {
        used &-= UInt64(tables.count)
        retired.append(contentsOf: tables)
        guard retired.count >= Self.batch else { return }
        skerry_flush(0, 0)
        for table in retired { skerry_frames_give(table, 1) }
        retired.removeAll(keepingCapacity: true)
    }
}
