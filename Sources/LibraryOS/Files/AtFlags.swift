/// The AT_ flags of openat(2)'s relatives.
struct AtFlags: OptionSet, Sendable {
    let rawValue: UInt32
    static let noFollow = AtFlags(rawValue: 0x100)
    /// AT_REMOVEDIR of unlinkat.
    static let removeDirectory = AtFlags(rawValue: 0x200)
    /// AT_EACCESS of faccessat2 (the same bit).
    static let effectiveAccess = AtFlags(rawValue: 0x200)
    static let follow = AtFlags(rawValue: 0x400)
    static let noAutomount = AtFlags(rawValue: 0x800)
    static let emptyPath = AtFlags(rawValue: 0x1000)
    /// AT_STATX_FORCE_SYNC and AT_STATX_DONT_SYNC.
    static let forceSync = AtFlags(rawValue: 0x2000)
    static let dontSync = AtFlags(rawValue: 0x4000)

    /// How the last component is resolved by calls that follow links unless told not to.
    var resolution: ResolveFlags { contains(.noFollow) ? [] : .followFinal }
}

extension SyscallCall {
    /// The AT_ flags in an argument; `EINVAL` for any that the call does not know.
    func atFlags(_ index: Int, allowed: AtFlags) throws(Errno) -> AtFlags {
        let flags = AtFlags(rawValue: uint(index))
        if !flags.isSubset(of: allowed) { throw .EINVAL }
        return flags
    }
}

/// A file that a call is about: by path, or by a descriptor, which may be of a file without any place.
struct FileReference {
    let inode: Inode
    let location: PathLocation?

    init(_ location: PathLocation) {
        inode = location.inode
        self.location = location
    }
    /// The file of a descriptor; `EBADF` for those that have no inode.
    init(_ file: OpenFile) throws(Errno) {
        guard let inode = file.inode else { throw .EBADF }
        self.inode = inode
        location = file.location
    }

    /// `EROFS` when it lies in a read-only mount.
    func checkWritableMount() throws(Errno) {
        if let location, location.mount.readOnly { throw .EROFS }
    }
    func check(_ access: FileAccess, _ credentials: FileCredentials, by task: Task? = nil) throws(Errno) {
        if let task, try inode.admits(task) { return }
        if let location { return try Permissions.check(location, access, credentials) }
        try Permissions.check(try inode.attributes(), access, credentials)
    }
}

extension Task {
    /// The file that a directory descriptor and a path name; with AT_EMPTY_PATH and an empty path, the descriptor's own, O_PATH ones included.
    func reference(_ descriptor: Int32, _ address: GuestAddress, _ flags: AtFlags) throws(Errno) -> FileReference {
        let path = try readPath(address, emptyAllowed: flags.contains(.emptyPath))
        if path.isEmpty {
            if descriptor == Self.workingDirectoryDescriptor { return FileReference(fileSystem.workingDirectory) }
            return try FileReference(try descriptors.file(descriptor))
        }
        return FileReference(try resolver.resolve(path, from: try pathBase(descriptor, for: path), flags.resolution))
    }
}
