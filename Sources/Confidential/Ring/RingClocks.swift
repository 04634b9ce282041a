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
