/// A file system of the sandbox: a tmpfs, a granted host folder, procfs, an overlay.
open class FileSystem: @unchecked Sendable {
    /// The name in /proc/mounts ("tmpfs", "proc"...).
    package let typeName: String
    /// `st_dev` of its files.
    package let device: UInt64
    /// Who watches its files.
    let marks = FileMarks()
    /// Mounted read-only: every change answers `EROFS`.
    package let readOnly: Bool

    init(typeName: String, device: UInt64, readOnly: Bool) {
        self.typeName = typeName
        self.device = device
        self.readOnly = readOnly
    }
    /// The root inode.
    open var root: Inode { Inode(fileSystem: self, number: 1, kind: .directory) }
    /// statfs(2).
    open func statistics() throws(Errno) -> FileSystemStatistics { FileSystemStatistics() }
    /// What /proc/mounts shows behind "rw,relatime" ("size=65536k"); empty: nothing.
    open var mountOptions: String { "" }
    /// sync(2), syncfs(2): what outlives the sandbox becomes durable. `EIO`.
    open func sync() throws(Errno) {}
    /// Memory is short: drops what can be had again; returns how many pages. Called without locks.
    open func giveBackMemory() -> Int { 0 }
    /// The sandbox is over: cuts reference cycles between the file system and its inodes.
    open func release() {}
}

/// Who asks, for permission checks and ownership of new files.
package struct FileCredentials: Sendable {
    package var user: UInt32
    package var group: UInt32
    package var groups: [UInt32]
    package init(user: UInt32, group: UInt32, groups: [UInt32] = []) {
        self.user = user
        self.group = group
        self.groups = groups
    }
}

/// A file's identity and content, whatever its name. The default implementations refuse with the errno Linux gives for that kind of file.
///
/// Names passed in are single components: never empty, ".", ".." and never with a slash. The caller has checked permissions (search and write on the
/// directory, sticky bit) and read-only mounts. Methods may be called from any thread; implementations lock themselves.
open class Inode: @unchecked Sendable {
    /// Where it belongs.
    package let fileSystem: FileSystem
    /// `st_ino`.
    package let number: UInt64
    /// Its kind, which never changes.
    package let kind: FileKind
    /// flock(2) and fcntl(2) record locks of this file. File systems that make a new object at each look-up hand the same locks (and FIFO) to all of them.
    package let locks: FileLocks
    /// The pipe behind a FIFO by name, while it is open; nil for other kinds.
    package let fifo: FIFO?

    init(fileSystem: FileSystem, number: UInt64, kind: FileKind, locks: FileLocks = FileLocks(), fifo: FIFO? = nil) {
        self.fileSystem = fileSystem
        self.number = number
        self.kind = kind
        self.locks = locks
        self.fifo = fifo ?? (kind == .fifo ? FIFO() : nil)
    }

    /// stat(2).
    open func attributes() throws(Errno) -> FileAttributes {
        var result = FileAttributes()
        result.device = fileSystem.device
        result.inode = number
        result.kind = kind
        return result
    }
    /// chmod, chown, utimensat: applies the change and sets the change time.
    func change(_ change: AttributeChange) throws(Errno) { throw .EPERM }
    /// The entry `name` of this directory; `ENOENT` when there is none.
    open func lookup(_ name: [UInt8]) throws(Errno) -> Inode { throw .ENOTDIR }
    /// Makes a regular file, directory, FIFO, socket or device node; `EEXIST` when the name is taken. `mode` has the umask applied.
    func create(_ name: [UInt8], kind: FileKind, mode: UInt32, deviceNumber: UInt64, owner: FileCredentials) throws(Errno) -> Inode { throw .ENOTDIR }
    /// Makes a symbolic link.
    func symlink(_ name: [UInt8], target: [UInt8], owner: FileCredentials) throws(Errno) -> Inode { throw .ENOTDIR }
    /// Makes a file without a name in this directory (O_TMPFILE); `linkable`: linkat(2) may give it one (no O_EXCL).
    func createTemporary(mode: UInt32, owner: FileCredentials, linkable: Bool) throws(Errno) -> Inode { throw .EOPNOTSUPP }
    /// Makes a hard link to `inode` of the same file system.
    func link(_ name: [UInt8], to inode: Inode) throws(Errno) { throw .ENOTDIR }
    /// Removes a name that is not a directory.
    func unlink(_ name: [UInt8]) throws(Errno) { throw .ENOTDIR }
    /// Removes an empty directory.
    func rmdir(_ name: [UInt8]) throws(Errno) { throw .ENOTDIR }
    /// renameat2(2) from this directory to `newParent` (same file system); flags RENAME_NOREPLACE 1, RENAME_EXCHANGE 2.
    func rename(_ name: [UInt8], to newParent: Inode, _ newName: [UInt8], flags: UInt32) throws(Errno) { throw .ENOTDIR }
    /// The target of a symbolic link.
    open func readLink() throws(Errno) -> [UInt8] { throw .EINVAL }
    /// The target as this task sees it (/proc/self differs by reader); what readlink(2) and path walks call.
    func readLink(for task: Task) throws(Errno) -> [UInt8] { try readLink() }
    /// A link that leads straight to an object (/proc/self/fd/N, /proc/self/exe), instead of to a path; nil for ordinary links.
    func magicLink(_ task: Task) throws(Errno) -> PathLocation? { nil }
    /// Whether a task may use this directory whatever its mode bits say (/proc/PID/fd); `EACCES` when it may not, whatever they say.
    func admits(_ task: Task) throws(Errno) -> Bool { false }
    /// truncate(2).
    func truncate(to length: Int64) throws(Errno) { throw .EINVAL }
    /// Opening it attaches to the pipe of `fifo`.
    var opensPipe: Bool { kind == .fifo }
    /// Opens it. O_CREAT, O_EXCL, O_TRUNC, O_NOFOLLOW, O_DIRECTORY and permissions are already dealt with. `location` is where it was found.
    func open(flags: OpenFlags, location: PathLocation, task: Task) throws(Errno) -> OpenFile { throw .ENXIO }
    /// What a mapping of this file maps; nil when it cannot be mapped (`ENODEV`).
    func mappingSource() -> MappingSource? { nil }
    /// Every entry of this directory but "." and "..", for file systems that are stacked on this one.
    func directoryEntries() throws(Errno) -> [DirectoryEntry] { throw .ENOTDIR }
    /// The directory that contains this directory now, when the file system knows it (renames); nil: trust the walked path.
    open func parentDirectory() -> (parent: Inode, name: [UInt8])? { nil }
    /// getxattr(2).
    func extendedAttribute(_ name: [UInt8]) throws(Errno) -> [UInt8] { throw .EOPNOTSUPP }
    /// listxattr(2).
    func extendedAttributeNames() throws(Errno) -> [[UInt8]] { [] }
    /// setxattr(2).
    func setExtendedAttribute(_ name: [UInt8], _ value: [UInt8], flags: Int32) throws(Errno) { throw .EOPNOTSUPP }
    /// removexattr(2).
    func removeExtendedAttribute(_ name: [UInt8]) throws(Errno) { throw .EOPNOTSUPP }
}
