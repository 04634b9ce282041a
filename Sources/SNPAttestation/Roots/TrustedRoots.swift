/// The root keys that a chain may end in.
public struct TrustedRoots: Sendable, Hashable {
    /// A root, known by the digest of its certificate.
    public struct Root: Sendable, Hashable {
        /// What it is called in a verdict.
        public let name: String
        /// SHA-256 of the certificate's DER, 32 bytes.
        public let digest: [UInt8]
    }

    /// The roots.
    public let roots: [Root]
    /// Whether these are AMD's, and nothing else.
    public let areAMDs: Bool
    /// Certificates that need not be given with a report: they are used where the report's own certificates have none of their kind.
    let builtIn: [Certificate]

    /// AMD's root keys of Milan, Genoa and Turin, pinned by digest.
    ///
    /// The digests are those of the certificates that AMD's key distribution service serves and that go-sev-guest and virtee/sev carry.
    public static let amd = TrustedRoots(
        roots: [
            pinned("ARK-Milan", "69d063b45344d26a2e94e1f4210de49ef555308287d4c174445c95639a540bcd"),
            pinned("ARK-Genoa", "4c6598d19c18719c5dfd4a7d335f674e5bfe1d8f800cea2cf270c10d103db2f1"),
            pinned("ARK-Turin", "1f084161a44bb6d93778a904877d4819cafa5d05ef4193b2ded9dd9c73dd3f6a"),
        ], areAMDs: true, builtIn: AMDCertificates.all)

    /// Roots that are not AMD's, for tests and software security processors: what they vouch for is no evidence of hardware.
    public init(notAMDs certificates: [Certificate]) {
        self.init(
            roots: certificates.map { Root(name: "\($0.commonName ?? $0.subject), not AMD's", digest: $0.sha256) }, areAMDs: false, builtIn: certificates)
    }

    private init(roots: [Root], areAMDs: Bool, builtIn: [Certificate]) {
        self.roots = roots
        self.areAMDs = areAMDs
        self.builtIn = builtIn
    }

    private static func pinned(_ name: String, _ digest: String) -> Root { Root(name: name, digest: Hexadecimal.bytes(digest.utf8) ?? []) }

    func root(of certificate: Certificate) -> Root? {
        let digest = certificate.sha256
        return digest.count == 32 ? roots.first { $0.digest == digest } : nil
    }
}
