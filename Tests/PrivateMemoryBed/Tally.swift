internal import Glibc

/// What was expected and what was found.
struct Unexpected: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Checks, one line each.
struct Tally {
    private(set) var passed = 0
    private(set) var failed = 0
    private(set) var skipped = 0

    /// One check: passed unless it throws.
    mutating func check(_ name: String, _ body: () throws -> Void) {
        // Line by line, since the machine may not come to its end.
        defer { fflush(nil) }
        do {
            try body()
            passed += 1
            print("passed: \(name)")
        } catch {
            failed += 1
            print("FAILED: \(name): \(error)")
        }
    }

    /// One check that cannot be made here.
    mutating func skip(_ name: String, _ reason: String) {
        skipped += 1
        print("skipped: \(name): \(reason)")
    }
}

/// Ends the check unless both are equal.
func expect<Value: Equatable>(_ what: String, _ found: Value, _ expected: Value) throws {
    if found != expected { throw Unexpected("\(what) is \(found), not \(expected)") }
}
