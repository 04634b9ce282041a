internal import Glibc
package import LibraryOS

/// Memory for the library OS that serves a guest in proxy mode: what the file systems that it keeps in memory are made of (the layer over a read-only root, /tmp). No
/// processor ever runs in it, so that there are no page tables to keep.
package final class ServiceMemory: PhysicalMemory, @unchecked Sendable {
    private let lock = Lock(.frames)
    private let start: UnsafeMutableRawPointer
    private let frames: Int
    /// Frames from here on were never handed out; frame 0 never is.
    private var fresh = 1
    private var returned: [UInt64] = []
    private var used = 0
    private var charged = 0

    /// - Parameter limit: bytes, which the host gives as they are touched.
    /// - Throws: `requirement` when the host has no room for them.
    package init(limit: UInt64) throws(SNPError) {
        frames = Int(clamping: min(limit, 1 << 46) / PageSize.small) + 1
        let mapped = mmap(nil, frames * PageSize.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let mapped, mapped != MAP_FAILED else { throw SNPError(.requirement, "\(limit) bytes for files in memory", "the host has no memory left; ask for less") }
        start = mapped
        super.init()
    }

    deinit { munmap(start, frames * PageSize.bytes) }

    private func pointer(_ frame: UInt64) -> UnsafeMutableRawPointer { start + Int(frame) * PageSize.bytes }
    private func fits(_ count: Int) -> Bool { count <= frames - 1 - used - charged / PageSize.bytes }

    package override func allocate(frames count: Int) throws(Errno) -> [FrameRange] {
        lock.lock()
        defer { lock.unlock() }
        guard count >= 0, fits(count) else { throw .ENOMEM }
        used += count
        var (runs, left) = ([FrameRange](), count)
        let unused = min(left, frames - fresh)
        if unused > 0 {
            runs.append(FrameRange(start: FrameNumber(UInt64(fresh)), count: unused))
            fresh += unused
            left -= unused
        }
        for frame in returned.suffix(left) { runs.append(FrameRange(start: FrameNumber(frame), count: 1)) }
        returned.removeLast(left)
        return runs
    }

    package override func free(_ frames: FrameRange) {
        discard(frames)
        lock.withLock {
            used -= frames.count
            for index in 0..<frames.count { returned.append(frames[index].value) }
        }
    }

    /// The host takes the pages back; they are zeros when they are touched again.
    package override func discard(_ frames: FrameRange) { madvise(pointer(frames.start.value), frames.count * PageSize.bytes, MADV_DONTNEED) }

    package override func hostAddress(of frame: FrameNumber) -> UnsafeMutableRawPointer? { frame.value < UInt64(frames) ? pointer(frame.value) : nil }
    package override func copy(from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer, count: Int) throws(Errno) {
        destination.copyMemory(from: source, byteCount: count)
    }

    package override func charge(_ bytes: Int) -> Bool {
        lock.withLock {
            guard bytes >= 0, fits(bytes / PageSize.bytes + 1) else { return false }
            charged += bytes
            return true
        }
    }
    package override func chargeBeyondLimit(_ bytes: Int) { lock.withLock { charged += bytes } }
    package override func refund(_ bytes: Int) { lock.withLock { charged -= min(charged, bytes) } }
    package override var usage: (resident: UInt64, limit: UInt64) {
        lock.withLock { (UInt64(used * PageSize.bytes + charged), UInt64((frames - 1) * PageSize.bytes)) }
    }
    package override func makePageTable() throws(Errno) -> PageTable { PageTable() }
}
