import Testing

@testable import LibraryOS

@Suite("Arithmetic of virtual memory areas")
struct VirtualMemoryAreasTests {
    private let backing = MemoryBacking(physicalMemory: PhysicalMemory())
    private let other = MemoryBacking(physicalMemory: PhysicalMemory())

    private func area(_ start: UInt64, _ end: UInt64, _ protection: PageProtection = [.read, .write], page: UInt64? = nil, other isOther: Bool = false) -> VirtualMemoryArea {
        VirtualMemoryArea(
            start: start << 12, end: end << 12, protection: protection, flags: [], backing: isOther ? other : backing, backingPage: page ?? start)
    }
    private func pages(_ areas: VirtualMemoryAreas) -> [ClosedRange<UInt64>] { areas.areas.map { ($0.start >> 12)...($0.end >> 12) } }

    @Test func munmapSplitsMappingInTheMiddle() {
        var areas = VirtualMemoryAreas()
        areas.insert(area(16, 32))
        let removed = areas.remove(20 << 12, 24 << 12)
        #expect(pages(areas) == [16...20, 24...32])
        #expect(areas.areas.map(\.backingPage) == [16, 24])
        #expect(removed.map(\.backingPage) == [20])
        #expect(areas.totalSize == 12 << 12)
    }

    @Test func aRangeOverSeveralMappingsTakesTheirPartsOnly() {
        var areas = VirtualMemoryAreas()
        areas.insert(area(10, 14))
        areas.insert(area(16, 18))
        areas.insert(area(20, 30))
        let removed = areas.remove(12 << 12, 22 << 12)
        #expect(removed.map { ($0.start >> 12)...($0.end >> 12) } == [12...14, 16...18, 20...22])
        #expect(pages(areas) == [10...12, 22...30])
    }

    @Test func neighboursThatContinueEachOtherBecomeOne() {
        var areas = VirtualMemoryAreas()
        areas.insert(area(10, 12))
        areas.insert(area(14, 16))
        areas.insert(area(12, 14))
        #expect(pages(areas) == [10...16])
        #expect(areas.totalSize == 6 << 12)
    }

    @Test func neighboursThatDifferStayApart() {
        var areas = VirtualMemoryAreas()
        areas.insert(area(10, 12))
        areas.insert(area(12, 14, .read))
        areas.insert(area(14, 16, .read, page: 99))
        areas.insert(area(16, 18, .read, page: 101, other: true))
        #expect(areas.areas.count == 4)
    }

    @Test func coverageEndsAtTheFirstHole() {
        var areas = VirtualMemoryAreas()
        areas.insert(area(10, 12))
        areas.insert(area(12, 14, .read))
        areas.insert(area(15, 16))
        #expect(areas.covers(10 << 12, 14 << 12))
        #expect(areas.covers(11 << 12, 11 << 12))
        #expect(!areas.covers(10 << 12, 16 << 12))
        #expect(!areas.covers(9 << 12, 11 << 12))
        #expect(!areas.covers(15 << 12, 17 << 12))
    }

    @Test func theHighestGapThatFitsIsFound() {
        var areas = VirtualMemoryAreas()
        areas.insert(area(100, 110))
        areas.insert(area(114, 120))
        func gap(_ pages: UInt64, below: UInt64 = 120, above: UInt64 = 1, alignment: UInt64 = 4096) -> UInt64? {
            areas.gap(length: pages << 12, below: below << 12, above: above << 12, alignment: alignment).map { $0 >> 12 }
        }
        #expect(gap(4) == 110)
        #expect(gap(2) == 112)
        #expect(gap(5) == 95)
        #expect(gap(5, above: 96) == nil)
        #expect(gap(2, below: 130) == 128)
        #expect(gap(2, below: 116) == 112, "the ceiling may lie inside a mapping")
        #expect(gap(1, alignment: 4096 * 16) == 112)
        #expect(gap(99) == 1)
        #expect(gap(100) == nil)
    }

    @Test func whatASearchRemembersChangesNoAnswer() {
        var areas = VirtualMemoryAreas()
        var state: UInt64 = 7
        func random(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        for _ in 0..<4000 {
            let length = (1 + random(4)) << 12
            var fresh = VirtualMemoryAreas()
            for area in areas.areas { fresh.insert(area) }
            let expected = fresh.gap(length: length, below: 400 << 12, above: 16 << 12, alignment: 4096)
            let found = areas.gap(length: length, below: 400 << 12, above: 16 << 12, alignment: 4096)
            #expect(found == expected)
            if let found { areas.insert(area(found >> 12, (found + length) >> 12, random(2) == 0 ? .read : .write)) }
            let start = 16 + random(384)
            switch random(3) {
            case 0: _ = areas.remove(start << 12, (start + 1 + random(8)) << 12)
            case 1:
                let slices = areas.slices(start << 12, (start + 4) << 12)
                if areas.covers(start << 12, (start + 4) << 12) { areas.replace(start << 12, (start + 4) << 12, with: slices) }
            default: break
            }
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func randomOperationsAgreeWithAModel(seed: UInt64) {
        var generator = SplitMix(seed: seed)
        var areas = VirtualMemoryAreas()
        var model: [UInt64: PageProtection] = [:]
        for _ in 0..<3000 {
            let start = UInt64.random(in: 0..<120, using: &generator)
            let end = start + UInt64.random(in: 1...24, using: &generator)
            let removed = areas.remove(start << 12, end << 12)
            #expect(removed.reduce(0) { $0 + $1.pages } == UInt64((start..<end).count { model[$0] != nil }))
            for page in start..<end { model[page] = nil }
            if Bool.random(using: &generator) {
                let protection: PageProtection = Bool.random(using: &generator) ? .read : [.read, .write]
                areas.insert(area(start, end, protection))
                for page in start..<end { model[page] = protection }
            }
            for page in 0..<150 as Range<UInt64> {
                let found = areas.area(at: page << 12 | 0xfff)
                #expect(found?.protection == model[page])
                if let found { #expect(found.backingPage(of: page << 12) == page) }
            }
            #expect(areas.totalSize == UInt64(model.count) << 12)
            #expect(zip(areas.areas, areas.areas.dropFirst()).allSatisfy { $0.end <= $1.start && !$0.continues(into: $1) })
        }
    }
}
