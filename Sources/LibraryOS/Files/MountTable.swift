/// The mounted file systems of a sandbox, by mount point.
///
/// A mount point is known by the mount it lies in and its inode there: the same directory seen through another mount is not covered.
package final class MountTable: @unchecked Sendable {
    private struct Key: Hashable {
        let mount: UInt64
        let fileSystem: ObjectIdentifier
        let inode: UInt64

        init(_ location: PathLocation) {
            mount = location.mount.id
            fileSystem = ObjectIdentifier(location.inode.fileSystem)
            inode = location.inode.number
        }
    }

    private let lock = Lock(.directory)
    private var byMountPoint: [Key: Mount] = [:]
    private var mounts: [Mount] = []
    private var memoryFileMount: (mount: Mount, fileSystem: TmpFS)?
    private let ids = Counter(startingAt: 1)

    package init() {}

    /// Mounts the root file system; the result is the root directory of every process that is not chrooted.
    @discardableResult
    package func mount(root fileSystem: FileSystem, readOnly: Bool = false) -> PathLocation {
        let mount = Mount(id: ids.take(), fileSystem: fileSystem, root: fileSystem.root, mountPoint: nil, readOnly: readOnly)
        lock.withLock { mounts.append(mount) }
        return mount.rootLocation
    }

    /// Mounts `root` (by default the file system's) over `location`; on top of what is mounted there already.
    /// `ENOTDIR` when one of the two is a directory and the other is not.
    @discardableResult
    package func mount(_ fileSystem: FileSystem, root: Inode? = nil, at location: PathLocation, readOnly: Bool = false) throws(Errno) -> PathLocation {
        let root = root ?? fileSystem.root
        if (root.kind == .directory) != (location.inode.kind == .directory) { throw .ENOTDIR }
        let covered = topmost(location)
        let mount = Mount(id: ids.take(), fileSystem: fileSystem, root: root, mountPoint: covered, readOnly: readOnly)
        lock.withLock {
            mounts.append(mount)
            byMountPoint[Key(covered)] = mount
        }
        return mount.rootLocation
    }

    /// The granted folders and files of the host.
    package var hostFileSystems: [HostFS] { lock.withLock { mounts.compactMap { $0.fileSystem as? HostFS } } }

    /// A mount that no path leads to: its files have a mount, and no name below any root.
    package func detached(_ fileSystem: FileSystem) -> Mount {
        Mount(id: ids.take(), fileSystem: fileSystem, root: fileSystem.root, mountPoint: nil, readOnly: false)
    }

    /// The mount of memory files (memfd_create): no path leads to it, its files have no name below any root.
    package func memoryFiles(_ kernel: Kernel) -> (mount: Mount, fileSystem: TmpFS) {
        if let known = lock.withLock({ memoryFileMount }) { return known }
        let fileSystem = TmpFS(kernel: kernel)
        let mount = detached(fileSystem)
        return lock.withLock {
            let kept = memoryFileMount ?? (mount, fileSystem)
            memoryFileMount = kept
            return kept
        }
    }

    /// The root directory of the sandbox; nil before it was mounted.
    package var root: PathLocation? { lock.withLock { mounts.first }?.rootLocation }

    /// The mount that covers exactly this place; nil when none does.
    package func mount(at location: PathLocation) -> Mount? { lock.withLock { byMountPoint[Key(location)] } }

    /// What is seen at a place: the root of the last mount over it, or the place itself.
    package func topmost(_ location: PathLocation) -> PathLocation {
        var place = location
        while let mount = mount(at: place) { place = mount.rootLocation }
        return place
    }

    /// All mounts in the order they were made.
    package var all: [Mount] { lock.withLock { mounts } }

    /// The sandbox is over: cuts the reference cycles inside its file systems.
    package func release() {
        let released = lock.withLock {
            let result = mounts + [memoryFileMount?.mount].compactMap { $0 }
            memoryFileMount = nil
            mounts = []
            byMountPoint = [:]
            return result
        }
        for mount in released { mount.fileSystem.release() }
    }
}

extension Mount {
    /// The directory (or file) seen at the mount point.
    package var rootLocation: PathLocation { PathLocation(mount: self, inode: root, parent: nil, name: []) }
}
