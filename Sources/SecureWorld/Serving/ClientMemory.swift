internal import Glibc
internal import Synchronization

/// How many descriptors the clients have sent and the server keeps.
final class DescriptorBudget: Sendable {
    private let taken = Mutex<(all: Int, ofUsers: [UInt32: Int])>((0, [:]))
    private let limit: Int
    private let limitPerUser: Int

    init(_ limits: TEEServingLimits) {
        limit = limits.descriptors
        limitPerUser = limits.descriptorsPerUser
    }

    func take(_ user: UInt32) -> Bool {
        taken.withLock { taken in
            let count = taken.ofUsers[user] ?? 0
            guard taken.all < limit, count < limitPerUser else { return false }
            taken.all += 1
            taken.ofUsers[user] = count + 1
            return true
        }
    }

    func giveBack(_ user: UInt32) {
        taken.withLock { taken in
            taken.all -= 1
            let count = (taken.ofUsers[user] ?? 1) - 1
            taken.ofUsers[user] = count > 0 ? count : nil
        }
    }
}

/// Who takes descriptors, and how large they may be.
struct MemoryAllowance: Sendable {
    let user: UInt32
    let sizeLimit: UInt64
    let budget: DescriptorBudget
}

/// Memory of a client behind a descriptor. It is never mapped: what the client cuts off is then missing instead of a SIGBUS.
final class ClientMemory: Sendable {
    private let descriptor: OwnedDescriptor
    private let allowance: MemoryAllowance
    /// Bytes that may be referred to.
    let size: UInt64

    /// F_GET_SEALS of linux/fcntl.h, which Glibc's module does not have.
    private static let getSeals: Int32 = 1034

    /// Throws `badParameters` for what is not memory or is smaller than `size` (0: all there is), `outOfMemory` beyond the limits.
    init(_ descriptor: OwnedDescriptor, size: UInt64, _ allowance: MemoryAllowance) throws(TEEResult) {
        var status = stat()
        // Only files in memory have seals; others, a FUSE file or a pipe, may keep who reads them waiting for ever.
        guard fstat(descriptor.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG, fcntl(descriptor.number, Self.getSeals) >= 0 else { throw .badParameters }
        let present = UInt64(exactly: status.st_size) ?? 0
        guard size <= present else { throw .badParameters }
        self.size = size == 0 ? present : size
        guard self.size <= allowance.sizeLimit, allowance.budget.take(allowance.user) else { throw .outOfMemory }
        self.descriptor = descriptor
        self.allowance = allowance
    }

    deinit { allowance.budget.giveBack(allowance.user) }

    func read(at offset: UInt64, count: Int) throws(TEEResult) -> [UInt8] {
        guard let start = place(offset, count) else { throw .accessDenied }
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = bytes.withUnsafeMutableBytes { pread(descriptor.number, $0.baseAddress?.advanced(by: done), count - done, start &+ off_t(done)) }
            if got < 0 && errno == EINTR { continue }
            guard got > 0 else { throw .accessDenied }
            done += got
        }
        return bytes
    }

    func write(_ bytes: [UInt8], at offset: UInt64) throws(TEEResult) {
        guard let start = place(offset, bytes.count) else { throw .accessDenied }
        var done = 0
        while done < bytes.count {
            let put = bytes.withUnsafeBytes { pwrite(descriptor.number, $0.baseAddress?.advanced(by: done), bytes.count - done, start &+ off_t(done)) }
            if put < 0 && errno == EINTR { continue }
            guard put > 0 else { throw .accessDenied }
            done += put
        }
    }

    /// Where to read or write; nil when not all of it is the region's and still in the file, which a write would make longer.
    private func place(_ offset: UInt64, _ count: Int) -> off_t? {
        guard let length = UInt64(exactly: count) else { return nil }
        let (end, overflow) = offset.addingReportingOverflow(length)
        var status = stat()
        guard !overflow, end <= size, fstat(descriptor.number, &status) == 0, let present = UInt64(exactly: status.st_size), end <= present else { return nil }
        return off_t(exactly: offset)
    }
}

/// Part of a region, or memory that came with a request by descriptor.
final class ClientMemoryBuffer: TEEBuffer, @unchecked Sendable {
    private let memory: ClientMemory
    private let start: UInt64
    private let isWritable: Bool

    /// Throws `badParameters` when the part is not in the memory.
    init(_ memory: ClientMemory, offset: UInt64, size: UInt64, direction: TEEDirection) throws(TEEResult) {
        guard offset <= memory.size, size <= memory.size - offset else { throw .badParameters }
        self.memory = memory
        start = offset
        isWritable = direction.contains(.output)
        super.init(size: size)
    }

    override func read(at offset: UInt64, count: Int) throws(TEEResult) -> [UInt8] { try memory.read(at: try check(offset, count), count: count) }

    override func write(_ bytes: [UInt8], at offset: UInt64) throws(TEEResult) {
        guard isWritable else { throw .accessDenied }
        try memory.write(bytes, at: try check(offset, bytes.count))
    }

    private func check(_ offset: UInt64, _ count: Int) throws(TEEResult) -> UInt64 {
        guard count >= 0, offset <= size, UInt64(count) <= size - offset else { throw .accessDenied }
        return start &+ offset
    }
}

/// Memory whose bytes came in the request itself and go back in its result.
final class InlineBuffer: TEEBuffer, @unchecked Sendable {
    private let content: Mutex<[UInt8]>
    private let isWritable: Bool

    init(_ bytes: [UInt8], direction: TEEDirection) {
        content = Mutex(bytes)
        isWritable = direction.contains(.output)
        super.init(size: UInt64(bytes.count))
    }

    /// All of it.
    var bytes: [UInt8] { content.withLock { $0 } }

    override func read(at offset: UInt64, count: Int) throws(TEEResult) -> [UInt8] {
        guard let range = range(offset, count) else { throw .accessDenied }
        return content.withLock { Array($0[range]) }
    }

    override func write(_ bytes: [UInt8], at offset: UInt64) throws(TEEResult) {
        guard isWritable, let range = range(offset, bytes.count) else { throw .accessDenied }
        content.withLock { $0.replaceSubrange(range, with: bytes) }
    }

    private func range(_ offset: UInt64, _ count: Int) -> Range<Int>? {
        guard count >= 0, offset <= size, UInt64(count) <= size - offset, let start = Int(exactly: offset) else { return nil }
        return start..<start + count
    }
}
