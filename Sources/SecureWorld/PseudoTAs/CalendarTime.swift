/// A moment by the calendar, in UTC and without leap seconds (OP-TEE's struct optee_rtc_time).
struct CalendarTime: Hashable, Sendable {
    var second: UInt32
    var minute: UInt32
    var hour: UInt32
    /// From 1 on.
    var day: UInt32
    /// From 0 on.
    var month: UInt32
    /// Since the birth of Christ.
    var year: UInt32
    /// From Sunday, 0, on.
    var weekday: UInt32

    /// The years that there are: those whose seconds fit into 64 bits as nanoseconds since 1970.
    static let years: ClosedRange<UInt32> = 1970...2261
    /// The first and the last second of them.
    static let first = CalendarTime(second: 0, minute: 0, hour: 0, day: 1, month: 0, year: 1970, weekday: 4)
    static let last = CalendarTime(second: 59, minute: 59, hour: 23, day: 31, month: 11, year: 2261, weekday: 2)
    /// Bytes of `struct pta_rtc_time`.
    static let structureSize: UInt64 = 28

    private init(second: UInt32, minute: UInt32, hour: UInt32, day: UInt32, month: UInt32, year: UInt32, weekday: UInt32) {
        (self.second, self.minute, self.hour) = (second, minute, hour)
        (self.day, self.month, self.year, self.weekday) = (day, month, year, weekday)
    }

    /// A second since 1970; nil outside of `years`.
    init?(seconds: Int64) {
        guard let end = Self.last.seconds, (0...end).contains(seconds) else { return nil }
        let (days, rest) = seconds.quotientAndRemainder(dividingBy: 86400)
        self.init(
            second: UInt32(rest % 60), minute: UInt32(rest / 60 % 60), hour: UInt32(rest / 3600), day: 1, month: 0, year: 1970, weekday: UInt32((days + 4) % 7))
        var left = UInt32(days)
        // No later than it is, and at most two too early.
        year += left / 366
        while Self.days(before: year + 1) <= left { year += 1 }
        left -= Self.days(before: year)
        while left >= Self.days(of: month, year) {
            left -= Self.days(of: month, year)
            month += 1
        }
        day += left
    }

    /// From `struct pta_rtc_time {u32 tm_sec, tm_min, tm_hour, tm_mday, tm_mon, tm_year, tm_wday}`; nil for another number of bytes.
    init?(structure bytes: [UInt8]) {
        guard bytes.count == Int(Self.structureSize) else { return nil }
        let words = stride(from: 0, to: bytes.count, by: 4).map { start in bytes[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) } }
        self.init(second: words[0], minute: words[1], hour: words[2], day: words[3], month: words[4], year: words[5], weekday: words[6])
    }

    /// The C structure.
    var structure: [UInt8] { [second, minute, hour, day, month, year, weekday].flatMap(\.structureBytes) }

    /// Seconds since 1970; nil for what is no moment of `years`. The weekday has to be one, not the right one (OP-TEE's rtc_set_time).
    var seconds: Int64? {
        guard Self.years.contains(year), month < 12, day >= 1, day <= Self.days(of: month, year), hour < 24, minute < 60, second < 60, weekday < 7 else { return nil }
        var days = Int64(Self.days(before: year)) + Int64(day) - 1
        for earlier in 0..<month { days += Int64(Self.days(of: earlier, year)) }
        return days * 86400 + Int64(hour) * 3600 + Int64(minute) * 60 + Int64(second)
    }

    private static func isLeap(_ year: UInt32) -> Bool { year % 4 == 0 && year % 100 != 0 || year % 400 == 0 }
    /// From 1970 on.
    private static func days(before year: UInt32) -> UInt32 {
        func leapDays(_ years: UInt32) -> UInt32 { years / 4 - years / 100 + years / 400 }
        return (year - 1970) * 365 + leapDays(year - 1) - leapDays(1969)
    }
    private static func days(of month: UInt32, _ year: UInt32) -> UInt32 {
        switch month {
        case 1: isLeap(year) ? 29 : 28
        case 3, 5, 8, 10: 30
        default: 31
        }
    }
}
