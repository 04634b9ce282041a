/// A mounted file system.
package final class Mount: @unchecked Sendable {
    /// The mount id of /proc/self/mountinfo.
    package let id: UInt64
    package let fileSystem: FileSystem
    /// The inode seen at the mount point: a file system's root, or a single file of it (a bind mount).
    package let root: Inode
    /// Where it is mounted; nil for the root mount.
    package let mountPoint: PathLocation?
    /// Changes below this mount answer EROFS, whatever the file system allows.
    package let readOnly: Bool

    package init(id: UInt64, fileSystem: FileSystem, root: Inode, mountPoint: PathLocation?, readOnly: Bool) {
        self.id = id
        self.fileSystem = fileSystem
        self.root = root
        self.mountPoint = mountPoint
        self.readOnly = readOnly || fileSystem.readOnly
    }
}

/// A place in the tree of names: an inode, and how it was reached (the kernel's `struct path`). Immutable.
package final class PathLocation: @unchecked Sendable {
    package let mount: Mount
    package let inode: Inode
    /// The directory it was found in, inside the same mount; nil at a mount's root.
    package let parent: PathLocation?
    /// Its name in `parent`; empty at a mount's root.
    package let name: [UInt8]

    package init(mount: Mount, inode: Inode, parent: PathLocation?, name: [UInt8]) {
        self.mount = mount
        self.inode = inode
        self.parent = parent
        self.name = name
    }

    /// The same inode in the same mount.
    package func isSame(as other: PathLocation) -> Bool {
        mount === other.mount && inode.number == other.inode.number && inode.fileSystem === other.inode.fileSystem
    }
}
