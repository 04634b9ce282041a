import Foundation

/// Two commands compared in interleaved pairs, and what the ratio of the first to the second should be.
///
/// Why not one of the benchmark packages (ordo-one's, google's): they measure Swift closures in their own process, one benchmark after the other. What is
/// compared here are other programs' processes, and only pairs run back to back cancel what else the machine does meanwhile.
struct Comparison {
    enum Target {
        case atMost(Double)
        case atLeast(Double)
        case none
    }
    enum Verdict: String, Encodable {
        case met
        case missed = "not met"
        /// The pairs do not agree on which side of the target the ratio lies.
        case notShown = "not shown"
        case untargeted = ""
    }

    var name: String
    var unit: String
    var subject: (label: String, command: Command)
    var reference: (label: String, command: Command)
    var target: Target = .none
    /// Programs that keep every processor busy meanwhile.
    var busy = false

    /// How many pairs are measured unless the caller asks for another number: more where something is to be shown, so that one that disagrees weighs less.
    var pairs: Int { if case .none = target { 15 } else { 30 } }

    func run(pairs: Int, spinner: Command) throws -> Outcome {
        var spinners: [pid_t] = []
        defer {
            for child in spinners {
                kill(child, SIGKILL)
                waitpid(child, nil, 0)
            }
        }
        if busy { for _ in 0..<sysconf(Int32(_SC_NPROCESSORS_ONLN)) { spinners.append(try spinner.spawn()) } }
        // One round of each that does not count: page caches and lazily built state.
        _ = try subject.command.figure()
        _ = try reference.command.figure()
        var figures: [(subject: Double, reference: Double)] = []
        for pair in 0..<pairs {
            if pair % 2 == 0 {
                let first = try subject.command.figure()
                figures.append((first, try reference.command.figure()))
            } else {
                let first = try reference.command.figure()
                figures.append((try subject.command.figure(), first))
            }
        }
        return Outcome(self, figures)
    }

    func verdict(_ ratios: [Double]) -> Verdict {
        let satisfied: Int
        switch target {
        case .none: return .untargeted
        case .atMost(let limit): satisfied = ratios.count { $0 <= limit }
        case .atLeast(let limit): satisfied = ratios.count { $0 >= limit }
        }
        let needed = Self.convincing(of: ratios.count)
        if satisfied >= needed { return .met }
        return ratios.count - satisfied >= needed ? .missed : .notShown
    }

    /// The sign test: how many of so many pairs on one side come about by chance less than once in twenty times, both sides counted (12 of 15, 21 of 30).
    static func convincing(of pairs: Int) -> Int {
        // The chance of exactly k of n, beginning with all; 2^-n stays a normal number up to a thousand pairs.
        var exactly = 2 * pow(0.5, Double(pairs))
        var atLeast = 0.0
        for count in stride(from: pairs, to: 0, by: -1) {
            atLeast += exactly
            if atLeast > 0.05 { return min(pairs, count + 1) }
            exactly *= Double(count) / Double(pairs - count + 1)
        }
        return pairs
    }
}

extension Comparison.Target: CustomStringConvertible {
    var description: String {
        switch self {
        case .none: ""
        case .atMost(let limit): "<= \(limit)"
        case .atLeast(let limit): ">= \(limit)"
        }
    }
}
