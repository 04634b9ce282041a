/// How the sandbox's set-up fills a `TmpFS`: paths are relative to its root ("a/b" or "/a/b"), nobody's permissions count, and missing directories are made.
extension TmpFS {
    /// Makes a directory and those above it that are missing; directories that exist stay as they are.
    @discardableResult
    package func makeDirectories(
        _ path: [UInt8], permissions: UInt32 = 0o755, owner: FileCredentials = FileCredentials(user: 0, group: 0)
    ) throws(Errno) -> TmpDirectory {
        guard var directory = rootDirectory else { throw .ENOENT }
        for name in Self.components(path) {
            var next: Inode
            do throws(Errno) { next = try directory.lookup(name) } catch {
                next = try directory.create(name, kind: .directory, mode: permissions, deviceNumber: 0, owner: owner)
            }
            guard let found = next as? TmpDirectory else { throw .ENOTDIR }
            directory = found
        }
        return directory
    }

    /// Adds a regular file with this content.
    @discardableResult
    package func addFile(
        _ path: [UInt8], _ content: [UInt8], permissions: UInt32 = 0o644, owner: FileCredentials = FileCredentials(user: 0, group: 0)
    ) throws(Errno) -> TmpFile {
        let (directory, name) = try place(path)
        guard let file = try directory.create(name, kind: .regular, mode: permissions, deviceNumber: 0, owner: owner) as? TmpFile else { throw .EIO }
        var bytes = content
        var failure: Errno?
        bytes.withUnsafeMutableBytes { memory in
            do throws(Errno) {
                var buffers = UserBuffers(kernel: memory)
                while buffers.remaining > 0 { _ = try file.write(&buffers, at: Int64(buffers.moved), credentials: owner) }
            } catch { failure = error }
        }
        if let failure { throw failure }
        return file
    }

    /// Adds a symbolic link.
    package func addSymbolicLink(_ path: [UInt8], to target: [UInt8], owner: FileCredentials = FileCredentials(user: 0, group: 0)) throws(Errno) {
        let (directory, name) = try place(path)
        _ = try directory.symlink(name, target: target, owner: owner)
    }

    /// Adds a device that programs can open.
    package func addDevice(
        _ path: [UInt8], _ device: CharacterDevice, permissions: UInt32 = 0o666, owner: FileCredentials = FileCredentials(user: 0, group: 0)
    ) throws(Errno) {
        let (directory, name) = try place(path)
        try directory.insert(name, DeviceNode(self, number: try takeNumber(), permissions: permissions, device: device, owner: owner))
    }

    private func place(_ path: [UInt8]) throws(Errno) -> (TmpDirectory, [UInt8]) {
        var components = Self.components(path)
        guard let name = components.popLast() else { throw .EEXIST }
        return (try makeDirectories(components.reduce(into: []) { $0 += [UInt8(ascii: "/")] + $1 }), name)
    }

    private static func components(_ path: [UInt8]) -> [[UInt8]] { path.split(separator: UInt8(ascii: "/")).map(Array.init) }
}
