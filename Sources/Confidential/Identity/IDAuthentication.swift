/// The ID authentication information (AMD 56860, SNP_LAUNCH_FINISH, "ID authentication information structure"), a page: the signature of the ID block, the key
/// that made it, and perhaps the signature of that key by an author key. All algorithms are ECDSA with P-384 and SHA-384.
public struct IDAuthentication: Sendable, Hashable {
    /// Bytes of the structure.
    public static let size = 4096
    /// ECDSA P-384 with SHA-384, the only algorithm there is.
    static let algorithm: UInt32 = 1
    private static let blockSignature = 0x40..<0x240
    private static let idKey = 0x240..<0x644
    private static let idKeySignature = 0x680..<0x880
    private static let authorKey = 0x880..<0xC84

    /// The page.
    public let bytes: [UInt8]

    /// Signs a block.
    ///
    /// - Parameters:
    ///   - block: What is signed with `idKey`.
    ///   - idKey: The private key of this image.
    ///   - authorKey: The private key of its author, which vouches for `idKey`.
    /// - Throws: `plan` when a key is no private key.
    public init(signing block: IDBlock, idKey: LaunchKey, authorKey: LaunchKey? = nil) throws(SNPError) {
        var page = [UInt8](repeating: 0, count: Self.size)
        page.store(Self.algorithm, at: 0)
        page.store(try idKey.signature(of: block.bytes), at: Self.blockSignature.lowerBound)
        page.store(idKey.firmwareForm, at: Self.idKey.lowerBound)
        if let authorKey {
            page.store(Self.algorithm, at: 4)
            page.store(try authorKey.signature(of: idKey.firmwareForm), at: Self.idKeySignature.lowerBound)
            page.store(authorKey.firmwareForm, at: Self.authorKey.lowerBound)
        }
        bytes = page
    }

    /// From its bytes; nil for another length.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }

    /// Whether an author key is in it.
    public var hasAuthorKey: Bool { bytes.number(at: 4, as: UInt32.self) != 0 || !bytes.isZero(Self.authorKey) }
    /// ID_KEY_DIGEST of the report.
    public var idKeyDigest: [UInt8] { SHA384.digest(bytes[Self.idKey]) }
    /// AUTHOR_KEY_DIGEST of the report.
    public var authorKeyDigest: [UInt8] { SHA384.digest(bytes[Self.authorKey]) }

    /// The firmware's checks.
    ///
    /// - Throws: INVALID_PARAM for another algorithm or reserved bytes that are not zero, BAD_SIGNATURE for a key or a signature that is none.
    func verify(_ block: [UInt8], withAuthorKey: Bool) throws(FirmwareError) {
        guard bytes.number(at: 0, as: UInt32.self) == Self.algorithm, !withAuthorKey || bytes.number(at: 4, as: UInt32.self) == Self.algorithm else { throw .invalidParameter }
        guard bytes.isZero(8..<0x40), bytes.isZero(0x644..<0x680), bytes.isZero(0xC84..<0x1000) else { throw .invalidParameter }
        let key = Array(bytes[Self.idKey])
        guard let idKey = LaunchKey(firmwareForm: key), idKey.verifies(Array(bytes[Self.blockSignature]), of: block) else { throw .badSignature }
        guard withAuthorKey else { return }
        guard let authorKey = LaunchKey(firmwareForm: Array(bytes[Self.authorKey])), authorKey.verifies(Array(bytes[Self.idKeySignature]), of: key) else { throw .badSignature }
    }
}

/// An ID block with its authentication, as a launch presents them.
public struct LaunchIdentity: Sendable, Hashable {
    /// The 96 bytes of the ID block.
    public var block: [UInt8]
    /// The page with signatures and keys.
    public var authentication: IDAuthentication
    /// Whether the firmware is to check, and report, the author key.
    public var usesAuthorKey: Bool

    /// Both parts; the author key is used when there is one.
    ///
    /// - Throws: `plan` when the block has not 96 bytes.
    public init(block: [UInt8], authentication: IDAuthentication) throws(SNPError) {
        guard block.count == IDBlock.size else { throw SNPError(.plan, "the ID block", "it has \(block.count) bytes; an ID block has \(IDBlock.size)") }
        self.block = block
        self.authentication = authentication
        usesAuthorKey = authentication.hasAuthorKey
    }
}
