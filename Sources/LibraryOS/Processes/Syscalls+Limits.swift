/// Resource limits and usage: getrlimit(2), prlimit64, getrusage(2), times(2).
extension Syscalls {
    private static let resourceCount = 16

    private static func resource(_ number: UInt32) throws(Errno) -> Int {
        if number >= UInt32(resourceCount) { throw .EINVAL }
        return Int(number)
    }
    private static func readLimit(_ task: Task, _ address: GuestAddress) throws(Errno) -> ResourceLimits.Limit {
        let reader = ByteReader(try task.memory.readBytes(address, count: 16))
        return ResourceLimits.Limit(reader.u64(0), reader.u64(8))
    }
    private static func writeLimit(_ task: Task, _ limit: ResourceLimits.Limit, _ address: GuestAddress) throws(Errno) {
        var writer = ByteWriter(capacity: 16)
        writer.u64(limit.soft)
        writer.u64(limit.hard)
        try task.memory.writeBytes(writer.bytes, to: address)
    }
    /// Replaces a limit and returns the old one; a nil replacement only reads.
    private static func exchange(
        _ task: Task, _ group: ThreadGroup, _ resource: Int, _ new: ResourceLimits.Limit?
    ) throws(Errno) -> ResourceLimits.Limit {
        group.lock.lock()
        defer { group.lock.unlock() }
        guard let old = group.limits[resource] else { throw .EINVAL }
        guard let new else { return old }
        if new.soft > new.hard { throw .EINVAL }
        // Not above /proc/sys/fs/nr_open.
        if resource == ResourceLimits.openFiles && new.hard > task.kernel.mostOpenFiles { throw .EPERM }
        if new.hard > old.hard && !task.credentials.has(.resources) { throw .EPERM }
        group.limits[resource] = new
        return old
    }

    /// As `exchange`, and what follows from the new limit.
    private static func change(
        _ task: Task, _ target: Task, _ resource: Int, _ new: ResourceLimits.Limit
    ) throws(Errno) -> ResourceLimits.Limit {
        let old = try exchange(task, target.group, resource, new)
        switch resource {
        case ResourceLimits.cpu: target.group.watchProcessorTime(task.kernel)
        case ResourceLimits.stack: target.sharedMemory.limitStack(new.soft)
        default: break
        }
        return old
    }

    @Sendable static func getrlimit(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let limit = try exchange(task, task.group, try resource(call.uint(0)), nil)
        try writeLimit(task, limit, call.address(1))
        return .success
    }
    @Sendable static func setrlimit(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let new = try readLimit(task, call.address(1))
        _ = try change(task, task, try resource(call.uint(0)), new)
        return .success
    }
    @Sendable static func prlimit64(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let number = try resource(call.uint(1))
        // What follows from a new limit may take locks and start a timer.
        if call.inPlace, !call.address(2).isNull { return .leave }
        let new = call.address(2).isNull ? nil : try readLimit(task, call.address(2))
        if call.int(0) == initID { return try initLimit(task, call, number, new) }
        let other = try findTask(call.int(0), task)
        if other.group !== task.group {
            let (mine, theirs) = (task.credentials, other.sharedCredentials)
            let same = [theirs.realUser, theirs.effectiveUser, theirs.savedUser].allSatisfy { $0 == mine.realUser }
            if !same && !mine.has(.resources) { throw .EPERM }
        }
        let old: ResourceLimits.Limit
        if let new { old = try change(task, other, number, new) } else { old = try exchange(task, other.group, number, nil) }
        if !call.address(3).isNull { try writeLimit(task, old, call.address(3)) }
        return .success
    }

    /// The limits of init, which is root's: they are kept and reported.
    private static func initLimit(
        _ task: Task, _ call: SyscallCall, _ number: Int, _ new: ResourceLimits.Limit?
    ) throws(Errno) -> Outcome {
        if task.credentials.realUser != 0 && !task.credentials.has(.resources) { throw .EPERM }
        let old = try exchange(task, task.kernel.processes.initProcess, number, new)
        if !call.address(3).isNull { try writeLimit(task, old, call.address(3)) }
        return .success
    }

    @Sendable static func getrusage(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        var usage: ProcessUsage
        switch call.int(0) {
        case 0: usage = task.group.usage(with: task.memory)
        case -1: usage = task.kernel.processes.childrenUsage(of: task.group)
        case 1:
            // Faults and memory are counted for the process.
            usage = task.group.usage(with: task.memory)
            usage.waits = task.waits.value
            (usage.user, usage.system) = task.processorTimes
        default: throw .EINVAL
        }
        try task.memory.writeBytes(encodeUsage(usage), to: call.address(1))
        return .success
    }

    /// USER_HZ.
    static let nanosecondsPerTick: Int64 = 10_000_000

    @Sendable static func times(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if !call.address(0).isNull {
            var writer = ByteWriter(capacity: 32)
            for usage in [task.group.usage, task.kernel.processes.childrenUsage(of: task.group)] {
                writer.i64(usage.user / nanosecondsPerTick)
                writer.i64(usage.system / nanosecondsPerTick)
            }
            try task.memory.writeBytes(writer.bytes, to: call.address(0))
        }
        return .done(task.kernel.time.boottimeNow() / nanosecondsPerTick)
    }
}

extension Task {
    /// CPU time used by this thread, in nanoseconds.
    package var processorTime: Int64 { machine?.cpuTime() ?? 0 }
    /// The same, told apart.
    package var processorTimes: (user: Int64, system: Int64) { machine?.cpuTimes() ?? (0, 0) }
}
