package import LibraryOS

/// What a guest in proxy mode asks of the library OS of its host: the methods of `Host` for granted files, by number.
///
/// Files are known by handles, small numbers that the guest chooses: 0 is the root folder, which is always open. Arguments are listed in order; "text" is the first and the
/// second string. Flags and modes are those of the system calls.
package enum ProxyFunction: UInt32, Sendable, CaseIterable {
    /// Folder, the new handle, flags, mode; the path below it as text.
    case open = 1
    /// File, the new handle, flags.
    case reopen
    /// File, whose handle is free again.
    case close
    /// File. Gives `ProxyAttributes`.
    case attributes
    /// File. Gives the target, 1 to 4095 bytes.
    case readLink
    /// File, folder. Gives `ProxyNames`.
    case components
    /// File, offset. Gives `ProxyEntries`.
    case readDirectory
    /// File, offset. Gives bytes, none at the end.
    case read, readCached
    /// File, offset; bytes as text. The number is how many were written, 1 at least.
    case write
    /// Folder, mode; the name as text.
    case makeDirectory, makeNode
    /// Folder; the name and the target as text.
    case makeSymbolicLink
    /// File, folder; the name as text.
    case makeLink
    /// Folder, 1 for a folder or 0; the name as text.
    case unlink
    /// Folder, folder, flags; both names as text.
    case rename
    /// File, mode.
    case setMode
    /// File, user, group; all ones leave an id alone.
    case setOwner
    /// File, access time, modification time, 1 (the first is set) + 2 (the second is set).
    case setTimes
    /// File, length.
    case truncate
    /// File, mode, offset, length.
    case allocate
    /// File, 1 for data only or 0.
    case sync
    /// File, offset, whence (3 or 4). The number is the offset found.
    case seek
    /// File. Gives `ProxyStatistics`.
    case statistics
    /// File; the name as text. Gives bytes.
    case extendedAttribute
    /// File. Gives `ProxyNames`.
    case extendedAttributeNames
    /// File, flags; the name and the value as text.
    case setExtendedAttribute
    /// File; the name as text.
    case removeExtendedAttribute

    /// The handles that there are.
    package static let mostHandles: UInt64 = 16384
    /// The root folder's.
    package static let root: UInt64 = 0

    /// Its answer has a number.
    package var givesNumber: Bool { self == .write || self == .seek }

    /// Whether the function may fail with this error. What the host's library OS says beyond these it reports as `EIO`; a guest that is told something else is lied to: an
    /// `EAGAIN` or `EINTR` out of place would make it wait or begin anew.
    package func mayFail(with error: Errno) -> Bool {
        if self == .close { return false }
        return [Errno.EIO, .ENOMEM, .EACCES, .EPERM, .ESTALE].contains(error) || errors.contains(error)
    }

    private static let space: [Errno] = [.ENOSPC, .EDQUOT, .EROFS]
    private static let names: [Errno] = [.ENOENT, .ENOTDIR, .ELOOP, .ENAMETOOLONG, .EEXIST, .EINVAL, .EBUSY, .EMLINK, .EXDEV, .EOPNOTSUPP, .EOVERFLOW] + space
    private static let opening: [Errno] = [.EISDIR, .EMFILE, .ENFILE, .ENXIO, .ENODEV, .ETXTBSY, .EFBIG]

    private var errors: [Errno] {
        switch self {
        case .close: []
        case .open: Self.names + Self.opening
        case .reopen: [.ENOENT, .ENOTDIR, .ELOOP, .EINVAL, .EBUSY, .EOVERFLOW] + Self.space + Self.opening
        case .attributes: [.EOVERFLOW]
        case .readLink: [.EINVAL, .ENOENT]
        case .components: [.ENOENT]
        case .readDirectory: [.ENOENT, .ENOTDIR, .EINVAL, .EOVERFLOW]
        case .read: [.EINVAL, .EISDIR, .EOVERFLOW]
        case .readCached: [.EINVAL, .EISDIR, .EOVERFLOW, .EAGAIN]
        case .write: [.EFBIG, .EINVAL, .ETXTBSY, .EOVERFLOW] + Self.space
        case .makeDirectory, .makeNode, .makeSymbolicLink, .makeLink: Self.names
        case .unlink, .rename: Self.names + [.EISDIR, .ENOTEMPTY, .ETXTBSY]
        case .setMode, .setOwner, .setTimes: [.EINVAL, .EOPNOTSUPP, .ENOENT, .ETXTBSY] + Self.space
        case .truncate: [.EFBIG, .EINVAL, .EISDIR, .ETXTBSY] + Self.space
        case .allocate: [.EOPNOTSUPP, .ENODEV, .EFBIG, .EINVAL, .EISDIR, .ETXTBSY] + Self.space
        case .sync: [.EINVAL] + Self.space
        case .seek: [.ENXIO, .EINVAL, .EOVERFLOW]
        case .statistics: [.ENOSYS, .EOVERFLOW]
        case .extendedAttribute, .extendedAttributeNames: [.ENODATA, .EOPNOTSUPP, .ERANGE, .E2BIG, .ENAMETOOLONG]
        case .setExtendedAttribute, .removeExtendedAttribute:
            [.ENODATA, .EEXIST, .EOPNOTSUPP, .ERANGE, .E2BIG, .EINVAL, .ENAMETOOLONG] + Self.space
        }
    }
}
