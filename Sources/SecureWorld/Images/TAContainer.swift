/// The signed form of a TA file taken apart (OP-TEE core/include/signed_hdr.h), nothing of it verified yet.
///
/// A chain of sub-keys, which may be empty, and then the application; a sub-key's own file is a chain without an application.
struct TAContainer {
    static let magic: UInt32 = 0x4f54_5348
    static let headerSize = 20
    static let subkeyHeaderSize = 36
    static let attributeSize = 12
    static let bootstrapSize = 20
    static let encryptionHeaderSize = 12
    static let modulusAttribute: UInt32 = 0xd000_0130
    static let exponentAttribute: UInt32 = 0xd000_0230
    /// Each sub-key costs one check of a signature; nobody delegates that far.
    static let maximumSubkeys = 32
    static let maximumAttributes = 64

    enum Kind: UInt32 {
        case legacy = 0
        case bootstrap = 1
        case encrypted = 2
        case subkey = 3

        var name: String {
            switch self {
            case .legacy: "SHDR_TA"
            case .bootstrap: "SHDR_BOOTSTRAP_TA"
            case .encrypted: "SHDR_ENCRYPTED_TA"
            case .subkey: "SHDR_SUBKEY"
            }
        }
    }

    /// `struct shdr` and the digest and signature behind it.
    struct Header {
        let offset: Int
        let kind: Kind
        let imageSize: UInt32
        let algorithm: UInt32
        /// The 20 bytes that the digest covers.
        let fields: ArraySlice<UInt8>
        let digest: ArraySlice<UInt8>
        let signature: ArraySlice<UInt8>

        var end: Int { signature.endIndex }
    }

    /// `struct shdr_subkey` and the name behind it, which makes the next UUID.
    struct Subkey {
        let header: Header
        /// What the digest covers behind the header.
        let image: ArraySlice<UInt8>
        let uuid: TEEUUID
        let version: UInt32
        let maximumDepth: UInt32
        let algorithm: UInt32
        let attributeCount: UInt32
        let modulus: ArraySlice<UInt8>
        let exponent: ArraySlice<UInt8>
        let nameSize: UInt32
        /// Without the zeros that fill it up; nil when the file ends before it, as a sub-key's own file does.
        let name: ArraySlice<UInt8>?
    }

    /// `struct shdr_encrypted_ta`.
    struct Encryption {
        let algorithm: UInt32
        let flags: UInt32
        let fields: ArraySlice<UInt8>
        let iv: ArraySlice<UInt8>
        let tag: ArraySlice<UInt8>

        var keyKind: TAEncryption.KeyKind { flags & 1 == 0 ? .deviceSpecific : .classWide }
    }

    struct Application {
        let header: Header
        /// `struct shdr_bootstrap_ta`; a legacy TA has none.
        let identity: (uuid: TEEUUID, version: UInt32, fields: ArraySlice<UInt8>)?
        let encryption: Encryption?
        /// The ELF file, encrypted or not.
        let payload: ArraySlice<UInt8>
    }

    private(set) var subkeys: [Subkey] = []
    private(set) var application: Application?

    static func isContainer(_ bytes: [UInt8]) -> Bool { ImageReader(bytes: bytes).u32(0) == magic }

    init(_ bytes: [UInt8]) throws(TAFileError) {
        let reader = ImageReader(bytes: bytes)
        var offset = 0
        while application == nil {
            if offset == bytes.count, !subkeys.isEmpty { return }
            let header = try Self.header(reader, offset)
            guard header.kind == .subkey else {
                application = try Self.application(reader, header)
                return
            }
            guard subkeys.count < Self.maximumSubkeys else { throw .security("the file has more than \(Self.maximumSubkeys) sub-keys in its chain; delegate less deeply") }
            let subkey = try Self.subkey(reader, header)
            subkeys.append(subkey)
            offset = subkey.image.endIndex + (subkey.name == nil ? 0 : Int(subkey.nameSize))
        }
    }

    private static func header(_ reader: ImageReader, _ offset: Int) throws(TAFileError) -> Header {
        guard let fields = reader.slice(offset, headerSize), let magic = reader.u32(offset), let kind = reader.u32(offset + 4), let size = reader.u32(offset + 8),
            let algorithm = reader.u32(offset + 12), let digestSize = reader.u16(offset + 16), let signatureSize = reader.u16(offset + 18)
        else { throw truncated(offset) }
        guard magic == Self.magic else {
            throw .security("no signed header at byte \(offset): it begins with 0x\(String(magic, radix: 16)), not 0x4f545348; sign the TA with: skerry tee sign")
        }
        guard let kind = Kind(rawValue: kind) else {
            throw .security("the signed header at byte \(offset) is of type \(kind), and only 0 to 3 exist; sign the TA again")
        }
        guard let digest = reader.slice(offset + headerSize, Int(digestSize)), let signature = reader.slice(digest.endIndex, Int(signatureSize)) else {
            throw truncated(offset)
        }
        return Header(offset: offset, kind: kind, imageSize: size, algorithm: algorithm, fields: fields, digest: digest, signature: signature)
    }

    private static func subkey(_ reader: ImageReader, _ header: Header) throws(TAFileError) -> Subkey {
        let start = header.end
        guard header.imageSize >= UInt32(subkeyHeaderSize), let image = reader.slice(start, Int(header.imageSize)), let uuid = TEEUUID(bigEndian: image.prefix(16)),
            let nameSize = reader.u32(start + 16), let version = reader.u32(start + 20), let depth = reader.u32(start + 24), let algorithm = reader.u32(start + 28),
            let attributes = reader.u32(start + 32)
        else { throw truncated(start) }
        guard attributes <= maximumAttributes else { throw .security("the sub-key \(uuid) has \(attributes) attributes and an RSA key has two; make the sub-key again") }
        let content = ImageReader(bytes: Array(image))
        var values: [UInt32: Range<Int>] = [:]
        for index in 0..<Int(attributes) {
            let place = subkeyHeaderSize + index * attributeSize
            guard let id = content.u32(place), let offset = content.u32(place + 4), let size = content.u32(place + 8),
                let range = content.range(UInt64(offset), UInt64(size))
            else { throw .security("an attribute of the sub-key \(uuid) lies outside of it; make the sub-key again") }
            if values[id] == nil { values[id] = range }
        }
        guard let modulus = values[modulusAttribute], let exponent = values[exponentAttribute] else {
            throw .security("the sub-key \(uuid) lacks the modulus or the exponent of its RSA key; make the sub-key again")
        }
        var name: ArraySlice<UInt8>?
        if image.endIndex < reader.bytes.count {
            guard let field = reader.slice(image.endIndex, Int(nameSize)) else { throw truncated(image.endIndex) }
            name = field.prefix { $0 != 0 }
        }
        return Subkey(
            header: header, image: image, uuid: uuid, version: version, maximumDepth: depth, algorithm: algorithm, attributeCount: attributes,
            modulus: content.bytes[modulus], exponent: content.bytes[exponent], nameSize: nameSize, name: name)
    }

    private static func application(_ reader: ImageReader, _ header: Header) throws(TAFileError) -> Application {
        var offset = header.end
        var identity: (TEEUUID, UInt32, ArraySlice<UInt8>)?
        if header.kind != .legacy {
            guard let fields = reader.slice(offset, bootstrapSize), let uuid = TEEUUID(bigEndian: fields.prefix(16)), let version = reader.u32(offset + 16) else {
                throw truncated(offset)
            }
            identity = (uuid, version, fields)
            offset = fields.endIndex
        }
        var encryption: Encryption?
        if header.kind == .encrypted {
            let found = try Self.encryption(reader, offset)
            offset = found.tag.endIndex
            encryption = found
        }
        guard let payload = reader.slice(offset, Int(header.imageSize)), payload.endIndex == reader.bytes.count else {
            throw .security(
                "the signed header announces \(header.imageSize) bytes of TA and \(reader.bytes.count - offset) follow; the file was cut or added to: copy or sign it again")
        }
        return Application(header: header, identity: identity, encryption: encryption, payload: payload)
    }

    private static func encryption(_ reader: ImageReader, _ offset: Int) throws(TAFileError) -> Encryption {
        guard let fields = reader.slice(offset, encryptionHeaderSize), let algorithm = reader.u32(offset), let flags = reader.u32(offset + 4),
            let ivSize = reader.u16(offset + 8), let tagSize = reader.u16(offset + 10), let iv = reader.slice(fields.endIndex, Int(ivSize)),
            let tag = reader.slice(iv.endIndex, Int(tagSize))
        else { throw truncated(offset) }
        return Encryption(algorithm: algorithm, flags: flags, fields: fields, iv: iv, tag: tag)
    }

    private static func truncated(_ offset: Int) -> TAFileError { .security("the file ends inside what begins at byte \(offset); copy it again, or sign the TA again") }
}
