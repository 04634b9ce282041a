import SNPAttestation

/// A verdict as it is printed.
struct VerdictListing {
    private let verdict: Verdict
    private let roots: TrustedRoots

    init(_ verdict: Verdict, roots: TrustedRoots) {
        self.verdict = verdict
        self.roots = roots
    }

    /// What must not be overlooked.
    var warning: String? { Self.warning(roots) }

    static func warning(_ roots: TrustedRoots) -> String? {
        if roots.areAMDs { return nil }
        return "THE TRUSTED ROOT IS NOT AMD'S (\(roots.roots.map(\.name).joined(separator: "; "))): nothing here is evidence that there is hardware"
    }

    var text: String {
        var lines: [String] = []
        if let warning { lines.append("*** \(warning) ***") }
        lines.append(summary)
        lines += CheckLines.lines(verdict.checks.map { ($0.name.rawValue, $0.outcome, $0.expected, $0.found) })
        return lines.joined(separator: "\n") + "\n"
    }

    private var summary: String {
        let failures = verdict.failures
        guard verdict.isAccepted else {
            return "refused: \(failures.count) of \(verdict.checks.count) checks failed: \(failures.map(\.name.rawValue).joined(separator: ", "))"
        }
        let root = verdict.rootsAreAMDs ? "AMD's root" : "a root that is NOT AMD's"
        let key = verdict.endorsementCertificate?.kind.rawValue ?? "nothing"
        let product = verdict.product?.rawValue ?? "unknown"
        let open = verdict.checks.filter { $0.outcome == .notDemanded }.count
        return "accepted: version \(verdict.report?.version ?? 0), \(product), signed by a \(key) under \(root); \(open) values were not demanded"
    }

    /// The same for programs.
    var fields: Fields {
        Fields(
            accepted: verdict.isAccepted, rootIsAMDs: verdict.rootsAreAMDs, product: verdict.product?.rawValue,
            checks: verdict.checks.map { Line(name: $0.name.rawValue, outcome: $0.outcome.rawValue, expected: $0.expected, found: $0.found) },
            report: verdict.report.map { ReportListing($0).fields })
    }

    struct Fields: Encodable {
        let accepted: Bool
        let rootIsAMDs: Bool
        let product: String?
        let checks: [Line]
        let report: [String: String]?
    }

    struct Line: Encodable {
        let name: String
        let outcome: String
        let expected: String
        let found: String
    }
}
