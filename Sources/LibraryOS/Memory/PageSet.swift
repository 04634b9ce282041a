/// A set of page numbers, kept as sorted ranges that never touch. Not locked.
struct PageSet {
    private(set) var ranges: [Range<UInt64>] = []
    /// How many pages are in it.
    private(set) var count: UInt64 = 0

    init() {}

    var isEmpty: Bool { ranges.isEmpty }

    /// The index of the first range that ends behind `page`.
    private func position(_ page: UInt64) -> Int {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low &+ high) / 2
            if ranges[middle].upperBound <= page { low = middle &+ 1 } else { high = middle }
        }
        return low
    }

    func contains(_ page: UInt64) -> Bool {
        let index = position(page)
        return index < ranges.count && ranges[index].lowerBound <= page
    }

    /// The first run of pages that are in the set, at `page` or behind it.
    func next(from page: UInt64) -> Range<UInt64>? {
        let index = position(page)
        guard index < ranges.count else { return nil }
        return max(page, ranges[index].lowerBound)..<ranges[index].upperBound
    }

    /// The parts of a range that are in the set.
    func overlap(_ range: Range<UInt64>) -> [Range<UInt64>] {
        var result: [Range<UInt64>] = []
        var index = position(range.lowerBound)
        while index < ranges.count, ranges[index].lowerBound < range.upperBound {
            result.append(max(ranges[index].lowerBound, range.lowerBound)..<min(ranges[index].upperBound, range.upperBound))
            index &+= 1
        }
        return result
    }

    /// Adds pages; returns how many were not in it.
    @discardableResult
    mutating func insert(_ range: Range<UInt64>) -> UInt64 {
        if range.isEmpty { return 0 }
        var first = position(range.lowerBound)
        if first > 0, ranges[first &- 1].upperBound == range.lowerBound { first &-= 1 }
        var last = first
        var (low, high, before) = (range.lowerBound, range.upperBound, UInt64(0))
        while last < ranges.count, ranges[last].lowerBound <= range.upperBound {
            low = min(low, ranges[last].lowerBound)
            high = max(high, ranges[last].upperBound)
            before &+= ranges[last].upperBound &- ranges[last].lowerBound
            last &+= 1
        }
        ranges.replaceSubrange(first..<last, with: CollectionOfOne(low..<high))
        let added = high &- low &- before
        count &+= added
        return added
    }

    /// Takes pages out; returns how many were in it.
    @discardableResult
    mutating func remove(_ range: Range<UInt64>) -> UInt64 {
        let first = position(range.lowerBound)
        var last = first
        var kept: [Range<UInt64>] = []
        var removed: UInt64 = 0
        while last < ranges.count, ranges[last].lowerBound < range.upperBound {
            let old = ranges[last]
            let from = max(old.lowerBound, range.lowerBound)
            let to = min(old.upperBound, range.upperBound)
            if from < to { removed &+= to &- from }
            if old.lowerBound < from { kept.append(old.lowerBound..<from) }
            if to < old.upperBound { kept.append(to..<old.upperBound) }
            last &+= 1
        }
        if removed == 0 { return 0 }
        ranges.replaceSubrange(first..<last, with: kept)
        count &-= removed
        return removed
    }
}
