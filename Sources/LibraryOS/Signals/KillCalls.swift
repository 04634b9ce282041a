extension Syscalls {
    /// kill(2).
    @Sendable static func kill(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let target = call.int(0), number = call.int(1)
        if target == .min { throw .ESRCH }
        if target > 0 {
            if target == 1 { return try signalInit(task, number) }
            guard let group = task.kernel.group(target) else { throw .ESRCH }
            try signal(group, number, by: task)
            return .success
        }
        let all = task.kernel.allGroups
        let chosen: [ThreadGroup]
        if target == -1 {
            chosen = all.filter { $0 !== task.group }
        } else {
            let wanted = target == 0 ? task.group.lock.withLock { task.group.processGroup } : -target
            chosen = all.filter { group in group.lock.withLock { group.processGroup } == wanted }
        }
        var failure = Errno.ESRCH
        var reached = false
        for group in chosen {
            do throws(Errno) {
                try signal(group, number, by: task)
                reached = true
            } catch { failure = error }
        }
        if !reached { throw failure }
        return .success
    }

    /// The sandbox's init has no handlers: what root sends it is ignored, others may not.
    private static func signalInit(_ task: Task, _ number: Int32) throws(Errno) -> Outcome {
        if number != 0, !Signal.isValid(number) { throw .EINVAL }
        if task.credentials.effectiveUser != 0 { throw .EPERM }
        return .success
    }

    private static func signal(_ group: ThreadGroup, _ number: Int32, by task: Task) throws(Errno) {
        if number != 0, !Signal.isValid(number) { throw .EINVAL }
        try checkPermission(task, toSignal: group, number)
        if number != 0 { group.send(.sent(number, by: task)) }
    }

    /// kill(2), "Permissions": the sender's real or effective user is the target's real or saved one, or SIGCONT in the same session.
    private static func checkPermission(_ task: Task, toSignal group: ThreadGroup, _ number: Int32) throws(Errno) {
        if group === task.group || task.credentials.effectiveUser == 0 { return }
        guard let other = group.liveTasks.first else { return }
        let target = group.lock.withLock { other.credentials }
        let mine = task.credentials
        for user in [mine.realUser, mine.effectiveUser] where user == target.realUser || user == target.savedUser { return }
        let sessions = (task.group.lock.withLock { task.group.session }, group.lock.withLock { group.session })
        if number == Signal.SIGCONT, sessions.0 == sessions.1 { return }
        throw .EPERM
    }

    /// tkill(2).
    @Sendable static func tkill(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if call.int(0) <= 0 { throw .EINVAL }
        return try signalThread(task, group: nil, thread: call.int(0), .sent(call.int(1), by: task, code: SignalInfo.tkill))
    }

    /// tgkill(2).
    @Sendable static func tgkill(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if call.int(0) <= 0 || call.int(1) <= 0 { throw .EINVAL }
        return try signalThread(task, group: call.int(0), thread: call.int(1), .sent(call.int(2), by: task, code: SignalInfo.tkill))
    }

    private static func signalThread(_ task: Task, group: Int32?, thread: Int32, _ info: SignalInfo) throws(Errno) -> Outcome {
        guard let target = task.kernel.task(thread), group == nil || target.group.id == group else { throw .ESRCH }
        if info.number != 0, !Signal.isValid(info.number) { throw .EINVAL }
        try checkPermission(task, toSignal: target.group, info.number)
        if info.number != 0, target.group.post(info, to: target) == .refused { throw .EAGAIN }
        return .success
    }

    /// rt_sigqueueinfo(2): only to itself may a process claim to be the kernel or tkill(2).
    @Sendable static func rt_sigqueueinfo(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let info = SignalInfo(raw: try task.memory.readBytes(call.address(2), count: SignalInfo.size), number: call.int(1))
        if info.code >= 0 || info.code == SignalInfo.tkill, call.int(0) != task.group.id { throw .EPERM }
        guard let group = task.kernel.group(call.int(0)) else { throw .ESRCH }
        if info.number != 0, !Signal.isValid(info.number) { throw .EINVAL }
        try checkPermission(task, toSignal: group, info.number)
        if info.number != 0, group.post(info, to: nil) == .refused { throw .EAGAIN }
        return .success
    }

    /// rt_tgsigqueueinfo(2).
    @Sendable static func rt_tgsigqueueinfo(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let info = SignalInfo(raw: try task.memory.readBytes(call.address(3), count: SignalInfo.size), number: call.int(2))
        if call.int(0) <= 0 || call.int(1) <= 0 { throw .EINVAL }
        if info.code >= 0 || info.code == SignalInfo.tkill, call.int(1) != task.id { throw .EPERM }
        return try signalThread(task, group: call.int(0), thread: call.int(1), info)
    }
}
