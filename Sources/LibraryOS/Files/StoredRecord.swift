/// What the store keeps of a file beside its blocks.
struct StoredRecord {
    var kind = FileKind.regular
    var permissions: UInt32 = 0
    var user: UInt32 = 0
    var group: UInt32 = 0
    /// Names that lead to it, when that is not for the tree itself to say.
    var links: UInt64 = 0
    var deviceNumber: UInt64 = 0
    /// Bytes: of a file's content, of a link's target.
    var size: Int64 = 0
    /// Blocks with content.
    var blocks: UInt64 = 0
    var accessTime: Int64 = 0
    var modificationTime: Int64 = 0
    var changeTime: Int64 = 0
    var birthTime: Int64 = 0
    /// There are extended attributes in the file of `StoredAttributes.number`.
    var hasAttributes = false

    private static let version: UInt8 = 1
    private static let size = 96

    init() {}

    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: Self.size)
        writer.u8(Self.version)
        writer.u8(hasAttributes ? 1 : 0)
        writer.u16(0)
        writer.u32(kind.rawValue | permissions)
        writer.u32(user)
        writer.u32(group)
        writer.u64(links)
        writer.u64(deviceNumber)
        writer.i64(size)
        writer.u64(blocks)
        for time in [accessTime, modificationTime, changeTime, birthTime] { writer.i64(time) }
        writer.pad(to: Self.size)
        return writer.bytes
    }

    /// `EIO` when it is not what `bytes` makes.
    init(_ bytes: [UInt8]) throws(Errno) {
        let reader = ByteReader(bytes)
        let mode = reader.u32(4)
        guard bytes.count == Self.size, reader.u8(0) == Self.version, reader.u8(1) <= 1, mode & ~0o177777 == 0, let kind = FileKind(rawValue: mode & 0o170000),
            kind != .anonymous
        else { throw .EIO }
        self.kind = kind
        hasAttributes = reader.u8(1) == 1
        permissions = mode & 0o7777
        user = reader.u32(8)
        group = reader.u32(12)
        links = reader.u64(16)
        deviceNumber = reader.u64(24)
        size = reader.i64(32)
        blocks = reader.u64(40)
        accessTime = reader.i64(48)
        modificationTime = reader.i64(56)
        changeTime = reader.i64(64)
        birthTime = reader.i64(72)
        guard size >= 0, size <= StoredFS.largestFile, blocks <= UInt64(StoredFS.largestFile) / 4096 else { throw .EIO }
        if kind == .symbolicLink, size == 0 || size > Int64(FileStore.blockSize) { throw .EIO }
    }
}

/// Extended attributes of a file, in a file of their own: a count (4 bytes), then for each the lengths of name (2) and value (4), name, value.
enum StoredAttributes {
    /// Bytes of all that are possible: 128 KiB of names and values, of which no name is shorter than two bytes.
    private static let largest = 1 << 20

    /// The number of the file with the attributes of file `number`.
    static func number(of number: UInt64) -> UInt64 { number | 1 << 62 }
    /// The number of the file whose attributes are in file `number`.
    static func owner(of number: UInt64) -> UInt64? { number & 1 << 62 != 0 ? number & ~(1 << 62) : nil }

    /// How many blocks they take, and so many bytes more.
    static func blocks(_ attributes: [[UInt8]: [UInt8]], adding more: Int = 0) -> Int {
        let bytes = attributes.reduce(10 &+ more) { $0 &+ 6 &+ $1.key.count &+ $1.value.count }
        return (bytes &+ FileStore.blockSize &- 1) / FileStore.blockSize
    }

    /// Whole blocks, and the record that tells how many bytes of them count; nothing when there are none.
    static func encode(_ attributes: [[UInt8]: [UInt8]]) -> (record: [UInt8], content: [UInt8]) {
        if attributes.isEmpty { return ([], []) }
        var writer = ByteWriter(capacity: FileStore.blockSize)
        writer.u32(UInt32(truncatingIfNeeded: attributes.count))
        for (name, value) in attributes {
            writer.u16(UInt16(truncatingIfNeeded: name.count))
            writer.u32(UInt32(truncatingIfNeeded: value.count))
            writer.raw(name)
            writer.raw(value)
        }
        var record = ByteWriter(capacity: 8)
        record.u64(UInt64(writer.bytes.count))
        writer.pad(to: (writer.bytes.count &+ FileStore.blockSize &- 1) / FileStore.blockSize &* FileStore.blockSize)
        return (record.bytes, writer.bytes)
    }

    /// The bytes that a record tells. `EIO`.
    static func size(_ record: [UInt8]) throws(Errno) -> Int {
        let size = ByteReader(record).u64(0)
        guard record.count == 8, size >= 4, size <= UInt64(largest) else { throw .EIO }
        return Int(size)
    }

    /// `EIO` when it is not what `encode` makes.
    static func decode(_ content: [UInt8], size: Int) throws(Errno) -> [[UInt8]: [UInt8]] {
        let reader = ByteReader(content)
        guard size <= content.count else { throw .EIO }
        var result: [[UInt8]: [UInt8]] = [:]
        var position = 4
        for _ in 0..<reader.u32(0) {
            let name = Int(reader.u16(position))
            let value = Int(reader.u32(position &+ 2))
            guard position &+ 6 <= size, name > 0, name <= size, value <= size, position &+ 6 &+ name &+ value <= size else { throw .EIO }
            let start = position &+ 6
            let key = Array(content[start..<start &+ name])
            guard result.updateValue(Array(content[start &+ name..<start &+ name &+ value]), forKey: key) == nil else { throw .EIO }
            position = start &+ name &+ value
        }
        guard position == size else { throw .EIO }
        return result
    }
}
