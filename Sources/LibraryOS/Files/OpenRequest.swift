/// What open(2), openat2(2) and creat(2) ask for, with the flags made consistent as the kernel's `build_open_flags` does.
struct OpenRequest {
    var flags: OpenFlags
    var mode: UInt32
    var resolution: ResolveFlags

    /// All flags that mean something; open and openat ignore others, openat2 refuses them.
    private static let known = OpenFlags(rawValue: 0o37777703)
    private static let pathFlags: OpenFlags = [.path, .directory, .noFollow, .closeOnExec]

    /// From open(2), openat(2), creat(2): what does not fit together is dropped where Linux drops it.
    init(flags rawFlags: UInt32, mode: UInt32) throws(Errno) {
        var flags = OpenFlags(rawValue: rawFlags).intersection(Self.known)
        if flags.contains(.path) { flags.formIntersection(Self.pathFlags) }
        let creates = flags.contains(.create) || flags.contains(.temporaryBit)
        try self.init(checked: flags, mode: creates ? mode & 0o7777 : 0, resolution: [])
    }

    /// From openat2(2)'s `struct open_how`: everything unknown is `EINVAL`.
    init(flags rawFlags: UInt64, mode: UInt64, resolve: UInt64) throws(Errno) {
        if rawFlags & ~UInt64(Self.known.rawValue) != 0 || resolve & ~0x3f != 0 || mode & ~0o7777 != 0 { throw .EINVAL }
        let flags = OpenFlags(rawValue: UInt32(truncatingIfNeeded: rawFlags))
        if flags.contains(.path), !flags.isSubset(of: Self.pathFlags) { throw .EINVAL }
        if mode != 0, !flags.contains(.create), !flags.contains(.temporaryBit) { throw .EINVAL }
        var resolution: ResolveFlags = []
        if resolve & 0x01 != 0 { resolution.insert(.noMountCrossing) }
        if resolve & 0x02 != 0 { resolution.insert(.noMagicLinks) }
        if resolve & 0x04 != 0 { resolution.insert([.noSymbolicLinks, .noMagicLinks]) }
        if resolve & 0x08 != 0 { resolution.insert(.beneath) }
        if resolve & 0x10 != 0 { resolution.insert(.inRoot) }
        if resolution.contains(.beneath), resolution.contains(.inRoot) { throw .EINVAL }
        // RESOLVE_CACHED: nothing is promised to be in a cache, callers try again without it.
        if resolve & 0x20 != 0 { throw .EAGAIN }
        try self.init(checked: flags, mode: UInt32(truncatingIfNeeded: mode), resolution: resolution)
    }

    private init(checked flags: OpenFlags, mode: UInt32, resolution: ResolveFlags) throws(Errno) {
        if flags.contains([.create, .directory]) { throw .EINVAL }
        if flags.contains(.temporaryBit), !flags.contains(.directory) || !flags.canWrite { throw .EINVAL }
        // 64-bit programs open large files only (F_GETFL shows it).
        self.flags = flags.contains(.path) ? flags : flags.union(.largeFile)
        self.mode = mode
        var resolution = resolution
        let exclusive = flags.contains([.create, .exclusive])
        if !flags.contains(.noFollow), !exclusive { resolution.insert(.followFinal) }
        if flags.contains(.directory) { resolution.insert(.mustBeDirectory) }
        self.resolution = resolution
    }

    /// What the opener needs to be allowed to do with a file that exists.
    var access: FileAccess {
        var access: FileAccess = []
        if flags.rawValue & 3 != 1 { access.insert(.read) }
        if flags.rawValue & 3 != 0 || flags.contains(.truncate) { access.insert(.write) }
        return access
    }
}
