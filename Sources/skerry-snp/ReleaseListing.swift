import KeyRelease
import SNPAttestation

internal import Foundation

/// What became of one guest, as it is printed.
struct ReleaseListing {
    private let record: ReleaseRecord
    private let who: String
    private let roots: TrustedRoots

    init(_ record: ReleaseRecord, of who: String, roots: TrustedRoots) { (self.record, self.who, self.roots) = (record, who, roots) }

    var text: String {
        var lines: [String] = []
        if record.isReleased, let warning = VerdictListing.warning(roots) { lines.append("*** \(warning) ***") }
        lines.append("\(who): \(summary)")
        lines += CheckLines.lines(record.checks.map { ($0.name, $0.outcome, $0.expected, $0.found) })
        return lines.joined(separator: "\n") + "\n"
    }

    private var summary: String {
        switch record.outcome {
        case .confirmed: "released, and the guest proved that it has the secrets"
        case .unconfirmed(let reason): "released, but the guest did not say that it has the secrets: \(reason)"
        case .refused: "refused: \(record.failures.count) of \(record.checks.count) checks failed: \(record.failures.map(\.name).joined(separator: ", "))"
        case .interrupted(let reason): "nothing released: \(reason)"
        }
    }

    private var outcome: (name: String, reason: String?) {
        switch record.outcome {
        case .confirmed: ("confirmed", nil)
        case .unconfirmed(let reason): ("unconfirmed", reason)
        case .refused: ("refused", nil)
        case .interrupted(let reason): ("interrupted", reason)
        }
    }

    /// The same for programs: one line.
    func json() throws -> String {
        let fields = Fields(
            peer: who, outcome: outcome.name, reason: outcome.reason, released: record.isReleased, rootIsAMDs: roots.areAMDs,
            checks: record.checks.map { Line(name: $0.name, outcome: $0.outcome.rawValue, expected: $0.expected, found: $0.found) },
            report: record.verdict?.report.map { ReportListing($0).fields })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(fields), as: UTF8.self) + "\n"
    }

    private struct Fields: Encodable {
        let peer: String, outcome: String, reason: String?
        let released: Bool, rootIsAMDs: Bool
        let checks: [Line]
        let report: [String: String]?
    }

    private struct Line: Encodable {
        let name: String, outcome: String, expected: String, found: String
    }
}
