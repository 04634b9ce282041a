import GuestHost
import LibraryOS

/// The tree of files that programs see: the root image below a file system in memory, what every sandbox has, and what the manifest names. In proxy mode the host has
/// mounted everything but what belongs to the processes.
extension Workload {
    private static var temporary: [UInt8] { Array("/tmp".utf8) }

    func mount(_ mounts: [Manifest.Mount]) throws(Errno) -> MountTree {
        let tree = MountTree(kernel: kernel, root: try rootFileSystem())
        try tree.mount(ProcFS(kernel: kernel), at: Array("/proc".utf8))
        try tree.mount(SysFS(kernel: kernel), at: Array("/sys".utf8), readOnly: true)
        try tree.mount(ControlGroupFS(kernel: kernel), at: Array("/sys/fs/cgroup".utf8), readOnly: true)
        try tree.mount(try DevFS.make(kernel: kernel, terminal: nil, plugged: []), at: Array("/dev".utf8))
        try tree.mount(memoryFiles(), at: Array("/dev/shm".utf8))
        try tree.mount(kernel.terminals, at: Array("/dev/pts".utf8))
        guard let image = host as? RingHost else { return tree }
        try mountTemporary(Self.temporary, of: image, in: tree)
        for mount in mounts {
            switch mount {
            case .readOnly(let path):
                guard let file = try file(path, of: image) else { throw .ENOENT }
                try tree.mount(try HostFS(host: host, root: file, device: MountTree.device(kernel), readOnly: true), at: path, readOnly: true)
            case .temporary(let path): try mountTemporary(path, of: image, in: tree)
            }
        }
        return tree
    }

    /// The root image below a layer in memory; in proxy mode, what the host has mounted, as it is.
    private func rootFileSystem() throws(Errno) -> FileSystem {
        if let host = host as? ProxyHost {
            return try HostFS(host: host, root: host.rootDirectory, device: MountTree.device(kernel), readOnly: false)
        }
        guard let host = host as? RingHost else { throw .ENODEV }
        let image = try HostFS(host: host, root: host.rootDirectory, device: MountTree.device(kernel), readOnly: true)
        return try OverlayFS(host: host, lower: image, upper: TmpFS(kernel: kernel, permissions: 0o755), device: MountTree.device(kernel))
    }

    private func memoryFiles() -> TmpFS { TmpFS(kernel: kernel, sizeLimit: kernel.physicalMemory.usage.limit / 2) }

    /// What the image has at a path; nil when that is nothing.
    private func file(_ path: [UInt8], of image: RingHost) throws(Errno) -> HostFile? {
        let flags = OpenFlags([.path, .noFollow])
        do throws(Errno) {
            return try image.open(beneath: image.rootDirectory, Array(path.drop { $0 == 0x2f }), flags: Int32(bitPattern: flags.rawValue), mode: 0)
        } catch {
            if error == .ENOENT || error == .ENOTDIR { return nil }
            throw error
        }
    }

    private func mountTemporary(_ path: [UInt8], of image: RingHost, in tree: MountTree) throws(Errno) {
        try tree.mount(memoryFiles(), at: path)
        if let folder = try file(path, of: image), try host.attributes(of: folder).kind == .directory { try copyNames(folder, path, of: image, to: tree) }
    }

    /// Makes the folders and links of an image's folder: on the way to files that are mounted later.
    private func copyNames(_ folder: HostFile, _ path: [UInt8], of image: RingHost, to tree: MountTree) throws(Errno) {
        let opened = try host.reopen(folder, flags: Int32(bitPattern: OpenFlags.directory.rawValue))
        var position: Int64 = 0
        while true {
            let entries = try host.readDirectory(opened, from: position)
            guard let last = entries.last else { return }
            position = last.offset
            for entry in entries where entry.name != [0x2e] && entry.name != [0x2e, 0x2e] {
                let place = path + [0x2f] + entry.name
                guard let file = try file(place, of: image) else { continue }
                let attributes = try host.attributes(of: file)
                switch attributes.kind {
                case .directory:
                    try tree.makeDirectory(place, permissions: attributes.permissions)
                    try copyNames(file, place, of: image, to: tree)
                case .symbolicLink: try tree.makeLink(place, to: try host.readLink(file))
                default: break
                }
            }
        }
    }
}
