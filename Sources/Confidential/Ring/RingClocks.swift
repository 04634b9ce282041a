internal import CLinux
internal import Glibc

/// The host's clocks.
enum RingClocks {
    /// CLOCK_REALTIME in nanoseconds.
    static var wall: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(max(0, time.tv_sec)) * 1_000_000_000 + UInt64(max(0, time.tv_nsec))
    }
}

/// How fast the time stamp counter counts, measured against the host's clock from the value's making on.
public struct CounterMeasurement: Sendable {
    private let begin = Self.now()
    /// Less than this many nanoseconds say little.
    private static let least: UInt64 = 20_000_000

    /// Begins.
    public init() {}

    private static func now() -> (counter: UInt64, nanoseconds: UInt64) {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC_RAW, &time)
        return (skerry_rdtsc(), UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec))
    }

    /// Counts in a second; waits until enough time has passed.
    public var hertz: UInt64 {
        var end = Self.now()
        while end.nanoseconds &- begin.nanoseconds < Self.least {
            usleep(5000)
            end = Self.now()
        }
        let scaled = (end.counter &- begin.counter).multipliedFullWidth(by: 1_000_000_000)
        let nanoseconds = end.nanoseconds &- begin.nanoseconds
        return scaled.high < nanoseconds ? nanoseconds.dividingFullWidth(scaled).quotient : 0
    }
}
