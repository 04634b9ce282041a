/// Bytes on their way through a terminal, first in, first out. The owner keeps it short.
struct ByteQueue {
    private var bytes: [UInt8] = []
    private var start = 0

    var count: Int { bytes.count - start }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ byte: UInt8) { bytes.append(byte) }
    mutating func append(_ more: ArraySlice<UInt8>) { bytes.append(contentsOf: more) }

    /// Takes up to `limit` bytes out.
    mutating func take(_ limit: Int) -> [UInt8] {
        let end = start + min(max(0, limit), count)
        let taken = Array(bytes[start..<end])
        start = end
        compact()
        return taken
    }

    mutating func popFirst() -> UInt8? {
        guard start < bytes.count else { return nil }
        defer {
            start += 1
            compact()
        }
        return bytes[start]
    }

    /// Keeps the first `limit` bytes only.
    mutating func keep(first limit: Int) {
        if count > limit { bytes.removeLast(count - limit) }
        compact()
    }

    mutating func removeAll() {
        bytes = []
        start = 0
    }

    private mutating func compact() {
        if start == bytes.count {
            bytes.removeAll(keepingCapacity: bytes.capacity <= 8192)
            start = 0
        } else if start >= 4096 {
            bytes.removeFirst(start)
            start = 0
        }
    }
}
