@testable import SNPAttestation

/// A chain like AMD's under a root of the tests' own. Its keys are made once.
struct TestChain: Sendable {
    let rootKey: TestKey
    let intermediateKey: TestKey
    let chipKey: TestKey

    /// The time to verify at.
    static let time: Int64 = 1_800_000_000

    static var shared: TestChain { get throws { try made.get() } }
    private static let made = Result { try TestChain(rootKey: .rsa(bits: 4096), intermediateKey: .rsa(bits: 4096), chipKey: .curve("P-384")) }

    typealias Extension = (identifier: String, isCritical: Bool, value: [UInt8])
    static let authority: Extension = ("2.5.29.19", true, [0x30, 0x03, 0x01, 0x01, 0xFF])
    static let lastAuthority: Extension = ("2.5.29.19", true, [0x30, 0x06, 0x01, 0x01, 0xFF, 0x02, 0x01, 0x00])
    static let signsCertificates: Extension = ("2.5.29.15", true, [0x03, 0x02, 0x01, 0x06])
    private static let arc = "1.3.6.1.4.1.3704.1."

    var root: TestCertificate { TestCertificate(subject: "ARK-Test", issuer: "ARK-Test", serial: 1, extensions: [Self.authority, Self.signsCertificates]) }
    var intermediate: TestCertificate { TestCertificate(subject: "SEV-Test", issuer: "ARK-Test", serial: 2, extensions: [Self.lastAuthority, Self.signsCertificates]) }

    func rootCertificate() throws -> Certificate { try Certificate(der: root.der(for: rootKey, signedBy: rootKey)) }

    /// The certificate of a chip's key, for a TCB by component numbers (1 boot loader, 2 TEE, 3 SNP, 8 microcode, 9 FMC).
    func vcek(product: String = "Genoa", chip: [UInt8] = TestReport.chip, versions: [Int: UInt8] = [1: 9, 2: 0, 3: 0x17, 8: 0x48]) -> TestCertificate {
        var extensions: [Extension] = [(Self.arc + "1", false, TestDER.integer(0)), (Self.arc + "2", false, TestDER.ia5(product))]
        extensions += versions.sorted { $0.key < $1.key }.map { (Self.arc + "3.\($0.key)", false, TestDER.integer($0.value)) }
        extensions.append((Self.arc + "4", false, chip))
        return TestCertificate(subject: "SEV-VCEK", issuer: "SEV-Test", extensions: extensions)
    }

    /// The same for a loaded key.
    func vlek(cspID: String? = "CN=cloud.example") -> TestCertificate {
        var certificate = vcek()
        certificate.subject = "SEV-VLEK"
        certificate.extensions.removeLast()
        if let cspID { certificate.extensions.append((Self.arc + "5", false, TestDER.ia5(cspID))) }
        return certificate
    }

    /// The files of the chain; nil stands for what AMD would have made.
    func files(vek: TestCertificate? = nil, intermediate: TestCertificate? = nil, root: TestCertificate? = nil) throws -> [[UInt8]] {
        [
            try (vek ?? vcek()).der(for: chipKey, signedBy: intermediateKey),
            try (intermediate ?? self.intermediate).der(for: intermediateKey, signedBy: rootKey),
            try (root ?? self.root).der(for: rootKey, signedBy: rootKey),
        ]
    }

    /// A verdict under the root among the files, or another.
    func verdict(
        _ report: TestReport = TestReport(), files: [[UInt8]]? = nil, extra: [[UInt8]] = [], policy: AttestationPolicy = AttestationPolicy(), at time: Int64 = time
    ) throws -> Verdict {
        try verdict(bytes: report.bytes(signedBy: chipKey), files: files, extra: extra, policy: policy, at: time)
    }

    func verdict(
        bytes: [UInt8], files: [[UInt8]]? = nil, extra: [[UInt8]] = [], policy: AttestationPolicy = AttestationPolicy(), at time: Int64 = time
    ) throws -> Verdict {
        let files = try files ?? self.files()
        let roots = bundle(files).certificates.filter { $0.kind == .root }
        return AttestationVerifier(policy: policy, roots: TrustedRoots(notAMDs: roots)).verdict(on: bytes, certificates: bundle(files + extra), at: time)
    }
}
