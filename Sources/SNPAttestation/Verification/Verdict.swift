/// What ``AttestationVerifier`` says of a report.
public struct Verdict: Sendable, Hashable {
    /// Every check, in the order of ``Check/Name``: once each, unless the report is not even as long as one.
    public let checks: [Check]
    /// The report, when there are as many bytes as one has.
    public let report: AttestationReport?
    /// The product, when the certificate and the report agree on one.
    public let product: Product?
    /// The certificate of the key that should have signed the report, when one was given.
    public let endorsementCertificate: Certificate?
    /// Whether the roots that were trusted are AMD's. When they are not, an accepted report is no evidence of hardware.
    public let rootsAreAMDs: Bool

    /// The questions without which there is no verdict: these must have been asked, and passed. The others pass, or nothing was demanded.
    static let mandatory: Set<Check.Name> = [
        .reportLength, .reportVersion, .signatureAlgorithm, .signingKey, .chipKeyMask, .signatureEncoding, .reportSignature, .certificates,
        .rootPinned, .rootSignature, .rootProfile, .rootValidity, .intermediateSignature, .intermediateProfile, .intermediateValidity,
        .vekSignature, .vekProfile, .vekValidity, .product, .trustedProduct, .reportedTCB, .chipID, .policyReservedBit, .vmpl,
    ]

    /// Whether every check was made and none failed.
    public var isAccepted: Bool {
        let passed = Set(checks.filter { $0.outcome == .passed }.map(\.name))
        return Self.mandatory.isSubset(of: passed) && checks.count == Check.Name.allCases.count && failures.isEmpty
    }

    /// The checks that failed.
    public var failures: [Check] { checks.filter { $0.outcome == .failed } }

    /// A check by its name.
    public subscript(name: Check.Name) -> Check? { checks.first { $0.name == name } }
}
