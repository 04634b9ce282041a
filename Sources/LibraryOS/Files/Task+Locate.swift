extension Task {
    /// AT_FDCWD of openat(2) and its family.
    package static let workingDirectoryDescriptor: Int32 = -100

    /// A resolver with the root and file credentials of this task.
    package var resolver: PathResolver { resolver(as: credentials.forFiles) }

    /// The same with other credentials (access(2) asks for the real user).
    package func resolver(as credentials: FileCredentials) -> PathResolver {
        PathResolver(mounts: kernel.mounts, root: fileSystem.root, credentials: credentials, task: self)
    }

    /// Reads a path from the program; `ENAMETOOLONG` at PATH_MAX, `ENOENT` when it is empty and must not be.
    package func readPath(_ address: GuestAddress, emptyAllowed: Bool = false) throws(Errno) -> [UInt8] {
        let path = try memory.readCString(address, limit: PathResolver.maximumPath - 1)
        if path.isEmpty, !emptyAllowed { throw .ENOENT }
        return path
    }

    /// Where a relative path starts: the working directory, or the directory a descriptor refers to. An absolute path ignores the descriptor, a bad one included.
    package func pathBase(_ descriptor: Int32, for path: [UInt8]) throws(Errno) -> PathLocation {
        if path.first == UInt8(ascii: "/") { return fileSystem.root }
        if descriptor == Self.workingDirectoryDescriptor { return fileSystem.workingDirectory }
        guard let location = try descriptors.file(descriptor).location else { throw .ENOTDIR }
        return location
    }

    /// The place that the path at `address` names, relative to a directory descriptor.
    package func locate(_ descriptor: Int32, _ address: GuestAddress, _ flags: ResolveFlags = .followFinal) throws(Errno) -> PathLocation {
        let path = try readPath(address, emptyAllowed: flags.contains(.emptyPathAllowed))
        return try resolver.resolve(path, from: try pathBase(descriptor, for: path), flags)
    }

    /// The directory and last component that the path at `address` names, for calls that make or remove names.
    package func locateParent(_ descriptor: Int32, _ address: GuestAddress) throws(Errno) -> LastComponent {
        let path = try readPath(address)
        return try resolver.resolveParent(path, from: try pathBase(descriptor, for: path))
    }
}
