/// The kinds of file, with the S_IFMT bits of inode(7).
public enum FileKind: UInt32, Sendable {
    /// No type at all: what is behind the descriptors of eventfd(2), epoll(7) and their relatives.
    case anonymous = 0
    /// S_IFIFO.
    case fifo = 0o010000
    /// S_IFCHR.
    case characterDevice = 0o020000
    /// S_IFDIR.
    case directory = 0o040000
    /// S_IFBLK.
    case blockDevice = 0o060000
    /// S_IFREG.
    case regular = 0o100000
    /// S_IFLNK.
    case symbolicLink = 0o120000
    /// S_IFSOCK.
    case socket = 0o140000

    /// The `d_type` of a directory entry (DT_DIR...).
    package var directoryEntryType: UInt8 { UInt8(rawValue >> 12) }
}

/// What stat(2) and statx(2) show of a file. Times are nanoseconds since the epoch.
public struct FileAttributes: Sendable {
    /// `st_dev`, in the kernel's new encoding (`makedev`).
    public var device: UInt64 = 0
    /// `st_ino`.
    public var inode: UInt64 = 0
    /// The kind.
    public var kind: FileKind = .regular
    /// Permission bits, 0o7777.
    public var permissions: UInt32 = 0
    /// Number of links.
    public var links: UInt64 = 1
    /// Owner.
    public var user: UInt32 = 0
    /// Group.
    public var group: UInt32 = 0
    /// `st_rdev` of a device.
    public var deviceNumber: UInt64 = 0
    /// Bytes.
    public var size: Int64 = 0
    /// `st_blksize`.
    public var blockSize: Int64 = 4096
    /// `st_blocks`, in units of 512 bytes.
    public var blocks: Int64 = 0
    /// Last access.
    public var accessTime: Int64 = 0
    /// Last modification of the content.
    public var modificationTime: Int64 = 0
    /// Last change of the inode.
    public var changeTime: Int64 = 0
    /// Creation, when known.
    public var birthTime: Int64?

    /// All zero, a regular file with one link.
    public init() {}

    /// `st_mode`.
    public var mode: UInt32 { kind.rawValue | (permissions & 0o7777) }
}

/// What chmod, chown, utimensat and truncate ask for; nil leaves a value alone.
package struct AttributeChange {
    package var permissions: UInt32?
    package var user: UInt32?
    package var group: UInt32?
    /// Nanoseconds since the epoch.
    package var accessTime: Int64?
    package var modificationTime: Int64?
    package init() {}
}

/// What statfs(2) shows.
public struct FileSystemStatistics: Sendable {
    /// `f_type`, the magic number.
    public var type: UInt64 = 0
    /// `f_bsize`.
    public var blockSize: UInt64 = 4096
    /// Blocks in all, free, and free to ordinary users.
    public var blocks: UInt64 = 0, blocksFree: UInt64 = 0, blocksAvailable: UInt64 = 0
    /// Inodes in all and free.
    public var files: UInt64 = 0, filesFree: UInt64 = 0
    /// `f_fsid`.
    public var identifier: UInt64 = 0
    /// `f_namelen`.
    public var nameLength: UInt64 = 255
    /// `f_flags` (ST_RDONLY...).
    public var flags: UInt64 = 0
    /// All zero.
    public init() {}
}

/// The event bits of poll(2); epoll(7) uses the same values.
public struct PollEvents: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt32
    /// Wraps the bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// POLLIN.
    public static let input = PollEvents(rawValue: 0x001)
    /// POLLPRI.
    public static let priority = PollEvents(rawValue: 0x002)
    /// POLLOUT.
    public static let output = PollEvents(rawValue: 0x004)
    /// POLLERR.
    public static let error = PollEvents(rawValue: 0x008)
    /// POLLHUP.
    public static let hangUp = PollEvents(rawValue: 0x010)
    /// POLLNVAL.
    public static let invalid = PollEvents(rawValue: 0x020)
    /// POLLRDNORM.
    public static let readNormal = PollEvents(rawValue: 0x040)
    /// POLLRDBAND.
    public static let readBand = PollEvents(rawValue: 0x080)
    /// POLLWRNORM.
    public static let writeNormal = PollEvents(rawValue: 0x100)
    /// POLLWRBAND.
    public static let writeBand = PollEvents(rawValue: 0x200)
    /// POLLRDHUP.
    public static let readHangUp = PollEvents(rawValue: 0x2000)
    /// What a regular file always is: readable and writable.
    package static let always: PollEvents = [.input, .output, .readNormal, .writeNormal]
}
