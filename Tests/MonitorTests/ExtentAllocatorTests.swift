import Testing

@testable import Monitor

@Suite("Frames are handed out once, aligned as asked, and come back")
struct ExtentAllocatorTests {
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func randomOperationsAgreeWithAModel(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let span: Range<UInt64> = 1000..<1512
        var allocator = ExtentAllocator(start: span.lowerBound, count: UInt64(span.count))
        var owned = Set<UInt64>()
        var runs: [(start: UInt64, count: UInt64)] = []
        func take(_ run: (start: UInt64, count: UInt64)) {
            for frame in run.start..<run.start + run.count {
                #expect(span.contains(frame))
                #expect(owned.insert(frame).inserted, "frame \(frame) was handed out twice")
            }
            runs.append(run)
        }
        for _ in 0..<4000 {
            switch Int.random(in: 0..<5, using: &generator) {
            case 0, 1:
                let count = UInt64.random(in: 1...40, using: &generator)
                let alignment: UInt64 = [1, 2, 8, 16].randomElement(using: &generator) ?? 1
                let fits = (span.lowerBound...span.upperBound - count).contains { start in
                    start % alignment == 0 && (start..<start + count).allSatisfy { !owned.contains($0) }
                }
                let start = allocator.allocate(count: count, alignment: alignment)
                #expect((start != nil) == fits)
                if let start {
                    #expect(start % alignment == 0)
                    take((start, count))
                }
            case 2:
                let count = UInt64.random(in: 1...200, using: &generator)
                let enough = UInt64(span.count - owned.count) >= count
                let pieces = allocator.allocatePieces(count: count)
                #expect((pieces != nil) == enough)
                if let pieces {
                    #expect(pieces.reduce(0) { $0 + $1.count } == count)
                    pieces.forEach(take)
                }
            default:
                // A part of a run may come back alone.
                guard let index = runs.indices.randomElement(using: &generator) else { continue }
                let run = runs.remove(at: index)
                let back = UInt64.random(in: 1...run.count, using: &generator)
                allocator.release(start: run.start, count: back)
                for frame in run.start..<run.start + back { owned.remove(frame) }
                if back < run.count { runs.append((run.start + back, run.count - back)) }
            }
            #expect(allocator.allocated == UInt64(owned.count))
        }
    }

    @Test func whatComesBackInPiecesIsOneRunAgain() {
        var allocator = ExtentAllocator(start: 0, count: 64)
        #expect(allocator.allocate(count: 64) == 0)
        for piece in [40, 0, 56, 8, 24, 48, 16, 32] as [UInt64] { allocator.release(start: piece, count: 8) }
        #expect(allocator.allocate(count: 64, alignment: 64) == 0)
    }

    @Test func tooMuchTakesNothing() {
        var allocator = ExtentAllocator(start: 0, count: 10)
        #expect(allocator.allocatePieces(count: 11) == nil)
        #expect(allocator.allocated == 0)
        #expect(allocator.allocate(count: 10) == 0)
    }
}
