extension Syscalls {
    /// kill(2).
    @Sendable static func kill(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let target = call.int(0), number = call.int(1)
        if number != 0, !Signal.isValid(number) { throw .EINVAL }
        if target == .min { throw .ESRCH }
        let info = SignalInfo.sent(number, by: task)
        if target > 0 {
            if target == initID { return try signalInit(task) }
            // Any thread's id names its process.
            guard let group = task.kernel.group(target) ?? task.kernel.task(target)?.group else { throw .ESRCH }
            try send(info, to: group, by: task)
        } else if target == -1 {
            try signalAll(info, by: task)
        } else {
            try signalGroup(target == 0 ? task.group.lock.withLock { task.group.processGroup } : -target, info, by: task)
        }
        return .success
    }

    /// The sandbox's init has no handlers: what root sends it is ignored, others may not.
    static func signalInit(_ task: Task) throws(Errno) -> Outcome {
        if !task.credentials.has(.kill) { throw .EPERM }
        return .success
    }

    /// How often a process group is looked at for members that were born meanwhile.
    private static let mostLooks = 64

    /// Every member of a process group. A child that is born while the signal goes round was made before its maker got it: it is found by the
    /// next look. Succeeds when one was reached.
    private static func signalGroup(_ id: Int32, _ info: SignalInfo, by task: Task) throws(Errno) {
        var failure = Errno.ESRCH
        var reached = false
        var seen: Set<ObjectIdentifier> = []
        for _ in 0..<mostLooks {
            let fresh = task.kernel.processes.members(of: id).filter { seen.insert(ObjectIdentifier($0)).inserted }
            if fresh.isEmpty { break }
            for group in fresh {
                do throws(Errno) {
                    try send(info, to: group, by: task)
                    reached = true
                } catch { failure = error }
            }
        }
        if !reached { throw failure }
    }

    /// Every process but init and the sender's own.
    private static func signalAll(_ info: SignalInfo, by task: Task) throws(Errno) {
        var found = false
        var failure: Errno?
        var seen: Set<ObjectIdentifier> = [ObjectIdentifier(task.group)]
        for _ in 0..<mostLooks {
            let fresh = task.kernel.allGroups.filter { seen.insert(ObjectIdentifier($0)).inserted }
            if fresh.isEmpty { break }
            for group in fresh {
                found = true
                do throws(Errno) { try send(info, to: group, by: task) } catch { if error != .EPERM { failure = error } }
            }
        }
        if !found { throw .ESRCH }
        if let failure { throw failure }
    }

    /// Checks the permission and sends; number 0 only checks. `EAGAIN` when the queue of the process is full.
    static func send(_ info: SignalInfo, to group: ThreadGroup, by task: Task) throws(Errno) {
        try checkPermission(task, toSignal: group, info.number)
        if info.number != 0, group.post(info, to: nil) == .refused { throw .EAGAIN }
    }

    /// kill(2), "Permissions": the sender's real or effective user is the target's real or saved one, or SIGCONT in the same session.
    private static func checkPermission(_ task: Task, toSignal group: ThreadGroup, _ number: Int32) throws(Errno) {
        if group === task.group || task.credentials.has(.kill) { return }
        let target = group.credentials
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
        if info.number != 0, !Signal.isValid(info.number) { throw .EINVAL }
        guard let group = task.kernel.group(call.int(0)) else { throw .ESRCH }
        try send(info, to: group, by: task)
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
