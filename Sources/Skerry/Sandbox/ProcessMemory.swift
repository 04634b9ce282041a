import LibraryOS

internal import Glibc

/// Memory for a kernel that runs nothing: what its file systems in memory hold. Frame numbers are addresses of this process divided by 4,096.
final class ProcessMemory: PhysicalMemory, @unchecked Sendable {
    override func allocate(frames count: Int) throws(Errno) -> [FrameRange] {
        let (size, overflow) = count.multipliedReportingOverflow(by: 4096)
        guard count > 0, !overflow else { throw .ENOMEM }
        let mapped = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapped, mapped != MAP_FAILED else { throw .ENOMEM }
        return [FrameRange(start: FrameNumber(UInt64(UInt(bitPattern: mapped)) >> 12), count: count)]
    }

    override func free(_ frames: FrameRange) {
        if let start = hostAddress(of: frames.start) { munmap(start, frames.count * 4096) }
    }

    override func hostAddress(of frame: FrameNumber) -> UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: UInt(frame.value << 12)) }

    override func copy(from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer, count: Int) throws(Errno) {
        destination.copyMemory(from: source, byteCount: count)
    }

    override var usage: (resident: UInt64, limit: UInt64) { (0, 1 << 30) }
}
