/// fsync(2), fallocate(2) and the advice calls.
extension Syscalls {
    @Sendable static func fsync(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try task.file(call.int(0)).sync(dataOnly: false)
        return .success
    }
    @Sendable static func fdatasync(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try task.file(call.int(0)).sync(dataOnly: true)
        return .success
    }

    @Sendable static func syncFileRange(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let file = try task.file(call.int(0))
        if call.uint(3) & ~7 != 0 || call.long(1) < 0 || call.long(2) < 0 || call.long(1).addingReportingOverflow(call.long(2)).overflow { throw .EINVAL }
        switch file.inode?.kind {
        case .regular, .directory, .blockDevice, .symbolicLink: break
        default: throw .ESPIPE
        }
        // Starting the write-back early (flag 2 alone) is the host's own business.
        if call.uint(3) & 5 != 0 { try file.sync(dataOnly: true) }
        return .success
    }

    @Sendable static func fallocate(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let file = try task.file(call.int(0))
        let (mode, offset, length) = (call.int(1), call.long(2), call.long(3))
        if offset < 0 || length <= 0 { throw .EINVAL }
        let keepSize: Int32 = 1, punchHole: Int32 = 2, collapse: Int32 = 8, zero: Int32 = 16, insert: Int32 = 32, unshare: Int32 = 64
        if mode & ~(keepSize | punchHole | collapse | zero | insert | unshare) != 0 { throw .EOPNOTSUPP }
        if mode & punchHole != 0, mode & zero != 0 { throw .EOPNOTSUPP }
        if mode & punchHole != 0, mode & keepSize == 0 { throw .EOPNOTSUPP }
        if mode & collapse != 0, mode & ~collapse != 0 { throw .EINVAL }
        if mode & insert != 0, mode & ~insert != 0 { throw .EINVAL }
        if !file.access.canWrite { throw .EBADF }
        if file.currentFlags.contains(.append), mode & ~keepSize != 0 { throw .EPERM }
        switch file.inode?.kind {
        case .fifo: throw .ESPIPE
        case .directory: throw .EISDIR
        case .regular, .blockDevice: break
        default: throw .ENODEV
        }
        let (end, overflow) = offset.addingReportingOverflow(length)
        if overflow { throw .EFBIG }
        let limit = task.limit(ResourceLimits.fileSize)
        if mode & keepSize == 0, UInt64(end) > limit, try file.endOfFile() < end {
            task.send(SignalInfo(25, code: SignalInfo.kernel))
            throw .EFBIG
        }
        try file.allocate(mode: mode, offset: offset, length: length, task: task)
        file.notify(.modify)
        return .success
    }

    @Sendable static func fadvise64(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let file = try task.file(call.int(0))
        if file.inode?.kind == .fifo { throw .ESPIPE }
        if call.long(2) < 0 || call.int(3) < 0 || call.int(3) > 5 { throw .EINVAL }
        return .success
    }

    @Sendable static func readahead(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let file = try task.file(call.int(0))
        if !file.access.canRead { throw .EBADF }
        if file.inode?.kind != .regular && file.inode?.kind != .blockDevice { throw .EINVAL }
        return .success
    }
}
