/// The name of a file of the trusted storage: the serial number of the object it belongs to (0: an index page) and the number of the file, which is never given twice
/// to files of committed states. As text both in lower-case hexadecimal without leading zeros: `1f-2a0`.
struct StorageFileName: Hashable, Sendable, CustomStringConvertible {
    let serial: UInt64
    let number: UInt64

    init(serial: UInt64, number: UInt64) {
        self.serial = serial
        self.number = number
    }

    /// Nil for what is not exactly such a name.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let serial = UInt64(parts[0], radix: 16), let number = UInt64(parts[1], radix: 16) else { return nil }
        self.init(serial: serial, number: number)
        if description != text { return nil }
    }

    var description: String { "\(String(serial, radix: 16))-\(String(number, radix: 16))" }
}

/// What a parent knows of a file below it in the tree: its number and the tag that its content was sealed with. The tag makes any other content, even one that was sealed
/// under the same number and never committed, a wrong one.
struct StorageReference: Hashable, Sendable {
    static let size = 8 + StorageCipher.tagSize

    let number: UInt64
    let tag: StorageTag
}

/// A tag of AES-GCM.
struct StorageTag: Hashable, Sendable {
    static let none = StorageTag(low: 0, high: 0)

    let low: UInt64
    let high: UInt64

    init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// The last 16 bytes of a sealed file.
    init(ofSealed bytes: [UInt8]) throws(TEEResult) {
        var reader = StorageRecordReader(Array(bytes.suffix(StorageCipher.tagSize)))
        low = try reader.integer()
        high = try reader.integer()
    }
}

extension StorageRecordWriter {
    mutating func add(_ reference: StorageReference) {
        add(reference.number)
        add(reference.tag)
    }

    mutating func add(_ tag: StorageTag) {
        add(tag.low)
        add(tag.high)
    }
}

extension StorageRecordReader {
    mutating func reference() throws(TEEResult) -> StorageReference { StorageReference(number: try integer(), tag: try tag()) }

    mutating func tag() throws(TEEResult) -> StorageTag { StorageTag(low: try integer(), high: try integer()) }
}

/// A sealed file: 8 bytes `SKRYTEE1` (the last is the version of the format), kind and length of the plaintext (32 bits each), the number (64 bits); then nonce (12),
/// ciphertext, tag (16). What precedes the nonce is authenticated together with whom the file belongs to, so a file counts in its own place only.
enum StorageFile {
    static let magic = Array("SKRYTEE1".utf8)
    static let headerSize = 24
    static let overhead = headerSize + StorageCipher.nonceSize + StorageCipher.tagSize
    /// More than any file needs (the block table of a full 4 GiB object has 7.3 MB), less than would hurt to read.
    static let maximumSize = 64 << 20

    /// What a file is.
    enum Kind: UInt32, Sendable {
        case counter = 1
        case page = 2
        case object = 3
        case block = 4
    }

    private static func header(_ kind: Kind, _ number: UInt64, count: Int) throws(TEEResult) -> [UInt8] {
        guard let count = UInt32(exactly: count) else { throw .corruptObject }
        var writer = StorageRecordWriter()
        writer.add(bytes: magic)
        writer.add(kind.rawValue)
        writer.add(count)
        writer.add(number)
        return writer.bytes
    }

    /// The whole file and its tag.
    static func seal(_ plaintext: [UInt8], _ kind: Kind, number: UInt64, key: SecretBytes, owner: [UInt8]) throws(TEEResult) -> (bytes: [UInt8], tag: StorageTag) {
        let bytes = try StorageCipher.seal(plaintext, key: key, header: try header(kind, number, count: plaintext.count), context: owner)
        return (bytes, try StorageTag(ofSealed: bytes))
    }

    /// The plaintext; `corruptObject` unless these are exactly the bytes that `seal` made for this place. No number: the file may have any (the counter file names itself).
    static func open(_ bytes: [UInt8], _ kind: Kind, number: UInt64?, key: SecretBytes, owner: [UInt8]) throws(TEEResult) -> [UInt8] {
        guard bytes.count >= overhead else { throw .corruptObject }
        var reader = StorageRecordReader(Array(bytes[16..<24]))
        let named: UInt64 = try reader.integer()
        guard bytes.starts(with: try header(kind, number ?? named, count: bytes.count - overhead)) else { throw .corruptObject }
        return try StorageCipher.open(bytes, key: key, headerSize: headerSize, context: owner)
    }
}
