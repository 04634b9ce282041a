internal import LibraryOS

/// An inode of a root image, checked: the kind is one, content lies inside the image, and what has none has none.
struct RootImageInode {
    let kind: FileKind
    let permissions: UInt32
    let user: UInt32, group: UInt32
    let links: UInt32
    /// Bytes of content, and where it begins in the image.
    let size: UInt64, offset: UInt64
    /// Nanoseconds since the epoch.
    let accessTime: Int64, modificationTime: Int64, changeTime: Int64
    /// `st_rdev` of a device.
    let deviceNumber: UInt64
    /// The folder a folder is in; the root is in itself.
    let parent: UInt64

    /// From its 128 bytes.
    init(_ bytes: [UInt8], imageSize: UInt64) throws(Errno) {
        let reader = ByteReader(bytes)
        let mode = reader.u32(0)
        guard let kind = FileKind(rawValue: mode & ~0o7777), kind != .anonymous else { throw .EIO }
        self.kind = kind
        permissions = mode & 0o7777
        (user, group, links) = (reader.u32(4), reader.u32(8), reader.u32(12))
        (size, offset) = (reader.u64(16), reader.u64(24))
        (accessTime, modificationTime, changeTime) = (reader.i64(32), reader.i64(40), reader.i64(48))
        (deviceNumber, parent) = (reader.u64(56), reader.u64(64))
        if offset > imageSize || size > imageSize &- offset { throw .EIO }
        switch kind {
        case .regular: if offset % UInt64(RootImageLayout.block) != 0 { throw .EIO }
        case .directory: if size < UInt64(RootImageLayout.directoryHead) || size > RootImageLayout.directory { throw .EIO }
        case .symbolicLink: if size < 1 || size > UInt64(RootImageLayout.target) { throw .EIO }
        default: if size != 0 { throw .EIO }
        }
    }
}
