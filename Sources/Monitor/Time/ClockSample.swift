internal import Glibc
internal import GuestABI

/// The host's clocks read together. Each reading is the best of a few, so that an interruption in between does not count.
struct ClockSample {
    /// A clock's reading, and the counter's value when it was read.
    struct Reading {
        var counter: UInt64
        var nanoseconds: Int64
    }
    let monotonic: Reading
    let raw: Reading
    /// Within what CLOCK_REALTIME and CLOCK_BOOTTIME differ from CLOCK_MONOTONIC.
    let realtimeOffset: ClosedRange<Int64>
    let boottimeOffset: ClosedRange<Int64>

    private static let attempts = 3
    /// A reading that took more ticks was interrupted, and is tried again a few times.
    private static let goodEnough: UInt64 = 20_000

    static func take() -> ClockSample {
        ClockSample(
            monotonic: read(CLOCK_MONOTONIC), raw: read(CLOCK_MONOTONIC_RAW),
            realtimeOffset: offset(of: CLOCK_REALTIME), boottimeOffset: offset(of: CLOCK_BOOTTIME))
    }

    private static func read(_ clock: clockid_t) -> Reading {
        var best = Reading(counter: 0, nanoseconds: 0)
        var shortest = UInt64.max
        for attempt in 0..<(4 * attempts) where attempt < attempts || shortest > goodEnough {
            let before = skerry_counter()
            let nanoseconds = HostSystemCalls.clock(clock)
            let span = skerry_counter() &- before
            if span < shortest {
                shortest = span
                best = Reading(counter: before &+ span / 2, nanoseconds: nanoseconds)
            }
        }
        return best
    }

    private static func offset(of clock: clockid_t) -> ClosedRange<Int64> {
        var best: ClosedRange<Int64> = 0...0
        var shortest = Int64.max
        for _ in 0..<attempts {
            let before = HostSystemCalls.clock(CLOCK_MONOTONIC)
            let nanoseconds = HostSystemCalls.clock(clock)
            let after = HostSystemCalls.clock(CLOCK_MONOTONIC)
            if after &- before < shortest, after >= before {
                shortest = after &- before
                best = (nanoseconds &- after)...(nanoseconds &- before)
            }
        }
        return best
    }

    /// The offset to go on with: the old one unless the host's clock has been set since.
    static func follow(_ old: Int64, _ found: ClosedRange<Int64>) -> Int64 {
        // Reading two clocks one after the other is off by less than this, and a clock that is set moves by more.
        let noise: Int64 = 1000
        if old >= found.lowerBound &- noise, old <= found.upperBound &+ noise { return old }
        return middle(found)
    }

    static func middle(_ range: ClosedRange<Int64>) -> Int64 { range.lowerBound &+ (range.upperBound &- range.lowerBound) / 2 }
}
