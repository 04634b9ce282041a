public import LibraryOS

/// What the library OS needs from outside, in a confidential guest: a root image that is verified block by block, and what `StreamHost` gives. No file can be changed:
/// what a program writes goes into a file system in the guest's memory above it.
public final class RingHost: StreamHost, @unchecked Sendable {
    let image: RootImage

    /// Asks the host once for date and frequency.
    ///
    /// - Throws: `EIO` when the ring is dead.
    public init(ring: Ring, image: RootImage) throws(Errno) {
        self.image = image
        try super.init(ring: ring)
    }

    // MARK: Files of the root image

    /// The root folder of the image, for `HostFS(host:root:device:readOnly:)` with `readOnly` true.
    public var rootDirectory: HostFile { image.rootDirectory }

    private static func imageFile(_ file: HostFile) throws(Errno) -> RootImageFile {
        guard let file = file as? RootImageFile else { throw .EBADF }
        return file
    }

    /// `EROFS` for whatever would write.
    public override func open(beneath directory: HostFile, _ name: [UInt8], flags: Int32, mode: UInt32) throws(Errno) -> HostFile {
        try image.open(beneath: try Self.imageFile(directory), name, OpenFlags(rawValue: UInt32(bitPattern: flags)))
    }
    /// As `open`.
    public override func reopen(_ file: HostFile, flags: Int32) throws(Errno) -> HostFile {
        if file is RingStream { return try super.reopen(file, flags: flags) }
        return try image.reopen(try Self.imageFile(file), OpenFlags(rawValue: UInt32(bitPattern: flags)))
    }
    /// As `Host` says.
    public override func attributes(of file: HostFile) throws(Errno) -> FileAttributes {
        file is RingStream ? try super.attributes(of: file) : try image.attributes(of: try Self.imageFile(file))
    }
    /// As `Host` says.
    public override func readLink(_ file: HostFile) throws(Errno) -> [UInt8] { try image.target(try image.inode(try Self.imageFile(file).inode)) }
    /// As `Host` says.
    public override func components(of file: HostFile, below root: HostFile) throws(Errno) -> [[UInt8]] {
        try image.components(of: try Self.imageFile(file), below: try Self.imageFile(root))
    }
    /// As `Host` says.
    public override func readDirectory(_ file: HostFile, from offset: Int64) throws(Errno) -> [HostDirectoryEntry] {
        try image.readDirectory(try Self.imageFile(file), from: offset)
    }
    /// As `Host` says.
    public override func read(_ file: HostFile, into segments: [UnsafeMutableRawBufferPointer], at offset: Int64?) throws(Errno) -> Int {
        if file is RingStream { return try super.read(file, into: segments, at: offset) }
        return try image.read(try Self.imageFile(file), into: segments, at: offset, onlyCached: false)
    }
    /// What the guest has verified already, and keeps.
    public override func readCached(_ file: HostFile, into segments: [UnsafeMutableRawBufferPointer], at offset: Int64) throws(Errno) -> Int {
        try image.read(try Self.imageFile(file), into: segments, at: offset, onlyCached: true)
    }
    /// As `Host` says, for files of the image.
    public override func seek(_ file: HostFile, offset: Int64, whence: Int32) throws(Errno) -> Int64 {
        if file is RingStream { return try super.seek(file, offset: offset, whence: whence) }
        return try image.seek(try Self.imageFile(file), offset: offset, whence: whence)
    }
    /// As `Host` says.
    public override func fileSystemStatistics(_ file: HostFile) throws(Errno) -> FileSystemStatistics {
        _ = try Self.imageFile(file)
        return image.statistics
    }
}
