/// The working and root directory, the umask, and listing directories.
extension Syscalls {
    @Sendable static func chdir(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let location = try task.locate(Task.workingDirectoryDescriptor, call.address(0), [.followFinal, .mustBeDirectory])
        if try !location.inode.admits(task) { try Permissions.check(location, .execute, task.credentials.forFiles) }
        task.fileSystem.workingDirectory = location
        return .success
    }
    @Sendable static func fchdir(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        guard let location = try task.descriptors.file(call.int(0)).location, location.inode.kind == .directory else { throw .ENOTDIR }
        if try !location.inode.admits(task) { try Permissions.check(location, .execute, task.credentials.forFiles) }
        task.fileSystem.workingDirectory = location
        return .success
    }
    @Sendable static func chroot(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let location = try task.locate(Task.workingDirectoryDescriptor, call.address(0), [.followFinal, .mustBeDirectory])
        try Permissions.check(location, .execute, task.credentials.forFiles)
        if task.credentials.effectiveUser != 0 { throw .EPERM }
        task.fileSystem.root = location
        return .success
    }
    @Sendable static func getcwd(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let directory = task.fileSystem.workingDirectory
        if directory.isDeleted { throw .ENOENT }
        let path = directory.path(from: task.fileSystem.root) + [0]
        if path.count > PathResolver.maximumPath { throw .ENAMETOOLONG }
        if UInt64(path.count) > call.length(1).value { throw .ERANGE }
        try task.memory.writeBytes(path, to: call.address(0))
        return .count(path.count)
    }
    @Sendable static func umask(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        .done(Int64(task.fileSystem.exchangeUmask(call.uint(0))))
    }

    // MARK: Listing

    @Sendable static func getdents64(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try list(task, call) { entry, writer in
            writer.u64(entry.inode)
            writer.i64(entry.next)
            let length = (19 + entry.name.count + 1 + 7) & ~7
            writer.u16(UInt16(truncatingIfNeeded: length))
            writer.u8(entry.type)
            writer.raw(entry.name)
            writer.zeros(length - 19 - entry.name.count)
        }
    }
    /// The older layout: the type lies in the last byte of the entry.
    @Sendable static func getdents(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try list(task, call) { entry, writer in
            writer.u64(entry.inode)
            writer.i64(entry.next)
            let length = (18 + entry.name.count + 2 + 7) & ~7
            writer.u16(UInt16(truncatingIfNeeded: length))
            writer.raw(entry.name)
            writer.zeros(length - 18 - entry.name.count - 1)
            writer.u8(entry.type)
        }
    }

    /// More than this is never filled in one call, whatever buffer is offered.
    private static let listingLimit = 1 << 18

    private static func list(_ task: Task, _ call: SyscallCall, _ write: (DirectoryEntry, inout ByteWriter) -> Void) throws(Errno) -> Outcome {
        let file = try task.file(call.int(0))
        if file.inode?.kind != .directory { throw .ENOTDIR }
        let limit = min(Int(call.uint(2)), listingLimit)
        var result: [UInt8] = []
        var tooSmall = false
        let start = file.lock.withLock { file.position }
        try file.readDirectory(task: task) { entry in
            var writer = ByteWriter(capacity: 64)
            write(entry, &writer)
            if result.count + writer.bytes.count > limit {
                tooSmall = result.isEmpty
                return false
            }
            result.append(contentsOf: writer.bytes)
            return true
        }
        if tooSmall { throw .EINVAL }
        do throws(Errno) { try task.memory.writeBytes(result, to: call.address(1)) } catch {
            // What the program could not get has not been listed.
            file.lock.withLock { file.position = start }
            throw error
        }
        file.notify(.access)
        return .count(result.count)
    }
}
