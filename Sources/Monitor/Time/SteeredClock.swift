/// A clock of the sandbox that follows a clock of the host: straight lines over the time stamp counter, each of which starts where the one before ended.
///
/// What the line is off at a re-synchronisation is slewed out over the next interval, so that the clock neither stops nor goes back.
struct SteeredClock {
    private(set) var line: ClockLine
    /// The host clock's own rate, as measured last.
    private(set) var rate: UInt64
    /// This clock is the host's plus so much. Zero until the counter has run away from the host's clock, as it does when the host is suspended:
    /// going on from there is better than standing still for hours.
    private(set) var displacement: Int64 = 0
    private var lastCounter: UInt64
    private var lastHost: Int64

    /// Ahead of the host by more than this is kept as displacement.
    private static let farAhead: Int64 = 1_000_000_000
    /// Behind the host by more than this is stepped over.
    private static let farBehind: Int64 = 1_000_000
    /// The rate is bent by a sixteenth at most.
    private static let bend = 16.0

    /// Starts with the host's reading.
    init(counter: UInt64, host: Int64, multiplier: UInt64) {
        line = ClockLine(origin: counter, base: UInt64(max(0, host)), multiplier: multiplier)
        rate = multiplier
        lastCounter = counter
        lastHost = host
    }

    /// How to go on.
    struct Correction: Equatable {
        var multiplier: UInt64
        /// Forward, at once.
        var step: UInt64
        /// The counter's rate was believable.
        var isPlausible: Bool
    }

    /// Compares with the host's clock, read when the counter had the given value; the next comparison is planned in `interval` nanoseconds.
    mutating func compare(counter: UInt64, host: Int64, interval: Int64) -> Correction {
        let plausible = measureRate(counter, host)
        var error = host &+ displacement &- Int64(clamping: line.nanoseconds(at: counter))
        if error < -Self.farAhead {
            displacement &-= error
            error = 0
        }
        var step: UInt64 = 0
        if error > Self.farBehind {
            step = UInt64(error)
            error = 0
        }
        let wanted = Double(error) / Double(max(1, interval))
        let bent = Double(rate) * min(max(wanted, -1 / Self.bend), 1 / Self.bend)
        return Correction(multiplier: rate &+ UInt64(bitPattern: Int64(bent)), step: step, isPlausible: plausible)
    }

    /// Takes a rate from the time since the last comparison; false when counter or clock has jumped, and the rate stays.
    private mutating func measureRate(_ counter: UInt64, _ host: Int64) -> Bool {
        defer { (lastCounter, lastHost) = (counter, host) }
        guard counter > lastCounter, host > lastHost,
            let measured = ClockLine.multiplier(ticks: counter - lastCounter, nanoseconds: UInt64(host - lastHost)),
            measured > rate / 2, measured / 2 < rate
        else { return false }
        rate = measured
        return true
    }

    /// Takes the correction up at a value of the counter.
    mutating func apply(_ correction: Correction, at counter: UInt64) {
        line = line.continued(at: counter, multiplier: correction.multiplier, step: correction.step)
    }

    /// The counter is given up: the least displacement with which the host's own clock goes on from here without a step back.
    mutating func abandonCounter(at counter: UInt64, host: Int64) {
        displacement = max(displacement, Int64(clamping: line.nanoseconds(at: counter)) &- host)
    }
}
