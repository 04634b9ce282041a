/// The mounted files of one kernel, as `Host` gives granted files to another: a monitor serves the library OS of a guest out of its own.
///
/// Whoever asks is not trusted. Names lead through the mount tree and nowhere else; no symbolic link is followed, as the other kernel walks by itself; mounts that are
/// read-only stay so. What is no file, such as the devices, FIFOs and sockets of the tree, cannot be opened, and file systems that the kernel makes up itself (/proc,
/// /sys) are empty folders: the other kernel has its own. Which of its programs may do what is the other kernel's business: here everybody is user 0 of the tree, which
/// says nothing about the host.
package final class TreeHost: Host, @unchecked Sendable {
    private let kernel: Kernel
    private let root: PathLocation
    /// In whose name files are used. It never runs.
    let task: Task
    static let owner = FileCredentials(user: 0, group: 0)
    private static let confined: ResolveFlags = [.beneath, .noSymbolicLinks, .noMagicLinks]
    /// Bits of an inode number: above them is the index of a file system that a granted folder has inside (`HostFS`), which counts as another device here.
    private static let numberBits: UInt64 = 52
    /// Bytes of names that one `readDirectory` gives at most.
    private static let listing = 32768

    /// - Parameters:
    ///   - kernel: a kernel without programs.
    ///   - root: the root directory, with everything mounted.
    /// - Throws: `ENOMEM`.
    package init(kernel: Kernel, root: PathLocation) throws(Errno) {
        (self.kernel, self.root) = (kernel, root)
        let id = try kernel.allocateID()
        task = Task(
            kernel: kernel, id: id, group: ThreadGroup(id: id, startTime: kernel.time.monotonicNow(), signals: ProcessSignals()),
            memory: try AddressSpace(physicalMemory: kernel.physicalMemory), descriptors: DescriptorTable(memory: kernel.physicalMemory),
            fileSystem: FileSystemContext(root: root, workingDirectory: root), credentials: Credentials(user: 0, group: 0), parker: TaskParker())
        super.init()
    }

    deinit { task.memory.leave() }

    /// The root directory, as for `HostFS(host:root:device:readOnly:)`.
    package var rootDirectory: HostFile { TreeFile(root, nil) }

    static func place(_ file: HostFile) throws(Errno) -> PathLocation {
        guard let file = file as? TreeFile else { throw .EBADF }
        return file.place
    }

    static func description(_ file: HostFile) throws(Errno) -> OpenFile {
        guard let description = (file as? TreeFile)?.description else { throw .EBADF }
        return description
    }

    /// Whether files are kept there, and not made up.
    static func keepsFiles(_ place: PathLocation) -> Bool {
        let fileSystem = place.inode.fileSystem
        return fileSystem is HostFS || fileSystem is TmpFS || fileSystem is OverlayFS
    }

    func isMounted(over inode: Inode, _ directory: PathLocation, _ name: [UInt8]) -> Bool {
        kernel.mounts.mount(at: PathLocation(mount: directory.mount, inode: inode, parent: directory, name: name)) != nil
    }

    // MARK: Opening

    /// Of flags, what opening a file that is there depends on.
    private static let lasting: OpenFlags = OpenFlags(rawValue: 3).union([.sync, .path, .directory, .truncate])

    package override func open(beneath directory: HostFile, _ name: [UInt8], flags: Int32, mode: UInt32) throws(Errno) -> HostFile {
        let base = try Self.place(directory)
        let flags = OpenFlags(rawValue: UInt32(bitPattern: flags))
        let resolver = PathResolver(mounts: kernel.mounts, root: root, credentials: Self.owner)
        if name.first == 0x2f { throw .EXDEV }
        if flags.contains(.temporaryBit) {
            let parent = try resolver.resolve(name, from: base, Self.confined.union(.mustBeDirectory))
            return try make(in: parent, flags) { () throws(Errno) in
                let inode = try parent.inode.createTemporary(mode: mode & 0o7777, owner: Self.owner, linkable: !flags.contains(.exclusive))
                return (inode, Array("#\(inode.number)".utf8))
            }
        }
        if !flags.contains(.create) || flags.contains(.path) { return try open(try resolver.resolve(name, from: base, Self.confined), flags.intersection(Self.lasting)) }
        let (last, existing) = try resolver.resolveForCreation(name, from: base, Self.confined)
        if let existing {
            if flags.contains(.exclusive) { throw .EEXIST }
            if existing.inode.kind == .directory { throw .EISDIR }
            return try open(existing, flags.intersection(Self.lasting))
        }
        return try make(in: last.parent, flags) { () throws(Errno) in
            (try last.parent.inode.create(last.name, kind: .regular, mode: mode & 0o7777, deviceNumber: 0, owner: Self.owner), last.name)
        }
    }

    /// Opens what `body` makes in a directory.
    private func make(in parent: PathLocation, _ flags: OpenFlags, _ body: () throws(Errno) -> (Inode, [UInt8])) throws(Errno) -> TreeFile {
        if !Self.keepsFiles(parent) { throw .EACCES }
        try Permissions.checkCreation(in: parent, Self.owner)
        let (inode, name) = try body()
        return try open(PathLocation(mount: parent.mount, inode: inode, parent: parent, name: name), flags.intersection(Self.lasting).subtracting([.directory, .truncate]))
    }

    package override func reopen(_ file: HostFile, flags: Int32) throws(Errno) -> HostFile {
        try open(try Self.place(file), OpenFlags(rawValue: UInt32(bitPattern: flags)).intersection(Self.lasting))
    }

    private func open(_ place: PathLocation, _ flags: OpenFlags) throws(Errno) -> TreeFile {
        let inode = place.inode
        // A folder that something is mounted on is there, for the other kernel to mount on.
        if !Self.keepsFiles(place), place.parent != nil || inode.kind != .directory { throw .ENOENT }
        if flags.contains(.directory), inode.kind != .directory { throw .ENOTDIR }
        if flags.contains(.path) { return TreeFile(place, nil) }
        if !Self.keepsFiles(place) { throw .EACCES }
        switch inode.kind {
        case .regular: break
        case .directory: if flags.canWrite || flags.contains(.truncate) { throw .EISDIR }
        case .symbolicLink: throw .ELOOP
        case .fifo, .socket: throw .ENXIO
        case .characterDevice, .blockDevice, .anonymous: throw .EACCES
        }
        if flags.canWrite || flags.contains(.truncate) { try Permissions.check(place, .write, Self.owner) }
        if flags.contains(.truncate) { try inode.truncate(to: 0) }
        return TreeFile(place, try inode.open(flags: flags.intersection(OpenFlags(rawValue: 3).union(.sync)), location: place, task: task))
    }

    // MARK: What there is

    package override func attributes(of file: HostFile) throws(Errno) -> FileAttributes {
        var result = try Self.place(file).inode.attributes()
        // Devices of mounts are small numbers (`MountTree.device`).
        result.device ^= (result.inode >> Self.numberBits) << 32
        result.inode = Self.number(result.inode)
        return result
    }

    private static func number(_ inode: UInt64) -> UInt64 { inode & ((1 << numberBits) - 1) }

    package override func readLink(_ file: HostFile) throws(Errno) -> [UInt8] { try Self.place(file).inode.readLink() }

    package override func components(of file: HostFile, below root: HostFile) throws(Errno) -> [[UInt8]] {
        var place = try Self.place(file)
        let top = try Self.place(root)
        if place.isDeleted { throw .ENOENT }
        var names: [[UInt8]] = []
        while !place.isSame(as: top) {
            if let parent = place.currentParent {
                names.append(place.currentName)
                place = parent
            } else if let point = place.mount.mountPoint {
                place = point
            } else {
                throw .ENOENT
            }
            if names.count > PathResolver.maximumPath { throw .ENOENT }
        }
        return names.reversed()
    }

    package override func readDirectory(_ file: HostFile, from offset: Int64) throws(Errno) -> [HostDirectoryEntry] {
        let directory = try Self.description(file)
        if directory.inode?.kind != .directory { throw .ENOTDIR }
        if offset < 0 { throw .EINVAL }
        directory.lock.withLock { directory.position = offset }
        var (entries, size) = ([HostDirectoryEntry](), 0)
        try directory.readDirectory(task: task) { entry in
            if size >= Self.listing { return false }
            size += entry.name.count + 24
            entries.append(HostDirectoryEntry(name: entry.name, inode: Self.number(entry.inode), type: entry.type, offset: entry.next))
            return true
        }
        return entries
    }

    package override func fileSystemStatistics(_ file: HostFile) throws(Errno) -> FileSystemStatistics {
        let mount = try Self.place(file).mount
        var result = try mount.fileSystem.statistics()
        // ST_RDONLY.
        if mount.readOnly { result.flags |= 1 }
        return result
    }

    package override func extendedAttribute(_ file: HostFile, _ name: [UInt8]) throws(Errno) -> [UInt8] { try Self.place(file).inode.extendedAttribute(name) }
    package override func extendedAttributeNames(_ file: HostFile) throws(Errno) -> [[UInt8]] { try Self.place(file).inode.extendedAttributeNames() }

    // MARK: Bytes

    /// Segment by segment; an error after the first bytes ends the transfer with what was moved.
    private func transfer(
        _ segments: [UnsafeMutableRawBufferPointer], at offset: Int64?, _ move: (inout UserBuffers, Int64) throws(Errno) -> Int
    ) throws(Errno) -> Int {
        guard let offset, offset >= 0 else { throw .EINVAL }
        let (_, overflow) = offset.addingReportingOverflow(Int64(segments.reduce(0) { $0 + $1.count }))
        if overflow { throw .EINVAL }
        var done = 0
        for segment in segments {
            var buffers = UserBuffers(kernel: segment)
            do throws(Errno) {
                done += try move(&buffers, offset + Int64(done))
            } catch {
                if done == 0 { throw error }
                break
            }
            if buffers.remaining > 0 { break }
        }
        return done
    }

    package override func read(_ file: HostFile, into segments: [UnsafeMutableRawBufferPointer], at offset: Int64?) throws(Errno) -> Int {
        let description = try Self.description(file)
        return try transfer(segments, at: offset) { buffers, place throws(Errno) in try description.read(&buffers, at: place, task: task, inPlace: false) }
    }
    package override func readCached(_ file: HostFile, into segments: [UnsafeMutableRawBufferPointer], at offset: Int64) throws(Errno) -> Int {
        let description = try Self.description(file)
        return try transfer(segments, at: offset) { buffers, place throws(Errno) in try description.read(&buffers, at: place, task: task, inPlace: true) }
    }
    package override func write(_ file: HostFile, from segments: [UnsafeMutableRawBufferPointer], at offset: Int64?) throws(Errno) -> Int {
        let description = try Self.description(file)
        return try transfer(segments, at: offset) { buffers, place throws(Errno) in try description.write(&buffers, at: place, task: task) }
    }
    package override func seek(_ file: HostFile, offset: Int64, whence: Int32) throws(Errno) -> Int64 {
        guard whence == 3 || whence == 4, let found = try Self.description(file).seek(offset, whence: whence) else { throw .EINVAL }
        return found
    }
    package override func sync(_ file: HostFile, dataOnly: Bool) throws(Errno) { try Self.description(file).sync(dataOnly: dataOnly) }
    package override func truncate(_ file: HostFile, to length: Int64) throws(Errno) {
        if length < 0 { throw .EINVAL }
        try Self.description(file).truncate(to: length)
    }
    package override func allocate(_ file: HostFile, mode: Int32, offset: Int64, length: Int64) throws(Errno) {
        if offset < 0 || length <= 0 { throw .EINVAL }
        if offset.addingReportingOverflow(length).overflow { throw .EFBIG }
        try Self.description(file).allocate(mode: mode, offset: offset, length: length, task: task)
    }

    // MARK: Names

    package override func makeDirectory(in directory: HostFile, _ name: [UInt8], mode: UInt32) throws(Errno) {
        let parent = try folder(directory)
        try Permissions.checkCreation(in: parent, Self.owner)
        _ = try parent.inode.create(name, kind: .directory, mode: mode & 0o7777, deviceNumber: 0, owner: Self.owner)
    }
    package override func makeNode(in directory: HostFile, _ name: [UInt8], mode: UInt32) throws(Errno) {
        guard let kind = FileKind(rawValue: mode & 0o170000), kind == .fifo || kind == .socket else { throw .EPERM }
        let parent = try folder(directory)
        try Permissions.checkCreation(in: parent, Self.owner)
        _ = try parent.inode.create(name, kind: kind, mode: mode & 0o7777, deviceNumber: 0, owner: Self.owner)
    }
    package override func makeSymbolicLink(in directory: HostFile, _ name: [UInt8], target: [UInt8]) throws(Errno) {
        let parent = try folder(directory)
        try Permissions.checkCreation(in: parent, Self.owner)
        _ = try parent.inode.symlink(name, target: target, owner: Self.owner)
    }
    package override func makeLink(to file: HostFile, in directory: HostFile, _ name: [UInt8]) throws(Errno) {
        let (source, parent) = (try Self.place(file), try folder(directory))
        if source.mount !== parent.mount { throw .EXDEV }
        if source.inode.kind == .directory { throw .EPERM }
        try Permissions.checkCreation(in: parent, Self.owner)
        try parent.inode.link(name, to: source.inode)
    }
    package override func unlink(in parent: HostFile, _ name: [UInt8], directory: Bool) throws(Errno) {
        let parent = try folder(parent)
        let victim = try victim(name, in: parent)
        if directory {
            if victim.kind != .directory { throw .ENOTDIR }
            try parent.inode.rmdir(name)
        } else {
            if victim.kind == .directory { throw .EISDIR }
            try parent.inode.unlink(name)
        }
    }
    package override func rename(from oldParent: HostFile, _ oldName: [UInt8], to newParent: HostFile, _ newName: [UInt8], flags: UInt32) throws(Errno) {
        // RENAME_NOREPLACE or RENAME_EXCHANGE.
        if flags > 2 { throw .EINVAL }
        let (old, new) = (try folder(oldParent), try folder(newParent))
        if old.mount !== new.mount { throw .EXDEV }
        _ = try victim(oldName, in: old)
        do throws(Errno) {
            _ = try victim(newName, in: new)
        } catch {
            if error != .ENOENT { throw error }
            try Permissions.checkCreation(in: new, Self.owner)
        }
        try old.inode.rename(oldName, to: new.inode, newName, flags: flags)
    }

    // MARK: Attributes

    package override func setMode(_ file: HostFile, _ mode: UInt32) throws(Errno) { try change(file) { $0.permissions = mode & 0o7777 } }
    package override func setOwner(_ file: HostFile, user: UInt32?, group: UInt32?) throws(Errno) { try change(file) { ($0.user, $0.group) = (user, group) } }
    package override func setTimes(_ file: HostFile, access: Int64?, modification: Int64?) throws(Errno) {
        try change(file) { ($0.accessTime, $0.modificationTime) = (access, modification) }
    }
    package override func setExtendedAttribute(_ file: HostFile, _ name: [UInt8], _ value: [UInt8], flags: Int32) throws(Errno) {
        try changeable(file).inode.setExtendedAttribute(name, value, flags: flags)
    }
    package override func removeExtendedAttribute(_ file: HostFile, _ name: [UInt8]) throws(Errno) { try changeable(file).inode.removeExtendedAttribute(name) }
}
