/// Affinity and priorities: kept and reported, while the host schedules.
extension Syscalls {
    /// The task's mask, one bit a processor, in whole bytes.
    static func affinity(of task: Task) -> [UInt8] {
        if let mask = task.group.lock.withLock({ task.affinity }) { return mask }
        return allProcessors(task.kernel)
    }
    static func allProcessors(_ kernel: Kernel) -> [UInt8] {
        let count = kernel.visibleProcessors
        // As long as the kernel's cpumask: whole 64-bit words.
        var mask = [UInt8](repeating: 0, count: (count + 63) / 64 * 8)
        for processor in 0..<count { mask[processor / 8] |= 1 << UInt8(processor % 8) }
        return mask
    }

    @Sendable static func schedYield(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { .success }

    @Sendable static func schedGetaffinity(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let length = Int(call.uint(1))
        if length &* 8 < task.kernel.visibleProcessors || length & 7 != 0 { throw .EINVAL }
        let mask = call.int(0) == initID ? allProcessors(task.kernel) : affinity(of: try findTask(call.int(0), task))
        let count = min(length, mask.count)
        try task.memory.writeBytes(Array(mask[..<count]), to: call.address(2))
        return .count(count)
    }
    @Sendable static func schedSetaffinity(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let all = allProcessors(task.kernel)
        let given = try task.memory.readBytes(call.address(2), count: min(Int(call.uint(1)), all.count))
        let target = try findTask(call.int(0), task)
        if !mayControl(task, target) { throw .EPERM }
        var mask = all
        for index in all.indices { mask[index] &= index < given.count ? given[index] : 0 }
        if mask.allSatisfy({ $0 == 0 }) { throw .EINVAL }
        target.group.lock.withLock { target.affinity = mask }
        return .success
    }

    /// Whether `task` may change how `target` is scheduled.
    static func mayControl(_ task: Task, _ target: Task) -> Bool {
        if task.group === target.group { return true }
        let (mine, theirs) = (task.credentials, target.sharedCredentials)
        return mine.effectiveUser == theirs.realUser || mine.effectiveUser == theirs.effectiveUser || mine.has(.nice)
    }

    // MARK: Nice values

    /// The tasks that `which` and `who` of getpriority(2) mean. `EINVAL`, `ESRCH`.
    private static func priorityTargets(_ task: Task, _ call: SyscallCall) throws(Errno) -> [Task] {
        let who = call.int(1)
        var found: [Task] = []
        switch call.int(0) {
        case 0: found = [try findTask(who, task)]
        case 1:
            let wanted = who == 0 ? task.group.lock.withLock { task.group.processGroup } : who
            for group in task.kernel.allGroups where group.lock.withLock({ group.processGroup == wanted }) { found += group.liveTasks }
        case 2:
            let wanted = who == 0 ? task.credentials.realUser : UInt32(bitPattern: who)
            for group in task.kernel.allGroups { found += group.liveTasks.filter { $0.sharedCredentials.realUser == wanted } }
        default: throw .EINVAL
        }
        if found.isEmpty { throw .ESRCH }
        return found
    }

    @Sendable static func getpriority(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if call.int(0) == 0, call.int(1) == initID { return .done(20) }
        var best: Int32 = 19
        for target in try priorityTargets(task, call) { best = min(best, target.group.lock.withLock { target.nice }) }
        // The raw call returns 20 - nice, so that no value looks like an error.
        return .done(Int64(20 - best))
    }
    @Sendable static func setpriority(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let nice = max(-20, min(19, call.int(2)))
        var failure: Errno?
        for target in try priorityTargets(task, call) {
            if !mayControl(task, target) {
                failure = .EPERM
            } else if nice < target.group.lock.withLock({ target.nice }), !mayRaise(task, target, to: nice) {
                failure = .EACCES
            } else {
                target.group.lock.withLock { target.nice = nice }
            }
        }
        if let failure { throw failure }
        return .success
    }
    /// RLIMIT_NICE or CAP_SYS_NICE.
    private static func mayRaise(_ task: Task, _ target: Task, to nice: Int32) -> Bool {
        let limit = target.group.lock.withLock { target.group.limits[13]?.soft ?? 0 }
        return UInt64(20 - nice) <= limit || task.credentials.has(.nice)
    }

    // MARK: I/O priorities

    private static func ioTargets(_ task: Task, _ call: SyscallCall) throws(Errno) -> [Task] {
        // IOPRIO_WHO_PROCESS, PGRP, USER are getpriority's numbers plus one.
        var shifted = SyscallCall(number: call.number, UInt64(UInt32(bitPattern: call.int(0) &- 1)), call.a1)
        shifted.progress = nil
        return try priorityTargets(task, shifted)
    }
    @Sendable static func ioprioGet(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        // IOPRIO_WHO_PROCESS of init, which has never asked for a priority.
        if call.int(0) == 1, call.int(1) == initID { return .success }
        let values = try ioTargets(task, call).map { target in target.group.lock.withLock { target.scheduling.ioPriority } }
        return .done(Int64(values.min() ?? 0))
    }
    @Sendable static func ioprioSet(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let value = call.int(2)
        let (kind, data) = (value >> 13, value & 0x1fff)
        switch kind {
        case 0: if data != 0 { throw .EINVAL }
        case 1:
            if !task.credentials.has(.nice) { throw .EPERM }
            if data >= 8 { throw .EINVAL }
        case 2: if data >= 8 { throw .EINVAL }
        case 3: break
        default: throw .EINVAL
        }
        for target in try ioTargets(task, call) {
            if !mayControl(task, target) { throw .EPERM }
            target.group.lock.withLock { target.scheduling.ioPriority = UInt16(truncatingIfNeeded: value) }
        }
        return .success
    }
}
