/// Times of day in Coordinated Universal Time, without the help of Foundation.
package enum UTCTime {
    /// "2026-11-26T12:00:00Z". Years from 1 to 9999; others come out as numbers of seconds.
    package static func text(_ seconds: Int64) -> String {
        guard (-62_135_596_800...253_402_300_799).contains(seconds) else { return "\(seconds) s" }
        let day = (seconds - (seconds % 86_400 + 86_400) % 86_400) / 86_400, second = (seconds % 86_400 + 86_400) % 86_400
        // Days are counted from 1 March of year 0, in eras of 400 years, so that leap days come last (H. Hinnant, "chrono-compatible low-level date algorithms").
        let shifted = day + 719_468, era = shifted / 146_097, ofEra = shifted % 146_097
        let year = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365, ofYear = ofEra - (365 * year + year / 4 - year / 100)
        let month = (5 * ofYear + 2) / 153, date = ofYear - (153 * month + 2) / 5 + 1
        let civilMonth = month < 10 ? month + 3 : month - 9, civilYear = year + era * 400 + (civilMonth <= 2 ? 1 : 0)
        return "\(padded(civilYear, 4))-\(padded(civilMonth, 2))-\(padded(date, 2))T\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))Z"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
