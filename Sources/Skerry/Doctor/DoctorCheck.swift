/// One thing the doctor looked at.
package struct DoctorCheck: Sendable, Equatable {
    /// What came of it.
    package enum Status: String, Sendable {
        /// As Skerry needs it.
        case ok
        /// Skerry cannot run programs without it.
        case missing
        /// Works, but something is slower, smaller or not available.
        case note
    }
    /// A short name that stays the same, for scripts.
    package let name: String
    package let status: Status
    /// What was found.
    package let detail: String
    /// The command that would change it; nil when nothing is wrong or no command can.
    package let fix: String?

    package init(_ name: String, _ status: Status, _ detail: String, fix: String? = nil) {
        self.name = name
        self.status = status
        self.detail = detail
        self.fix = fix
    }

    /// One line, and a second with the command.
    var text: String {
        let width = 16
        func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(1, width - text.count)) }
        let line = padded(status.rawValue, 9) + padded(name, width) + detail
        return fix.map { line + "\n" + String(repeating: " ", count: 9 + width) + "fix: " + $0 } ?? line
    }

    var json: JSONValue {
        .object([("name", .string(name)), ("status", .string(status.rawValue)), ("detail", .string(detail)), ("fix", .optional(fix))])
    }
}
