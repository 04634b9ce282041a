import LibraryOS
import Testing
@testable import SecureWorld

/// The bookkeeping of mapped ranges.
@Suite struct PseudoTARangesTests {
    private func ranges(_ pieces: (UInt64, UInt64)...) -> MappedRanges {
        var ranges = MappedRanges()
        for (start, end) in pieces { ranges.insert(MappedRanges.Piece(start: start << 12, end: end << 12, protection: .read)) }
        return ranges
    }

    @Test func adjacentRangesCoverTogether() {
        let ranges = ranges((5, 6), (1, 3), (3, 4))
        #expect(ranges.covers(1 << 12, 4 << 12))
        #expect(ranges.covers(2 << 12, 3 << 12))
        #expect(!ranges.covers(1 << 12, 5 << 12))
        #expect(!ranges.covers(0, 2 << 12))
        #expect(!ranges.covers(6 << 12, 7 << 12))
        #expect(ranges.size == 4 << 12)
    }

    @Test func removalCutsInTheMiddle() {
        var ranges = ranges((1, 9))
        ranges.remove(3 << 12, 4 << 12)
        #expect(ranges.pieces.map(\.start) == [1 << 12, 4 << 12])
        #expect(ranges.size == 7 << 12)
        ranges.remove(0, 100 << 12)
        #expect(ranges.pieces.isEmpty && ranges.size == 0)
    }

    @Test func roomIsFoundInGapsOnePageAway() {
        let ranges = ranges((2, 3), (6, 7))
        let area: Range<UInt64> = 0..<12 << 12
        #expect(ranges.room(1 << 12, in: area) == 0)
        #expect(ranges.room(2 << 12, in: 1 << 12..<12 << 12) == 8 << 12)
        #expect(ranges.room(1 << 12, in: 1 << 12..<12 << 12) == 4 << 12)
        #expect(ranges.room(4 << 12, in: area) == 8 << 12)
        #expect(ranges.room(5 << 12, in: area) == nil)
        #expect(ranges.room(.max, in: area) == nil)
    }
}
