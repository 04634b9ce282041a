/// A granted folder or file of the host.
///
/// Everything is done through handles: an inode is an O_PATH handle, a look-up opens one component below its directory's handle, and nothing of the
/// host's paths is kept. The host's kernel enforces what the monitor's user may do; the sandbox's own permission check runs on the same mode bits
/// with the program's user. Owners are shown as the host's. There is no cache of names: what the host changes is seen at the next look-up.
package final class HostFS: FileSystem, @unchecked Sendable {
    let host: Host
    private let rootFile: HostFile
    private let rootAttributes: FileAttributes

    private let lock = Lock(.leaf)
    /// Host devices met below the root, so that files of folders mounted inside it keep different inode numbers.
    private var devices: [UInt64]
    /// What the inode objects of one host file share while there are any.
    private struct Shared {
        let locks = FileLocks()
        let fifo: FIFO?
        var users = 0
    }
    private var shared: [UInt64: Shared] = [:]
    private var ownersCanChange = true

    /// The host has not refused to change a file's owner yet.
    var givesFilesAway: Bool {
        get { lock.withLock { ownersCanChange } }
        set { lock.withLock { ownersCanChange = newValue } }
    }

    /// Grants what `root` refers to, a folder or a single file. Writable grants need a host user who may write there.
    package init(host: Host, root: HostFile, device: UInt64, readOnly: Bool) throws(Errno) {
        self.host = host
        rootFile = root
        rootAttributes = try host.attributes(of: root)
        devices = [rootAttributes.device]
        super.init(typeName: "hostfs", device: device, readOnly: readOnly)
    }

    package override var root: Inode { inode(of: rootFile, rootAttributes) }

    package override func statistics() throws(Errno) -> FileSystemStatistics {
        var result = try host.fileSystemStatistics(rootFile)
        result.identifier = device
        // ST_RDONLY, ST_VALID.
        result.flags = (readOnly ? 1 : result.flags & 1) | 0x20
        return result
    }

    /// The inode of a file that is open anywhere on the host, when it is one of these now.
    package func inode(ofOpen file: HostFile) -> Inode? {
        do throws(Errno) {
            var inode: Inode = root
            for name in try host.components(of: file, below: rootFile) { inode = try inode.lookup(name) }
            let (found, wanted) = (try host.attributes(of: (inode as? HostInode)?.file ?? rootFile), try host.attributes(of: file))
            return found.device == wanted.device && found.inode == wanted.inode ? inode : nil
        } catch { return nil }
    }

    /// Where a directory is now, whoever renamed it: the directory above and its name there. Nil for the root and for what has left the grant.
    func place(of directory: HostInode) -> (parent: Inode, name: [UInt8])? {
        do throws(Errno) {
            var names = try host.components(of: directory.file, below: rootFile)
            guard let name = names.popLast() else { return nil }
            if names.isEmpty { return (root, name) }
            let path = Array(names.joined(separator: [0x2f]))
            let parent = try host.open(beneath: rootFile, path, flags: OpenFlags([.path, .directory]).hostBits, mode: 0)
            return (inode(of: parent, try host.attributes(of: parent)), name)
        } catch { return nil }
    }

    /// The inode object of a handle.
    func inode(of file: HostFile, _ attributes: FileAttributes) -> HostInode {
        let number = number(of: attributes.inode, on: attributes.device)
        let entry = lock.withLock {
            var entry = shared[number] ?? Shared(fifo: attributes.kind == .fifo ? FIFO() : nil)
            entry.users += 1
            shared[number] = entry
            return entry
        }
        return HostInode(self, file, number: number, kind: attributes.kind, locks: entry.locks, fifo: entry.fifo)
    }

    /// An inode object is gone; what it shared goes with the last.
    func inodeGone(_ number: UInt64) {
        lock.withLock {
            guard var entry = shared[number] else { return }
            entry.users -= 1
            shared[number] = entry.users > 0 ? entry : nil
        }
    }

    /// The sandbox's inode number: the host's, with the host file system's index in the bits that hosts do not use.
    func number(of inode: UInt64, on device: UInt64) -> UInt64 {
        lock.withLock {
            if let index = devices.firstIndex(of: device) { return inode ^ (UInt64(index) << 52) }
            if devices.count < 256 { devices.append(device) }
            return inode ^ (UInt64(devices.count - 1) << 52)
        }
    }
}
