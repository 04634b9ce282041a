/// A set of page numbers, kept as sorted ranges that never touch, in pieces: however many there are, nothing large has to be allocated at a time, nor moved. Not locked.
struct PageSet {
    private struct Place {
        var piece: Int
        var index: Int
    }

    /// None is empty.
    private var pieces: [[Range<UInt64>]] = []
    /// How many pages are in it.
    private(set) var count: UInt64 = 0

    private static let longestPiece = 256

    init() {}

    var isEmpty: Bool { pieces.isEmpty }
    var ranges: [Range<UInt64>] { pieces.flatMap { $0 } }

    // MARK: Places

    /// Of the first range that ends behind `page`; behind all of them when none does.
    private func place(_ page: UInt64) -> Place {
        let piece = Self.first(pieces.count) { (pieces[$0].last?.upperBound ?? 0) > page }
        if piece == pieces.count { return Place(piece: piece, index: 0) }
        return Place(piece: piece, index: Self.first(pieces[piece].count) { pieces[piece][$0].upperBound > page })
    }

    /// The first number below `count` for which `holds` says true, as it does for all behind that; `count` when there is none.
    private static func first(_ count: Int, _ holds: (Int) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low &+ high) / 2
            if holds(middle) { high = middle } else { low = middle &+ 1 }
        }
        return low
    }

    private subscript(place: Place) -> Range<UInt64>? { place.piece < pieces.count ? pieces[place.piece][place.index] : nil }

    private func behind(_ place: Place) -> Place {
        place.index &+ 1 < pieces[place.piece].count ? Place(piece: place.piece, index: place.index &+ 1) : Place(piece: place.piece &+ 1, index: 0)
    }

    private func before(_ place: Place) -> Place? {
        if place.index > 0 { return Place(piece: place.piece, index: place.index &- 1) }
        return place.piece > 0 ? Place(piece: place.piece &- 1, index: pieces[place.piece &- 1].count &- 1) : nil
    }

    /// Takes a range out; returns where the one behind it is then.
    private mutating func drop(_ place: Place) -> Place {
        pieces[place.piece].remove(at: place.index)
        if pieces[place.piece].isEmpty {
            pieces.remove(at: place.piece)
            return Place(piece: place.piece, index: 0)
        }
        return place.index < pieces[place.piece].count ? place : Place(piece: place.piece &+ 1, index: 0)
    }

    /// Puts a range before the one at a place.
    private mutating func put(_ range: Range<UInt64>, at place: Place) {
        var place = place
        if place.index == 0, place.piece > 0 { place = Place(piece: place.piece &- 1, index: pieces[place.piece &- 1].count) }
        if place.piece == pieces.count { pieces.append([]) }
        pieces[place.piece].insert(range, at: place.index)
        let length = pieces[place.piece].count
        if length <= Self.longestPiece { return }
        // Whoever goes on at the end leaves full pieces behind.
        let rest = place.index &+ 1 == length ? length &- 1 : length / 2
        pieces.insert(Array(pieces[place.piece][rest...]), at: place.piece &+ 1)
        pieces[place.piece] = Array(pieces[place.piece][..<rest])
    }

    // MARK: Pages

    func contains(_ page: UInt64) -> Bool { self[place(page)].map { $0.lowerBound <= page } ?? false }

    /// The first run of pages that are in the set, at `page` or behind it.
    func next(from page: UInt64) -> Range<UInt64>? { self[place(page)].map { max(page, $0.lowerBound)..<$0.upperBound } }

    /// The parts of a range that are in the set.
    func overlap(_ range: Range<UInt64>) -> [Range<UInt64>] {
        var result: [Range<UInt64>] = []
        var place = place(range.lowerBound)
        while let found = self[place], found.lowerBound < range.upperBound {
            result.append(max(found.lowerBound, range.lowerBound)..<min(found.upperBound, range.upperBound))
            place = behind(place)
        }
        return result
    }

    /// Adds pages; returns how many were not in it.
    @discardableResult
    mutating func insert(_ range: Range<UInt64>) -> UInt64 {
        if range.isEmpty { return 0 }
        var place = place(range.lowerBound)
        if let left = before(place), self[left]?.upperBound == range.lowerBound { place = left }
        var (low, high, known) = (range.lowerBound, range.upperBound, UInt64(0))
        while let found = self[place], found.lowerBound <= range.upperBound {
            low = min(low, found.lowerBound)
            high = max(high, found.upperBound)
            known &+= found.upperBound &- found.lowerBound
            place = drop(place)
        }
        put(low..<high, at: place)
        let added = high &- low &- known
        count &+= added
        return added
    }

    /// Takes pages out; returns how many were in it.
    @discardableResult
    mutating func remove(_ range: Range<UInt64>) -> UInt64 {
        if range.isEmpty { return 0 }
        var removed: UInt64 = 0
        var place = place(range.lowerBound)
        while let old = self[place], old.lowerBound < range.upperBound {
            let (from, to) = (max(old.lowerBound, range.lowerBound), min(old.upperBound, range.upperBound))
            removed &+= to &- from
            place = drop(place)
            // Both lie before what is looked at next.
            if to < old.upperBound { put(to..<old.upperBound, at: place) }
            if old.lowerBound < from {
                put(old.lowerBound..<from, at: self.place(old.lowerBound))
                place = self.place(to)
            }
            if to < old.upperBound { break }
        }
        count &-= removed
        return removed
    }
}
