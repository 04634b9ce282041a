package import LibraryOS
package import Monitor

extension Grants {
    /// Mounts everything into a kernel; the result is the sandbox's root directory.
    package func mount(in kernel: Kernel, host: LinuxHost, terminal: HostTerminal? = nil) throws(GrantError) -> PathLocation {
        let builder = GrantBuilder(kernel: kernel, host: host, tree: try rootTree(kernel, host))
        try builder.attempt("/proc") { tree throws(Errno) in try tree.mount(ProcFS(kernel: kernel), at: bytes("/proc")) }
        try builder.attempt("/sys") { tree throws(Errno) in try tree.mount(SysFS(kernel: kernel), at: bytes("/sys"), readOnly: true) }
        try builder.attempt("/sys/fs/cgroup") { tree throws(Errno) in try tree.mount(ControlGroupFS(kernel: kernel), at: bytes("/sys/fs/cgroup"), readOnly: true) }
        try builder.attempt("/dev") { tree throws(Errno) in
            try tree.mount(try DevFS.make(kernel: kernel, terminal: terminal, plugged: devices), at: bytes("/dev"))
            try tree.mount(Self.memoryFiles(kernel), at: bytes("/dev/shm"))
            try tree.mount(kernel.terminals, at: bytes("/dev/pts"))
        }
        try builder.attempt("/tmp") { tree throws(Errno) in try tree.mount(Self.memoryFiles(kernel), at: bytes("/tmp")) }
        if system { for path in SystemFiles.granted { try builder.grant(path, followingLinks: false, optional: true) } }
        if root == nil { try synthesise(builder) }
        // Deeper paths come later, so that a grant inside a granted folder lies over it.
        for path in paths.sorted(by: { $0.guest.count < $1.guest.count }) { try builder.mount(path) }
        for path in temporary {
            try builder.attempt(path) { tree throws(Errno) in try tree.mount(Self.memoryFiles(kernel), at: path) }
        }
        if let program {
            for item in ProgramClosure(host: host).items(of: program) { try builder.grant(item) }
        }
        return builder.tree.root
    }

    /// A private file system in memory. It holds half of the memory there may be, as Linux sizes a tmpfs: full, it says so (`ENOSPC`) while programs live on.
    private static func memoryFiles(_ kernel: Kernel) -> TmpFS { TmpFS(kernel: kernel, sizeLimit: kernel.physicalMemory.usage.limit / 2) }

    private func rootTree(_ kernel: Kernel, _ host: LinuxHost) throws(GrantError) -> MountTree {
        guard let root else { return MountTree(kernel: kernel, root: TmpFS(kernel: kernel, permissions: 0o755)) }
        do throws(Errno) {
            let folder = try HostFS(host: host, root: try host.openGrant(root), device: MountTree.device(kernel), readOnly: !rootIsWritable)
            if rootIsWritable { return MountTree(kernel: kernel, root: folder) }
            let layer = TmpFS(kernel: kernel, permissions: 0o755)
            return MountTree(kernel: kernel, root: try OverlayFS(host: host, lower: folder, upper: layer, device: MountTree.device(kernel)))
        } catch { throw GrantError(path: root, error: error) }
    }

    private func synthesise(_ builder: GrantBuilder) throws(GrantError) {
        guard system else { return }
        for (path, content) in SystemFiles.synthesised(self, hostname: builder.kernel.configuration.hostname) {
            try builder.attempt(path) { tree throws(Errno) in try tree.makeFile(bytes(path), content) }
        }
    }
}

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// Adds grants to a tree and turns errors into messages that name the path.
struct GrantBuilder {
    let kernel: Kernel
    let host: LinuxHost
    let tree: MountTree

    func attempt(_ path: String, _ body: (MountTree) throws(Errno) -> Void) throws(GrantError) { try attempt(Array(path.utf8), body) }
    func attempt(_ path: [UInt8], _ body: (MountTree) throws(Errno) -> Void) throws(GrantError) {
        do throws(Errno) { try body(tree) } catch { throw GrantError(path: path, error: error) }
    }

    func mount(_ path: Grants.Path) throws(GrantError) {
        try attempt(path.host) { tree throws(Errno) in
            let root = try host.openGrant(path.host)
            let fileSystem = try HostFS(host: host, root: root, device: MountTree.device(kernel), readOnly: !path.writable)
            try tree.mount(fileSystem, at: path.guest, readOnly: !path.writable)
        }
    }

    /// Grants a host path under its own name, read-only, links as links.
    func grant(_ path: [UInt8], followingLinks: Bool, optional: Bool) throws(GrantError) {
        try attempt(path) { tree throws(Errno) in
            let file: HostFile
            do throws(Errno) { file = try host.openGrant(path, followingLinks: followingLinks) } catch {
                if optional && error == .ENOENT { return }
                throw error
            }
            if try host.attributes(of: file).kind == .symbolicLink { return try tree.makeLink(path, to: try host.readLink(file)) }
            try tree.mount(try HostFS(host: host, root: file, device: MountTree.device(kernel), readOnly: true), at: path, readOnly: true)
        }
    }

    /// Grants one item of a program's closure, unless a grant shows it already.
    func grant(_ item: ProgramClosure.Item) throws(GrantError) {
        switch item {
        case .link(let path, let target):
            try attempt(path) { tree throws(Errno) in
                do throws(Errno) { try tree.makeLink(path, to: target) } catch { if error != .EEXIST && error != .EROFS { throw error } }
            }
        case .file(let path):
            if (try? tree.locate(path)) == nil { try grant(path, followingLinks: false, optional: false) }
        }
    }
}
