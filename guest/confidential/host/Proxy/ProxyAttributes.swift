package import LibraryOS

/// `FileAttributes` on the ring: fifteen numbers of 8 bytes. Device, inode, mode, links, user, group, device number, size, block size, blocks; access, modification and
/// change time; 1 and the birth time, or 0 and 0.
package enum ProxyAttributes {
    /// Bytes.
    package static let size = 120
    /// The largest file, and the most blocks: far from where sums with them end.
    private static let largest: Int64 = 1 << 60
    private static let blockSizes: ClosedRange<Int64> = 512...1 << 30

    /// What the host says, inside what a guest believes.
    package static func encode(_ value: FileAttributes) -> [UInt8] {
        var writer = ByteWriter(capacity: size)
        for number in [value.device, value.inode, UInt64(value.mode), min(value.links, UInt64(UInt32.max)), UInt64(value.user), UInt64(value.group), value.deviceNumber] {
            writer.u64(number)
        }
        writer.i64(min(max(value.size, 0), largest))
        writer.i64(min(max(value.blockSize, blockSizes.lowerBound), blockSizes.upperBound))
        writer.i64(min(max(value.blocks, 0), largest))
        for time in [value.accessTime, value.modificationTime, value.changeTime, value.birthTime == nil ? 0 : 1, value.birthTime ?? 0] { writer.i64(time) }
        return writer.bytes
    }

    /// Nil for what no host says of a file.
    package static func decode(_ bytes: [UInt8]) -> FileAttributes? {
        if bytes.count != size { return nil }
        let reader = ByteReader(bytes)
        let (mode, links, user, group) = (reader.u64(16), reader.u64(24), reader.u64(32), reader.u64(40))
        guard mode <= 0o177777, let kind = FileKind(rawValue: UInt32(mode) & 0o170000), kind != .anonymous else { return nil }
        guard links <= UInt64(UInt32.max), user <= UInt64(UInt32.max), group <= UInt64(UInt32.max) else { return nil }
        var value = FileAttributes()
        (value.device, value.inode, value.deviceNumber) = (reader.u64(0), reader.u64(8), reader.u64(48))
        (value.kind, value.permissions) = (kind, UInt32(mode) & 0o7777)
        (value.links, value.user, value.group) = (links, UInt32(user), UInt32(group))
        (value.size, value.blockSize, value.blocks) = (reader.i64(56), reader.i64(64), reader.i64(72))
        guard (0...largest).contains(value.size), (0...largest).contains(value.blocks), blockSizes.contains(value.blockSize) else { return nil }
        (value.accessTime, value.modificationTime, value.changeTime) = (reader.i64(80), reader.i64(88), reader.i64(96))
        switch reader.u64(104) {
        case 0: if reader.u64(112) != 0 { return nil }
        case 1: value.birthTime = reader.i64(112)
        default: return nil
        }
        return value
    }
}
