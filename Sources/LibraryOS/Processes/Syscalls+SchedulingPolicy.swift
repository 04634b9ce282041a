/// Scheduling policies (sched(7)), kept and reported.
extension Syscalls {
    private static let other: Int32 = 0, fifo: Int32 = 1, roundRobin: Int32 = 2, batch: Int32 = 3, idle: Int32 = 5, deadline: Int32 = 6
    private static let resetOnFork: UInt32 = 0x4000_0000

    private static func isRealtime(_ policy: Int32) -> Bool { policy == fifo || policy == roundRobin }

    /// sched_get_priority_min and max of a policy; nil for policies that do not exist.
    private static func priorityRange(_ policy: Int32) -> ClosedRange<Int32>? {
        switch policy {
        case fifo, roundRobin: 1...99
        case other, batch, idle, deadline: 0...0
        default: nil
        }
    }
    @Sendable static func schedGetPriorityMax(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        guard let range = priorityRange(call.int(0)) else { throw .EINVAL }
        return .done(Int64(range.upperBound))
    }
    @Sendable static func schedGetPriorityMin(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        guard let range = priorityRange(call.int(0)) else { throw .EINVAL }
        return .done(Int64(range.lowerBound))
    }

    private static func target(_ id: Int32, _ task: Task) throws(Errno) -> Task {
        if id < 0 { throw .EINVAL }
        return try findTask(id, task)
    }

    /// How a task is scheduled: the sandbox's init, which is no task, like one that has never asked for anything.
    private static func scheduling(of id: Int32, _ task: Task) throws(Errno) -> (policy: Int32, extras: SchedulingExtras, nice: Int32) {
        if id == initID { return (other, SchedulingExtras(), 0) }
        let found = try target(id, task)
        return found.group.lock.withLock { (found.schedulingPolicy, found.scheduling, found.nice) }
    }

    /// Sets policy and priority by the rules for unprivileged callers: RLIMIT_RTPRIO for real time, SCHED_IDLE may be left.
    private static func setPolicy(
        _ task: Task, _ target: Task, policy: Int32, priority: Int32, resets: Bool
    ) throws(Errno) {
        guard policy != deadline, let range = priorityRange(policy), range.contains(priority) else { throw .EINVAL }
        if !mayControl(task, target) { throw .EPERM }
        let old = target.group.lock.withLock { (target.schedulingPolicy, target.scheduling, target.group.limits[14]?.soft ?? 0) }
        if !task.credentials.has(.nice) {
            if isRealtime(policy) {
                if policy != old.0 && old.2 == 0 { throw .EPERM }
                if priority > old.1.realtimePriority && UInt64(priority) > old.2 { throw .EPERM }
            }
            if old.1.resetsOnFork && !resets { throw .EPERM }
        }
        target.group.lock.withLock {
            target.schedulingPolicy = policy
            target.scheduling.realtimePriority = priority
            target.scheduling.resetsOnFork = resets
        }
    }

    @Sendable static func schedSetscheduler(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if call.int(1) < 0 { throw .EINVAL }
        if call.int(0) < 0 || call.address(2).isNull { throw .EINVAL }
        let priority = Int32(bitPattern: try task.memory.readU32(call.address(2)))
        let found = try target(call.int(0), task)
        let policy = Int32(bitPattern: call.uint(1) & ~resetOnFork)
        try setPolicy(task, found, policy: policy, priority: priority, resets: call.uint(1) & resetOnFork != 0)
        return .success
    }
    @Sendable static func schedGetscheduler(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let found = try scheduling(of: call.int(0), task)
        return .done(Int64(found.policy) | (found.extras.resetsOnFork ? Int64(resetOnFork) : 0))
    }
    @Sendable static func schedSetparam(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if call.int(0) < 0 || call.address(1).isNull { throw .EINVAL }
        let priority = Int32(bitPattern: try task.memory.readU32(call.address(1)))
        let found = try target(call.int(0), task)
        let (policy, resets) = found.group.lock.withLock { (found.schedulingPolicy, found.scheduling.resetsOnFork) }
        try setPolicy(task, found, policy: policy, priority: priority, resets: resets)
        return .success
    }
    @Sendable static func schedGetparam(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if call.address(1).isNull { throw .EINVAL }
        let priority = try scheduling(of: call.int(0), task).extras.realtimePriority
        try task.memory.writeU32(UInt32(bitPattern: priority), to: call.address(1))
        return .success
    }
    @Sendable static func schedRRGetInterval(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let policy = try scheduling(of: call.int(0), task).policy
        // The kernel's defaults: no slice for FIFO, 100 ms for RR, the base slice for the rest.
        let slice: Int64 = policy == fifo ? 0 : policy == roundRobin ? 100_000_000 : 4_000_000
        try task.memory.writeTimespec(nanoseconds: slice, to: call.address(1))
        return .success
    }

    /// struct sched_attr, first version (SCHED_ATTR_SIZE_VER0) and the one with utilisation clamps.
    private static let attributeSize = 48, attributeSizeWithClamps = 56

    @Sendable static func schedSetattr(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if call.int(0) < 0 || call.address(1).isNull || call.uint(2) != 0 { throw .EINVAL }
        var size = Int(try task.memory.readU32(call.address(1)))
        if size == 0 { size = attributeSize }
        if size < attributeSize || size > 4096 {
            try task.memory.writeU32(UInt32(attributeSizeWithClamps), to: call.address(1))
            throw .E2BIG
        }
        let attributes = ByteReader(try task.memory.readBytes(call.address(1), count: size))
        if attributes.bytes.dropFirst(attributeSizeWithClamps).contains(where: { $0 != 0 }) { throw .E2BIG }
        let flags = attributes.u64(8)
        // SCHED_FLAG_RESET_ON_FORK, KEEP_POLICY, KEEP_PARAMS; utilisation clamps need a scheduler.
        if flags & ~0x19 != 0 { throw .EINVAL }
        let found = try target(call.int(0), task)
        let old = found.group.lock.withLock { (found.schedulingPolicy, found.scheduling.realtimePriority, found.nice) }
        if Int32(bitPattern: attributes.u32(4)) < 0 { throw .EINVAL }
        let policy = flags & 8 != 0 ? old.0 : Int32(bitPattern: attributes.u32(4))
        let keeps = flags & 0x10 != 0
        let priority = keeps ? old.1 : Int32(clamping: attributes.u32(20))
        try setPolicy(task, found, policy: policy, priority: priority, resets: flags & 1 != 0)
        if !keeps && (policy == other || policy == batch) {
            let nice = max(-20, min(19, attributes.i32(16)))
            if nice < old.2 && !task.credentials.has(.nice) { throw .EPERM }
            found.group.lock.withLock { found.nice = nice }
        }
        return .success
    }
    @Sendable static func schedGetattr(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let size = call.uint(2)
        if call.int(0) < 0 || call.address(1).isNull || call.uint(3) != 0 || size < UInt32(attributeSize) || size > 4096 { throw .EINVAL }
        let (policy, extras, nice) = try scheduling(of: call.int(0), task)
        let written = min(Int(size), attributeSizeWithClamps)
        var writer = ByteWriter(capacity: attributeSizeWithClamps)
        writer.u32(UInt32(written))
        writer.i32(policy)
        writer.u64(extras.resetsOnFork ? 1 : 0)
        writer.i32(isRealtime(policy) ? 0 : nice)
        writer.i32(extras.realtimePriority)
        writer.pad(to: attributeSize)
        if written == attributeSizeWithClamps {
            writer.u32(0)
            writer.u32(1024)
        }
        try task.memory.writeBytes(Array(writer.bytes.prefix(written)), to: call.address(1))
        return .success
    }
}
