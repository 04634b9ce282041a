/// An X.509 certificate revocation list, read strictly. Reading judges neither signature nor dates.
public struct RevocationList: Sendable, Hashable {
    /// The longest list that is read, in bytes.
    public static let longest = 1 << 22

    /// The bytes, as they were read.
    public let der: [UInt8]
    /// When it was issued, in seconds since 1970.
    public let thisUpdate: Int64
    /// When the next one was due, in seconds since 1970; nil when it does not say.
    public let nextUpdate: Int64?

    let issuerName: [UInt8]
    let signatureAlgorithm: [UInt8]
    let unusableExtensions: [String]

    /// The authority key identifier and the list's number. A list with other critical extensions (delta lists, indirect lists, lists of some reasons only) does
    /// not say all, so that it cannot be used.
    private static let knownExtensions: Set<String> = ["2.5.29.35", "2.5.29.20"]

    /// Reads a list.
    public init(der: [UInt8]) throws(CertificateError) {
        guard der.count <= Self.longest else { throw .tooLong(der.count) }
        guard let list = X509RevocationList(der: der) else { throw .notARevocationList }
        guard let thisUpdate = list.thisUpdate else { throw .noValidity }
        self.der = der
        self.thisUpdate = thisUpdate
        nextUpdate = list.nextUpdate
        issuerName = list.issuerName
        signatureAlgorithm = list.signatureAlgorithm
        unusableExtensions = list.extensions.filter { $0.isCritical && !Self.knownExtensions.contains($0.identifier) }.map(\.identifier)
    }

    /// Whether it is signed by the authority's key, as AMD signs.
    func isSigned(by authority: Certificate) -> Bool {
        guard issuerName == authority.subjectName, PSSParameters.isAMDs(signatureAlgorithm), authority.profile.hasAuthorityKey else { return false }
        guard let list = X509RevocationList(der: der), let authority = X509Certificate(der: authority.der) else { return false }
        return authority.signed(list)
    }

    /// Whether it lists a certificate.
    func lists(_ certificate: Certificate) -> Bool {
        guard let list = X509RevocationList(der: der) else { return true }
        return list.lists(serialNumber: certificate.serialNumber)
    }

    func isCurrent(at time: Int64) -> Bool { thisUpdate <= time && time <= nextUpdate ?? Int64.max }
}
