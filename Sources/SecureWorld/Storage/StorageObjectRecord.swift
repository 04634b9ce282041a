/// What an object's own file holds: the attributes, and the data stream itself if it fits into one block, else the table of its blocks. A block that is not in the table
/// is a hole.
struct StorageObjectRecord: Sendable {
    /// Bytes of a block. A change of one byte writes one block, the object's file, one page of the index and the counter file.
    static let blockSize = 16 << 10
    /// Bytes of the file of a block.
    static let blockFileSize = UInt64(blockSize + StorageFile.overhead)
    /// Attributes are keys: nothing near this size.
    static let maximumAttributesSize = 1 << 20

    var attributes: SecretBytes
    var dataSize: UInt32
    /// The data stream of an object that has at most one block.
    var content: SecretBytes?
    var blocks: [UInt32: StorageReference] = [:]

    /// A new object without data.
    init(attributes: SecretBytes) {
        self.attributes = attributes
        dataSize = 0
        content = SecretBytes([])
    }

    /// Has secrets; to be wiped.
    var encoded: [UInt8] {
        let size = content?.count ?? blocks.count * (4 + StorageReference.size)
        var writer = StorageRecordWriter(capacity: 12 + attributes.count + size)
        writer.add(UInt32(truncatingIfNeeded: attributes.count))
        writer.add(secret: attributes)
        writer.add(dataSize)
        if let content {
            writer.add(secret: content)
        } else {
            writer.add(UInt32(truncatingIfNeeded: blocks.count))
            for (index, reference) in blocks.sorted(by: { $0.key < $1.key }) {
                writer.add(index)
                writer.add(reference)
            }
        }
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(TEEResult) {
        var reader = StorageRecordReader(bytes)
        attributes = SecretBytes(try reader.take(try reader.count(ofSize: 1)))
        dataSize = try reader.integer()
        if Int(dataSize) <= Self.blockSize {
            content = SecretBytes(try reader.take(Int(dataSize)))
        } else {
            var next: UInt32 = 0
            for _ in 0..<(try reader.count(ofSize: 4 + StorageReference.size)) {
                let index: UInt32 = try reader.integer()
                guard index >= next, index < Self.blockCount(dataSize) else { throw .corruptObject }
                blocks[index] = try reader.reference()
                next = index &+ 1
            }
        }
        try reader.end()
    }

    /// How many blocks a stream of that size has.
    static func blockCount(_ size: UInt32) -> UInt32 { UInt32((UInt64(size) + UInt64(blockSize) - 1) / UInt64(blockSize)) }
}
