internal import GuestHost
internal import LibraryOS
internal import Skerry

/// The mounts of a sandbox, as a root image and a manifest have them.
struct SandboxMounts {
    private let view: SandboxView
    /// /dev is a tree in memory like others.
    private let devices: FileSystem?

    init(_ view: SandboxView) {
        self.view = view
        devices = (try? MountTree(kernel: view.kernel, root: view.root).locate(Array("/dev".utf8)))?.mount.fileSystem
    }

    /// Whether what is mounted goes into the root image: files of the host, and what Skerry has written for the sandbox.
    func arePacked(_ fileSystem: FileSystem) -> Bool {
        fileSystem is HostFS || fileSystem is OverlayFS || fileSystem is TmpFS && fileSystem !== devices
    }

    /// What the guest has to mount beside what it has in every sandbox.
    func list() throws(SandboxError) -> [Manifest.Mount] {
        let tree = MountTree(kernel: view.kernel, root: view.root)
        var mounts: [Manifest.Mount] = []
        for description in view.kernel.mounts.descriptions(from: view.root) {
            let path = description.mountPoint
            guard path != [0x2f], let place = try? tree.locate(path), place.mount.id == description.id else { continue }
            switch description.typeName {
            case "hostfs":
                let text = String(decoding: path, as: UTF8.self)
                if let system = Self.system(of: text), system != text {
                    throw SandboxError(usage: "\(text): a confidential guest makes \(system) itself; grant it at another path (--ro PATH:GUEST)")
                }
                mounts.append(.readOnly(path))
            case "tmpfs" where !Self.made.contains(path): mounts.append(.temporary(path))
            default: continue
            }
        }
        return mounts
    }

    /// The tree that a guest makes itself which a path is, or lies in; nil for none.
    static func system(of path: String) -> String? { ["/proc", "/sys", "/dev"].first { path == $0 || path.utf8.starts(with: "\($0)/".utf8) } }
    private static let made = ["/tmp", "/dev", "/dev/shm"].map { Array($0.utf8) }
}
