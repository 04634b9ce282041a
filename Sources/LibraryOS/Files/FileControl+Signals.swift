/// F_SETOWN, F_GETOWN, F_SETOWN_EX, F_GETOWN_EX and F_SETSIG of fcntl(2), and the requests of ioctl(2) for sockets that do the same.
extension Syscalls {
    /// Negative numbers name process groups.
    static func setOwner(_ task: Task, _ file: OpenFile, _ id: Int32) throws(Errno) -> Outcome {
        if id == .min { throw .EINVAL }
        let owner = try id < 0 ? FileOwner.find(FileOwner.processGroup, -id, for: task) : FileOwner.find(FileOwner.process, id, for: task)
        file.setOwner(owner)
        return .success
    }

    static func owner(of file: OpenFile, _ task: Task) -> Int32 {
        let (kind, id) = file.lock.withLock { file.signals.owner }.shown(task.kernel)
        return kind == FileOwner.processGroup ? -id : id
    }

    /// `struct f_owner_ex`: type and number.
    static func setExtendedOwner(_ task: Task, _ call: SyscallCall, _ file: OpenFile) throws(Errno) -> Outcome {
        let reader = ByteReader(try task.memory.readBytes(call.address(2), count: 8))
        file.setOwner(try FileOwner.find(reader.i32(0), reader.i32(4), for: task))
        return .success
    }

    static func getExtendedOwner(_ task: Task, _ call: SyscallCall, _ file: OpenFile) throws(Errno) -> Outcome {
        let (kind, id) = file.lock.withLock { file.signals.owner }.shown(task.kernel)
        var writer = ByteWriter(capacity: 8)
        writer.i32(kind)
        writer.i32(id)
        try task.memory.writeBytes(writer.bytes, to: call.address(2))
        return .success
    }

    static func setSignal(_ call: SyscallCall, _ file: OpenFile) throws(Errno) -> Outcome {
        if call.a2 > 64 { throw .EINVAL }
        file.lock.withLock { file.signals.number = call.int(2) }
        return .success
    }
}
