/// A file of an overlay, as path walks and open files hold it; the state is in its node.
package final class OverlayInode: Inode, @unchecked Sendable {
    let overlay: OverlayFS
    let node: OverlayNode

    /// The caller has counted the handle.
    init(_ overlay: OverlayFS, _ node: OverlayNode) {
        self.overlay = overlay
        self.node = node
        super.init(fileSystem: overlay, number: node.number, kind: node.kind, locks: node.locks, fifo: node.fifo)
    }

    deinit { overlay.handleGone(node) }

    package override func attributes() throws(Errno) -> FileAttributes {
        var result = try overlay.current(node).attributes()
        result.device = overlay.device
        result.inode = number
        // As overlayfs: the links of a merged directory are not counted; a removed lower file has none.
        if kind == .directory, node.lower != nil { result.links = 1 }
        if overlay.names.withLock({ node.isRemoved && node.upper == nil }) { result.links = 0 }
        return result
    }

    /// Of the file below, whatever was changed above it; nil for what was made above.
    package func attributesBelow() throws(Errno) -> FileAttributes? { try node.lower?.attributes() }

    override func change(_ change: AttributeChange) throws(Errno) { try overlay.copyUp(node).change(change) }

    override func truncate(to length: Int64) throws(Errno) {
        if kind != .regular || length < 0 { throw kind == .directory ? .EISDIR : .EINVAL }
        try overlay.copyUp(node, dataLimit: length).truncate(to: length)
    }

    package override func readLink() throws(Errno) -> [UInt8] { try overlay.current(node).readLink() }
    override func mappingSource() -> MappingSource? {
        do throws(Errno) { return try overlay.current(node).mappingSource() } catch { return nil }
    }

    package override func parentDirectory() -> (parent: Inode, name: [UInt8])? {
        guard kind == .directory, let place = overlay.names.withLock({ node.place }) else { return nil }
        return (overlay.handle(place.parent), place.name)
    }

    // MARK: Names

    package override func lookup(_ name: [UInt8]) throws(Errno) -> Inode { try overlay.lookup(name, in: node) }

    override func create(_ name: [UInt8], kind: FileKind, mode: UInt32, deviceNumber: UInt64, owner: FileCredentials) throws(Errno) -> Inode {
        try overlay.add(name, to: node) { directory throws(Errno) in
            overlay.madeAbove(try directory.create(name, kind: kind, mode: mode, deviceNumber: deviceNumber, owner: owner))
        }
    }

    override func symlink(_ name: [UInt8], target: [UInt8], owner: FileCredentials) throws(Errno) -> Inode {
        try overlay.add(name, to: node) { directory throws(Errno) in
            overlay.madeAbove(try directory.symlink(name, target: target, owner: owner))
        }
    }

    override func createTemporary(mode: UInt32, owner: FileCredentials, linkable: Bool) throws(Errno) -> Inode {
        overlay.handle(overlay.madeAbove(try overlay.copyUp(node).createTemporary(mode: mode, owner: owner, linkable: linkable)))
    }

    override func link(_ name: [UInt8], to inode: Inode) throws(Errno) {
        guard let other = inode as? OverlayInode, other.overlay === overlay else { throw .EXDEV }
        if other.kind == .directory { throw .EPERM }
        if overlay.names.withLock({ other.node.isRemoved }) { throw .ENOENT }
        let file = try overlay.copyUp(other.node)
        _ = try overlay.add(name, to: node) { directory throws(Errno) in
            try directory.link(name, to: file)
            return other.node
        }
    }

    override func unlink(_ name: [UInt8]) throws(Errno) { try overlay.remove(name, from: node, isDirectory: false) }
    override func rmdir(_ name: [UInt8]) throws(Errno) { try overlay.remove(name, from: node, isDirectory: true) }

    override func rename(_ name: [UInt8], to newParent: Inode, _ newName: [UInt8], flags: UInt32) throws(Errno) {
        guard let other = newParent as? OverlayInode, other.overlay === overlay else { throw .EXDEV }
        try overlay.rename(name, in: node, to: other.node, newName, flags: flags)
    }

    override func directoryEntries() throws(Errno) -> [DirectoryEntry] {
        if kind != .directory { throw .ENOTDIR }
        return try overlay.list(node)
    }

    /// Opening for writing copies up. What was opened for reading before stays with the lower file, as on Linux.
    override func open(flags: OpenFlags, location: PathLocation, task: Task) throws(Errno) -> OpenFile {
        if kind == .directory { return OverlayDirectory(self, flags: flags, location: location) }
        let changes = flags.canWrite || kind != .regular
        return try (changes ? overlay.copyUp(node) : overlay.current(node)).open(flags: flags, location: location, task: task)
    }

    // MARK: Extended attributes

    override func extendedAttribute(_ name: [UInt8]) throws(Errno) -> [UInt8] { try overlay.current(node).extendedAttribute(name) }
    override func extendedAttributeNames() throws(Errno) -> [[UInt8]] { try overlay.current(node).extendedAttributeNames() }
    override func setExtendedAttribute(_ name: [UInt8], _ value: [UInt8], flags: Int32) throws(Errno) {
        try overlay.copyUp(node).setExtendedAttribute(name, value, flags: flags)
    }
    override func removeExtendedAttribute(_ name: [UInt8]) throws(Errno) { try overlay.copyUp(node).removeExtendedAttribute(name) }
}
