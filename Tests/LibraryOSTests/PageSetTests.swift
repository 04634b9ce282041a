import Testing

@testable import LibraryOS

@Suite("Sets of pages") struct PageSetTests {
    /// As a set of numbers does, with many ranges and few.
    @Test(arguments: [(4000, 3), (4000, 200), (300, 40)] as [(UInt64, UInt64)]) func theyHoldWhatWasPutIn(_ pages: UInt64, _ longest: UInt64) {
        var (set, wanted, state) = (PageSet(), Set<UInt64>(), UInt64(88_172_645_463_325_252))
        func random(_ bound: UInt64) -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state % bound
        }
        for step in 0..<6000 {
            let start = random(pages)
            let range = start..<start + random(longest)
            let before = wanted.count
            if random(5) < 3 {
                wanted.formUnion(range)
                #expect(set.insert(range) == UInt64(wanted.count - before))
            } else {
                wanted.subtract(range)
                #expect(set.remove(range) == UInt64(before - wanted.count))
            }
            #expect(set.count == UInt64(wanted.count) && set.isEmpty == wanted.isEmpty && set.contains(start) == wanted.contains(start))
            guard step % 300 == 0 else { continue }
            let ranges = set.ranges
            #expect(Set(ranges.flatMap { $0 }) == wanted)
            #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
            #expect(Set(set.overlap(range).flatMap { $0 }) == wanted.filter { range.contains($0) })
            #expect(set.next(from: start)?.lowerBound == wanted.filter { $0 >= start }.min())
        }
    }
}
