/// open(2) and its relatives.
extension Syscalls {
    @Sendable static func open(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let request = try OpenRequest(flags: call.uint(1), mode: call.uint(2))
        return try open(task, &call, Task.workingDirectoryDescriptor, call.address(0), request)
    }
    @Sendable static func openat(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let request = try OpenRequest(flags: call.uint(2), mode: call.uint(3))
        return try open(task, &call, call.int(0), call.address(1), request)
    }
    @Sendable static func creat(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let request = try OpenRequest(flags: OpenFlags([.create, .writeOnly, .truncate]).rawValue, mode: call.uint(1))
        return try open(task, &call, Task.workingDirectoryDescriptor, call.address(0), request)
    }
    @Sendable static func openat2(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let size = call.length(3)
        if size.value < 24 { throw .EINVAL }
        if size.value > 4096 { throw .E2BIG }
        let how = ByteReader(try task.memory.readBytes(call.address(2), count: size.clamped(to: 4096)))
        // A later version of the structure may say only what this one says.
        if how.bytes.dropFirst(24).contains(where: { $0 != 0 }) { throw .E2BIG }
        let request = try OpenRequest(flags: how.u64(0), mode: how.u64(8), resolve: how.u64(16))
        return try open(task, &call, call.int(0), call.address(1), request)
    }

    private static func open(
        _ task: Task, _ call: inout SyscallCall, _ descriptor: Int32, _ address: GuestAddress, _ request: OpenRequest
    ) throws(Errno) -> Outcome {
        if let opening = call.progress as? FIFOOpening { return try openFIFO(opening.location, request, task, &call) }
        let path = try task.readPath(address)
        try task.descriptors.checkRoom(limit: task.descriptorLimit)
        let base = try task.pathBase(descriptor, for: path)
        let place = try task.placeToOpen(path, from: base, request)
        if place.location.inode.opensPipe, !request.flags.contains(.path) {
            try task.checkOpen(place.location, request)
            return try openFIFO(place.location, request, task, &call)
        }
        let outcome = try install(try task.openFile(place.location, request, isNew: place.isNew), request.flags, task)
        if request.flags.contains(.truncate), !request.flags.contains(.path), !place.isNew, place.location.inode.kind == .regular { place.location.notify(.modify) }
        return outcome
    }

    private static func openFIFO(
        _ location: PathLocation, _ request: OpenRequest, _ task: Task, _ call: inout SyscallCall
    ) throws(Errno) -> Outcome {
        switch try openFIFO(location, request.flags, task, &call) {
        case .opened(let file): return try install(file, request.flags, task)
        case .outcome(let outcome): return outcome
        }
    }

    /// Gives the file a descriptor; without one it is released.
    private static func install(_ file: OpenFile, _ flags: OpenFlags, _ task: Task) throws(Errno) -> Outcome {
        file.retain()
        defer { file.drop() }
        let number = try task.descriptors.install(file, closeOnExec: flags.contains(.closeOnExec), limit: task.descriptorLimit)
        if !file.access.contains(.path) { file.notify(.open) }
        return .done(Int64(number))
    }

    /// memfd_create(2): MFD_CLOEXEC 1, MFD_ALLOW_SEALING 2, MFD_HUGETLB 4, MFD_NOEXEC_SEAL 8, MFD_EXEC 16.
    @Sendable static func memfdCreate(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let flags = call.uint(1)
        if flags & ~0x1b != 0 || flags & 0x18 == 0x18 { throw .EINVAL }
        let name = try task.memory.readCString(call.address(0), limit: 249, tooLong: .EINVAL)
        try task.descriptors.checkRoom(limit: task.descriptorLimit)
        let (mount, fileSystem) = task.kernel.mounts.memoryFiles(task.kernel)
        let noExecution = flags & 8 != 0
        let seals: FileSeals = noExecution ? .execute : flags & 2 != 0 ? [] : .seal
        let file = TmpFile(
            fileSystem, number: try fileSystem.takeNumber(), permissions: noExecution ? 0o666 : 0o777, owner: task.credentials.forFiles, links: 0, seals: seals)
        let location = PathLocation(mount: mount, inode: file, parent: nil, name: Array("memfd:".utf8) + name)
        let open = try file.open(flags: [.readWrite, .largeFile], location: location, task: task)
        return try install(open, flags & 1 != 0 ? .closeOnExec : [], task)
    }
}

extension Task {
    /// Finds the file, or makes it as O_CREAT and O_TMPFILE say.
    fileprivate func placeToOpen(
        _ path: [UInt8], from base: PathLocation, _ request: OpenRequest
    ) throws(Errno) -> (location: PathLocation, isNew: Bool) {
        let owner = credentials.forFiles
        let mode = request.mode & ~fileSystem.umask
        if request.flags.contains(.temporaryBit) {
            let directory = try resolver.resolve(path, from: base, request.resolution)
            try Permissions.checkCreation(in: directory, owner)
            let inode = try directory.inode.createTemporary(mode: mode, owner: owner, linkable: !request.flags.contains(.exclusive))
            let name = Array("#\(inode.number)".utf8)
            return (PathLocation(mount: directory.mount, inode: inode, parent: directory, name: name), true)
        }
        if !request.flags.contains(.create) { return (try resolver.resolve(path, from: base, request.resolution), false) }
        while true {
            let (last, existing) = try resolver.resolveForCreation(path, from: base, request.resolution)
            if let existing {
                if request.flags.contains(.exclusive) { throw .EEXIST }
                if existing.inode.kind == .directory { throw .EISDIR }
                return (existing, false)
            }
            try Permissions.checkCreation(in: last.parent, owner)
            do throws(Errno) {
                let inode = try last.parent.inode.create(last.name, kind: .regular, mode: mode, deviceNumber: 0, owner: owner)
                last.parent.inode.notify(.create, last.name, isDirectory: false)
                return (PathLocation(mount: last.parent.mount, inode: inode, parent: last.parent, name: last.name), true)
            } catch {
                // Another thread made it first: then it is there to be opened.
                if error != .EEXIST || request.flags.contains(.exclusive) || hasPendingWork { throw error }
            }
        }
    }

    /// Opens a file that was found: checks its kind and permissions, truncates. A file just made is open as asked, whatever its mode says.
    fileprivate func openFile(_ location: PathLocation, _ request: OpenRequest, isNew: Bool) throws(Errno) -> OpenFile {
        let inode = location.inode
        if request.flags.contains(.path) { return PathFile(flags: request.flags, location: location) }
        if !isNew { try checkOpen(location, request) }
        let truncates = request.flags.contains(.truncate) && !isNew
        guard inode.kind == .regular, request.flags.canWrite || truncates else {
            return try inode.open(flags: request.flags, location: location, task: self)
        }
        try inode.locks.beginWriting()
        var isCounted = false
        defer { if !isCounted { inode.locks.endWriting() } }
        if truncates { try inode.truncate(to: 0) }
        let file = try inode.open(flags: request.flags, location: location, task: self)
        isCounted = request.flags.canWrite && file.location?.inode === inode
        file.isCountedWriter = isCounted
        return file
    }

    /// `may_open` of the kernel.
    fileprivate func checkOpen(_ location: PathLocation, _ request: OpenRequest) throws(Errno) {
        let access = request.access
        switch location.inode.kind {
        case .symbolicLink: throw .ELOOP
        case .directory: if access.contains(.write) { throw .EISDIR }
        case .regular, .fifo, .socket, .characterDevice, .blockDevice, .anonymous: break
        }
        if try !location.inode.admits(self) { try Permissions.check(location, access, credentials.forFiles) }
        if request.flags.contains(.noAccessTime), !Permissions.isOwner(try location.inode.attributes(), credentials.forFiles) { throw .EPERM }
        if location.inode.kind == .socket { throw .ENXIO }
    }
}
