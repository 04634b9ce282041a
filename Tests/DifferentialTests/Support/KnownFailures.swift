import Foundation
import Glibc
import Testing

/// What is known to differ from Linux, with the reason. A known failure that passes fails the suite, so that the list stays true.
enum KnownFailures {
    struct Entry: Codable, Sendable {
        var test: String
        var category: String
        var reason: String
    }

    static let entries: [String: Entry] = {
        let file = Place.sources.appendingPathComponent("known_failures.json")
        guard let data = try? Data(contentsOf: file), let list = try? JSONDecoder().decode([Entry].self, from: data) else { return [:] }
        return Dictionary(list.map { ($0.test, $0) }) { first, _ in first }
    }()
}

/// Runs a test's body and counts it for `Tests/DifferentialTests/run`.
func counted(_ name: String, _ body: () throws -> Void) throws {
    defer { Tally.add("ran", name) }
    if let known = KnownFailures.entries[name] {
        // Swift Testing records an issue when a known one does not occur.
        withKnownIssue("\(known.category): \(known.reason)") { try body() }
    } else {
        try body()
    }
}

/// One line a test, appended to the file that $SKERRY_TALLY names.
enum Tally {
    static func add(_ kind: String, _ name: String) {
        guard let path = ProcessInfo.processInfo.environment["SKERRY_TALLY"] else { return }
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        let line = Array("\(kind) \(name.replacingOccurrences(of: "\n", with: " "))\n".utf8)
        _ = write(descriptor, line, line.count)
    }
}
