internal import LibraryOS

/// Verified blocks in the guest's private memory, the most recently used of them (the clock algorithm: what was used since the hand came by last stays).
final class BlockCache: @unchecked Sendable {
    private struct Entry {
        var block: UInt64
        var bytes: [UInt8]
        var wasUsed: Bool
    }

    private let lock = Lock(.leaf)
    private let capacity: Int
    private var places: [UInt64: Int] = [:]
    private var entries: [Entry] = []
    private var hand = 0

    /// Holds at most so many blocks.
    init(capacity: Int) { self.capacity = max(1, capacity) }

    subscript(block: UInt64) -> [UInt8]? {
        lock.withLock {
            guard let place = places[block] else { return nil }
            entries[place].wasUsed = true
            return entries[place].bytes
        }
    }

    func insert(_ bytes: [UInt8], as block: UInt64) {
        lock.withLock {
            if places[block] != nil { return }
            let entry = Entry(block: block, bytes: bytes, wasUsed: false)
            if entries.count < capacity {
                places[block] = entries.count
                entries.append(entry)
                return
            }
            while entries[hand].wasUsed {
                entries[hand].wasUsed = false
                hand = (hand + 1) % capacity
            }
            places[entries[hand].block] = nil
            entries[hand] = entry
            places[block] = hand
            hand = (hand + 1) % capacity
        }
    }

    var count: Int { lock.withLock { entries.count } }
}
