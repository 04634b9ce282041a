import LibraryOS
import Synchronization

internal import Glibc
internal import GuestABI

/// The time base of a sandbox: the lines by which clocks are read from the time stamp counter, on one page for the monitor and one for the vDSO.
///
/// Both pages change together: readers of either wait while they do, and a counter that was read before goes with the old lines, one read after with the
/// new. So a call and the vDSO never disagree and no reading goes back. Once the counter has proved unreliable both pages say so, and every reading is the
/// host's own, by a system call.
final class ClockParameters: Sendable {
    // The pages are touched under the lock only, but for readings, which check that they were whole.
    fileprivate struct State: ~Copyable, @unchecked Sendable {
        let own: UnsafeMutablePointer<skerry_clock_page>
        let guest: UnsafeMutablePointer<skerry_clock_page>
        /// Keeps `guest` mapped.
        let guestMemory: AnyObject
        let guestMayRead: Bool
        var monotonic: SteeredClock
        var raw: SteeredClock
        /// What CLOCK_REALTIME and CLOCK_BOOTTIME are ahead of CLOCK_MONOTONIC.
        var realtimeOffset: Int64
        var boottimeOffset: Int64
        var trusted = true
        var doubts = 0
        var synchronisations = 0
    }
    private let state: Mutex<State>
    /// The page that readings in the monitor use.
    private nonisolated(unsafe) let own: UnsafeMutablePointer<skerry_clock_page>

    /// Starts from the host's clocks now. `guest` is the clock page, in `guestMemory`; `guestMayRead`: the guest's counter is the host's.
    init(guest: UnsafeMutablePointer<skerry_clock_page>, in guestMemory: AnyObject, guestMayRead: Bool, multiplier: UInt64) {
        let page = UnsafeMutablePointer<skerry_clock_page>.allocate(capacity: 1)
        page.initialize(to: skerry_clock_page())
        own = page
        let sample = ClockSample.take()
        state = Mutex(
            State(
                own: page, guest: guest, guestMemory: guestMemory, guestMayRead: guestMayRead,
                monotonic: SteeredClock(counter: sample.monotonic.counter, host: sample.monotonic.nanoseconds, multiplier: multiplier),
                raw: SteeredClock(counter: sample.raw.counter, host: sample.raw.nanoseconds, multiplier: multiplier),
                realtimeOffset: ClockSample.middle(sample.realtimeOffset), boottimeOffset: ClockSample.middle(sample.boottimeOffset)))
        state.withLock { state in
            let unbent = SteeredClock.Correction(multiplier: multiplier, step: 0, isPlausible: true)
            state.update(unbent, unbent, state.realtimeOffset, state.boottimeOffset)
        }
    }

    deinit { own.deallocate() }

    // MARK: Reading

    /// A clock in nanoseconds.
    func now(_ clock: HostClock) -> Int64 {
        let identifier = clock.identifier
        while true {
            let reading = skerry_clock_page_read(own, UInt32(identifier))
            if reading.valid == 0 {
                // The page is being changed: sleep until that is over, as the thread that does it may have been interrupted.
                state.withLock { _ in }
                continue
            }
            if reading.mode == 0 { return state.withLock { $0.hostReading(clock) } }
            let line = ClockLine(origin: reading.origin, base: reading.clock.base, multiplier: reading.clock.multiplier)
            return Int64(clamping: line.nanoseconds(at: reading.counter))
        }
    }

    // MARK: Following the host

    /// When the first synchronisation should be, in nanoseconds from the start: soon, while the rate is the processor's word only.
    static let firstInterval: Int64 = 10_000_000

    /// Compares with the host's clocks and bends the lines; returns after how many nanoseconds to do it again, nil: never.
    func synchronise() -> Int64? { state.withLock { $0.synchronise() } }
}

extension ClockParameters.State {
    /// Jumps of the counter in a row after which it is given up. One is what a suspended or migrated host makes.
    private static let patience = 3

    private var interval: Int64 { synchronisations <= 1 ? 100_000_000 : 1_000_000_000 }

    mutating func synchronise() -> Int64? {
        guard trusted else { return nil }
        let sample = ClockSample.take()
        synchronisations &+= 1
        let bend = monotonic.compare(counter: sample.monotonic.counter, host: sample.monotonic.nanoseconds, interval: interval)
        let rawBend = raw.compare(counter: sample.raw.counter, host: sample.raw.nanoseconds, interval: interval)
        doubts = bend.isPlausible ? 0 : doubts + 1
        trusted = doubts < Self.patience
        // The wall clock keeps to the host's even when the monotonic clock is displaced.
        let found = sample.realtimeOffset
        let displaced = (found.lowerBound &- monotonic.displacement)...(found.upperBound &- monotonic.displacement)
        update(bend, rawBend, ClockSample.follow(realtimeOffset, displaced), ClockSample.follow(boottimeOffset, sample.boottimeOffset))
        return trusted ? interval : nil
    }

    /// Changes both pages. The counter from which the new lines hold is read when no reader can use the old ones any more.
    mutating func update(_ bend: SteeredClock.Correction, _ rawBend: SteeredClock.Correction, _ realtime: Int64, _ boottime: Int64) {
        skerry_clock_page_open(own)
        skerry_clock_page_open(guest)
        let counter = skerry_counter()
        monotonic.apply(bend, at: counter)
        raw.apply(rawBend, at: counter)
        realtimeOffset = realtime
        boottimeOffset = boottime
        if !trusted {
            monotonic.abandonCounter(at: counter, host: HostSystemCalls.clock(CLOCK_MONOTONIC))
            raw.abandonCounter(at: counter, host: HostSystemCalls.clock(CLOCK_MONOTONIC_RAW))
        }
        write(own, counter, usable: trusted)
        write(guest, counter, usable: trusted && guestMayRead)
        skerry_clock_page_close(guest)
        skerry_clock_page_close(own)
    }

    private func write(_ page: UnsafeMutablePointer<skerry_clock_page>, _ counter: UInt64, usable: Bool) {
        let line = monotonic.line
        let realtime = line.base &+ UInt64(bitPattern: realtimeOffset)
        skerry_clock_page_set_origin(page, usable ? 1 : 0, counter)
        skerry_clock_page_set(page, UInt32(CLOCK_MONOTONIC), line.base, line.multiplier)
        skerry_clock_page_set(page, UInt32(CLOCK_MONOTONIC_COARSE), line.base, line.multiplier)
        skerry_clock_page_set(page, UInt32(CLOCK_REALTIME), realtime, line.multiplier)
        skerry_clock_page_set(page, UInt32(CLOCK_REALTIME_COARSE), realtime, line.multiplier)
        // The kernel's own offset until someone sets it: none.
        skerry_clock_page_set(page, UInt32(CLOCK_TAI), realtime, line.multiplier)
        skerry_clock_page_set(page, UInt32(CLOCK_BOOTTIME), line.base &+ UInt64(bitPattern: boottimeOffset), line.multiplier)
        skerry_clock_page_set(page, UInt32(CLOCK_MONOTONIC_RAW), raw.line.base, raw.line.multiplier)
    }

    /// Without the counter.
    func hostReading(_ clock: HostClock) -> Int64 {
        let reading = HostSystemCalls.clock(clock.identifier)
        switch clock {
        case .realtime: return reading
        case .monotonic, .boottime: return reading &+ monotonic.displacement
        case .monotonicRaw: return reading &+ raw.displacement
        }
    }
}

extension HostClock {
    /// Its number in clock_gettime(2).
    var identifier: clockid_t {
        switch self {
        case .realtime: CLOCK_REALTIME
        case .monotonic: CLOCK_MONOTONIC
        case .boottime: CLOCK_BOOTTIME
        case .monotonicRaw: CLOCK_MONOTONIC_RAW
        }
    }
}
