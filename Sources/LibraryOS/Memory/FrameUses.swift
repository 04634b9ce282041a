/// The host calls that move bytes from or to frames of an address space without its lock, and what has to wait for their end. Not locked.
///
/// Frames that are written are no others' at that time, and a fork leaves them out of what it shares. Frames that are read may lose their place to a copy
/// meanwhile; this address space remains an owner until the reading is over, or another owner would think itself the only one and write to them.
struct FrameUses {
    private var count = 0
    private var latest = 0
    private var writes: [(use: Int, start: UInt64, end: UInt64)] = []
    private var kept: [FrameRange] = []

    /// Nobody uses frames.
    var isEmpty: Bool { count == 0 }

    /// A call begins, which stores into these ranges; what it returns goes to `end`.
    mutating func begin(writing ranges: [UserBuffers.Range]) -> Int {
        count &+= 1
        latest &+= 1
        for range in ranges where range.length > 0 { writes.append((latest, range.address.value, range.address.value &+ UInt64(range.length))) }
        return latest
    }

    /// A call is over; after the last one, the frames that this address space can give up now.
    mutating func end(_ use: Int) -> [FrameRange] {
        count &-= 1
        writes.removeAll { $0.use == use }
        return count == 0 ? takeKept() : []
    }

    /// Frames that are to be given up when no call is under way any more.
    mutating func keep(_ frames: [FrameRange]) { kept.append(contentsOf: frames) }

    mutating func takeKept() -> [FrameRange] {
        defer { kept = [] }
        return kept
    }

    /// The ranges that are written now.
    var written: [(start: UInt64, end: UInt64)] { writes.map { ($0.start, $0.end) } }
}

/// The pages that were noted last, as many as are worth a copy ahead of their use. Not locked.
struct RecentPages {
    private(set) var addresses: [UInt64] = []
    private var next = 0
    /// How many are kept.
    static let capacity = 64

    mutating func note(_ address: UInt64) {
        if addresses.contains(address) { return }
        if addresses.count < Self.capacity {
            addresses.append(address)
        } else {
            addresses[next] = address
            next = (next &+ 1) % Self.capacity
        }
    }
}

/// Page-aligned ranges of addresses, sorted and joined.
struct AddressRanges {
    private var ranges: [(start: UInt64, end: UInt64)] = []

    init(_ unsorted: [(start: UInt64, end: UInt64)]) {
        for range in unsorted.sorted(by: { $0.start < $1.start }) where range.start < range.end {
            let (start, end) = (range.start & ~4095, (range.end &+ 4095) & ~4095)
            if let last = ranges.last, start <= last.end {
                ranges[ranges.count &- 1].end = max(last.end, end)
            } else {
                ranges.append((start, end))
            }
        }
    }

    /// Calls `body` for the parts of a range that lie inside and for those that lie outside, in order.
    func divide(_ start: UInt64, _ end: UInt64, _ body: (_ start: UInt64, _ end: UInt64, _ isInside: Bool) throws(Errno) -> Void) throws(Errno) {
        var position = start
        for range in ranges where range.end > start && range.start < end {
            if position < range.start { try body(position, range.start, false) }
            let last = min(range.end, end)
            try body(max(range.start, position), last, true)
            position = last
        }
        if position < end { try body(position, end, false) }
    }
}
