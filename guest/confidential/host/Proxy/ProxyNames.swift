package import LibraryOS

/// Names on the ring: for each, its length (2 bytes) and its bytes.
package enum ProxyNames {
    /// As many as fit into so many bytes; nil when not all do.
    package static func encode(_ names: [[UInt8]], capacity: Int) -> [UInt8]? {
        var writer = ByteWriter()
        for name in names {
            guard name.count <= 255, writer.bytes.count + 2 + name.count <= capacity else { return nil }
            writer.u16(UInt16(name.count))
            writer.raw(name)
        }
        return writer.bytes
    }

    /// Nil when it is malformed, or has a name that `isValid` does not hold of.
    package static func decode(_ bytes: [UInt8], _ isValid: ([UInt8]) -> Bool) -> [[UInt8]]? {
        let reader = ByteReader(bytes)
        var (names, place) = ([[UInt8]](), 0)
        while place < bytes.count {
            if bytes.count &- place < 2 { return nil }
            let length = Int(reader.u16(place))
            place &+= 2
            if length > bytes.count &- place { return nil }
            let name = Array(bytes[place..<place &+ length])
            if !isValid(name) { return nil }
            names.append(name)
            place &+= length
        }
        return names
    }
}

/// Directory entries on the ring: for each, its inode and its offset (8 bytes each), its type (1 byte), the length of its name (1 byte) and the name.
package enum ProxyEntries {
    private static let head = 18
    /// DT_UNKNOWN, DT_FIFO, DT_CHR, DT_DIR, DT_BLK, DT_REG, DT_LNK, DT_SOCK.
    private static let types: [UInt8] = [0, 1, 2, 4, 6, 8, 10, 12]

    /// As many as fit into so many bytes, from the first on. One that has no name a guest would believe is left out.
    package static func encode(_ entries: [HostDirectoryEntry], capacity: Int) -> [UInt8] {
        var writer = ByteWriter()
        for entry in entries where isListed(entry.name) && entry.offset >= 0 {
            if writer.bytes.count + head + entry.name.count > capacity { break }
            writer.u64(entry.inode)
            writer.i64(entry.offset)
            writer.u8(types.contains(entry.type) ? entry.type : 0)
            writer.u8(UInt8(entry.name.count))
            writer.raw(entry.name)
        }
        return writer.bytes
    }

    /// Nil when it is malformed.
    package static func decode(_ bytes: [UInt8]) -> [HostDirectoryEntry]? {
        let reader = ByteReader(bytes)
        var (entries, place) = ([HostDirectoryEntry](), 0)
        while place < bytes.count {
            if bytes.count &- place < head { return nil }
            let (offset, type, length) = (reader.i64(place &+ 8), reader.u8(place &+ 16), Int(reader.u8(place &+ 17)))
            guard length <= bytes.count &- place &- head, offset >= 0, types.contains(type) else { return nil }
            let name = Array(bytes[place &+ head..<place &+ head &+ length])
            if !isListed(name) { return nil }
            entries.append(HostDirectoryEntry(name: name, inode: reader.u64(place), type: type, offset: offset))
            place &+= head &+ length
        }
        return entries
    }

    /// What is in a folder, itself and the one above included.
    private static func isListed(_ name: [UInt8]) -> Bool { ProxyCall.isName(name) || name == [0x2e] || name == [0x2e, 0x2e] }
}
