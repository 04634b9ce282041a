internal import Confidential
internal import Glibc
internal import LibraryOS
internal import Skerry

/// What a sandbox sees, as the tree of a root image: the library OS's own walk through its mounts, so that a confidential run sees what any run sees.
///
/// Left out is what the guest makes itself (/proc, /sys, /dev). Files are known by folder and name, not by handles: a large tree does not need as many descriptors.
final class SandboxTree: RootImageSource {
    /// A file: its folder's place in the list of folders, and its name there; the root has no name.
    struct File: Sendable {
        let folder: Int
        let name: [UInt8]
    }

    private let view: SandboxView
    private let resolver: PathResolver
    private let mounts: SandboxMounts
    /// Nobody is refused anything as root.
    private let mayBeRefused = geteuid() != 0
    /// Paths of the folders whose entries were listed, by number.
    private var folders: [[UInt8]] = [[]]
    /// The folder that was used last: files are asked for folder by folder.
    private var current: (folder: Int, location: PathLocation)
    /// Files that this process may not read, which its programs could not read either: they are left out.
    private(set) var unreadable: (count: Int, first: [UInt8]) = (0, [])

    private static let piece = 1 << 20

    init(_ view: SandboxView) {
        self.view = view
        mounts = SandboxMounts(view)
        resolver = PathResolver(mounts: view.kernel.mounts, root: view.root, credentials: FileCredentials(user: 0, group: 0))
        current = (0, view.root)
    }

    var root: File { File(folder: 0, name: []) }

    private func path(_ file: File) -> [UInt8] { file.name.isEmpty ? [0x2f] : folders[file.folder] + [0x2f] + file.name }

    private func failed(_ file: File, _ step: String, _ error: Errno) -> RootImageError {
        RootImageError(path(file), "\(step) (errno \(error.code)); the tree has to stay as it is while it is packed")
    }

    private func location(_ file: File) throws(RootImageError) -> PathLocation {
        do throws(Errno) {
            if file.name.isEmpty { return view.root }
            if current.folder != file.folder { current = (file.folder, try locate(folders[file.folder])) }
            return try resolver.child(file.name, of: current.location)
        } catch { throw failed(file, "it cannot be found", error) }
    }

    /// By names only: links are not followed.
    private func locate(_ path: [UInt8]) throws(Errno) -> PathLocation {
        var here = view.root
        for name in path.split(separator: 0x2f) { here = try resolver.child(Array(name), of: here) }
        return here
    }

    /// Owners and modes as the sandbox shows them. What Skerry has made for the sandbox (folders on the way to grants, /etc/passwd) is of no time: the same sandbox
    /// is the same image tomorrow.
    func attributes(of file: File) throws(RootImageError) -> FileAttributes {
        let inode = try location(file).inode
        do throws(Errno) {
            var result = try inode.attributes()
            // A folder of the host in which Skerry has made another one keeps its times.
            var times = inode.fileSystem is TmpFS ? FileAttributes() : result
            if let overlaid = inode as? OverlayInode { times = try overlaid.attributesBelow() ?? FileAttributes() }
            (result.accessTime, result.modificationTime, result.changeTime) = (times.accessTime, times.modificationTime, times.changeTime)
            return result
        } catch { throw failed(file, "cannot look at it", error) }
    }

    func entries(of folder: File) throws(RootImageError) -> [(name: [UInt8], file: File)] {
        let location = try location(folder)
        let names: [[UInt8]]
        do throws(Errno) { names = try location.inode.entryNames() } catch {
            guard error == .EACCES else { throw failed(folder, "cannot list it", error) }
            note(folder)
            return []
        }
        let number = folders.count
        folders.append(folder.name.isEmpty ? [] : path(folder))
        current = (number, location)
        var result: [(name: [UInt8], file: File)] = []
        for name in names {
            let file = File(folder: number, name: name)
            if try isPacked(file) { result.append((name, file)) }
        }
        return result
    }

    private func isPacked(_ file: File) throws(RootImageError) -> Bool {
        let child = try location(file)
        guard mounts.arePacked(child.mount.fileSystem) else { return false }
        guard mayBeRefused, child.inode.kind == .regular, child.inode.fileSystem is HostFS || child.inode.fileSystem is OverlayFS else { return true }
        if child.inode.contentSource != nil { return true }
        note(file)
        return false
    }

    private func note(_ file: File) { unreadable = (unreadable.count + 1, unreadable.count == 0 ? path(file) : unreadable.first) }

    func target(of link: File) throws(RootImageError) -> [UInt8] {
        let inode = try location(link).inode
        do throws(Errno) { return try inode.readLink() } catch { throw failed(link, "cannot read where it leads", error) }
    }

    func content(of file: File, _ body: (UnsafeRawBufferPointer) throws(RootImageError) -> Void) throws(RootImageError) {
        let inode = try location(file).inode
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.piece, alignment: 16)
        defer { buffer.deallocate() }
        guard let source = inode.contentSource else { throw failed(file, "it cannot be opened", .EACCES) }
        var offset: Int64 = 0
        while true {
            let count: Int
            do throws(Errno) { count = try read(source, buffer, at: offset) } catch { throw failed(file, "it cannot be read", error) }
            if count == 0 { return }
            offset += Int64(count)
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    private func read(_ source: MappingSource, _ buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(Errno) -> Int {
        switch source {
        case .hostFile(let file, _): return try view.host.read(file, into: [buffer], at: offset)
        case .object(let object):
            var buffers = UserBuffers(kernel: buffer)
            return try object.read(&buffers, at: offset)
        case .anonymous: throw .EINVAL
        }
    }
}
