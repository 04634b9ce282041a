import Testing

@testable import Monitor

@Suite("Freed frames wait for the pins that are older than their release")
struct PinEpochsTests {
    @Test func withoutPinsNothingWaits() {
        var epochs = PinEpochs<Int>()
        #expect(epochs.add(1) == [1])
    }

    @Test func whatIsFreedUnderAPinWaitsForIt() {
        var epochs = PinEpochs<Int>()
        let pin = epochs.pin()
        #expect(epochs.add(1).isEmpty)
        #expect(epochs.add(2).isEmpty)
        #expect(epochs.unpin(pin).sorted() == [1, 2])
        #expect(epochs.add(3) == [3])
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func nothingIsReleasedWhileAnOlderPinLives(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var epochs = PinEpochs<Int>()
        var time = 0
        var live: [(token: Int, since: Int)] = []
        var waiting: [Int: Int] = [:]
        func check(_ released: [Int]) {
            for item in released {
                guard let freedAt = waiting.removeValue(forKey: item) else {
                    Issue.record("\(item) was released twice or never freed")
                    continue
                }
                #expect(!live.contains { $0.since < freedAt }, "\(item) was released under a pin older than its release")
            }
        }
        for _ in 0..<5000 {
            time += 1
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: live.append((epochs.pin(), time))
            case 1:
                guard let index = live.indices.randomElement(using: &generator) else { continue }
                let token = live.remove(at: index).token
                check(epochs.unpin(token))
            default:
                waiting[time] = time
                check(epochs.add(time))
            }
        }
        while let pin = live.popLast() { check(epochs.unpin(pin.token)) }
        #expect(waiting.isEmpty, "frames must not be lost when the last pin goes")
    }

    @Test func aStreamOfOverlappingPinsDoesNotStarveTheFreed() {
        var epochs = PinEpochs<Int>()
        var token = epochs.pin()
        var waiting = 0
        var released = 0
        for round in 0..<1000 {
            let next = epochs.pin()
            released += epochs.add(round).count
            waiting += 1
            released += epochs.unpin(token).count
            token = next
            #expect(waiting - released <= 8)
        }
    }
}
