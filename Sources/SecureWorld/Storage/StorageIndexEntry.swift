/// What the index knows of an object. That its key is here means that an object is beyond recovery as soon as its entry is gone.
struct StorageIndexEntry: Hashable, Sendable {
    static let maximumIDSize = 64
    /// What an object counts for beside its files, however small: no number of empty ones fills a disk.
    static let charge: UInt64 = 4096

    var id: [UInt8]
    let serial: UInt64
    var object: StorageReference
    let wrappedKey: [UInt8]
    var header: StoredObjectHeader
    var dataSize: UInt32
    /// Bytes of the object's file and its blocks, and `charge`.
    var storedSize: UInt64
    /// Bytes of the object's file alone.
    var recordSize: UInt32

    var file: StorageFileName { StorageFileName(serial: serial, number: object.number) }

    private static let fixedSize = 1 + 8 + StorageReference.size + StorageKeys.wrappedSize + 16 + 4 + 8 + 4

    /// The plaintext of a page.
    static func encode(_ entries: [StorageIndexEntry]) -> [UInt8] {
        var writer = StorageRecordWriter(capacity: 4 + entries.count * (fixedSize + maximumIDSize))
        writer.add(UInt32(truncatingIfNeeded: entries.count))
        for entry in entries {
            writer.add(UInt8(truncatingIfNeeded: entry.id.count))
            writer.add(bytes: entry.id)
            writer.add(entry.serial)
            writer.add(entry.object)
            writer.add(bytes: entry.wrappedKey)
            writer.add(entry.header.objectType)
            writer.add(entry.header.objectSize)
            writer.add(entry.header.maxObjectSize)
            writer.add(entry.header.objectUsage)
            writer.add(entry.dataSize)
            writer.add(entry.storedSize)
            writer.add(entry.recordSize)
        }
        return writer.bytes
    }

    static func decode(_ bytes: [UInt8]) throws(TEEResult) -> [StorageIndexEntry] {
        var reader = StorageRecordReader(bytes)
        var entries: [StorageIndexEntry] = []
        for _ in 0..<(try reader.count(ofSize: fixedSize)) {
            let size: UInt8 = try reader.integer()
            guard size <= maximumIDSize else { throw .corruptObject }
            entries.append(
                StorageIndexEntry(
                    id: Array(try reader.take(Int(size))), serial: try reader.integer(), object: try reader.reference(),
                    wrappedKey: Array(try reader.take(StorageKeys.wrappedSize)),
                    header: StoredObjectHeader(
                        objectType: try reader.integer(), objectSize: try reader.integer(), maxObjectSize: try reader.integer(), objectUsage: try reader.integer()),
                    dataSize: try reader.integer(), storedSize: try reader.integer(), recordSize: try reader.integer()))
        }
        try reader.end()
        return entries
    }
}
