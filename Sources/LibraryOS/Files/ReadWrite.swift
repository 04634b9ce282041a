/// read(2), write(2) and their vector and positioned relatives.
extension Syscalls {
    @Sendable static func read(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (address, length) = (call.address(1), call.length(2))
        return try Transfers.read(task, &call, .position) { () throws(Errno) in try task.buffer(address, length) }
    }
    @Sendable static func write(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (address, length) = (call.address(1), call.length(2))
        return try Transfers.write(task, &call, .position) { () throws(Errno) in try task.buffer(address, length) }
    }
    @Sendable static func pread64(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (address, length) = (call.address(1), call.length(2))
        if call.long(3) < 0 { throw .EINVAL }
        return try Transfers.read(task, &call, .offset(call.long(3))) { () throws(Errno) in try task.buffer(address, length) }
    }
    @Sendable static func pwrite64(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (address, length) = (call.address(1), call.length(2))
        if call.long(3) < 0 { throw .EINVAL }
        return try Transfers.write(task, &call, .offset(call.long(3))) { () throws(Errno) in try task.buffer(address, length) }
    }
    @Sendable static func readv(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (address, count) = (call.address(1), call.count(2))
        return try Transfers.read(task, &call, .position) { () throws(Errno) in try task.buffers(address, count) }
    }
    @Sendable static func writev(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (address, count) = (call.address(1), call.count(2))
        return try Transfers.write(task, &call, .position) { () throws(Errno) in try task.buffers(address, count) }
    }
    @Sendable static func preadv(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (address, count) = (call.address(1), call.count(2))
        if call.long(3) < 0 { throw .EINVAL }
        return try Transfers.read(task, &call, .offset(call.long(3))) { () throws(Errno) in try task.buffers(address, count) }
    }
    @Sendable static func pwritev(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (address, count) = (call.address(1), call.count(2))
        if call.long(3) < 0 { throw .EINVAL }
        return try Transfers.write(task, &call, .offset(call.long(3))) { () throws(Errno) in try task.buffers(address, count) }
    }
    @Sendable static func preadv2(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (address, count) = (call.address(1), call.count(2))
        let (place, flags) = try placeAndFlags(call, writing: false)
        return try Transfers.read(task, &call, place, flags) { () throws(Errno) in try task.buffers(address, count) }
    }
    @Sendable static func pwritev2(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (address, count) = (call.address(1), call.count(2))
        let (place, flags) = try placeAndFlags(call, writing: true)
        return try Transfers.write(task, &call, place, flags) { () throws(Errno) in try task.buffers(address, count) }
    }

    /// An offset of -1 means the file offset; on x86-64 the low word is the whole offset.
    private static func placeAndFlags(_ call: SyscallCall, writing: Bool) throws(Errno) -> (TransferPlace, TransferFlags) {
        let flags = TransferFlags(rawValue: call.uint(5))
        if !flags.isSubset(of: .served) || (!writing && flags.contains(.append)) { throw .EOPNOTSUPP }
        if call.long(3) == -1 { return (.position, flags) }
        if call.long(3) < 0 { throw .EINVAL }
        return (.offset(call.long(3)), flags)
    }
}

extension Task {
    /// One buffer of the program, its length cut as read(2) says.
    func buffer(_ address: GuestAddress, _ length: GuestLength) throws(Errno) -> UserBuffers {
        try checkRange(address, length)
        return UserBuffers(memory, address, length: length.clamped(to: GuestLength.maximumTransfer))
    }

    /// An array of `struct iovec`, read once: at most 1,024 entries, together at most what one transfer moves.
    func buffers(_ address: GuestAddress, _ count: GuestCount) throws(Errno) -> UserBuffers {
        let count = try count.checked(limit: 1024)
        let bytes = ByteReader(try memory.readBytes(address, count: count * 16))
        var ranges: [UserBuffers.Range] = []
        ranges.reserveCapacity(count)
        var left = GuestLength.maximumTransfer
        for index in 0..<count {
            let (base, length) = (GuestAddress(bytes.u64(index * 16)), GuestLength(bytes.u64(index * 16 + 8)))
            if length.value > UInt64(Int64.max) { throw .EINVAL }
            try checkRange(base, length)
            let kept = length.clamped(to: left)
            left -= kept
            ranges.append(UserBuffers.Range(address: base, length: kept))
        }
        return UserBuffers(memory, ranges)
    }
}
