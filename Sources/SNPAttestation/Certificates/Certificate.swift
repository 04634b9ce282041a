internal import LibCrypto

/// An X.509 certificate, read strictly: one certificate in DER and nothing after it. Serial number 0, which AMD's chip certificates have, is as good as any.
///
/// Reading judges neither signatures nor contents.
public struct Certificate: Sendable, Hashable {
    /// The longest certificate that is read, in bytes.
    public static let longest = 1 << 16

    /// The bytes, as they were read.
    public let der: [UInt8]
    /// The subject's name, as RFC 2253 writes names.
    public let subject: String
    /// The issuer's name.
    public let issuer: String
    /// The subject's common name ("ARK-Milan", "SEV-Genoa", "SEV-VCEK"); nil unless there is just one.
    public let commonName: String?
    /// The issuer's common name.
    public let issuerCommonName: String?
    /// The serial number's magnitude, the highest byte first.
    public let serialNumber: [UInt8]
    /// The first second of its validity, since 1970.
    public let notBefore: Int64
    /// The last second of its validity, since 1970.
    public let notAfter: Int64
    /// What AMD's extensions say; nil in a certificate that has none.
    public let endorsement: EndorsementExtensions?
    /// SHA-256 of the DER.
    public let sha256: [UInt8]

    let subjectName: [UInt8]
    let issuerName: [UInt8]
    let profile: CertificateProfile

    /// Reads a certificate.
    public init(der: [UInt8]) throws(CertificateError) {
        guard der.count <= Self.longest else { throw .tooLong(der.count) }
        guard let x509 = X509Certificate(der: der) else { throw .notACertificate }
        guard let notBefore = x509.notBefore, let notAfter = x509.notAfter else { throw .noValidity }
        self.der = der
        subject = x509.subject
        issuer = x509.issuer
        commonName = x509.subjectCommonName
        issuerCommonName = x509.issuerCommonName
        serialNumber = x509.serialNumber
        self.notBefore = notBefore
        self.notAfter = notAfter
        endorsement = EndorsementExtensions(x509.extensions)
        sha256 = CryptoContext.digest("SHA256", der)
        subjectName = x509.subjectName
        issuerName = x509.issuerName
        profile = CertificateProfile(x509)
    }

    /// What a certificate is for, by its contents alone.
    public enum Kind: String, Sendable, Hashable {
        /// A root: an authority that names itself as its issuer (ARK).
        case root = "ARK"
        /// An authority below a root (ASK, ASVK).
        case intermediate = "ASK"
        /// The key of a chip.
        case vcek = "VCEK"
        /// A loaded key.
        case vlek = "VLEK"
        /// None of these.
        case unknown
    }

    /// What it is for.
    public var kind: Kind {
        if let endorsement {
            switch commonName {
            case "SEV-VCEK": return .vcek
            case "SEV-VLEK": return .vlek
            default: return endorsement.cspID == nil ? .vcek : .vlek
            }
        }
        guard profile.isAuthority else { return .unknown }
        return subjectName == issuerName ? .root : .intermediate
    }

    /// Whether the signature of this one is that of the other's key: RSASSA-PSS as AMD uses it, checked before anything is computed. Names are compared, too.
    public func isSigned(by other: Certificate) -> Bool {
        guard issuerName == other.subjectName, profile.signsAsAMD, other.profile.hasAuthorityKey else { return false }
        guard let this = X509Certificate(der: der), let other = X509Certificate(der: other.der) else { return false }
        return this.isSigned(by: other)
    }

    /// Whether it is valid at a time.
    func isValid(at time: Int64) -> Bool { notBefore <= time && time <= notAfter }
}

/// Why bytes are not a certificate.
public enum CertificateError: Error, Hashable, CustomStringConvertible {
    /// There are so many bytes.
    case tooLong(Int)
    /// They are not one X.509 certificate in DER.
    case notACertificate
    /// They are not one revocation list in DER.
    case notARevocationList
    /// A date cannot be read.
    case noValidity

    /// A sentence.
    public var description: String {
        switch self {
        case .tooLong(let count): "\(count) bytes are too long for a certificate or revocation list"
        case .notACertificate: "not one X.509 certificate in DER"
        case .notARevocationList: "not one X.509 revocation list in DER"
        case .noValidity: "a date in it cannot be read"
        }
    }
}
