/// An open directory of a granted folder; positions are the host's cookies.
final class HostDirectory: OpenFile, @unchecked Sendable {
    let node: HostInode
    private let handle: HostFile
    private let device: UInt64

    init(_ node: HostInode, _ handle: HostFile, device: UInt64, flags: OpenFlags, location: PathLocation) {
        self.node = node
        self.handle = handle
        self.device = device
        super.init(flags: flags, location: location)
    }

    override var isSeekable: Bool { true }
    override func read(_ buffers: inout UserBuffers, at offset: Int64?, task: Task, inPlace: Bool) throws(Errno) -> Int { throw .EISDIR }
    override func sync(dataOnly: Bool) throws(Errno) { try node.host.sync(handle, dataOnly: dataOnly) }

    override func readDirectory(task: Task, _ emit: (DirectoryEntry) -> Bool) throws(Errno) {
        var place = lock.withLock { position }
        while true {
            let entries = try node.host.readDirectory(handle, from: place)
            if entries.isEmpty { return }
            for entry in entries {
                if !emit(visible(entry)) { return }
                place = entry.offset
                lock.withLock { position = place }
            }
        }
    }

    /// The root's ".." is the host's folder above the grant: its number is not for programs, which see the mount's parent by path.
    private func visible(_ entry: HostDirectoryEntry) -> DirectoryEntry {
        let above = entry.name == [0x2e, 0x2e] && location?.parent == nil
        let number = above ? node.number : node.hostFS.number(of: entry.inode, on: device)
        return DirectoryEntry(name: entry.name, inode: number, type: entry.type, next: entry.offset)
    }
}
