internal import LibraryOS

/// A file of the root image that the library OS holds open. The image never changes, so that there is nothing to close.
final class RootImageFile: HostFile, @unchecked Sendable {
    /// The inode's number in the image.
    let inode: UInt64
    let kind: FileKind
    /// The folder and the name by which it was opened; nil for the root.
    let place: (directory: UInt64, name: [UInt8])?
    /// Opened with O_PATH: not to be read from.
    let isPathOnly: Bool

    init(inode: UInt64, kind: FileKind, place: (directory: UInt64, name: [UInt8])?, isPathOnly: Bool) {
        (self.inode, self.kind, self.place, self.isPathOnly) = (inode, kind, place, isPathOnly)
        super.init(descriptor: -1)
    }
}
