internal import ConfidentialABI

/// The messages as bytes (`key_release_abi.h`).
enum ReleaseMessage {
    static let headerSize = Int(SKERRY_RELEASE_HEADER_SIZE)
    static let helloSize = Int(SKERRY_RELEASE_HELLO_SIZE)
    static let evidenceSize = Int(SKERRY_RELEASE_EVIDENCE_SIZE)
    static let answerSize = Int(SKERRY_RELEASE_ANSWER_SIZE)
    static let receiptSize = Int(SKERRY_RELEASE_RECEIPT_SIZE)
    static let sealedSize = SecretBundle.size + Int(SKERRY_RELEASE_TAG_SIZE)

    /// A message of this kind and size, with its header and zeros behind it; `following` bytes are to come after it.
    private static func blank(_ kind: skerry_release_kind, size: Int, following: Int = 0) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: size)
        bytes.put(SKERRY_RELEASE_MAGIC, at: 0)
        bytes.put(kind.rawValue, at: Int(SKERRY_RELEASE_KIND_AT))
        bytes.put(UInt32(size - headerSize + following), at: Int(SKERRY_RELEASE_SIZE_AT))
        return bytes
    }

    static func hello(nonce: [UInt8], identity: [UInt8]?) -> [UInt8] {
        var bytes = blank(skerry_release_hello, size: helloSize)
        bytes.put(UInt32(SKERRY_RELEASE_VERSION), at: headerSize)
        bytes.replaceSubrange(Int(SKERRY_RELEASE_HELLO_NONCE_AT)..<Int(SKERRY_RELEASE_HELLO_NONCE_AT) + nonce.count, with: nonce)
        if let identity { bytes.replaceSubrange(Int(SKERRY_RELEASE_HELLO_IDENTITY_AT)..<Int(SKERRY_RELEASE_HELLO_IDENTITY_AT) + identity.count, with: identity) }
        return bytes
    }

    /// The answer without the sealed secrets.
    static func answerHead(key: [UInt8]) -> [UInt8] {
        var bytes = blank(skerry_release_answer, size: answerSize, following: sealedSize)
        bytes.replaceSubrange(Int(SKERRY_RELEASE_ANSWER_KEY_AT)..<Int(SKERRY_RELEASE_ANSWER_KEY_AT) + key.count, with: key)
        return bytes
    }

    static func refusal() -> [UInt8] { blank(skerry_release_refusal, size: headerSize) }

    static func receipt(proof: [UInt8]) -> [UInt8] { blank(skerry_release_receipt, size: headerSize, following: proof.count) + proof }

    /// The proof in the bytes of a receipt; nil when they are none.
    static func proof(inReceipt bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count == receiptSize, Array(bytes.prefix(headerSize)) == Array(blank(skerry_release_receipt, size: receiptSize).prefix(headerSize)) else { return nil }
        return Array(bytes.dropFirst(headerSize))
    }
}

/// What a guest shows, read once and taken apart by what it says itself; nothing of it is believed yet.
struct Evidence {
    /// The guest's fresh point, 97 bytes.
    let publicKey: [UInt8]
    let report: [UInt8]
    /// Bytes of what follows the head.
    let manifestSize: Int, certificatesSize: Int

    /// What is wrong with the head.
    enum Fault: Error {
        case form(expected: String, found: String)
    }

    init(head bytes: [UInt8]) throws(Fault) {
        let magic: UInt64 = bytes.take(at: 0)
        let (kind, size): (UInt32, UInt32) = (bytes.take(at: Int(SKERRY_RELEASE_KIND_AT)), bytes.take(at: Int(SKERRY_RELEASE_SIZE_AT)))
        guard bytes.count == ReleaseMessage.evidenceSize, magic == SKERRY_RELEASE_MAGIC, kind == skerry_release_evidence.rawValue else {
            throw .form(expected: "a guest's evidence (kind \(skerry_release_evidence.rawValue))", found: magic == SKERRY_RELEASE_MAGIC ? "kind \(kind)" : "another protocol")
        }
        let (manifest, certificates): (UInt32, UInt32) = (
            bytes.take(at: Int(SKERRY_RELEASE_EVIDENCE_MANIFEST_AT)), bytes.take(at: Int(SKERRY_RELEASE_EVIDENCE_CERTIFICATES_AT))
        )
        guard manifest <= SKERRY_RELEASE_MANIFEST_LIMIT, certificates <= SKERRY_RELEASE_CERTIFICATES_LIMIT else {
            throw .form(
                expected: "at most \(SKERRY_RELEASE_MANIFEST_LIMIT) bytes of manifest and \(SKERRY_RELEASE_CERTIFICATES_LIMIT) of certificates",
                found: "\(manifest) and \(certificates)")
        }
        let expected = UInt32(ReleaseMessage.evidenceSize - ReleaseMessage.headerSize) + manifest + certificates
        guard size == expected else { throw .form(expected: "\(expected) bytes behind the header", found: "\(size)") }
        let key = Int(SKERRY_RELEASE_EVIDENCE_KEY_AT), report = Int(SKERRY_RELEASE_EVIDENCE_REPORT_AT)
        guard bytes[key + AgreementKey.pointSize..<report].allSatisfy({ $0 == 0 }) else { throw .form(expected: "zeros between key and report", found: "other bytes") }
        publicKey = Array(bytes[key..<key + AgreementKey.pointSize])
        self.report = Array(bytes[report..<report + Int(SKERRY_RELEASE_REPORT_SIZE)])
        (manifestSize, certificatesSize) = (Int(manifest), Int(certificates))
    }
}

extension [UInt8] {
    /// Writes a little-endian number at a place of a layout, which is inside.
    fileprivate mutating func put<Number: FixedWidthInteger>(_ value: Number, at offset: Int) {
        for byte in 0..<MemoryLayout<Number>.size { self[offset + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte)) }
    }

    /// Reads one; zero when the bytes end before it.
    fileprivate func take<Number: FixedWidthInteger>(at offset: Int) -> Number {
        guard offset + MemoryLayout<Number>.size <= count else { return 0 }
        var value: Number = 0
        for byte in 0..<MemoryLayout<Number>.size { value |= Number(truncatingIfNeeded: self[offset + byte]) << (8 * byte) }
        return value
    }
}
