package import LibraryOS

/// `FileSystemStatistics` on the ring: ten numbers of 8 bytes. Type, block size, blocks, free blocks, free blocks for everybody, files, free files, identifier, the longest
/// name, flags.
package enum ProxyStatistics {
    /// Bytes.
    package static let size = 80
    private static let blockSizes: ClosedRange<UInt64> = 1...1 << 30
    private static let most: UInt64 = 1 << 52

    /// What the host says, inside what a guest believes.
    package static func encode(_ value: FileSystemStatistics) -> [UInt8] {
        var writer = ByteWriter(capacity: size)
        let blocks = min(value.blocks, most)
        let files = min(value.files, most)
        let numbers = [
            value.type, min(max(value.blockSize, 1), blockSizes.upperBound), blocks, min(value.blocksFree, blocks), min(value.blocksAvailable, blocks), files,
            min(value.filesFree, files), value.identifier, min(max(value.nameLength, 1), 255), value.flags,
        ]
        for number in numbers { writer.u64(number) }
        return writer.bytes
    }

    /// Nil for what no host says of a file system.
    package static func decode(_ bytes: [UInt8]) -> FileSystemStatistics? {
        if bytes.count != size { return nil }
        let reader = ByteReader(bytes)
        var value = FileSystemStatistics()
        (value.type, value.blockSize) = (reader.u64(0), reader.u64(8))
        (value.blocks, value.blocksFree, value.blocksAvailable) = (reader.u64(16), reader.u64(24), reader.u64(32))
        (value.files, value.filesFree, value.identifier) = (reader.u64(40), reader.u64(48), reader.u64(56))
        (value.nameLength, value.flags) = (reader.u64(64), reader.u64(72))
        guard blockSizes.contains(value.blockSize), (1...255).contains(value.nameLength), value.blocks <= most, value.files <= most else { return nil }
        guard value.blocksFree <= value.blocks, value.blocksAvailable <= value.blocks, value.filesFree <= value.files else { return nil }
        return value
    }
}
