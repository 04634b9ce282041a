/// A root of its own for software secure processors, in the shape of AMD's: ARK, ASK and ASVK of one product. Nothing but a verifier that was given this root
/// believes its reports.
public struct TestAuthority: Sendable {
    /// The product in the names.
    public let product: ProcessorProduct
    private let root: AuthorityKey, intermediate: AuthorityKey, loadedIntermediate: AuthorityKey
    /// The root certificate (ARK), as DER.
    public let ark: [UInt8]
    /// The certificate that issues VCEKs (ASK), as DER.
    public let ask: [UInt8]
    /// The certificate that issues VLEKs (ASVK), as DER.
    public let asvk: [UInt8]

    /// Three new keys of 4,096 bits, which takes seconds.
    ///
    /// - Throws: `requirement` when libcrypto fails.
    public init(_ product: ProcessorProduct = .genoa) throws(SNPError) {
        try self.init(product, root: AuthorityKey(), intermediate: AuthorityKey(), loadedIntermediate: AuthorityKey())
    }

    /// An authority whose three keys were made before. Without its certificates, new ones are issued: the keys are the same, the root is another then for those who
    /// know it by its certificate's digest.
    ///
    /// - Parameters:
    ///   - keys: Private RSA keys of 4,096 bits in PEM form, without pass phrase: of the root, of who issues VCEKs, of who issues VLEKs.
    ///   - certificates: ARK, ASK and ASVK that it issued for this product, as DER; they are not looked at, a verifier does that.
    /// - Throws: `plan` for other keys, `requirement` when libcrypto fails.
    public init(
        _ product: ProcessorProduct = .genoa, keys: (root: [UInt8], intermediate: [UInt8], loadedIntermediate: [UInt8]),
        certificates: (ark: [UInt8], ask: [UInt8], asvk: [UInt8])? = nil
    ) throws(SNPError) {
        let (root, intermediate, loaded) = (try AuthorityKey(pem: keys.root), try AuthorityKey(pem: keys.intermediate), try AuthorityKey(pem: keys.loadedIntermediate))
        try self.init(product, root: root, intermediate: intermediate, loadedIntermediate: loaded, certificates: certificates)
    }

    /// The three private keys in PEM form, as `init(_:keys:certificates:)` takes them.
    public var keys: (root: [UInt8], intermediate: [UInt8], loadedIntermediate: [UInt8]) { (root.pem, intermediate.pem, loadedIntermediate.pem) }

    /// The secret of a chip that is as lasting as the authority's keys (`PSPPlatform.chipSecret`).
    public var chipSecret: [UInt8] { SHA384.digest(Array("skerry simulated chip 1".utf8) + root.pem) }

    /// The same keys under another product's names.
    ///
    /// - Throws: `requirement` when libcrypto fails.
    public func renamed(to product: ProcessorProduct) throws(SNPError) -> TestAuthority {
        try TestAuthority(product, root: root, intermediate: intermediate, loadedIntermediate: loadedIntermediate)
    }

    private init(
        _ product: ProcessorProduct, root: AuthorityKey, intermediate: AuthorityKey, loadedIntermediate: AuthorityKey,
        certificates: (ark: [UInt8], ask: [UInt8], asvk: [UInt8])? = nil
    ) throws(SNPError) {
        self.product = product
        (self.root, self.intermediate, self.loadedIntermediate) = (root, intermediate, loadedIntermediate)
        if let certificates {
            (ark, ask, asvk) = certificates
            return
        }
        let rootName = "ARK-\(product.rawValue)"
        var draft = CertificateDraft(subject: rootName, issuer: rootName, years: 25)
        draft.addAuthorityExtensions(key: root.identifier, issuer: nil, isRoot: true)
        ark = try draft.signed(for: root.key, by: root)
        func issue(_ subject: String, _ key: AuthorityKey) throws(SNPError) -> [UInt8] {
            var draft = CertificateDraft(subject: subject, issuer: rootName, years: 25)
            draft.addAuthorityExtensions(key: key.identifier, issuer: root.identifier, isRoot: false)
            return try draft.signed(for: key.key, by: root)
        }
        ask = try issue("SEV-\(product.rawValue)", intermediate)
        asvk = try issue("SEV-VLEK-\(product.rawValue)", loadedIntermediate)
    }

    /// Keys for a platform of the authority's product: the chip's, and one that a cloud provider loads when it is named.
    ///
    /// - Throws: `plan` for another product, `requirement` when libcrypto fails.
    public func endorse(_ platform: PSPPlatform, loadedFor provider: String? = nil) throws(SNPError) -> PlatformEndorsement {
        guard platform.product == product else { throw SNPError(.plan, "the test authority", "it is of \(product.rawValue); rename it for another product") }
        let chipKey = try LaunchKey.generate()
        var draft = CertificateDraft(subject: "SEV-VCEK", issuer: "SEV-\(product.rawValue)", years: 7)
        draft.extensions = Self.extensions(platform, name: product.certificateName)
        draft.extensions.append(("1.3.6.1.4.1.3704.1.4", false, Array(platform.chipID.prefix(product.hardwareIDSize))))
        let vcek = try draft.signed(for: chipKey.key, by: intermediate)
        guard let provider else { return PlatformEndorsement(authority: self, chipKey: chipKey, vcek: vcek) }
        let loadedKey = try LaunchKey.generate()
        var loaded = CertificateDraft(subject: "SEV-VLEK", issuer: "SEV-VLEK-\(product.rawValue)", years: 1)
        loaded.extensions = Self.extensions(platform, name: product.rawValue)
        loaded.extensions.append(("1.3.6.1.4.1.3704.1.5", false, CertificateDraft.text(provider)))
        let vlek = try loaded.signed(for: loadedKey.key, by: loadedIntermediate)
        return PlatformEndorsement(authority: self, chipKey: chipKey, vcek: vcek, loadedKey: loadedKey, vlek: vlek)
    }

    /// The extensions of AMD's "Versioned Chip Endorsement Key Certificate and KDS Interface Specification" (57230), of the reported version.
    private static func extensions(_ platform: PSPPlatform, name: String) -> [(identifier: String, isCritical: Bool, value: [UInt8])] {
        let tcb = platform.reportedTCB
        let base = "1.3.6.1.4.1.3704.1."
        var list: [(identifier: String, isCritical: Bool, value: [UInt8])] = [
            (base + "1", false, CertificateDraft.integer(platform.product == .turin ? 1 : 0)), (base + "2", false, CertificateDraft.text(name)),
            (base + "3.1", false, CertificateDraft.integer(tcb.bootLoader)), (base + "3.2", false, CertificateDraft.integer(tcb.tee)),
        ]
        for spare in 4...7 { list.append((base + "3.\(spare)", false, CertificateDraft.integer(0))) }
        list.append((base + "3.3", false, CertificateDraft.integer(tcb.snp)))
        list.append((base + "3.8", false, CertificateDraft.integer(tcb.microcode)))
        if platform.product == .turin { list.append((base + "3.9", false, CertificateDraft.integer(tcb.fmc))) }
        return list
    }
}

/// The keys a platform signs reports with, and their certificates.
public struct PlatformEndorsement: Sendable {
    /// Who issued them.
    public let authority: TestAuthority
    let chipKey: LaunchKey
    /// The certificate of the chip's key, as DER.
    public let vcek: [UInt8]
    var loadedKey: LaunchKey?
    /// The certificate of the loaded key, as DER; nil when none is loaded.
    public var vlek: [UInt8]?

    init(authority: TestAuthority, chipKey: LaunchKey, vcek: [UInt8], loadedKey: LaunchKey? = nil, vlek: [UInt8]? = nil) {
        (self.authority, self.chipKey, self.vcek, self.loadedKey, self.vlek) = (authority, chipKey, vcek, loadedKey, vlek)
    }

    /// The certificates as the host hands them to the guest.
    public var table: CertificateTable {
        var list: [(kind: CertificateTable.Kind, der: [UInt8])] = [(.vcek, vcek), (.ask, authority.ask), (.ark, authority.ark)]
        if let vlek { list.append((.vlek, vlek)) }
        return CertificateTable(list)
    }
}
