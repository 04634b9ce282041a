/// The chain a report is verified along: what fits together best of the certificates at hand. That it holds is for the checks to say.
struct CertificateChain {
    let vek: Certificate?
    let intermediate: Certificate?
    let root: Certificate?
    /// Whether the VEK's key signed the report.
    let verifiesReport: Bool
    /// What is missing, a sentence for each.
    let missingVEK: String
    let missingIntermediate: String
    let missingRoot: String

    init(for report: AttestationReport, in bundle: CertificateBundle, under roots: TrustedRoots) {
        let wanted: Certificate.Kind = report.keyInfo.signingKey == .vlek ? .vlek : .vcek
        let candidates = bundle.certificates.filter { $0.kind == wanted }
        let signer = candidates.first { Self.isSigned(report, by: $0) }
        vek = signer ?? candidates.first
        verifiesReport = signer != nil
        missingVEK = Self.missing(wanted, for: report, in: bundle)

        intermediate = vek.flatMap { Self.issuer(of: $0, kind: .intermediate, in: bundle, under: roots) }
        missingIntermediate = Self.missingIssuer("ASK or ASVK", of: vek, "VEK", given: bundle.certificates.contains { $0.kind == .intermediate })
        root = intermediate.flatMap { Self.issuer(of: $0, kind: .root, in: bundle, under: roots) }
        missingRoot = Self.missingIssuer("ARK", of: intermediate, "ASK", given: bundle.certificates.contains { $0.kind == .root })
    }

    private static func isSigned(_ report: AttestationReport, by certificate: Certificate) -> Bool {
        guard certificate.profile.hasEndorsementKey, let x509 = X509Certificate(der: certificate.der) else { return false }
        guard let signature = ReportSignature(report.signature).der else { return false }
        return x509.verifies(signature, of: report.signedBytes)
    }

    /// The issuer by name, rather one whose signature it is. What is built in is looked at only when the bundle has none of the kind: a certificate that was
    /// given and does not fit is a failure, not something to work around.
    private static func issuer(of certificate: Certificate, kind: Certificate.Kind, in bundle: CertificateBundle, under roots: TrustedRoots) -> Certificate? {
        let given = bundle.certificates.filter { $0.kind == kind }
        let named = (given.isEmpty ? roots.builtIn.filter { $0.kind == kind } : given).filter { $0.subjectName == certificate.issuerName }
        return named.first(where: certificate.isSigned(by:)) ?? named.first
    }

    private static func missing(_ kind: Certificate.Kind, for report: AttestationReport, in bundle: CertificateBundle) -> String {
        var text = "no \(kind.rawValue) among the certificates"
        let others = bundle.certificates.filter { $0.kind == .vcek || $0.kind == .vlek }
        if !others.isEmpty { text += " (there is a \(others[0].kind.rawValue), but the report says that a \(kind.rawValue) signed it)" }
        if kind == .vcek, let address = report.keyServiceAddress { text += "; AMD gives it out at \(address)" }
        if kind == .vlek { text += "; the cloud provider has it" }
        return text
    }

    private static func missingIssuer(_ kind: String, of certificate: Certificate?, _ role: String, given: Bool) -> String {
        guard let certificate else { return "it cannot be found without the certificate below it (\(role))" }
        let name = certificate.issuerCommonName ?? certificate.issuer
        return given ? "none of the certificates given is \(name), the issuer of the \(role)" : "no \(kind) was given, and \(name) is not built in"
    }
}

extension AttestationReport {
    /// Where AMD's key distribution service has the VCEK; nil when the report does not say enough.
    var keyServiceAddress: String? {
        guard chipID.contains(where: { $0 != 0 }), let product = product ?? (version == 2 ? .milan : nil) else { return nil }
        let layout = product.tcbLayout
        let names: [TCBVersion.Component: String] = [.fmc: "fmcSPL", .bootLoader: "blSPL", .tee: "teeSPL", .snp: "snpSPL", .microcode: "ucodeSPL"]
        let versions = layout.positions.map { "\(names[$0.component] ?? "")=\(reportedTCB.byte($0.byte))" }.joined(separator: "&")
        return "https://kdsintf.amd.com/vcek/v1/\(product.rawValue)/\(Hexadecimal.text(chipID.prefix(product.hardwareIDLength)))?\(versions)"
    }
}
