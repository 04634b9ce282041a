/// Builds the tree of mounts a sandbox starts with. Nobody's permissions count, and missing directories are made where the file system is the sandbox's own.
package struct MountTree {
    package let kernel: Kernel
    /// The root directory of the sandbox.
    package let root: PathLocation
    private var resolver: PathResolver { PathResolver(mounts: kernel.mounts, root: root, credentials: FileCredentials(user: 0, group: 0)) }

    /// Mounts the root file system.
    package init(kernel: Kernel, root fileSystem: FileSystem, readOnly: Bool = false) {
        self.kernel = kernel
        root = kernel.mounts.mount(root: fileSystem, readOnly: readOnly)
    }

    /// The tree of a kernel whose root is mounted already.
    package init(kernel: Kernel, root: PathLocation) {
        self.kernel = kernel
        self.root = root
    }

    /// A device number for a new file system.
    package static func device(_ kernel: Kernel) -> UInt64 { DeviceNumber.make(major: 0, minor: UInt32(truncatingIfNeeded: kernel.deviceNumbers.take())) }

    /// What is at a path; links are followed.
    package func locate(_ path: [UInt8]) throws(Errno) -> PathLocation { try resolver.resolve(path, from: root) }

    /// Mounts at a path. The mount point is made if it is missing: a directory, or an empty file for the grant of a single file.
    package func mount(_ fileSystem: FileSystem, at path: [UInt8], readOnly: Bool = false) throws(Errno) {
        let inode = fileSystem.root
        let point = try make(path, kind: inode.kind == .directory ? .directory : .regular)
        try kernel.mounts.mount(fileSystem, root: inode, at: point, readOnly: readOnly)
    }

    /// A directory and those above it; those that exist stay as they are.
    @discardableResult
    package func makeDirectory(_ path: [UInt8], permissions: UInt32 = 0o755) throws(Errno) -> PathLocation {
        try make(path, kind: .directory, permissions: permissions)
    }

    /// A symbolic link; one that exists with the same target is left alone, anything else at its place is `EEXIST`.
    package func makeLink(_ path: [UInt8], to target: [UInt8]) throws(Errno) {
        let (parent, name) = try place(path)
        do throws(Errno) {
            _ = try parent.inode.symlink(name, target: target, owner: FileCredentials(user: 0, group: 0))
        } catch {
            guard error == .EEXIST, try parent.inode.lookup(name).kind == .symbolicLink, try parent.inode.lookup(name).readLink() == target else { throw error }
        }
    }

    /// A file with this content, where the root is in memory; elsewhere, or where there is a file already, `EEXIST` or `EROFS`.
    package func makeFile(_ path: [UInt8], _ content: [UInt8], permissions: UInt32 = 0o644) throws(Errno) {
        let (parent, name) = try place(path)
        let file = try parent.inode.create(name, kind: .regular, mode: permissions, deviceNumber: 0, owner: FileCredentials(user: 0, group: 0))
        guard let memory = file as? TmpFile else { throw .EROFS }
        var copy = content
        var failure: Errno?
        copy.withUnsafeMutableBytes { bytes in
            var buffers = UserBuffers(kernel: bytes)
            do throws(Errno) {
                while buffers.remaining > 0 { _ = try memory.write(&buffers, at: Int64(buffers.moved), credentials: FileCredentials(user: 0, group: 0)) }
            } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// The folder that a path ends in, made where it is missing, and the last name.
    func place(_ path: [UInt8]) throws(Errno) -> (PathLocation, [UInt8]) {
        var components = path.split(separator: UInt8(ascii: "/")).map(Array.init)
        guard let name = components.popLast() else { throw .EEXIST }
        return (try make(Self.joined(components), kind: .directory), name)
    }

    private static func joined(_ components: [[UInt8]]) -> [UInt8] {
        components.isEmpty ? [UInt8(ascii: "/")] : components.reduce(into: []) { $0 += [UInt8(ascii: "/")] + $1 }
    }

    /// The place a path leads to, made component by component where it is missing.
    private func make(_ path: [UInt8], kind: FileKind, permissions: UInt32 = 0o755) throws(Errno) -> PathLocation {
        let components = path.split(separator: UInt8(ascii: "/")).map(Array.init)
        var here = root
        for (index, name) in components.enumerated() {
            do throws(Errno) {
                here = try resolver.resolve(Self.joined(Array(components[...index])), from: root)
            } catch {
                if error != .ENOENT { throw error }
                let isLast = index == components.count - 1
                let mode = isLast ? (kind == .directory ? permissions : 0o644) : 0o755
                _ = try here.inode.create(
                    name, kind: isLast ? kind : .directory, mode: mode, deviceNumber: 0, owner: FileCredentials(user: 0, group: 0))
                here = try resolver.child(name, of: here)
            }
        }
        return here
    }
}
