/// What is known of a file: stat(2), statx(2), access(2), readlink(2), statfs(2).
extension Syscalls {
    @Sendable static func stat(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let location = try task.locate(Task.workingDirectoryDescriptor, call.address(0))
        return try store(try location.inode.attributes(), task, call.address(1))
    }
    @Sendable static func lstat(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let location = try task.locate(Task.workingDirectoryDescriptor, call.address(0), [])
        return try store(try location.inode.attributes(), task, call.address(1))
    }
    @Sendable static func fstat(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let file = try FileReference(try task.descriptors.file(call.int(0)))
        return try store(try file.inode.attributes(), task, call.address(1))
    }
    @Sendable static func newfstatat(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let flags = try call.atFlags(3, allowed: [.noFollow, .noAutomount, .emptyPath])
        let file = try task.reference(call.int(0), call.address(1), flags)
        return try store(try file.inode.attributes(), task, call.address(2))
    }
    private static func store(_ attributes: FileAttributes, _ task: Task, _ address: GuestAddress) throws(Errno) -> Outcome {
        try task.memory.writeBytes(attributes.statStructure, to: address)
        return .success
    }

    @Sendable static func statx(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let mask = call.uint(3)
        if mask & 0x8000_0000 != 0 { throw .EINVAL }
        let flags = try call.atFlags(2, allowed: [.noFollow, .noAutomount, .emptyPath, .forceSync, .dontSync])
        if flags.contains([.forceSync, .dontSync]) { throw .EINVAL }
        let file = try task.reference(call.int(0), call.address(1), flags)
        let isMountRoot = file.location.map { $0.inode.isSame(as: $0.mount.root) } ?? false
        let structure = try file.inode.attributes().statxStructure(mount: file.location?.mount.id, isMountRoot: isMountRoot)
        try task.memory.writeBytes(structure, to: call.address(4))
        return .success
    }

    // MARK: access

    @Sendable static func access(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try checkAccess(task, Task.workingDirectoryDescriptor, call.address(0), call.uint(1), [])
    }
    @Sendable static func faccessat(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try checkAccess(task, call.int(0), call.address(1), call.uint(2), [])
    }
    @Sendable static func faccessat2(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let flags = try call.atFlags(3, allowed: [.noFollow, .effectiveAccess, .emptyPath])
        return try checkAccess(task, call.int(0), call.address(1), call.uint(2), flags)
    }
    /// Asks for the real user unless AT_EACCESS is given: what a set-user-ID program may do on behalf of its caller.
    private static func checkAccess(
        _ task: Task, _ descriptor: Int32, _ address: GuestAddress, _ mode: UInt32, _ flags: AtFlags
    ) throws(Errno) -> Outcome {
        if mode & ~7 != 0 { throw .EINVAL }
        let all = task.credentials
        let real = FileCredentials(user: all.realUser, group: all.realGroup, groups: all.groups)
        let credentials = flags.contains(.effectiveAccess) ? all.forFiles : real
        let path = try task.readPath(address, emptyAllowed: flags.contains(.emptyPath))
        let file: FileReference
        if path.isEmpty {
            file = try task.reference(descriptor, address, flags)
        } else {
            file = FileReference(
                try task.resolver(as: credentials).resolve(path, from: try task.pathBase(descriptor, for: path), flags.resolution))
        }
        if mode != 0 { try file.check(FileAccess(rawValue: mode), credentials, by: task) }
        return .success
    }

    // MARK: readlink

    @Sendable static func readlink(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try readLink(task, Task.workingDirectoryDescriptor, call.address(0), call.address(1), call.int(2))
    }
    @Sendable static func readlinkat(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try readLink(task, call.int(0), call.address(1), call.address(2), call.int(3))
    }
    private static func readLink(
        _ task: Task, _ descriptor: Int32, _ path: GuestAddress, _ buffer: GuestAddress, _ size: Int32
    ) throws(Errno) -> Outcome {
        if size <= 0 { throw .EINVAL }
        let isEmpty = try task.readPath(path, emptyAllowed: true).isEmpty
        let file = try task.reference(descriptor, path, [.noFollow, .emptyPath])
        // An empty path means the link that an O_PATH descriptor refers to; other files are no answer to it.
        if file.inode.kind != .symbolicLink { throw isEmpty ? .ENOENT : .EINVAL }
        let target = try file.inode.readLink(for: task).prefix(Int(size))
        try task.memory.writeBytes(Array(target), to: buffer)
        return .count(target.count)
    }

    // MARK: File systems

    @Sendable static func statfs(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try storeStatistics(FileReference(try task.locate(Task.workingDirectoryDescriptor, call.address(0))), task, call.address(1))
    }
    @Sendable static func fstatfs(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try storeStatistics(try FileReference(try task.descriptors.file(call.int(0))), task, call.address(1))
    }
    private static func storeStatistics(_ file: FileReference, _ task: Task, _ address: GuestAddress) throws(Errno) -> Outcome {
        var statistics = try file.inode.fileSystem.statistics()
        if file.location?.mount.readOnly == true { statistics.flags |= 1 }
        try task.memory.writeBytes(statistics.statfsStructure, to: address)
        return .success
    }

    /// sync(2), for what the sandbox holds back itself: nothing of a granted file, and what the host holds back survives the sandbox anyway.
    @Sendable static func sync(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        // There is nobody to tell of a failure; fsync(2) meets it again.
        for mount in task.kernel.mounts.all { try? mount.fileSystem.sync() }
        return .success
    }
    @Sendable static func syncfs(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try task.file(call.int(0)).inode?.fileSystem.sync()
        return .success
    }
}
