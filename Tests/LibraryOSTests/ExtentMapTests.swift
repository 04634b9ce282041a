import Testing

@testable import LibraryOS

/// The same random numbers in every run (SplitMix64).
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}

@Suite("An extent map says which frame holds a page")
struct ExtentMapTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func randomOperationsAgreeWithADictionary(seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        var map = ExtentMap()
        var model: [UInt64: UInt64] = [:]
        var nextFrame: UInt64 = 1000
        for _ in 0..<2000 {
            let page = UInt64.random(in: 0..<200, using: &generator)
            let count = Int.random(in: 1...20, using: &generator)
            if Bool.random(using: &generator) {
                let free = map.gap(at: page, limit: count)
                #expect(free == (0..<count).prefix { model[page + UInt64($0)] == nil }.count)
                if free > 0 {
                    map.insert(page, FrameRange(start: FrameNumber(nextFrame), count: free))
                    for index in 0..<UInt64(free) { model[page + index] = nextFrame + index }
                    nextFrame += UInt64(free) + UInt64.random(in: 0...1, using: &generator)
                }
            } else {
                let removed = map.remove(page, count: UInt64(count)).flatMap { run in (0..<run.count).map { run[$0].value } }
                let expected = (page..<page + UInt64(count)).compactMap { model.removeValue(forKey: $0) }
                #expect(removed == expected)
            }
            #expect(map.pageCount == model.count)
            let probe = UInt64.random(in: 0..<220, using: &generator)
            #expect(map.run(at: probe, limit: 1)?.start.value == model[probe])
            if let run = map.run(at: probe, limit: 64) {
                for index in 0..<run.count { #expect(model[probe + UInt64(index)] == run[index].value) }
            }
        }
        var seen: [UInt64: UInt64] = [:]
        try map.forEach(0, count: .max) { page, run in for index in 0..<run.count { seen[page + UInt64(index)] = run[index].value } }
        #expect(seen == model)
    }

    @Test func runsThatContinueEachOtherAreJoined() {
        var map = ExtentMap()
        map.insert(10, FrameRange(start: FrameNumber(100), count: 2))
        map.insert(12, FrameRange(start: FrameNumber(102), count: 3))
        map.insert(15, FrameRange(start: FrameNumber(300), count: 1))
        #expect(map.extents.count == 2)
        #expect(map.run(at: 11, limit: 100)?.count == 4)
    }

    @Test func rangesAtTheEndOfTheNumbersDoNotWrap() {
        var map = ExtentMap()
        map.insert(.max - 4, FrameRange(start: FrameNumber(1), count: 2))
        #expect(map.remove(.max - 10, count: .max).map(\.count) == [2])
        #expect(map.gap(at: .max - 1, limit: .max) == .max)
        #expect(map.run(at: .max, limit: .max) == nil)
    }
}
