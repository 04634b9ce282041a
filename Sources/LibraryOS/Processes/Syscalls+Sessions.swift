/// Process groups and sessions (credentials(7)). Process 1 is the sandbox's init: it has no tasks but can be named.
extension Syscalls {
    static let initID = ProcessTable.initID

    /// The process of which `id` names a task; zero is the caller's. `ESRCH`.
    static func process(_ id: Int32, _ task: Task) throws(Errno) -> ThreadGroup {
        if id == 0 || id == task.group.id { return task.group }
        if let group = task.kernel.group(id) { return group }
        if let other = task.kernel.task(id) { return other.group }
        throw .ESRCH
    }
    /// The task with this id; zero is the caller. `ESRCH`; `EPERM` for init, which is no task and obeys nobody.
    static func findTask(_ id: Int32, _ task: Task) throws(Errno) -> Task {
        if id == 0 || id == task.id { return task }
        if id == initID { throw .EPERM }
        guard let found = task.kernel.task(id) else { throw .ESRCH }
        return found
    }

    @Sendable static func getpgrp(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        .done(Int64(task.group.lock.withLock { task.group.processGroup }))
    }
    @Sendable static func getpgid(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if call.int(0) == initID { return .done(Int64(initID)) }
        let group = try process(call.int(0), task)
        return .done(Int64(group.lock.withLock { group.processGroup }))
    }
    @Sendable static func getsid(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if call.int(0) == initID { return .done(Int64(initID)) }
        let group = try process(call.int(0), task)
        return .done(Int64(group.lock.withLock { group.session }))
    }
    @Sendable static func setpgid(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try task.kernel.processes.setProcessGroup(of: call.int(0), to: call.int(1), by: task.group)
        return .success
    }
    @Sendable static func setsid(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try task.kernel.processes.makeSession(for: task.group)
        return .done(Int64(task.group.id))
    }
}
