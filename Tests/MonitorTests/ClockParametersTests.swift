import Glibc
import GuestABI
import GuestVDSO
import LibraryOS
import Synchronization
import Testing

@testable import Monitor

@Suite struct ClockLineTests {
    /// Of a counter of 3 GHz.
    let multiplier = ClockLine.multiplier(ticks: 3_000_000_000, nanoseconds: 1_000_000_000) ?? 0

    @Test func oneSecondOfTicksIsOneSecond() {
        let line = ClockLine(origin: 500, base: 7_000_000_000, multiplier: multiplier)
        #expect(line.nanoseconds(at: 500) == 7_000_000_000)
        // The multiplier is cut, so the last nanosecond of each second comes a tick late.
        #expect((7_999_999_999...8_000_000_000).contains(line.nanoseconds(at: 3_000_000_500)))
    }

    @Test func aLineHoldsForDecades() {
        let line = ClockLine(origin: 0, base: 0, multiplier: multiplier)
        let seconds: UInt64 = 90 * 365 * 86_400
        let reading = line.nanoseconds(at: seconds * 3_000_000_000)
        #expect(seconds * 1_000_000_000 - reading < 100_000)
        #expect(line.nanoseconds(at: seconds * 3_000_000_000 + 3_000) - reading == 1000)
    }

    @Test func aCounterBehindTheOriginReadsTheOrigin() {
        let line = ClockLine(origin: 1000, base: 42, multiplier: multiplier)
        #expect(line.nanoseconds(at: 999) == 42)
        #expect(line.nanoseconds(at: 0) == 42)
    }

    @Test func aLineGoesOnWhereTheOneBeforeEnded() {
        let line = ClockLine(origin: 0, base: 5, multiplier: multiplier)
        let counter: UInt64 = 123_456_789_123
        let next = line.continued(at: counter, multiplier: multiplier / 2)
        #expect(next.nanoseconds(at: counter) == line.nanoseconds(at: counter))
        #expect((999...1000).contains(next.nanoseconds(at: counter + 6_000) - next.nanoseconds(at: counter)))
    }

    @Test(arguments: [(0, 1), (1, 0), (1, 1 << 20), (15_000, 1_000_000_000)] as [(UInt64, UInt64)])
    func senselessRatesAreRefused(ticks: UInt64, nanoseconds: UInt64) {
        #expect(ClockLine.multiplier(ticks: ticks, nanoseconds: nanoseconds) == nil)
    }
}

@Suite struct SteeredClockTests {
    private func clock(host: Int64 = 0) -> SteeredClock {
        SteeredClock(counter: 0, host: host, multiplier: ClockLine.multiplier(ticks: 1, nanoseconds: 1) ?? 0)
    }

    @Test func anErrorIsGoneAtTheNextComparison() {
        var clock = clock()
        // The host's clock runs 100 ppm faster than the counter's frequency says.
        for second in 1...3 as ClosedRange<UInt64> {
            let counter = second * 1_000_000_000
            let host = Int64(counter + counter / 10_000)
            let bend = clock.compare(counter: counter, host: host, interval: 1_000_000_000)
            clock.apply(bend, at: counter)
            #expect(bend.isPlausible && bend.step == 0)
        }
        #expect(abs(Int64(clock.line.nanoseconds(at: 4_000_000_000)) - 4_000_400_000) < 10)
    }

    @Test func aClockThatIsAheadRunsSlowerButRuns() {
        var clock = clock(host: 500_000_000)
        let bend = clock.compare(counter: 1_000_000_000, host: 1_000_000_000, interval: 1_000_000)
        #expect(bend.step == 0 && bend.multiplier < clock.rate && bend.multiplier >= clock.rate / 16 * 15)
        clock.apply(bend, at: 1_000_000_000)
        #expect(clock.line.nanoseconds(at: 1_000_000_000) == 1_500_000_000)
        #expect(clock.line.nanoseconds(at: 1_016_000_000) >= 1_515_000_000)
    }

    @Test func aClockThatIsFarBehindStepsForward() {
        var clock = clock()
        clock.apply(clock.compare(counter: 1_000_000_000, host: 1_800_000_000, interval: 1_000_000_000), at: 1_000_000_000)
        #expect(clock.line.nanoseconds(at: 1_000_000_000) == 1_800_000_000)
    }

    @Test func aCounterThatRanOnWhileTheHostSleptDisplacesTheClock() {
        var clock = clock()
        let hour: UInt64 = 3_600_000_000_000
        let bend = clock.compare(counter: hour, host: 1_000_000, interval: 1_000_000_000)
        clock.apply(bend, at: hour)
        #expect(!bend.isPlausible && bend.multiplier == clock.rate)
        #expect(clock.displacement == Int64(hour) - 1_000_000)
        #expect(clock.line.nanoseconds(at: hour + 5) == hour + 5)
    }

    @Test func aCounterThatWasResetIsMadeUpFor() {
        var clock = SteeredClock(counter: 5_000_000_000, host: 5_000_000_000, multiplier: clock().rate)
        let bend = clock.compare(counter: 1000, host: 7_000_000_000, interval: 1_000_000_000)
        clock.apply(bend, at: 1000)
        #expect(!bend.isPlausible)
        #expect(clock.line.nanoseconds(at: 2000) == 7_000_001_000)
    }

    @Test func theWallClockFollowsWhenItIsSetAndOnlyThen() {
        #expect(ClockSample.follow(1000, 900...950) == 1000)
        #expect(ClockSample.follow(1000, 5_000_000...5_000_100) == 5_000_050)
        #expect(ClockSample.follow(1000, -5_000_100 ... -5_000_000) == -5_000_050)
    }
}

/// The clock page and the vDSO as the guest has them, here in the test's own memory, so that the vDSO's code can be called.
private final class MappedVDSO: Sendable {
    typealias ReadClock = @convention(c) (clockid_t, UnsafeMutablePointer<timespec>) -> Int32
    nonisolated(unsafe) let page: UnsafeMutablePointer<skerry_clock_page>
    let readClock: ReadClock

    init() throws {
        let start = try #require(mmap(nil, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
        (start + 4096).copyMemory(from: skerry_vdso_image(), byteCount: Int(skerry_vdso_size()))
        try #require(mprotect(start + 4096, 4096, PROT_READ | PROT_EXEC) == 0)
        page = start.bindMemory(to: skerry_clock_page.self, capacity: 1)
        // The first symbol after the empty one: __vdso_clock_gettime.
        let symbols = start + 4096 + Int((start + 4096 + 40).load(as: UInt64.self))
        let table = start + 4096 + Int((symbols + 2 * 64 + 24).load(as: UInt64.self))
        readClock = unsafeBitCast(start + 4096 + Int((table + 24 + 8).load(as: UInt64.self)), to: ReadClock.self)
    }

    deinit { munmap(page, 8192) }

    func now(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        return readClock(clock, &time) == 0 ? Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec) : -1
    }
}

@Suite struct ClockParametersTests {
    /// The host's rate, measured.
    private func multiplier() throws -> UInt64 {
        let before = ClockSample.take().monotonic
        usleep(20_000)
        let after = ClockSample.take().monotonic
        return try #require(ClockLine.multiplier(ticks: after.counter - before.counter, nanoseconds: UInt64(after.nanoseconds - before.nanoseconds)))
    }

    @Test(.enabled(if: HostCounter.isReliable)) func callsAndVDSOTellTheSameTime() throws {
        let vdso = try MappedVDSO()
        let parameters = ClockParameters(guest: vdso.page, in: vdso, guestMayRead: true, multiplier: try multiplier())
        for (clock, number) in [(HostClock.realtime, CLOCK_REALTIME), (.monotonic, CLOCK_MONOTONIC), (.boottime, CLOCK_BOOTTIME), (.monotonicRaw, CLOCK_MONOTONIC_RAW)] {
            for _ in 0..<1000 {
                let first = parameters.now(clock)
                let second = vdso.now(number)
                let third = parameters.now(clock)
                #expect(first <= second && second <= third)
            }
            #expect(abs(parameters.now(clock) - HostSystemCalls.clock(number)) < 50_000_000)
        }
    }

    /// Comparisons as close together as here may look like jumps of the counter when the host takes the processor in the middle of one, and three of them end
    /// the counter's use: what the vDSO then calls is the host's clock, which is another one. Such a try shows nothing.
    @Test(.enabled(if: HostCounter.isReliable)) func nothingGoesBackWhileTheParametersChange() throws {
        for _ in 0..<10 {
            guard let steps = try stepsBackWhileTheParametersChange() else { continue }
            #expect(steps == 0)
            return
        }
        Issue.record("the counter was given up in every try")
    }

    /// How often a reading was before an earlier one; nil: the counter was given up meanwhile.
    private func stepsBackWhileTheParametersChange() throws -> Int? {
        let vdso = try MappedVDSO()
        // A rate that is off by a hundredth, so that there is something to bend.
        let rate = try multiplier()
        let parameters = ClockParameters(guest: vdso.page, in: vdso, guestMayRead: true, multiplier: rate + rate / 100)
        let latest = Atomic<Int64>(0)
        let steps = Atomic<Int>(0)
        let running = Atomic<Int>(2)
        for reader in 0..<2 {
            try HostThread.start {
                for round in 0..<300_000 {
                    let before = latest.load(ordering: .sequentiallyConsistent)
                    let now = (round + reader) % 2 == 0 ? vdso.now(CLOCK_MONOTONIC) : parameters.now(.monotonic)
                    if now < before { steps.add(1, ordering: .relaxed) }
                    latest.max(now, ordering: .sequentiallyConsistent)
                }
                running.subtract(1, ordering: .sequentiallyConsistent)
            }
        }
        var isTrusted = true
        while running.load(ordering: .sequentiallyConsistent) > 0 {
            if parameters.synchronise() == nil { isTrusted = false }
            usleep(50)
        }
        return isTrusted ? steps.load(ordering: .relaxed) : nil
    }

    @Test func withoutACommonCounterTheVDSOMakesTheCall() throws {
        let vdso = try MappedVDSO()
        let parameters = ClockParameters(guest: vdso.page, in: vdso, guestMayRead: false, multiplier: try multiplier())
        #expect(vdso.page.pointee.mode == 0)
        let before = HostSystemCalls.clock(CLOCK_MONOTONIC)
        let reading = vdso.now(CLOCK_MONOTONIC)
        #expect(before <= reading && reading <= HostSystemCalls.clock(CLOCK_MONOTONIC))
        withExtendedLifetime(parameters) {}
    }
}
