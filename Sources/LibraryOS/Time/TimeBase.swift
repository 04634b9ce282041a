/// The sandbox's one time base: clock calls, the vDSO, timers and file times all read it.
public final class TimeBase: @unchecked Sendable {
    private let host: Host
    package init(host: Host) { self.host = host }

    /// CLOCK_MONOTONIC.
    package func monotonicNow() -> MonotonicInstant { MonotonicInstant(nanoseconds: host.now(.monotonic)) }
    /// CLOCK_REALTIME in nanoseconds since the epoch: file times.
    package func realtimeNow() -> Int64 { host.now(.realtime) }
    /// CLOCK_BOOTTIME.
    package func boottimeNow() -> Int64 { host.now(.boottime) }
}
