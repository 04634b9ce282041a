import SNPAttestation

/// Roots that are trusted instead of AMD's.
enum RootInput {
    /// The certificates that a folder of a test authority may have.
    private static let names = ["ark", "ask", "asvk"]

    /// From files with root certificates; AMD's without any.
    static func roots(_ paths: [String]) throws -> TrustedRoots {
        guard !paths.isEmpty else { return .amd }
        var bundle = CertificateBundle()
        for path in paths { try CertificateInput.add(path, to: &bundle) }
        return try roots(in: bundle, "--root takes a root certificate, one that is its own issuer, and nothing else")
    }

    /// From the folder of a test authority, whose other certificates are added to a bundle: ark.der, ask.der and asvk.der; keys may lie beside them and are not read.
    static func testRoots(_ folder: String, others: inout CertificateBundle) throws -> TrustedRoots {
        guard InputFile.isFolder(folder) else { throw Unusable("--test-root takes a folder with ark.der; \(folder) is none") }
        let found = Set(try InputFile.names(in: folder))
        var root = CertificateBundle()
        for name in names where found.contains("\(name).der") {
            if name == "ark" { try CertificateInput.add("\(folder)/ark.der", to: &root) } else { try CertificateInput.add("\(folder)/\(name).der", to: &others) }
        }
        return try roots(in: root, "\(folder)/ark.der has to be there, and a root certificate; skerry snp selftest --simulate --authority \(folder) makes it")
    }

    private static func roots(in bundle: CertificateBundle, _ refusal: String) throws -> TrustedRoots {
        if let fault = bundle.faults.first { throw Unusable(fault) }
        let certificates = bundle.certificates.filter { $0.kind == .root }
        guard !certificates.isEmpty, certificates.count == bundle.certificates.count else { throw Unusable(refusal) }
        return TrustedRoots(notAMDs: certificates)
    }
}
