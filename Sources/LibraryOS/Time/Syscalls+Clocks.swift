/// Reading clocks. Programs that use the vDSO rarely come here.
extension Syscalls {
    private static func clock(_ number: Int32) throws(Errno) -> ClockIdentifier {
        guard let clock = ClockIdentifier(number) else { throw .EINVAL }
        return clock
    }

    @Sendable static func clockGettime(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let now = try clock(call.int(0)).now(task)
        try task.memory.writeTimespec(nanoseconds: now, to: call.address(1))
        return .success
    }
    @Sendable static func clockGetres(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let clock = try clock(call.int(0))
        if case .process(.some) = clock { _ = try clock.now(task) }
        if case .thread(.some) = clock { _ = try clock.now(task) }
        if !call.address(1).isNull { try task.memory.writeTimespec(nanoseconds: clock.resolution, to: call.address(1)) }
        return .success
    }
    @Sendable static func gettimeofday(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if !call.address(0).isNull {
            let now = task.kernel.time.realtimeNow()
            var writer = ByteWriter(capacity: 16)
            writer.i64(now / 1_000_000_000)
            writer.i64(now % 1_000_000_000 / 1000)
            try task.memory.writeBytes(writer.bytes, to: call.address(0))
        }
        // The kernel's time zone is UTC.
        if !call.address(1).isNull { try task.memory.writeU64(0, to: call.address(1)) }
        return .success
    }
    @Sendable static func time(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let seconds = task.kernel.time.realtimeNow() / 1_000_000_000
        if !call.address(0).isNull { try task.memory.writeU64(UInt64(bitPattern: seconds), to: call.address(0)) }
        return .done(seconds)
    }

    private static let timexSize = 208

    @Sendable static func adjtimex(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try queryTimex(task, call.address(0))
    }
    @Sendable static func clockAdjtime(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let clock = try clock(call.int(0))
        guard case .realtime = clock, call.int(0) == 0 else { throw .EOPNOTSUPP }
        return try queryTimex(task, call.address(1))
    }
    /// struct timex of a clock that nobody steers: TIME_ERROR with STA_UNSYNC.
    private static func queryTimex(_ task: Task, _ address: GuestAddress) throws(Errno) -> Outcome {
        let given = ByteReader(try task.memory.readBytes(address, count: timexSize))
        // ADJ_OFFSET_SS_READ asks only, as modes 0 does.
        let modes = given.u32(0)
        if modes != 0 && modes != 0xa001 { throw .EPERM }
        let now = task.kernel.time.realtimeNow()
        var writer = ByteWriter(capacity: timexSize)
        writer.u64(UInt64(modes))
        writer.i64(0)  // offset
        writer.i64(0)  // freq
        writer.i64(16_000_000)  // maxerror
        writer.i64(16_000_000)  // esterror
        writer.u64(0x40)  // status: STA_UNSYNC
        writer.i64(2)  // constant
        writer.i64(1)  // precision
        writer.i64(32_768_000)  // tolerance
        writer.i64(now / 1_000_000_000)
        writer.i64(now % 1_000_000_000 / 1000)
        writer.i64(10_000)  // tick
        writer.pad(to: timexSize)
        try task.memory.writeBytes(writer.bytes, to: address)
        return .done(5)
    }
}
