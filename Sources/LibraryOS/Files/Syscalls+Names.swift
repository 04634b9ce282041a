/// Making, removing and renaming names.
extension Syscalls {
    private static let here = Task.workingDirectoryDescriptor

    @Sendable static func mkdir(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try makeDirectory(task, here, call.address(0), mode: call.uint(1))
    }
    @Sendable static func mkdirat(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try makeDirectory(task, call.int(0), call.address(1), mode: call.uint(2))
    }
    private static func makeDirectory(_ task: Task, _ descriptor: Int32, _ address: GuestAddress, mode: UInt32) throws(Errno) -> Outcome {
        let last = try task.locateParent(descriptor, address)
        try task.checkNewName(last, directory: true)
        let mode = mode & ~task.fileSystem.umask & 0o1777
        _ = try last.parent.inode.create(last.name, kind: .directory, mode: mode, deviceNumber: 0, owner: task.credentials.forFiles)
        last.parent.inode.notify(.create, last.name, isDirectory: true)
        return .success
    }

    @Sendable static func mknod(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try makeNode(task, here, call.address(0), mode: call.uint(1), device: call.uint(2))
    }
    @Sendable static func mknodat(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try makeNode(task, call.int(0), call.address(1), mode: call.uint(2), device: call.uint(3))
    }
    private static func makeNode(_ task: Task, _ descriptor: Int32, _ address: GuestAddress, mode: UInt32, device: UInt32) throws(Errno) -> Outcome {
        let type = mode & 0o170000
        guard let kind = type == 0 ? .regular : FileKind(rawValue: type), kind != .symbolicLink else { throw .EINVAL }
        if kind == .directory { throw .EPERM }
        let last = try task.locateParent(descriptor, address)
        try task.checkNewName(last, directory: false)
        let isDevice = kind == .characterDevice || kind == .blockDevice
        if isDevice, task.credentials.forFiles.user != 0 { throw .EPERM }
        _ = try last.parent.inode.create(
            last.name, kind: kind, mode: mode & ~task.fileSystem.umask & 0o7777, deviceNumber: isDevice ? UInt64(device) : 0, owner: task.credentials.forFiles)
        last.parent.inode.notify(.create, last.name, isDirectory: false)
        return .success
    }

    @Sendable static func symlink(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try makeSymbolicLink(task, call.address(0), here, call.address(1))
    }
    @Sendable static func symlinkat(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try makeSymbolicLink(task, call.address(0), call.int(1), call.address(2))
    }
    private static func makeSymbolicLink(_ task: Task, _ target: GuestAddress, _ descriptor: Int32, _ address: GuestAddress) throws(Errno) -> Outcome {
        let target = try task.readPath(target)
        let last = try task.locateParent(descriptor, address)
        try task.checkNewName(last, directory: false)
        _ = try last.parent.inode.symlink(last.name, target: target, owner: task.credentials.forFiles)
        last.parent.inode.notify(.create, last.name, isDirectory: false)
        return .success
    }

    // MARK: Hard links

    @Sendable static func link(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try makeLink(task, here, call.address(0), here, call.address(1), [])
    }
    @Sendable static func linkat(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let flags = try call.atFlags(4, allowed: [.follow, .emptyPath])
        return try makeLink(task, call.int(0), call.address(1), call.int(2), call.address(3), flags)
    }
    private static func makeLink(
        _ task: Task, _ oldDescriptor: Int32, _ oldAddress: GuestAddress, _ descriptor: Int32, _ address: GuestAddress, _ flags: AtFlags
    ) throws(Errno) -> Outcome {
        let credentials = task.credentials.forFiles
        // AT_EMPTY_PATH takes CAP_DAC_READ_SEARCH, since a descriptor may come from where its holder has no search permission.
        if flags.contains(.emptyPath), credentials.user != 0 { throw .ENOENT }
        let old = try task.reference(oldDescriptor, oldAddress, flags.contains(.follow) ? flags : flags.union(.noFollow))
        let last = try task.locateParent(descriptor, address)
        guard let source = old.location, source.mount === last.parent.mount else {
            try task.checkNewName(last, directory: false)
            throw .EXDEV
        }
        try task.checkNewName(last, directory: false)
        try checkLinkSource(source, credentials)
        try last.parent.inode.link(last.name, to: source.inode)
        source.inode.notifySelf(.attributes)
        last.parent.inode.notify(.create, last.name, isDirectory: false)
        return .success
    }

    /// Directories are never linked; of a stranger's files only those one could copy anyway (fs.protected_hardlinks).
    private static func checkLinkSource(_ source: PathLocation, _ credentials: FileCredentials) throws(Errno) {
        if source.inode.kind == .directory { throw .EPERM }
        let attributes = try source.inode.attributes()
        if Permissions.isOwner(attributes, credentials) { return }
        let privileged = attributes.permissions & 0o4000 != 0 || attributes.permissions & 0o2010 == 0o2010
        if attributes.kind != .regular || privileged { throw .EPERM }
        do throws(Errno) { try Permissions.check(attributes, [.read, .write], credentials) } catch { throw .EPERM }
    }

    // MARK: Removing

    @Sendable static func unlink(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try removeFile(task, try task.locateParent(here, call.address(0)))
    }
    @Sendable static func rmdir(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try removeDirectory(task, try task.locateParent(here, call.address(0)))
    }
    @Sendable static func unlinkat(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let flags = try call.atFlags(2, allowed: .removeDirectory)
        let last = try task.locateParent(call.int(0), call.address(1))
        return flags.contains(.removeDirectory) ? try removeDirectory(task, last) : try removeFile(task, last)
    }

    private static func removeFile(_ task: Task, _ last: LastComponent) throws(Errno) -> Outcome {
        if last.kind != .name { throw .EISDIR }
        let victim = try task.nameToRemove(last)
        if last.trailingSlash { throw victim.kind == .directory ? .EISDIR : .ENOTDIR }
        try Permissions.checkRemoval(of: victim, from: last.parent, task.credentials.forFiles)
        if victim.kind == .directory { throw .EISDIR }
        try task.checkNotMounted(victim, last)
        try last.parent.inode.unlink(last.name)
        victim.notifySelf(.attributes)
        victim.fileSystem.marks.nameIsGone(victim, task.kernel)
        last.parent.inode.notify(.delete, last.name, isDirectory: false)
        return .success
    }

    private static func removeDirectory(_ task: Task, _ last: LastComponent) throws(Errno) -> Outcome {
        switch last.kind {
        case .dot: throw .EINVAL
        case .dotDot: throw .ENOTEMPTY
        case .root: throw .EBUSY
        case .name: break
        }
        let victim = try task.nameToRemove(last)
        try Permissions.checkRemoval(of: victim, from: last.parent, task.credentials.forFiles)
        if victim.kind != .directory { throw .ENOTDIR }
        try task.checkNotMounted(victim, last)
        try last.parent.inode.rmdir(last.name)
        victim.fileSystem.marks.nameIsGone(victim, task.kernel)
        last.parent.inode.notify(.delete, last.name, isDirectory: true)
        return .success
    }

    // MARK: Renaming

    @Sendable static func rename(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try rename(task, here, call.address(0), here, call.address(1), flags: 0)
    }
    @Sendable static func renameat(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try rename(task, call.int(0), call.address(1), call.int(2), call.address(3), flags: 0)
    }
    @Sendable static func renameat2(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try rename(task, call.int(0), call.address(1), call.int(2), call.address(3), flags: call.uint(4))
    }

    private static func rename(
        _ task: Task, _ oldDescriptor: Int32, _ oldAddress: GuestAddress, _ newDescriptor: Int32, _ newAddress: GuestAddress, flags: UInt32
    ) throws(Errno) -> Outcome {
        // RENAME_WHITEOUT (4) makes a device node that only overlay file systems understand.
        let (noReplace, exchange) = (flags & 1 != 0, flags & 2 != 0)
        if flags & ~3 != 0 || (noReplace && exchange) { throw .EINVAL }
        let old = try task.locateParent(oldDescriptor, oldAddress)
        let new = try task.locateParent(newDescriptor, newAddress)
        if old.parent.mount !== new.parent.mount { throw .EXDEV }
        if old.kind != .name { throw .EBUSY }
        if new.kind != .name { throw noReplace ? .EEXIST : .EBUSY }
        let source = try task.nameToRemove(old)
        var target: Inode?
        do throws(Errno) { target = try new.parent.inode.lookup(new.name) } catch { if error != .ENOENT { throw error } }
        if noReplace, target != nil { throw .EEXIST }
        if exchange, target == nil { throw .ENOENT }
        if source.kind != .directory {
            if !exchange, old.trailingSlash || new.trailingSlash { throw .ENOTDIR }
            if exchange, old.trailingSlash { throw .ENOTDIR }
        }
        if exchange, let target, target.kind != .directory, new.trailingSlash { throw .ENOTDIR }
        if let target, target.isSame(as: source) { return .success }
        try checkRename(task, source, old, target, new, exchange: exchange)
        try old.parent.inode.rename(old.name, to: new.parent.inode, new.name, flags: flags)
        reportMove(task, source, from: old, to: new, replacing: exchange ? nil : target)
        if exchange, let target { reportMove(task, target, from: new, to: old, replacing: nil) }
        return .success
    }

    /// The two halves of a rename have a cookie in common.
    private static func reportMove(_ task: Task, _ source: Inode, from old: LastComponent, to new: LastComponent, replacing target: Inode?) {
        if !source.fileSystem.marks.isActive { return }
        source.fileSystem.marks.noteMove(source, from: old, to: new)
        let cookie = task.kernel.inotify.takeCookie()
        if old.parent.inode.isSame(as: new.parent.inode) { old.parent.inode.notify(.renamedInside, old.name, isDirectory: source.kind == .directory) }
        old.parent.inode.notify(.movedFrom, old.name, isDirectory: source.kind == .directory, cookie: cookie)
        new.parent.inode.notify(.movedTo, new.name, isDirectory: source.kind == .directory, cookie: cookie)
        target?.notifySelf(.attributes)
        source.notifySelf(.moveSelf)
        if let target { target.fileSystem.marks.nameIsGone(target, task.kernel) }
    }

    private static func checkRename(
        _ task: Task, _ source: Inode, _ old: LastComponent, _ target: Inode?, _ new: LastComponent, exchange: Bool
    ) throws(Errno) {
        let credentials = task.credentials.forFiles
        try Permissions.checkRemoval(of: source, from: old.parent, credentials)
        if let target {
            try Permissions.checkRemoval(of: target, from: new.parent, credentials)
            try task.checkNotMounted(target, new)
        } else {
            try Permissions.checkCreation(in: new.parent, credentials)
        }
        try task.checkNotMounted(source, old)
        // A directory that moves gets another "..", which is a change of the directory itself.
        if !old.parent.inode.isSame(as: new.parent.inode) {
            if source.kind == .directory { try Permissions.check(try source.attributes(), .write, credentials) }
            if exchange, let target, target.kind == .directory { try Permissions.check(try target.attributes(), .write, credentials) }
        }
    }
}

extension Task {
    /// Whether a name may be made: it must not exist, and only a directory's may end in a slash.
    func checkNewName(_ last: LastComponent, directory: Bool) throws(Errno) {
        if last.kind != .name { throw .EEXIST }
        if last.name.count > PathResolver.maximumName { throw .ENAMETOOLONG }
        var exists = true
        do throws(Errno) { _ = try last.parent.inode.lookup(last.name) } catch {
            if error != .ENOENT { throw error }
            exists = false
        }
        if exists { throw .EEXIST }
        if last.trailingSlash, !directory { throw .ENOENT }
        try Permissions.checkCreation(in: last.parent, credentials.forFiles)
    }

    /// The inode a name is about to lose.
    fileprivate func nameToRemove(_ last: LastComponent) throws(Errno) -> Inode {
        if last.name.count > PathResolver.maximumName { throw .ENAMETOOLONG }
        if last.parent.mount.readOnly { throw .EROFS }
        return try last.parent.inode.lookup(last.name)
    }

    /// A mount point keeps its name: `EBUSY`.
    fileprivate func checkNotMounted(_ inode: Inode, _ last: LastComponent) throws(Errno) {
        let place = PathLocation(mount: last.parent.mount, inode: inode, parent: last.parent, name: last.name)
        if kernel.mounts.mount(at: place) != nil { throw .EBUSY }
    }
}
