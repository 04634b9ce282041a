internal import Foundation

/// `--time`.
enum Instant {
    /// Seconds since 1970; now when there is no text, or "now".
    static func seconds(_ text: String?) throws -> Int64 {
        guard let text, text != "now" else { return Int64(Date().timeIntervalSince1970) }
        if let seconds = Int64(text) { return seconds }
        let formatter = ISO8601DateFormatter()
        guard let date = formatter.date(from: text) else {
            throw Unusable("--time \(text): write it as 2026-01-31T12:00:00Z, in seconds since 1970, or now")
        }
        return Int64(date.timeIntervalSince1970)
    }
}
