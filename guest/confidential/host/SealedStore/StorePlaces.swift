/// Which places of a store are in use: by what there is now, and by what is durable. What either uses is not written to.
struct StorePlaces {
    private(set) var current: [UInt64]
    private var durable: [UInt64]
    private let total: UInt32
    /// How many neither uses.
    private(set) var free = 0
    /// Where the search goes on: places given out together lie together.
    private var next: UInt32 = 0

    /// A store of so many places (at most 2^26), in which only the headers are.
    init(total: UInt64) {
        let words = (Int(clamping: total) &+ 63) / 64
        current = [UInt64](repeating: 0, count: words)
        self.total = UInt32(clamping: total)
        // What is behind the end is never free.
        if total % 64 != 0 { current[words &- 1] = ~0 << (total % 64) }
        current[0] |= 1 << SealedStoreLayout.headers &- 1
        durable = current
        recount()
    }

    private mutating func recount() {
        free = 0
        for index in current.indices { free &+= open(index).nonzeroBitCount }
    }

    /// Free places of a word.
    private func open(_ word: Int) -> UInt64 { ~(current[word] | durable[word]) }

    private func bit(_ place: UInt32) -> (word: Int, mask: UInt64)? {
        if place >= total || place < UInt32(SealedStoreLayout.headers) { return nil }
        return (Int(place / 64), 1 << UInt64(place % 64))
    }

    /// Marks a place in use; false when it is already, or is none.
    mutating func claim(_ place: UInt32) -> Bool {
        guard let (word, mask) = bit(place), current[word] & mask == 0 else { return false }
        if durable[word] & mask == 0 { free &-= 1 }
        current[word] |= mask
        return true
    }

    /// Up to `most` adjacent free places, in use from now on; nil when none is free.
    mutating func allocate(_ most: Int) -> Range<UInt32>? {
        guard most > 0, free > 0, let first = firstFree(from: next) ?? firstFree(from: 0) else { return nil }
        var end = first
        while end &- first < UInt32(clamping: most), let (word, mask) = bit(end), open(word) & mask != 0 {
            current[word] |= mask
            end &+= 1
        }
        free &-= Int(end &- first)
        next = end
        return first..<end
    }

    private func firstFree(from place: UInt32) -> UInt32? {
        var word = Int(place / 64)
        var mask: UInt64 = ~0 << UInt64(place % 64)
        while word < current.count {
            let found = open(word) & mask
            if found != 0 { return UInt32(clamping: word &* 64 &+ found.trailingZeroBitCount) }
            mask = ~0
            word &+= 1
        }
        return nil
    }

    /// A place is not used any more by what there is now.
    mutating func release(_ place: UInt32) {
        guard let (word, mask) = bit(place), current[word] & mask != 0 else { return }
        current[word] &= ~mask
        if durable[word] & mask == 0 { free &+= 1 }
    }

    /// Whether a place was taken since the last commit, so that nothing durable is lost with it.
    func isFresh(_ place: UInt32) -> Bool {
        guard let (word, mask) = bit(place) else { return false }
        return current[word] & mask != 0 && durable[word] & mask == 0
    }

    /// What uses these places (`current` of some time) is durable now, and nothing else.
    mutating func setDurable(_ places: [UInt64]) {
        durable = places
        recount()
    }

    /// What there is now may be durable, and what was before may be too.
    mutating func keepBoth() { for index in durable.indices { durable[index] |= current[index] } }
}
