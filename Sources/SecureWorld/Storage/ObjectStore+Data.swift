extension ObjectStore {
    private static let blockSize = StorageObjectRecord.blockSize

    /// Up to `count` bytes of the data stream.
    func read(_ object: OpenObject, at position: UInt32, count: Int) throws(TEEResult) -> [UInt8] {
        let available = object.record.dataSize > position ? Int(object.record.dataSize - position) : 0
        let count = min(count, available)
        if count <= 0 { return [] }
        let start = Int(position)
        if let content = object.record.content { return content.withUnsafeBytes { Array($0[start..<start + count]) } }
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let index = UInt32((start + done) / Self.blockSize)
            let offset = (start + done) % Self.blockSize
            let piece = min(count - done, Self.blockSize - offset)
            if let block = try recentBlock(index, of: object) {
                block.withUnsafeBytes { block in
                    bytes.withUnsafeMutableBytes { bytes in
                        UnsafeMutableRawBufferPointer(rebasing: bytes[done..<done + piece]).copyMemory(from: UnsafeRawBufferPointer(rebasing: block[offset..<offset + piece]))
                    }
                }
            }
            done += piece
        }
        return bytes
    }

    private func recentBlock(_ index: UInt32, of object: OpenObject) throws(TEEResult) -> SecretBytes? {
        if let recent = object.recent, recent.index == index { return recent.content }
        guard var plaintext = try block(index, object.record, object.entry, object.key, object.namespace) else { return nil }
        defer { SecretBytes.wipe(&plaintext) }
        let content = SecretBytes(plaintext)
        object.recent = (index, content)
        return content
    }

    /// A block; nil for a hole.
    func block(
        _ index: UInt32, _ record: StorageObjectRecord, _ entry: StorageIndexEntry, _ key: SecretBytes, _ namespace: StorageNamespaceName
    ) throws(TEEResult) -> [UInt8]? {
        guard let reference = record.blocks[index] else { return nil }
        let name = StorageFileName(serial: entry.serial, number: reference.number)
        let plaintext = try open(name, .block, reference.tag, key: key, owner: namespace.owner(serial: entry.serial))
        guard plaintext.count == Self.blockSize else { throw .corruptObject }
        return plaintext
    }

    /// Makes the stream of an open object `size` bytes long, with zeros where there was nothing, and puts `bytes` into it.
    func revise(_ object: OpenObject, size: UInt32, position: UInt32, bytes: [UInt8]) throws(TEEResult) {
        var record = object.record
        var entry = object.entry
        try change { change throws(TEEResult) in
            try revise(&record, &entry, object.key, object.namespace, size: size, position: position, bytes: bytes, &change)
            try save(record, &entry, object.key, object.namespace, &change)
        }
        (object.record, object.entry, object.recent) = (record, entry, nil)
    }

    /// Replaces what an open object is apart from its stream.
    func rewrite(_ object: OpenObject, _ header: StoredObjectHeader, _ attributes: SecretBytes) throws(TEEResult) {
        guard attributes.count <= StorageObjectRecord.maximumAttributesSize else { throw .outOfMemory }
        var record = object.record
        var entry = object.entry
        record.attributes = attributes
        entry.header = header
        try change { change throws(TEEResult) in try save(record, &entry, object.key, object.namespace, &change) }
        (object.record, object.entry) = (record, entry)
    }

    /// As above, for a record and an entry that are not the storage's yet. `bytes` end within `size`.
    func revise(
        _ record: inout StorageObjectRecord, _ entry: inout StorageIndexEntry, _ key: SecretBytes, _ namespace: StorageNamespaceName, size: UInt32, position: UInt32,
        bytes: [UInt8], _ change: inout StorageChange
    ) throws(TEEResult) {
        let old = record
        if Int(size) <= Self.blockSize {
            var content = try head(old, entry, key, namespace, count: min(Int(size), Int(old.dataSize)))
            defer { SecretBytes.wipe(&content) }
            content.append(contentsOf: [UInt8](repeating: 0, count: Int(size) - content.count))
            content.replaceSubrange(Int(position)..<Int(position) + bytes.count, with: bytes)
            for index in old.blocks.keys { retireBlock(index, &record, &entry, &change) }
            record.content = SecretBytes(content)
        } else {
            let count = StorageObjectRecord.blockCount(size)
            for index in old.blocks.keys where index >= count { retireBlock(index, &record, &entry, &change) }
            record.content = nil
            for index in touchedBlocks(old, size: size, position: position, count: bytes.count) {
                let start = Int(index) * Self.blockSize
                var content = try existing(index, old, entry, key, namespace, isOverwritten: Int(position) <= start && Int(position) + bytes.count >= start + Self.blockSize)
                defer { SecretBytes.wipe(&content) }
                // What a shorter stream leaves behind must read as zero when it grows again.
                if size < old.dataSize, start + Self.blockSize > Int(size) {
                    let kept = Int(size) - start
                    content.replaceSubrange(kept..., with: [UInt8](repeating: 0, count: Self.blockSize - kept))
                }
                let first = max(Int(position), start)
                let last = min(Int(position) + bytes.count, start + Self.blockSize)
                if first < last { content.replaceSubrange(first - start..<last - start, with: bytes[first - Int(position)..<last - Int(position)]) }
                retireBlock(index, &record, &entry, &change)
                record.blocks[index] = try write(content, .block, serial: entry.serial, key: key, owner: namespace.owner(serial: entry.serial), &change)
                entry.storedSize &+= StorageObjectRecord.blockFileSize
            }
        }
        record.dataSize = size
    }

    /// Which blocks a revision writes: those that get bytes, the first one when it was in the object's file, and the one that the stream now ends in when it got shorter.
    private func touchedBlocks(_ old: StorageObjectRecord, size: UInt32, position: UInt32, count: Int) -> [UInt32] {
        var touched: Set<UInt32> = []
        if count > 0 {
            let last = (UInt64(position) + UInt64(count) - 1) / UInt64(Self.blockSize)
            touched.formUnion(position / UInt32(Self.blockSize)...UInt32(truncatingIfNeeded: last))
        }
        if let content = old.content, content.count > 0 { touched.insert(0) }
        let end = size / UInt32(Self.blockSize)
        if size < old.dataSize, Int(size) % Self.blockSize != 0, old.blocks[end] != nil { touched.insert(end) }
        return touched.sorted()
    }

    private func existing(
        _ index: UInt32, _ old: StorageObjectRecord, _ entry: StorageIndexEntry, _ key: SecretBytes, _ namespace: StorageNamespaceName, isOverwritten: Bool
    ) throws(TEEResult) -> [UInt8] {
        let zeros = [UInt8](repeating: 0, count: Self.blockSize)
        if isOverwritten { return zeros }
        if index == 0, let content = old.content { return content.bytes + zeros.dropFirst(content.count) }
        return try block(index, old, entry, key, namespace) ?? zeros
    }

    /// The first bytes of a stream, at most a block of them.
    private func head(
        _ old: StorageObjectRecord, _ entry: StorageIndexEntry, _ key: SecretBytes, _ namespace: StorageNamespaceName, count: Int
    ) throws(TEEResult) -> [UInt8] {
        if let content = old.content { return content.withUnsafeBytes { Array($0.prefix(count)) } }
        let block = try block(0, old, entry, key, namespace) ?? [UInt8](repeating: 0, count: count)
        return Array(block.prefix(count))
    }

    private func retireBlock(_ index: UInt32, _ record: inout StorageObjectRecord, _ entry: inout StorageIndexEntry, _ change: inout StorageChange) {
        guard let reference = record.blocks.removeValue(forKey: index) else { return }
        change.obsolete.append(StorageFileName(serial: entry.serial, number: reference.number))
        change.release(StorageObjectRecord.blockFileSize)
        entry.storedSize -= min(StorageObjectRecord.blockFileSize, entry.storedSize)
    }
}
