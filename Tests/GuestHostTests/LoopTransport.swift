import Confidential
import ConfidentialABI
import Glibc
import GuestHost
import LibraryOS
import Synchronization

/// The pages of a ring in this process: the guest's end and the host's meet in them.
final class RingPages: RingMemory, @unchecked Sendable {
    var bytes = [UInt8](repeating: 0, count: Int(SKERRY_RING_PAGES) * 4096)

    func read(_ offset: Int, _ count: Int) -> [UInt8]? { Array(bytes[offset..<offset + count]) }

    func write(_ offset: Int, _ new: [UInt8]) -> Bool {
        // A hostile host writes where it likes inside the pages.
        let end = min(bytes.count, offset + new.count)
        bytes.replaceSubrange(offset..<end, with: new[..<(end - offset)])
        return true
    }
}

/// A guest's end whose host is a closure, which notes what the guest complains of.
final class LoopTransport: RingTransport, @unchecked Sendable {
    let pages = RingPages()
    private let host: (RingPages) -> Void
    private(set) var violations: [RingViolation] = []
    /// Bytes read of shared memory since the doorbell rang last, by offset: none may be read twice.
    private var readSince: [Range<Int>] = []
    private(set) var readTwice = false
    private(set) var exchanges = 0
    var ticks: UInt64?
    var leaves: [UInt32: ProcessorLeaf] = [:]

    init(host: @escaping (RingPages) -> Void) { self.host = host }

    override func read(_ offset: Int, into buffer: UnsafeMutableRawBufferPointer) {
        let range = offset..<offset + buffer.count
        if readSince.contains(where: { $0.overlaps(range) }) { readTwice = true }
        readSince.append(range)
        pages.bytes.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    override func write(_ offset: Int, from buffer: UnsafeRawBufferPointer) { pages.bytes.replaceSubrange(offset..<offset + buffer.count, with: buffer) }

    override func exchange() {
        readSince = []
        exchanges += 1
        host(pages)
    }

    override func counter() -> UInt64 {
        if let ticks { return ticks }
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    override func random(_ buffer: UnsafeMutableRawBufferPointer) {
        for index in buffer.indices { buffer[index] = .random(in: 0...255) }
    }

    override func processorLeaf(_ function: UInt32, _ index: UInt32) -> ProcessorLeaf { leaves[function] ?? ProcessorLeaf() }
    override func violate(_ violation: RingViolation) { violations.append(violation) }
}

/// The error of a body that has to fail with an errno.
func errno(_ body: () throws -> Void) -> Errno? {
    do {
        try body()
        return nil
    } catch { return error as? Errno }
}

extension Ring {
    /// Writes bytes to a console stream.
    func print(_ text: [UInt8], to stream: UInt64 = 1) throws -> Int { try text.withUnsafeBytes { try writeConsole(stream, from: $0) } }

    /// Reads so many bytes of standard input.
    func input(_ count: Int) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        let read = try buffer.withUnsafeMutableBytes { try readConsole(into: $0) }
        return Array(buffer[..<read])
    }

    /// Reads blocks of a store.
    func blocks(_ first: UInt64, _ count: Int, store: UInt64 = 0) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count * 4096)
        try buffer.withUnsafeMutableBytes { try readBlocks(store: store, first: first, into: $0) }
        return buffer
    }
}
