/// close(2), dup(2), lseek(2) and close_range(2).
extension Syscalls {
    @Sendable static func close(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try task.descriptors.close(call.int(0), by: task)
        return .success
    }

    @Sendable static func closeRange(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (first, last, flags) = (call.uint(0), call.uint(1), call.uint(2))
        let unshare: UInt32 = 2, closeOnExec: UInt32 = 4
        if first > last || flags & ~(unshare | closeOnExec) != 0 { throw .EINVAL }
        if flags & unshare != 0, task.descriptors.users.value > 1 {
            let old = task.descriptors
            task.sharedDescriptors = old.copy()
            if old.users.decrement() { old.closeAll(onlyCloseOnExec: false, by: task) }
        }
        for descriptor in task.descriptors.openDescriptors where UInt32(descriptor) >= first && UInt32(descriptor) <= last {
            // Another thread may have closed it since the list was made.
            if flags & closeOnExec != 0 {
                try? task.descriptors.setCloseOnExec(descriptor, true)
            } else {
                try? task.descriptors.close(descriptor, by: task)
            }
        }
        return .success
    }

    @Sendable static func dup(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try duplicate(task, call.int(0), closeOnExec: false, minimum: 0)
    }

    @Sendable static func dup2(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if call.int(0) == call.int(1) {
            _ = try task.descriptors.file(call.int(0))
            return .done(Int64(call.int(1)))
        }
        return try replace(task, call.int(0), call.int(1), closeOnExec: false)
    }

    @Sendable static func dup3(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let flags = OpenFlags(rawValue: call.uint(2))
        if !flags.isSubset(of: .closeOnExec) || call.int(0) == call.int(1) { throw .EINVAL }
        return try replace(task, call.int(0), call.int(1), closeOnExec: flags.contains(.closeOnExec))
    }

    /// The lowest free number at or above `minimum` (dup, F_DUPFD).
    static func duplicate(_ task: Task, _ descriptor: Int32, closeOnExec: Bool, minimum: Int) throws(Errno) -> Outcome {
        let file = try task.descriptors.file(descriptor)
        guard file.retainIfReferenced() else { throw .EBADF }
        defer { file.drop() }
        return .done(Int64(try task.descriptors.install(file, closeOnExec: closeOnExec, minimum: minimum, limit: task.descriptorLimit)))
    }

    private static func replace(_ task: Task, _ from: Int32, _ to: Int32, closeOnExec: Bool) throws(Errno) -> Outcome {
        let table = task.descriptors
        if to < 0 || UInt64(to) >= task.descriptorLimit { throw .EBADF }
        let file = try table.file(from)
        guard file.retainIfReferenced() else { throw .EBADF }
        defer { file.drop() }
        try table.replace(to, with: file, closeOnExec: closeOnExec, limit: task.descriptorLimit)?.closed(in: table, by: task)
        return .done(Int64(to))
    }

    @Sendable static func lseek(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let file = try task.file(call.int(0))
        let (offset, whence) = (call.long(1), call.int(2))
        if whence < 0 || whence > 4 { throw .EINVAL }
        guard let current = file.claimPosition() else { return try call.wait(on: [file.positionQueue], restart: .ERESTARTNOINTR) }
        do throws(Errno) {
            if let position = try file.seek(offset, whence: whence) {
                file.releasePosition(position)
                return .done(position)
            }
            if !file.isSeekable { throw .ESPIPE }
            let position = try resolve(file, offset, whence: whence, current: current)
            file.releasePosition(position)
            return .done(position)
        } catch {
            file.releasePosition(nil)
            throw error
        }
    }

    /// The generic rule for files without holes.
    private static func resolve(_ file: OpenFile, _ offset: Int64, whence: Int32, current: Int64) throws(Errno) -> Int64 {
        var base: Int64 = 0
        switch whence {
        case 0: break
        case 1: base = current
        case 2: base = try file.endOfFile()
        default:
            let end = try file.endOfFile()
            if offset < 0 || offset >= end { throw .ENXIO }
            return whence == 3 ? offset : end
        }
        let (sum, overflow) = base.addingReportingOverflow(offset)
        if overflow { throw .EINVAL }
        if sum < 0 { throw .EINVAL }
        return sum
    }
}
