/// Verifies attestation reports of SEV-SNP guests.
///
/// ```swift
/// var policy = AttestationPolicy()
/// policy.measurements = [expectedDigest]
/// policy.reportData = challenge
/// var certificates = CertificateBundle()
/// certificates.add(tableFromGuest, named: "the guest's certificates")
/// let verdict = AttestationVerifier(policy: policy).verdict(on: report, certificates: certificates, at: secondsSince1970)
/// guard verdict.isAccepted else { /* verdict.failures says why */ }
/// ```
public struct AttestationVerifier: Sendable {
    /// What is demanded.
    public var policy: AttestationPolicy
    /// Where chains may end.
    public var roots: TrustedRoots

    /// A verifier with a policy, which trusts AMD's roots unless told others.
    public init(policy: AttestationPolicy = AttestationPolicy(), roots: TrustedRoots = .amd) {
        self.policy = policy
        self.roots = roots
    }

    /// Judges a report by the certificates that came with it and the time, in seconds since 1970.
    ///
    /// All checks are made, after one failed, too, as far as they can be: a check that lacks what it looks at has failed and says what is missing. Nothing is
    /// fetched. The bytes may be anything.
    public func verdict(on report: [UInt8], certificates: CertificateBundle, at time: Int64) -> Verdict {
        let read: AttestationReport
        do {
            read = try AttestationReport(bytes: report)
        } catch {
            let check = Check(name: .reportLength, outcome: .failed, expected: "\(AttestationReport.length) bytes", found: "\(report.count) bytes")
            return Verdict(checks: [check], report: nil, product: nil, endorsementCertificate: nil, rootsAreAMDs: roots.areAMDs)
        }
        let chain = CertificateChain(for: read, in: certificates, under: roots)
        var verification = Verification(report: read, chain: chain, bundle: certificates, policy: policy, roots: roots, time: time)
        verification.checkReport()
        verification.checkCertificates()
        verification.checkRevocation()
        verification.checkEndorsement()
        verification.checkPlatform()
        verification.checkGuestPolicy()
        verification.checkGuest()
        let order = Dictionary(uniqueKeysWithValues: Check.Name.allCases.enumerated().map { ($1, $0) })
        let checks = verification.checks.sorted { order[$0.name, default: 0] < order[$1.name, default: 0] }
        return Verdict(checks: checks, report: read, product: verification.product, endorsementCertificate: chain.vek, rootsAreAMDs: roots.areAMDs)
    }
}
