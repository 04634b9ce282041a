internal import GuestABI

/// A clock as a straight line over the time stamp counter; the arithmetic is that of the vDSO (guest/vdso/vdso.S), to the last bit.
struct ClockLine: Equatable {
    /// The counter's value at which the clock shows `base`.
    var origin: UInt64
    /// Nanoseconds at the origin.
    var base: UInt64
    /// Nanoseconds per tick, with `SKERRY_CLOCK_SHIFT` bits behind the point.
    var multiplier: UInt64

    /// The reading at a value of the counter. Before the origin the clock stands still: another processor's counter may be a little behind.
    func nanoseconds(at counter: UInt64) -> UInt64 {
        let ticks = counter > origin ? counter - origin : 0
        let product = ticks.multipliedFullWidth(by: multiplier)
        let shift = UInt64(SKERRY_CLOCK_SHIFT)
        return base &+ (product.high << (64 - shift) | product.low >> shift)
    }

    /// The line that goes on from here at another rate: readings never go back.
    func continued(at counter: UInt64, multiplier: UInt64, step: UInt64 = 0) -> ClockLine {
        ClockLine(origin: counter, base: nanoseconds(at: counter) &+ step, multiplier: multiplier)
    }

    /// The multiplier of a counter that makes `ticks` in `nanoseconds`; nil when that is no sensible rate.
    static func multiplier(ticks: UInt64, nanoseconds: UInt64) -> UInt64? {
        let shift = UInt64(SKERRY_CLOCK_SHIFT)
        let high = nanoseconds >> (64 - shift)
        guard ticks > high, nanoseconds > 0 else { return nil }
        let result = ticks.dividingFullWidth((high, nanoseconds << shift)).quotient
        return result == 0 ? nil : result
    }
}
