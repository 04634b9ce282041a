/// A file of a granted folder, by its O_PATH handle.
package final class HostInode: Inode, @unchecked Sendable {
    let hostFS: HostFS
    let file: HostFile
    var host: Host { hostFS.host }

    init(_ hostFS: HostFS, _ file: HostFile, number: UInt64, kind: FileKind, locks: FileLocks, fifo: FIFO?) {
        self.hostFS = hostFS
        self.file = file
        super.init(fileSystem: hostFS, number: number, kind: kind, locks: locks, fifo: fifo)
    }

    deinit { hostFS.inodeGone(number) }

    package override func attributes() throws(Errno) -> FileAttributes {
        var result = try host.attributes(of: file)
        result.device = hostFS.device
        result.inode = number
        return result
    }

    package override func parentDirectory() -> (parent: Inode, name: [UInt8])? { kind == .directory ? hostFS.place(of: self) : nil }

    private func checkWritable() throws(Errno) {
        if hostFS.readOnly { throw .EROFS }
    }

    /// Changes of names; `ENOTDIR` unless this is a directory.
    private func checkChangeable() throws(Errno) {
        if kind != .directory { throw .ENOTDIR }
        try checkWritable()
    }

    // MARK: Attributes

    override func change(_ change: AttributeChange) throws(Errno) {
        try checkWritable()
        if change.user != nil || change.group != nil { try host.setOwner(file, user: change.user, group: change.group) }
        if let permissions = change.permissions {
            // Linux has no chmod of symbolic links either.
            if kind == .symbolicLink { throw .EOPNOTSUPP }
            try host.setMode(file, permissions)
        }
        if change.accessTime != nil || change.modificationTime != nil {
            try host.setTimes(file, access: change.accessTime, modification: change.modificationTime)
        }
    }

    override func truncate(to length: Int64) throws(Errno) {
        try checkWritable()
        if kind == .directory { throw .EISDIR }
        if kind != .regular || length < 0 { throw .EINVAL }
        try host.truncate(try host.reopen(file, flags: OpenFlags.writeOnly.hostBits), to: length)
    }

    package override func readLink() throws(Errno) -> [UInt8] {
        if kind != .symbolicLink { throw .EINVAL }
        return try host.readLink(file)
    }

    // MARK: Extended attributes

    /// Capabilities of host programs mean nothing to the sandbox, and other namespaces are the host's own business.
    private static func isVisible(_ name: [UInt8]) -> Bool { name.starts(with: "user.".utf8) }

    override func extendedAttribute(_ name: [UInt8]) throws(Errno) -> [UInt8] {
        guard Self.isVisible(name) else { throw name.starts(with: "security.".utf8) ? .ENODATA : .EOPNOTSUPP }
        return try host.extendedAttribute(file, name)
    }
    override func extendedAttributeNames() throws(Errno) -> [[UInt8]] {
        if kind != .regular && kind != .directory { return [] }
        return try host.extendedAttributeNames(file).filter(Self.isVisible)
    }
    override func setExtendedAttribute(_ name: [UInt8], _ value: [UInt8], flags: Int32) throws(Errno) {
        try checkWritable()
        guard Self.isVisible(name) else { throw .EOPNOTSUPP }
        if kind != .regular && kind != .directory { throw .EPERM }
        try host.setExtendedAttribute(file, name, value, flags: flags)
    }
    override func removeExtendedAttribute(_ name: [UInt8]) throws(Errno) {
        try checkWritable()
        guard Self.isVisible(name) else { throw .EOPNOTSUPP }
        try host.removeExtendedAttribute(file, name)
    }

    // MARK: Names

    package override func lookup(_ name: [UInt8]) throws(Errno) -> Inode {
        if kind != .directory { throw .ENOTDIR }
        let child = try host.open(beneath: file, name, flags: OpenFlags([.path, .noFollow]).hostBits, mode: 0)
        return hostFS.inode(of: child, try host.attributes(of: child))
    }

    override func create(_ name: [UInt8], kind: FileKind, mode: UInt32, deviceNumber: UInt64, owner: FileCredentials) throws(Errno) -> Inode {
        try checkChangeable()
        let permissions = mode & 0o7777
        switch kind {
        case .regular:
            _ = try host.open(beneath: file, name, flags: OpenFlags([.create, .exclusive, .writeOnly]).hostBits, mode: permissions)
        case .directory: try host.makeDirectory(in: file, name, mode: permissions)
        case .fifo, .socket: try host.makeNode(in: file, name, mode: kind.rawValue | permissions)
        // A device node on the host would outlive the sandbox and mean the host's device.
        case .characterDevice, .blockDevice: throw .EPERM
        case .symbolicLink, .anonymous: throw .EINVAL
        }
        let child = try host.open(beneath: file, name, flags: OpenFlags([.path, .noFollow]).hostBits, mode: 0)
        let attributes = try handOver(child, to: owner)
        // The monitor's own umask took bits away; set-group-ID may have been inherited from the folder.
        let wanted = permissions | (kind == .directory ? attributes.permissions & 0o2000 : 0)
        if attributes.kind == kind, attributes.permissions != wanted { try host.setMode(child, wanted) }
        return hostFS.inode(of: child, attributes)
    }

    override func createTemporary(mode: UInt32, owner: FileCredentials, linkable: Bool) throws(Errno) -> Inode {
        try checkChangeable()
        let flags: OpenFlags = linkable ? [.temporaryBit, .directory, .readWrite] : [.temporaryBit, .directory, .readWrite, .exclusive]
        let made = try host.open(beneath: file, [0x2e], flags: flags.hostBits, mode: mode & 0o7777)
        let attributes = try handOver(made, to: owner)
        try host.setMode(made, mode & 0o7777)
        return hostFS.inode(of: made, attributes)
    }

    /// A new file belongs to the program's user where the monitor's user may give files away (root), as with any container; elsewhere to the monitor's.
    /// Returns its attributes.
    private func handOver(_ made: HostFile, to owner: FileCredentials) throws(Errno) -> FileAttributes {
        let attributes = try host.attributes(of: made)
        if attributes.user == owner.user && attributes.group == owner.group || !hostFS.givesFilesAway { return attributes }
        // A set-group-ID folder has given it its own group.
        let isGroupInherited = try host.attributes(of: file).permissions & 0o2000 != 0
        let group = isGroupInherited ? attributes.group : owner.group
        do throws(Errno) {
            try host.setOwner(made, user: owner.user, group: group)
            // It takes set-user-ID bits away, too.
            return try host.attributes(of: made)
        } catch {
            if error != .EPERM { throw error }
            hostFS.givesFilesAway = false
            return attributes
        }
    }

    override func symlink(_ name: [UInt8], target: [UInt8], owner: FileCredentials) throws(Errno) -> Inode {
        try checkChangeable()
        try host.makeSymbolicLink(in: file, name, target: target)
        let made = try host.open(beneath: file, name, flags: OpenFlags([.path, .noFollow]).hostBits, mode: 0)
        return hostFS.inode(of: made, try handOver(made, to: owner))
    }

    override func link(_ name: [UInt8], to inode: Inode) throws(Errno) {
        try checkChangeable()
        guard let other = inode as? HostInode, other.hostFS === hostFS else { throw .EXDEV }
        if other.kind == .directory { throw .EPERM }
        try host.makeLink(to: other.file, in: file, name)
    }

    override func unlink(_ name: [UInt8]) throws(Errno) {
        try checkChangeable()
        try host.unlink(in: file, name, directory: false)
    }

    override func rmdir(_ name: [UInt8]) throws(Errno) {
        try checkChangeable()
        try host.unlink(in: file, name, directory: true)
    }

    override func rename(_ name: [UInt8], to newParent: Inode, _ newName: [UInt8], flags: UInt32) throws(Errno) {
        try checkChangeable()
        guard let other = newParent as? HostInode, other.hostFS === hostFS else { throw .EXDEV }
        // RENAME_WHITEOUT would make a device node.
        if flags & ~3 != 0 { throw .EINVAL }
        try host.rename(from: file, name, to: other.file, newName, flags: flags)
    }

    override func directoryEntries() throws(Errno) -> [DirectoryEntry] {
        if kind != .directory { throw .ENOTDIR }
        let handle = try host.reopen(file, flags: OpenFlags.directory.hostBits)
        let device = try host.attributes(of: file).device
        var result: [DirectoryEntry] = []
        var position: Int64 = 0
        while true {
            let entries = try host.readDirectory(handle, from: position)
            guard let last = entries.last else { return result }
            for entry in entries where entry.name != [0x2e] && entry.name != [0x2e, 0x2e] {
                result.append(
                    DirectoryEntry(name: entry.name, inode: hostFS.number(of: entry.inode, on: device), type: entry.type, next: entry.offset))
            }
            position = last.offset
        }
    }

    // MARK: Opening

    override func open(flags: OpenFlags, location: PathLocation, task: Task) throws(Errno) -> OpenFile {
        if flags.canWrite { try checkWritable() }
        switch kind {
        case .directory:
            let handle = try host.reopen(file, flags: OpenFlags.directory.hostBits)
            return HostDirectory(self, handle, device: try host.attributes(of: handle).device, flags: flags, location: location)
        case .regular:
            // O_APPEND is done by offset, O_DIRECT would bind the program's buffers to the host's alignment: both stay inside.
            let access = OpenFlags(rawValue: flags.rawValue & 3).union(flags.intersection(.sync))
            return HostRegularFile(self, try host.reopen(file, flags: access.hostBits), flags: flags, location: location)
        // The other end of a host's FIFO or socket would be a program of the host, and a device is the host's: a granted folder grants files only.
        // (The system call layer opens FIFOs by `fifo`: a pipe between programs of this sandbox.)
        case .characterDevice, .blockDevice, .anonymous: throw .EACCES
        case .fifo, .socket: throw .ENXIO
        case .symbolicLink: throw .ELOOP
        }
    }

    /// For loading programs: a handle that reads.
    override func mappingSource() -> MappingSource? {
        guard kind == .regular else { return nil }
        do throws(Errno) { return .hostFile(try host.reopen(file, flags: 0), writable: false) } catch { return nil }
    }
}
