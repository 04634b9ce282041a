import Foundation
import Synchronization
import Testing

@testable import SecureWorld

/// An application that makes random calls of the core, with arguments that are half plausible, ends when it has asked for that, and nothing else does.
@Suite(.enabled(if: FuzzApplications.canRun)) struct CallFuzzTests {
    @Test func randomCallsHarmNobodyElse() throws { try Fuzzing.inChild("callFuzz") }

    /// Not a test by itself: the process that fuzzes.
    @Test(.enabled(if: Fuzzing.isChild("callFuzz"))) func callFuzzChild() throws {
        nonisolated(unsafe) var current: FuzzWorld?
        let counts = Mutex<(calls: Int, returned: Int, dead: Int)>((0, 0, 0))
        func settle() throws {
            guard let world = current else { return }
            #expect(world.log.counts.failures == [], "KVM failed")
            let log = world.log.counts
            Fuzzing.say("panics \(log.panics), exceptions \(log.exceptions), ended \(log.ended), stopped \(log.stopped): \(log.stops.sorted())")
            world.end()
            current = nil
        }
        try Fuzzing.rounds(settle: settle) { random, round in
            let world = try current ?? FuzzWorld(timeLimit: 5)
            current = world
            let seeds = (0..<2).map { _ in random.next() }
            let nonsense: [UInt32] = [2, 8, 32, 128]
            let one = random.element(nonsense)
            // Two at a time: instances of their own, and one instance for all.
            together(2) { index in
                let uuid = (index == 0 ? FuzzApplications.Hostile.plain : .shared).uuid
                let opening = world.open(uuid)
                guard opening.result == .success else { return }
                for part in 0..<3 as Range<UInt32> {
                    let seed = seeds[index] &+ UInt64(part)
                    let parameters: [TEEParameter] = [
                        .value(.input, a: UInt32(truncatingIfNeeded: seed), b: UInt32(truncatingIfNeeded: seed >> 32)), .value(.input, a: 400, b: one),
                    ]
                    let request = world.invoke(opening.session, 1, parameters)
                    counts.withLock { counts in
                        counts.calls += 1
                        if request.result == .targetDead { counts.dead += 1 } else { counts.returned += 1 }
                    }
                    if request.result == .targetDead { break }
                }
                world.close(opening.session)
            }
            if round % 8 == 0 { #expect(world.isAlive, "another application does not answer after round \(round)") }
            if round % 200 == 199 { try settle() }
        }
        let total = counts.withLock { $0 }
        Fuzzing.say("\(total.calls) times up to 400 calls, \(total.returned) returned, \(total.dead) ended the instance")
        #expect(total.returned > 0 && total.dead > 0)
    }

    @Test func randomCodeHarmsNobodyElse() throws { try Fuzzing.inChild("codeFuzz") }

    /// Not a test by itself: the process that fuzzes.
    @Test(.enabled(if: Fuzzing.isChild("codeFuzz"))) func codeFuzzChild() throws {
        nonisolated(unsafe) var current: FuzzWorld?
        func settle() throws {
            guard let world = current else { return }
            #expect(world.log.counts.failures == [], "KVM failed")
            let log = world.log.counts
            Fuzzing.say("panics \(log.panics), exceptions \(log.exceptions), ended \(log.ended), stopped \(log.stopped): \(log.stops.sorted())")
            #expect(log.exceptions > 0)
            world.end()
            current = nil
        }
        try Fuzzing.rounds(settle: settle) { random, round in
            let world = try current ?? FuzzWorld(timeLimit: 0.5)
            current = world
            let opening = world.open(FuzzApplications.Hostile.plain.uuid)
            // Where there is hardly a processor its time may be over before it has begun.
            #expect([.success, .targetDead].contains(opening.result))
            _ = world.invoke(opening.session, 7, [.value(.input, a: UInt32(truncatingIfNeeded: random.next()), b: 0)])
            world.close(opening.session)
            if round % 32 == 0 { #expect(world.isAlive, "another application does not answer after round \(round)") }
            if round % 2000 == 1999 { try settle() }
        }
    }
}
