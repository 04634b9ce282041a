internal import LibraryOS

/// Time inside the guest: counted by the processor's counter, from a frequency and a date that the host has told once.
///
/// Both are the host's to choose, within bounds, and the counter is as well unless the guest has a secure one: time is a hint of the host. What holds whatever the host
/// does is that no clock ever goes back.
final class RingClock: @unchecked Sendable {
    /// Hertz that a processor may have.
    static let frequencies: ClosedRange<UInt64> = 10_000_000...10_000_000_000
    /// Nanoseconds since 1970 that may be now: from 2020 to 2200.
    static let dates: ClosedRange<UInt64> = 1_577_836_800_000_000_000...7_258_118_400_000_000_000

    private let transport: RingTransport
    private let frequency: UInt64
    private let start: UInt64
    /// What CLOCK_REALTIME was at the start.
    private let date: Int64
    private let lock = Lock(.leaf)
    private var latest: Int64 = 0

    /// Asks the host once for both.
    init(_ ring: Ring) throws(Errno) {
        transport = ring.transport
        frequency = try ring.counterFrequency()
        let told = try ring.wallClock()
        start = transport.counter()
        guard Self.frequencies.contains(frequency), Self.dates.contains(told) else {
            ring.violate(.clock)
            throw .EIO
        }
        date = Int64(told)
    }

    var hertz: UInt64 { frequency }

    /// Nanoseconds since the start.
    func monotonic() -> Int64 {
        let counter = transport.counter()
        let passed = counter > start ? counter &- start : 0
        // The remainder times 10^9 fits, as the frequency is at most 10^10.
        let (seconds, rest) = passed.quotientAndRemainder(dividingBy: frequency)
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let now = overflow ? UInt64(Int64.max) : min(UInt64(Int64.max), whole &+ rest &* 1_000_000_000 / frequency)
        return lock.withLock {
            latest = max(latest, Int64(now))
            return latest
        }
    }

    /// Nanoseconds since 1970.
    func realtime() -> Int64 {
        let (sum, overflow) = date.addingReportingOverflow(monotonic())
        return overflow ? .max : sum
    }
}
