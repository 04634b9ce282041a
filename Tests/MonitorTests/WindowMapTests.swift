import LibraryOS
import Testing

@testable import Monitor

@Suite("The monitor knows which host mapping lies behind a frame")
struct WindowMapTests {
    private func range(_ start: UInt64, _ count: Int) -> FrameRange { FrameRange(start: FrameNumber(start), count: count) }

    @Test func kindsAreThoseOfTheWindowAroundAFrame() {
        var map = WindowMap()
        map.insert(range(200, 10), .privateCopy)
        map.insert(range(100, 10), .shared)
        map.insert(range(110, 1), .privateCopy)
        #expect(map.parts(of: range(109, 1)).map(\.kind) == [.shared])
        #expect(map.parts(of: range(110, 1)).map(\.kind) == [.privateCopy])
        #expect(map.parts(of: range(209, 1)).map(\.kind) == [.privateCopy])
        #expect(map.parts(of: range(210, 1)).isEmpty)
        #expect(map.count == 3)
    }

    @Test func aRangeIsDividedIntoPartsOfOneKind() {
        var map = WindowMap()
        map.insert(range(100, 10), .shared)
        map.insert(range(110, 10), .privateCopy)
        map.insert(range(120, 10), .privateCopy)
        let parts = map.parts(of: range(105, 20))
        #expect(parts.map(\.frames) == [range(105, 5), range(110, 15)])
        #expect(parts.map(\.kind) == [.shared, .privateCopy])
    }

    @Test func aWindowIsGivenBackWhenItsLastPageIs() {
        var map = WindowMap()
        map.insert(range(100, 30), .privateCopy)
        #expect(map.release(range(110, 10)).isEmpty)
        #expect(map.count == 1)
        #expect(map.release(range(100, 10)).isEmpty)
        #expect(map.release(range(120, 10)) == [range(100, 30)])
        map.remove(range(100, 30))
        #expect(map.count == 0)
    }

    @Test func aRangeMayReachOverSeveralWindows() {
        var map = WindowMap()
        map.insert(range(100, 10), .shared)
        map.insert(range(110, 10), .shared)
        #expect(map.release(range(105, 15)) == [range(110, 10)])
        #expect(map.release(range(100, 5)) == [range(100, 10)])
    }
}
