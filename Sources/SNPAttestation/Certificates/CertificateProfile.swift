/// What AMD's certificates have in common, as far as it is not the signature itself (AMD document 57230, *VCEK Certificate and KDS Interface Specification*).
struct CertificateProfile: Sendable, Hashable {
    let version: Int
    let isAuthority: Bool
    let pathLength: Int?
    let keyUsage: UInt32?
    let hasUnusableExtension: Bool
    let repeatsExtension: Bool
    let signatureAlgorithm: [UInt8]
    let publicKeyInfo: [UInt8]
    let subjectKeyIdentifier: [UInt8]
    let authorityKeyIdentifier: [UInt8]

    init(_ x509: X509Certificate) {
        version = x509.version
        isAuthority = x509.isAuthority
        pathLength = x509.pathLength
        keyUsage = x509.keyUsage
        hasUnusableExtension = x509.hasUnusableExtension
        let identifiers = x509.extensions.map(\.identifier)
        repeatsExtension = Set(identifiers).count != identifiers.count
        signatureAlgorithm = x509.signatureAlgorithm
        publicKeyInfo = x509.publicKeyInfo
        subjectKeyIdentifier = x509.subjectKeyIdentifier
        authorityKeyIdentifier = x509.authorityKeyIdentifier
    }

    /// RSASSA-PSS with SHA-384, MGF1 with SHA-384 and 48 bytes of salt.
    var signsAsAMD: Bool { PSSParameters.isAMDs(signatureAlgorithm) }
    /// RSA with 4096 bits and exponent 65537.
    var hasAuthorityKey: Bool { PublicKeyInfo.isRSA4096(publicKeyInfo) }
    /// An uncompressed point of P-384, the curve by name.
    var hasEndorsementKey: Bool { PublicKeyInfo.isP384(publicKeyInfo) }

    private static let certificateSigning: UInt32 = 0x04

    private var common: [String] {
        var faults: [String] = []
        if version != 3 { faults.append("X.509 version \(version) instead of 3") }
        if !signsAsAMD { faults.append("signed with other than RSASSA-PSS, SHA-384, MGF1 with SHA-384, salt 48") }
        if hasUnusableExtension { faults.append("a critical extension that is unknown, or a malformed one") }
        if repeatsExtension { faults.append("the same extension twice") }
        return faults
    }

    /// What is wrong with it as the certificate of an authority, with so many authorities below it.
    func faultsAsAuthority(authoritiesBelow: Int) -> [String] {
        var faults = common
        if !hasAuthorityKey { faults.append("a key other than RSA with 4096 bits and exponent 65537") }
        if !isAuthority { faults.append("not an authority (basic constraints)") }
        if let pathLength, pathLength < authoritiesBelow { faults.append("path length \(pathLength)") }
        if let keyUsage, keyUsage & Self.certificateSigning == 0 { faults.append("its key may not sign certificates (key usage)") }
        return faults
    }

    /// What is wrong with it as the certificate of a key that signs reports.
    func faultsAsEndorsement() -> [String] {
        var faults = common
        if !hasEndorsementKey { faults.append("a key that is not on P-384") }
        if isAuthority { faults.append("an authority (basic constraints)") }
        return faults
    }

    /// Whether the key identifiers, where both have them, agree.
    func names(_ issuer: CertificateProfile) -> Bool {
        authorityKeyIdentifier.isEmpty || issuer.subjectKeyIdentifier.isEmpty || authorityKeyIdentifier == issuer.subjectKeyIdentifier
    }
}

/// AlgorithmIdentifier of RSASSA-PSS.
enum PSSParameters {
    /// The two encodings AMD uses: certificates spell the default trailer field out, revocation lists leave it away as DER asks for.
    private static let encodings: Set<[UInt8]> = {
        let sha384: [UInt8] = [0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00]
        let mgf1: [UInt8] = [0x30, 0x1A, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x08] + sha384
        let pss: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A]
        let parameters = [0xA0, 0x0F] + sha384 + [0xA1, 0x1C] + mgf1 + [0xA2, 0x03, 0x02, 0x01, 0x30]
        return Set([parameters, parameters + [0xA3, 0x03, 0x02, 0x01, 0x01]].map { [0x30, UInt8(pss.count + 2 + $0.count)] + pss + [0x30, UInt8($0.count)] + $0 })
    }()

    static func isAMDs(_ algorithm: [UInt8]) -> Bool { encodings.contains(algorithm) }
}

/// SubjectPublicKeyInfo of the two kinds of keys in use. Both have a fixed length, so that all but the key itself is compared.
enum PublicKeyInfo {
    private static let p384: [UInt8] = [
        0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00, 0x04,
    ]
    private static let rsa4096: [UInt8] = [
        0x30, 0x82, 0x02, 0x22, 0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00, 0x03, 0x82, 0x02, 0x0F, 0x00,
        0x30, 0x82, 0x02, 0x0A, 0x02, 0x82, 0x02, 0x01, 0x00,
    ]
    private static let exponent: [UInt8] = [0x02, 0x03, 0x01, 0x00, 0x01]

    static func isP384(_ info: [UInt8]) -> Bool { info.count == p384.count + 96 && info.starts(with: p384) }

    static func isRSA4096(_ info: [UInt8]) -> Bool {
        info.count == rsa4096.count + 512 + exponent.count && info.starts(with: rsa4096) && info[rsa4096.count] >= 0x80 && info.suffix(exponent.count) == exponent[...]
    }
}
