/// A verification under way: what is looked at, and the checks so far.
struct Verification {
    let report: AttestationReport
    let chain: CertificateChain
    let bundle: CertificateBundle
    let policy: AttestationPolicy
    let roots: TrustedRoots
    let time: Int64
    private(set) var checks: [Check] = []

    init(report: AttestationReport, chain: CertificateChain, bundle: CertificateBundle, policy: AttestationPolicy, roots: TrustedRoots, time: Int64) {
        self.report = report
        self.chain = chain
        self.bundle = bundle
        self.policy = policy
        self.roots = roots
        self.time = time
    }

    mutating func note(_ name: Check.Name, _ holds: Bool, expected: String, found: String) {
        checks.append(Check(name: name, outcome: holds ? .passed : .failed, expected: expected, found: found))
    }

    mutating func show(_ name: Check.Name, found: String) {
        checks.append(Check(name: name, outcome: .notDemanded, expected: "not demanded", found: found))
    }

    /// The product of the VEK's certificate, whose signature other checks are about.
    var certifiedProduct: Product? { chain.vek?.endorsement?.productName.flatMap(Product.init(certificateName:)) }

    /// The product that certificate and report agree on. Reports of version 2 name none.
    var product: Product? {
        guard let certifiedProduct else { return report.product }
        return report.version < 3 || report.product == certifiedProduct ? certifiedProduct : nil
    }

    /// Steps 1 and 4 of the verification: the report's form and its signature.
    mutating func checkReport() {
        note(.reportLength, true, expected: "\(AttestationReport.length) bytes", found: "\(report.bytes.count) bytes")
        let versions = AttestationReport.knownVersions
        note(.reportVersion, versions.contains(report.version), expected: "\(versions.lowerBound) to \(versions.upperBound)", found: "\(report.version)")
        note(.signatureAlgorithm, report.signatureAlgorithm == 1, expected: "1 (ECDSA P-384 with SHA-384)", found: "\(report.signatureAlgorithm)")
        let key = report.keyInfo.signingKey
        let allowed = EndorsementKeyKind.allCases.filter(policy.signingKeys.contains)
        note(
            .signingKey, key.map(allowed.contains) ?? false, expected: allowed.map(\.rawValue).joined(separator: " or "),
            found: key?.rawValue ?? (report.keyInfo.signingKeyNumber == 7 ? "none: the report is not signed" : "unknown key \(report.keyInfo.signingKeyNumber)"))
        note(.chipKeyMask, !report.keyInfo.masksChipKey, expected: "0", found: report.keyInfo.masksChipKey ? "1: the host forbids signing" : "0")
        let signature = ReportSignature(report.signature)
        note(
            .signatureEncoding, signature.strayOffsets.isEmpty, expected: "zeros beyond the 48 bytes of r and of s",
            found: signature.strayOffsets.first.map { "\(signature.strayOffsets.count) other bytes, the first at \(Hexadecimal.number(0x2A0 + $0))" } ?? "zeros")
        checkSignature(signature)
        checkReservedBits()
    }

    private mutating func checkSignature(_ signature: ReportSignature) {
        let expected = "made by the key of the VEK's certificate"
        guard let vek = chain.vek else { return note(.reportSignature, false, expected: expected, found: chain.missingVEK) }
        guard vek.profile.hasEndorsementKey else { return note(.reportSignature, false, expected: expected, found: "the certificate's key is not on P-384") }
        let holds = chain.verifiesReport
        note(.reportSignature, holds, expected: expected, found: holds ? "it is" : "it is not: report or certificate were altered, or do not belong together")
    }

    private mutating func checkReservedBits() {
        var unknown = report.nonzeroReservedOffsets.map { "byte \(Hexadecimal.number($0))" }
        if report.policy.unknownBits != 0 { unknown.append("POLICY \(Hexadecimal.number(report.policy.unknownBits))") }
        if report.keyInfo.unknownBits != 0 { unknown.append("key information \(Hexadecimal.number(report.keyInfo.unknownBits))") }
        let found = unknown.isEmpty ? "zero" : "not zero: " + unknown.prefix(8).joined(separator: ", ") + (unknown.count > 8 ? ", ..." : "")
        if policy.reservedMustBeZero {
            note(.reservedBits, unknown.isEmpty, expected: "zero", found: found)
        } else {
            show(.reservedBits, found: found)
        }
    }
}
