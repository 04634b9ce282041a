import LibraryOS

/// The ranges of memory that an application has had mapped for itself, ascending and apart from each other; addresses are multiples of 4,096.
struct MappedRanges {
    /// Bytes `start..<end` with one protection.
    struct Piece: Hashable {
        var start: UInt64
        var end: UInt64
        var protection: PageProtection
    }

    private(set) var pieces: [Piece] = []
    /// Bytes in all.
    private(set) var size: UInt64 = 0

    /// Whether every byte of the range is in one.
    func covers(_ start: UInt64, _ end: UInt64) -> Bool {
        var position = start
        for piece in pieces where piece.end > position {
            if piece.start > position { return false }
            position = piece.end
            if position >= end { return true }
        }
        return false
    }

    /// The protection of a range that `covers`; nil when it differs within.
    func protection(_ start: UInt64, _ end: UInt64) -> PageProtection? {
        let found = Set(pieces.filter { $0.start < end && $0.end > start }.map(\.protection))
        return found.count == 1 ? found.first : nil
    }

    /// Whether any byte of the range is in one.
    func overlaps(_ start: UInt64, _ end: UInt64) -> Bool { pieces.contains { $0.start < end && $0.end > start } }

    /// Adds a range that overlaps none.
    mutating func insert(_ piece: Piece) {
        let index = pieces.firstIndex { $0.start >= piece.end } ?? pieces.count
        pieces.insert(piece, at: index)
        size &+= piece.end &- piece.start
    }

    /// Takes a range out, of which some or all may not be there.
    mutating func remove(_ start: UInt64, _ end: UInt64) {
        pieces = pieces.flatMap { piece -> [Piece] in
            guard piece.start < end, piece.end > start else { return [piece] }
            var left: [Piece] = []
            if piece.start < start { left.append(Piece(start: piece.start, end: start, protection: piece.protection)) }
            if piece.end > end { left.append(Piece(start: end, end: piece.end, protection: piece.protection)) }
            return left
        }
        size = pieces.reduce(0) { $0 &+ ($1.end &- $1.start) }
    }

    /// The lowest address in `area` with `count` bytes of room, one page away from what is there; nil when there is none.
    func room(_ count: UInt64, in area: Range<UInt64>) -> UInt64? {
        var candidate = area.lowerBound
        for piece in pieces where piece.end &+ 4096 > candidate && piece.start < area.upperBound {
            let (end, overflow) = candidate.addingReportingOverflow(count)
            if overflow { return nil }
            if end &+ 4096 <= piece.start { break }
            candidate = piece.end &+ 4096
        }
        let (end, overflow) = candidate.addingReportingOverflow(count)
        return !overflow && end <= area.upperBound ? candidate : nil
    }
}
