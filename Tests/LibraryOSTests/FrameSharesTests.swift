import Testing

@testable import LibraryOS

private func frames(_ start: UInt64, _ count: Int) -> FrameRange { FrameRange(start: FrameNumber(start), count: count) }

@Suite("A list of shared frames says how many owners a frame has")
struct FrameSharesTests {
    @Test func aFrameThatIsNotListedHasOneOwner() {
        let shares = FrameShares()
        #expect(shares.leading(frames(10, 5)) == (false, 5))
        #expect(shares.remove(frames(10, 5)) == [frames(10, 5)], "the only owner's frames are free")
    }

    @Test func theLastOwnerIsToldToFree() {
        let shares = FrameShares()
        shares.add(frames(100, 4))
        shares.add(frames(100, 4))
        #expect(shares.leading(frames(100, 4)) == (true, 4))
        #expect(shares.remove(frames(100, 4)).isEmpty)
        #expect(shares.remove(frames(100, 4)).isEmpty)
        #expect(shares.count == 0)
        #expect(shares.remove(frames(100, 4)) == [frames(100, 4)])
    }

    @Test func ownersComeAndGoFrameByFrame() {
        let shares = FrameShares()
        shares.add(frames(500, 40))
        #expect(shares.remove(frames(505, 10)).isEmpty)
        #expect(shares.leading(frames(500, 40)) == (true, 5))
        #expect(shares.leading(frames(505, 35)) == (false, 10))
        #expect(shares.leading(frames(515, 25)) == (true, 25))
        #expect(shares.remove(frames(500, 40)) == [frames(505, 10)])
        #expect(shares.count == 0)
    }

    @Test func nothingIsKeptOfFramesWithOneOwner() {
        let shares = FrameShares()
        shares.add(frames(0, 512 * 300))
        #expect(shares.count == 512 * 300)
        let uniform = shares.cost
        #expect(uniform < 300 * 128, "frames that are alike cost little")
        _ = shares.remove(frames(700, 1))
        #expect(shares.cost > uniform)
        #expect(shares.remove(frames(0, 700)).isEmpty)
        #expect(shares.remove(frames(701, 512 * 300 - 701)).isEmpty)
        #expect(shares.count == 0 && shares.cost == 0)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func randomOwnersAgreeWithADictionary(seed: UInt64) {
        var generator = SplitMix(seed: seed)
        let shares = FrameShares()
        var model: [UInt64: Int] = [:]
        for _ in 0..<1500 {
            let start = UInt64.random(in: 0..<2000, using: &generator)
            let count = Int.random(in: 1...1200, using: &generator)
            let range = start..<start + UInt64(count)
            if Bool.random(using: &generator) {
                shares.add(frames(start, count))
                for frame in range { model[frame, default: 0] += 1 }
            } else {
                let freed = shares.remove(frames(start, count)).flatMap { run in (0..<run.count).map { run[$0].value } }
                #expect(freed == range.filter { model[$0, default: 0] == 0 })
                for frame in range { if let extra = model[frame], extra > 0 { model[frame] = extra - 1 } }
            }
            #expect(shares.count == model.values.count { $0 > 0 })
            let probe = UInt64.random(in: 0..<3200, using: &generator)
            let found = shares.leading(frames(probe, 700))
            let isShared = model[probe, default: 0] > 0
            #expect(found == (isShared, (probe..<probe + 700).prefix { (model[$0, default: 0] > 0) == isShared }.count))
        }
    }

    @Test func rangesAreDividedWhereTheyMeetOthers() throws {
        let ranges = AddressRanges([(0x5000, 0x7000), (0x1000, 0x1001), (0x6800, 0x9000)])
        var found: [String] = []
        try ranges.divide(0, 0xa000) { (start, end, isInside) throws(Errno) in found.append("\(start >> 12)-\(end >> 12)\(isInside ? "+" : "")") }
        #expect(found == ["0-1", "1-2+", "2-5", "5-9+", "9-10"])
        found = []
        try ranges.divide(0x6000, 0x8000) { (start, end, isInside) throws(Errno) in found.append("\(start >> 12)-\(end >> 12)\(isInside ? "+" : "")") }
        #expect(found == ["6-8+"])
    }
}
