/// A directory of generated files: subclasses say which names there are. Inodes are made when they are looked up; their numbers follow from the names.
package class GeneratedDirectory: GeneratedInode, @unchecked Sendable {
    init(fileSystem: FileSystem, number: UInt64, permissions: UInt32 = 0o555, owner: FileCredentials = FileCredentials(user: 0, group: 0)) {
        super.init(fileSystem: fileSystem, number: number, kind: .directory, permissions: permissions, owner: owner)
    }

    /// A name in the directory.
    struct Name {
        var name: [UInt8]
        var kind: FileKind
        /// Where it stands in a listing, when that is not its index: entries that come and go stay where they are for a reader that removes them as it goes.
        var place: Int64?
        init(_ name: [UInt8], _ kind: FileKind, place: Int64? = nil) {
            self.name = name
            self.kind = kind
            self.place = place
        }
    }

    /// The names now, always in the same order; places ascend.
    func names() throws(Errno) -> [Name] { [] }

    /// The number of an entry: FNV-1a of the directory's number and the name, in 48 bits.
    func number(of name: [UInt8]) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ number
        for byte in name { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return (hash ^ (hash >> 48)) & 0xffff_ffff_ffff | 2
    }

    package override func attributes() throws(Errno) -> FileAttributes {
        var result = try super.attributes()
        result.links = 2 &+ UInt64(try names().filter { $0.kind == .directory }.count)
        return result
    }
    package override func lookup(_ name: [UInt8]) throws(Errno) -> Inode { throw .ENOENT }
    // What Linux answers for changes to procfs.
    override func create(_ name: [UInt8], kind: FileKind, mode: UInt32, deviceNumber: UInt64, owner: FileCredentials) throws(Errno) -> Inode {
        throw kind == .regular ? .ENOENT : .EPERM
    }
    override func symlink(_ name: [UInt8], target: [UInt8], owner: FileCredentials) throws(Errno) -> Inode { throw .EPERM }
    override func link(_ name: [UInt8], to inode: Inode) throws(Errno) { throw .EPERM }
    override func unlink(_ name: [UInt8]) throws(Errno) { throw .EPERM }
    override func rmdir(_ name: [UInt8]) throws(Errno) { throw .EPERM }
    override func rename(_ name: [UInt8], to newParent: Inode, _ newName: [UInt8], flags: UInt32) throws(Errno) { throw .EPERM }

    override func open(flags: OpenFlags, location: PathLocation, task: Task) throws(Errno) -> OpenFile {
        if flags.canWrite { throw .EISDIR }
        return OpenGeneratedDirectory(self, flags: flags, location: location)
    }
}

/// An open generated directory.
package final class OpenGeneratedDirectory: OpenFile, @unchecked Sendable {
    private let directory: GeneratedDirectory

    init(_ directory: GeneratedDirectory, flags: OpenFlags, location: PathLocation) {
        self.directory = directory
        super.init(flags: flags, location: location)
    }

    override var isSeekable: Bool { true }
    override func read(_ buffers: inout UserBuffers, at offset: Int64?, task: Task, inPlace: Bool) throws(Errno) -> Int { throw .EISDIR }

    override func readDirectory(task: Task, _ emit: (DirectoryEntry) -> Bool) throws(Errno) {
        let parent = location?.parent?.inode.number ?? directory.number
        var entries = [
            DirectoryEntry(name: [0x2e], inode: directory.number, type: 4, next: 1),
            DirectoryEntry(name: [0x2e, 0x2e], inode: parent, type: 4, next: 2),
        ]
        for name in try directory.names() {
            let next = name.place.map { $0 &+ 3 } ?? Int64(entries.count + 1)
            entries.append(DirectoryEntry(name: name.name, inode: directory.number(of: name.name), type: name.kind.directoryEntryType, next: next))
        }
        emitRest(of: entries, emit)
    }
}

/// A symbolic link whose target is made when it is read.
package final class GeneratedLink: GeneratedInode, @unchecked Sendable {
    private let target: @Sendable (Task) throws(Errno) -> [UInt8]
    private let jump: (@Sendable (Task) throws(Errno) -> PathLocation)?

    /// `jump`: a magic link, which leads straight to an object.
    init(
        fileSystem: FileSystem, number: UInt64, permissions: UInt32 = 0o777, owner: FileCredentials = FileCredentials(user: 0, group: 0),
        jump: (@Sendable (Task) throws(Errno) -> PathLocation)? = nil, target: @escaping @Sendable (Task) throws(Errno) -> [UInt8]
    ) {
        self.target = target
        self.jump = jump
        super.init(fileSystem: fileSystem, number: number, kind: .symbolicLink, permissions: permissions, owner: owner)
    }

    package override func attributes() throws(Errno) -> FileAttributes {
        var result = try super.attributes()
        // As procfs says of its magic links; readers are not to trust it.
        result.size = jump == nil ? 0 : 64
        return result
    }
    override func readLink(for task: Task) throws(Errno) -> [UInt8] { try target(task) }
    override func magicLink(_ task: Task) throws(Errno) -> PathLocation? {
        guard let jump else { return nil }
        return try jump(task)
    }
}
