internal import CLinux
internal import Glibc

/// Linux itself.
public final class LinuxKernel: KernelInterface {
    /// The kernel of this host.
    public init() {}

    /// open(2).
    public func open(_ path: String, _ flags: Int32) -> Int32 {
        let result = Glibc.open(path, flags)
        return result < 0 ? -errno : result
    }

    /// close(2).
    public func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }

    /// ioctl(2).
    public func ioctl(_ descriptor: Int32, _ request: UInt32, _ argument: UInt64) -> Int32 { skerry_ioctl(descriptor, UInt(request), UInt(argument)) }

    /// Anonymous memory, which costs nothing before it is used.
    public func allocate(_ size: Int) -> (any HostMemory)? { MappedMemory(size, descriptor: -1, flags: MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE) }

    /// A shared mapping.
    public func map(_ descriptor: Int32, _ size: Int) -> (any HostMemory)? { MappedMemory(size, descriptor: descriptor, flags: MAP_SHARED) }

    /// fallocate(2).
    public func punchHole(_ descriptor: Int32, offset: UInt64, length: UInt64) -> Int32 {
        guard let offset = Int64(exactly: offset), let length = Int64(exactly: length) else { return -EINVAL }
        return skerry_punch_hole(descriptor, offset, length)
    }
}

/// A mapping of the process. The kernel, and for guest memory the guest, may write it at any time; so bytes are copied out once and judged afterwards.
private final class MappedMemory: HostMemory {
    private let start: UnsafeMutableRawPointer
    let size: Int

    init?(_ size: Int, descriptor: Int32, flags: Int32) {
        guard size > 0, let start = mmap(nil, size, PROT_READ | PROT_WRITE, flags, descriptor, 0), start != MAP_FAILED else { return nil }
        self.start = start
        self.size = size
    }

    deinit { munmap(start, size) }

    var address: UInt64 { UInt64(UInt(bitPattern: start)) }

    func read(_ range: Range<Int>) -> [UInt8] {
        precondition(range.lowerBound >= 0 && range.upperBound <= size)
        return Array(UnsafeRawBufferPointer(start: start + range.lowerBound, count: range.count))
    }

    func write(_ bytes: [UInt8], at offset: Int) {
        precondition(offset >= 0 && bytes.count <= size && offset <= size - bytes.count)
        bytes.withUnsafeBytes { source in
            if let first = source.baseAddress { memcpy(start + offset, first, source.count) }
        }
    }
}
