import SNPAttestation

/// Checks as they are printed, a line or two each.
enum CheckLines {
    static func lines(_ checks: [(name: String, outcome: Check.Outcome, expected: String, found: String)]) -> [String] {
        let width = checks.map(\.name.count).max() ?? 0
        return checks.flatMap { check in
            let name = check.name + String(repeating: " ", count: width - check.name.count)
            return switch check.outcome {
            case .passed: ["  ok      \(name)  \(check.found)" + (check.expected == check.found ? "" : "  (expected: \(check.expected))")]
            case .notDemanded: ["  -       \(name)  \(check.found)  (not demanded)"]
            case .failed: ["  FAILED  \(name)  expected: \(check.expected)", String(repeating: " ", count: width + 12) + "found:    \(check.found)"]
            }
        }
    }
}
