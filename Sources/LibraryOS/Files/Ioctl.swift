/// ioctl(2) requests that several kinds of file know.
enum Ioctl {
    static let setNonBlocking: UInt32 = 0x5421
    static let setAsync: UInt32 = 0x5452
    static let setCloseOnExec: UInt32 = 0x5451
    static let clearCloseOnExec: UInt32 = 0x5450
    /// FIOSETOWN, SIOCSPGRP, FIOGETOWN and SIOCGPGRP of socket(7).
    static let setOwner: UInt32 = 0x8901, setProcessGroup: UInt32 = 0x8902, getOwner: UInt32 = 0x8903, getProcessGroup: UInt32 = 0x8904
    /// FIONREAD.
    static let bytesAvailable: UInt32 = 0x541b
}

extension Syscalls {
    /// ioctl(2): what concerns the descriptor or the description is done here, the rest is the file's.
    @Sendable static func ioctl(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if let wait = call.progress as? PluggedWait { return try wait.resume(task, &call) }
        let file = try task.file(call.int(0))
        let request = call.uint(1)
        switch request {
        case Ioctl.setCloseOnExec: try task.descriptors.setCloseOnExec(call.int(0), true)
        case Ioctl.clearCloseOnExec: try task.descriptors.setCloseOnExec(call.int(0), false)
        case Ioctl.setNonBlocking:
            let on = try task.memory.readU32(call.address(2)) != 0
            file.lock.withLock {
                if on { file.statusFlags.insert(.nonBlocking) } else { file.statusFlags.remove(.nonBlocking) }
            }
        case Ioctl.setAsync:
            let on = try task.memory.readU32(call.address(2)) != 0
            if on != file.currentFlags.contains(.async), !file.setAsync(on, descriptor: call.int(0), by: task) { throw .ENOTTY }
        case Ioctl.setOwner where file is UnixSocket, Ioctl.setProcessGroup where file is UnixSocket:
            return try setOwner(task, file, Int32(bitPattern: try task.memory.readU32(call.address(2))))
        case Ioctl.getOwner where file is UnixSocket, Ioctl.getProcessGroup where file is UnixSocket:
            try task.memory.writeU32(UInt32(bitPattern: owner(of: file, task)), to: call.address(2))
        case Ioctl.bytesAvailable where file.inode?.kind == .regular && file.isSeekable && !file.keepsOwnPosition:
            let left = try file.endOfFile() &- file.lock.withLock { file.position }
            try task.memory.writeU32(UInt32(bitPattern: Int32(clamping: left)), to: call.address(2))
        default:
            if let plugged = file as? PluggedOpenFile { return try plugged.control(task, &call) }
            return .done(try file.ioctl(request, call.a2, task: task))
        }
        return .success
    }
}
