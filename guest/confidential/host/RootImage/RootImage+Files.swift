internal import LibraryOS

/// The root image as `Host` gives granted files: what each method does is said there.
extension RootImage {
    /// The root folder.
    var rootDirectory: RootImageFile { RootImageFile(inode: RootImageLayout.rootInode, kind: .directory, place: nil, isPathOnly: true) }

    /// The most components of a path, and the most folders above another that are looked at.
    private static var mostComponents: Int { 4096 }
    /// The image's device number; there is no other.
    private static var device: UInt64 { 1 }
    /// Bytes of names that one `readDirectory` gives at most.
    private static var listing: Int { 32768 }

    /// `EROFS` for whatever would write.
    func open(beneath directory: RootImageFile, _ name: [UInt8], _ flags: OpenFlags) throws(Errno) -> RootImageFile {
        var file = directory
        if name.first == 0x2f { throw .EXDEV }
        let components = name.split(separator: 0x2f)
        if components.isEmpty { throw .ENOENT }
        if components.count > Self.mostComponents { throw .ENAMETOOLONG }
        for component in components {
            if file.kind == .symbolicLink { throw .ELOOP }
            if file.kind != .directory { throw .ENOTDIR }
            if component == [0x2e] { continue }
            // Beneath is beneath.
            if component == [0x2e, 0x2e] { throw .EXDEV }
            let found = try lookup(try inode(file.inode), Array(component))
            file = RootImageFile(inode: found, kind: try inode(found).kind, place: (file.inode, Array(component)), isPathOnly: true)
        }
        return try reopen(file, flags)
    }

    func reopen(_ file: RootImageFile, _ flags: OpenFlags) throws(Errno) -> RootImageFile {
        if flags.contains(.directory) && file.kind != .directory { throw .ENOTDIR }
        if flags.contains(.path) { return RootImageFile(inode: file.inode, kind: file.kind, place: file.place, isPathOnly: true) }
        if flags.canWrite || !flags.isDisjoint(with: [.create, .truncate, .temporaryBit]) { throw file.kind == .directory ? .EISDIR : .EROFS }
        switch file.kind {
        case .symbolicLink: throw .ELOOP
        case .regular, .directory: return RootImageFile(inode: file.inode, kind: file.kind, place: file.place, isPathOnly: false)
        default: throw .ENXIO
        }
    }

    func attributes(of file: RootImageFile) throws(Errno) -> FileAttributes {
        let inode = try inode(file.inode)
        var result = FileAttributes()
        result.device = Self.device
        result.inode = file.inode
        (result.kind, result.permissions) = (inode.kind, inode.permissions)
        result.links = UInt64(inode.links)
        (result.user, result.group, result.deviceNumber) = (inode.user, inode.group, inode.deviceNumber)
        // An image has at most 2^48 bytes.
        result.size = Int64(inode.size)
        result.blocks = Int64((inode.size &+ 511) / 512)
        (result.accessTime, result.modificationTime, result.changeTime) = (inode.accessTime, inode.modificationTime, inode.changeTime)
        return result
    }

    /// By the name of the open, and from there by the folders above, which never change.
    func components(of file: RootImageFile, below root: RootImageFile) throws(Errno) -> [[UInt8]] {
        if file.inode == root.inode { return [] }
        guard let place = file.place else { throw .ENOENT }
        var (names, directory) = ([place.name], place.directory)
        while directory != root.inode {
            // The image's root, or folders that are in each other.
            if directory == RootImageLayout.rootInode || names.count >= Self.mostComponents { throw .ENOENT }
            let parent = try inode(directory).parent
            names.append(try name(of: directory, in: try inode(parent)))
            directory = parent
        }
        return names.reversed()
    }

    /// "." and ".." come first.
    func readDirectory(_ file: RootImageFile, from offset: Int64) throws(Errno) -> [HostDirectoryEntry] {
        if file.kind != .directory { throw .ENOTDIR }
        if file.isPathOnly { throw .EBADF }
        if offset < 0 { throw .EINVAL }
        let inode = try inode(file.inode)
        let count = try entryCount(inode)
        var (result, size, place) = ([HostDirectoryEntry](), 0, UInt64(offset))
        while place < count &+ 2, size < Self.listing {
            let entry =
                switch place {
                case 0: RootImageEntry(name: [0x2e], inode: file.inode, kind: .directory)
                case 1: RootImageEntry(name: [0x2e, 0x2e], inode: inode.parent, kind: .directory)
                default: try entry(inode, place &- 2)
                }
            place &+= 1
            result.append(HostDirectoryEntry(name: entry.name, inode: entry.inode, type: entry.kind.directoryEntryType, offset: Int64(place)))
            size &+= entry.name.count &+ 24
        }
        return result
    }

    func read(_ file: RootImageFile, into segments: [UnsafeMutableRawBufferPointer], at offset: Int64?, onlyCached: Bool) throws(Errno) -> Int {
        if file.isPathOnly { throw .EBADF }
        guard let offset else { throw .EINVAL }
        return try read(try inode(file.inode), into: segments, at: offset, onlyCached: onlyCached)
    }

    /// Data up to the file's end, and one hole there.
    func seek(_ file: RootImageFile, offset: Int64, whence: Int32) throws(Errno) -> Int64 {
        let size = try attributes(of: file).size
        guard whence == 3 || whence == 4 else { throw .EINVAL }
        if offset < 0 || offset >= size { throw .ENXIO }
        return whence == 3 ? offset : size
    }

    /// A full file system of Skerry's own type.
    var statistics: FileSystemStatistics {
        var result = FileSystemStatistics()
        // "SKRY": Linux knows no such file system.
        result.type = 0x534B_5259
        result.blocks = blocks.count
        result.files = inodeCount
        // ST_RDONLY.
        result.flags = 1
        return result
    }
}
