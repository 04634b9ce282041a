internal import Glibc

/// The host's clocks; a test gives others.
open class TEEClock: @unchecked Sendable {
    /// The host's.
    public init() {}

    private func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    /// Nanoseconds of CLOCK_MONOTONIC: what waits and system time count by.
    open func monotonic() -> Int64 { read(CLOCK_MONOTONIC) }
    /// Nanoseconds since 1970 (CLOCK_REALTIME): REE time, and what persistent time is kept against.
    open func realtime() -> Int64 { read(CLOCK_REALTIME) }
}
