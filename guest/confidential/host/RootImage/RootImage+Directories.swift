internal import LibraryOS

/// An entry of a directory, checked: a name that Linux would allow, an inode number, which may yet be none.
struct RootImageEntry {
    let name: [UInt8]
    let inode: UInt64
    let kind: FileKind
}

extension RootImage {
    /// How many entries a directory says it has, without "." and ".."; reading one that has no bytes is an `EIO`.
    func entryCount(_ directory: RootImageInode) throws(Errno) -> UInt64 {
        guard directory.kind == .directory else { throw .ENOTDIR }
        return UInt64(ByteReader(try content(directory, at: 0, count: RootImageLayout.directoryHead)).u32(0))
    }

    /// The entry with this index, below `entryCount`.
    func entry(_ directory: RootImageInode, _ index: UInt64) throws(Errno) -> RootImageEntry {
        let at = UInt64(RootImageLayout.directoryHead) &+ index &* UInt64(RootImageLayout.directoryEntry)
        let head = ByteReader(try content(directory, at: at, count: RootImageLayout.directoryEntry))
        let (nameAt, length) = (UInt64(head.u32(8)), Int(head.u16(12)))
        guard length >= 1, length <= RootImageLayout.name, let kind = FileKind(rawValue: UInt32(head.u8(14)) << 12), kind != .anonymous else { throw .EIO }
        let name = try content(directory, at: nameAt, count: length)
        if name.contains(0) || name.contains(0x2f) || name == [0x2e] || name == [0x2e, 0x2e] { throw .EIO }
        return RootImageEntry(name: name, inode: head.u64(0), kind: kind)
    }

    /// The inode with this name. Entries are sorted; where they are not, names are not found.
    ///
    /// - Throws: `ENOENT`, `ENOTDIR`, `EIO`.
    func lookup(_ directory: RootImageInode, _ name: [UInt8]) throws(Errno) -> UInt64 {
        if name.count > RootImageLayout.name { throw .ENAMETOOLONG }
        var (low, high) = (UInt64(0), try entryCount(directory))
        while low < high {
            let middle = low &+ (high &- low) / 2
            let found = try entry(directory, middle)
            if found.name == name { return found.inode }
            if found.name.lexicographicallyPrecedes(name) { low = middle &+ 1 } else { high = middle }
        }
        throw .ENOENT
    }

    /// The name a folder has in the one above it.
    func name(of inode: UInt64, in directory: RootImageInode) throws(Errno) -> [UInt8] {
        for index in 0..<(try entryCount(directory)) {
            let found = try entry(directory, index)
            if found.inode == inode { return found.name }
        }
        throw .ENOENT
    }
}
