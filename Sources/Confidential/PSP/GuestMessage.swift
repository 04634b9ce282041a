/// A message between an encrypted guest and the secure processor, which the host carries and cannot read (AMD 56860, SNP_GUEST_REQUEST, "Message header").
public struct GuestMessage: Sendable, Equatable {
    /// Types of messages (AMD 56860, "Message types").
    public enum Kind: UInt8, Sendable {
        /// MSG_KEY_REQ and its response: a derived key.
        case keyRequest = 3, keyResponse = 4
        /// MSG_REPORT_REQ and its response: an attestation report.
        case reportRequest = 5, reportResponse = 6
        /// MSG_TSC_INFO_REQ and its response: the parameters of the guest's own clock.
        case timeRequest = 17, timeResponse = 18
    }

    /// What makes a page no message.
    public enum Fault: Error, Equatable, Sendable {
        /// The header is malformed.
        case header
        /// The tag is not that of key, header and ciphertext.
        case authentication
    }

    static let headerSize = 0x60
    /// The most bytes of a payload: the message is one page.
    static let largestPayload = PageSize.bytes - headerSize
    private static let algorithm: UInt8 = 1
    private static let headerVersion: UInt8 = 1
    private static let authenticated = 0x30..<0x60

    /// MSG_TYPE.
    public var type: UInt8
    /// MSG_VERSION.
    public var version: UInt8
    /// MSG_SEQNO: odd for requests, even for responses.
    public var sequence: UInt64
    /// Which of the guest's four keys it is sealed with.
    public var keyIndex: UInt8
    /// The plaintext.
    public var payload: [UInt8]

    /// A message.
    public init(type: UInt8, version: UInt8 = 1, sequence: UInt64, keyIndex: UInt8, payload: [UInt8]) {
        (self.type, self.version, self.sequence, self.keyIndex, self.payload) = (type, version, sequence, keyIndex, payload)
    }

    /// The page with the encrypted message, 4,096 bytes; nil for a payload that does not fit.
    public func sealed(with key: [UInt8]) -> [UInt8]? {
        guard payload.count <= Self.largestPayload else { return nil }
        var page = [UInt8](repeating: 0, count: PageSize.bytes)
        page.store(sequence, at: 0x20)
        page[0x30] = Self.algorithm
        page[0x31] = Self.headerVersion
        page.store(UInt16(Self.headerSize), at: 0x32)
        page[0x34] = type
        page[0x35] = version
        page.store(UInt16(payload.count), at: 0x36)
        page[0x3C] = keyIndex
        guard let sealed = AES256GCM.seal(payload, key: key, nonce: Self.nonce(sequence), authenticating: Array(page[Self.authenticated])) else { return nil }
        page.store(sealed.tag, at: 0)
        page.store(sealed.ciphertext, at: Self.headerSize)
        return page
    }

    /// The header of a page: everything but the payload, none of it authenticated yet.
    ///
    /// - Throws: `header` for another size, algorithm or version, a length that does not fit, a fifth key, or reserved bytes that are not zero.
    init(headerOf page: [UInt8]) throws(Fault) {
        guard page.count == PageSize.bytes, page[0x30] == Self.algorithm, page[0x31] == Self.headerVersion, page.number(at: 0x32, as: UInt16.self) == UInt16(Self.headerSize),
            Int(page.number(at: 0x36, as: UInt16.self)) <= Self.largestPayload, page[0x3C] < 4, page.isZero(0x10..<0x20), page.isZero(0x28..<0x30), page.isZero(0x38..<0x3C),
            page.isZero(0x3D..<0x60)
        else { throw .header }
        self.init(type: page[0x34], version: page[0x35], sequence: page.number(at: 0x20), keyIndex: page[0x3C], payload: [])
    }

    /// Opens a page.
    ///
    /// - Throws: what is wrong with it.
    public init(opening page: [UInt8], with key: [UInt8]) throws(Fault) {
        try self.init(headerOf: page)
        let size = Int(page.number(at: 0x36, as: UInt16.self))
        let ciphertext = Array(page[Self.headerSize..<Self.headerSize + size])
        let opened = AES256GCM.open(ciphertext, tag: Array(page[..<16]), key: key, nonce: Self.nonce(sequence), authenticating: Array(page[Self.authenticated]))
        guard let opened else { throw .authentication }
        payload = opened
    }

    /// A sealed page with one bit of its header inverted, sealed anew; nil for a page that the key does not open, and for a bit that no tag covers.
    static func resealed(_ page: [UInt8], flipping bit: Int, with key: [UInt8]) -> [UInt8]? {
        guard let message = try? GuestMessage(opening: page, with: key), authenticated.contains(bit / 8) else { return nil }
        var page = page
        page[bit / 8] ^= 1 << (bit % 8)
        guard let sealed = AES256GCM.seal(message.payload, key: key, nonce: nonce(message.sequence), authenticating: Array(page[authenticated])) else { return nil }
        page.store(sealed.tag, at: 0)
        page.store(sealed.ciphertext, at: headerSize)
        return page
    }

    private static func nonce(_ sequence: UInt64) -> [UInt8] {
        var nonce = [UInt8](repeating: 0, count: 12)
        nonce.store(sequence, at: 0)
        return nonce
    }
}
