/// wait4(2) and waitid(2).
extension Syscalls {
    private static let waitFlags: WaitRequest.Options = [.noHang, .stopped, .continued, .ownThread, .all, .clone]

    @Sendable static func wait4(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        var options = WaitRequest.Options(rawValue: call.uint(2))
        if !options.isSubset(of: waitFlags) { throw .EINVAL }
        options.insert(.exited)
        let target: WaitRequest.Target
        switch call.int(0) {
        case .min: throw .ESRCH
        case ..<(-1): target = .processGroup(-call.int(0))
        case -1: target = .any
        case 0: target = .processGroup(task.group.lock.withLock { task.group.processGroup })
        default: target = .process(call.int(0))
        }
        guard let report = try task.kernel.processes.report(to: task, WaitRequest(target: target, options: options)) else {
            if options.contains(.noHang) { return .success }
            return try call.wait(on: [task.group.childChanged], restart: .ERESTARTSYS)
        }
        if !call.address(1).isNull { try task.memory.writeU32(UInt32(bitPattern: report.status), to: call.address(1)) }
        if !call.address(3).isNull { try task.memory.writeBytes(encodeUsage(report.usage), to: call.address(3)) }
        return .done(Int64(report.process))
    }

    @Sendable static func waitid(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let options = WaitRequest.Options(rawValue: call.uint(3))
        if !options.isSubset(of: waitFlags.union([.exited, .leave])) { throw .EINVAL }
        if options.isDisjoint(with: [.exited, .stopped, .continued]) { throw .EINVAL }
        let (target, mayWait) = try waitTarget(task, call)
        guard let report = try task.kernel.processes.report(to: task, WaitRequest(target: target, options: options)) else {
            if options.contains(.noHang) {
                try storeReport(nil, task, call)
                return .success
            }
            // A descriptor with O_NONBLOCK never waits.
            if !mayWait { throw .EAGAIN }
            return try call.wait(on: [task.group.childChanged], restart: .ERESTARTSYS)
        }
        if !call.address(4).isNull { try task.memory.writeBytes(encodeUsage(report.usage), to: call.address(4)) }
        try storeReport(report, task, call)
        return .success
    }

    private static func waitTarget(_ task: Task, _ call: SyscallCall) throws(Errno) -> (WaitRequest.Target, mayWait: Bool) {
        let id = call.int(1)
        switch call.int(0) {
        case 0: return (.any, true)  // P_ALL
        case 1:  // P_PID
            if id <= 0 { throw .EINVAL }
            return (.process(id), true)
        case 2:  // P_PGID
            if id < 0 { throw .EINVAL }
            return (.processGroup(id == 0 ? task.group.lock.withLock { task.group.processGroup } : id), true)
        case 3:  // P_PIDFD
            if id < 0 { throw .EINVAL }
            guard let file = try task.descriptors.file(id) as? ProcessFile else { throw .EBADF }
            return (.descriptor(file.process), !file.lock.withLock { file.statusFlags.contains(.nonBlocking) })
        default: throw .EINVAL
        }
    }

    /// The six words of siginfo_t that waitid(2) fills; zeros when nothing was found.
    private static func storeReport(_ report: WaitReport?, _ task: Task, _ call: SyscallCall) throws(Errno) {
        if call.address(2).isNull { return }
        var head = ByteWriter(capacity: 12)
        head.i32(report == nil ? 0 : Signal.SIGCHLD)
        head.i32(0)
        head.i32(report?.code ?? 0)
        var body = ByteWriter(capacity: 12)
        body.i32(report?.process ?? 0)
        body.u32(report?.user ?? 0)
        body.i32(report?.detail ?? 0)
        try task.memory.writeBytes(head.bytes, to: call.address(2))
        try task.memory.writeBytes(body.bytes, to: try call.address(2).advanced(by: 16))
    }

    /// struct rusage.
    static func encodeUsage(_ usage: ProcessUsage) -> [UInt8] {
        var writer = ByteWriter(capacity: 144)
        for time in [usage.user, usage.system] {
            writer.i64(time / 1_000_000_000)
            writer.i64(time % 1_000_000_000 / 1000)
        }
        writer.u64(usage.peakResident >> 10)
        writer.zeros(24)
        writer.u64(UInt64(max(0, usage.minorFaults)))
        writer.zeros(56)
        writer.u64(UInt64(max(0, usage.waits)))
        writer.pad(to: 144)
        return writer.bytes
    }
}
