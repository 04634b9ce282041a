extension Syscalls {
    /// clone(2).
    @Sendable static func clone(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if let waiting = call.progress as? VforkWait { return waiting.outcome }
        return try task.clone(CloneRequest(call), &call)
    }

    /// clone3(2).
    @Sendable static func clone3(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if let waiting = call.progress as? VforkWait { return waiting.outcome }
        return try task.clone(CloneRequest(task, structure: call.address(0), size: call.length(1)), &call)
    }

    /// fork(2).
    @Sendable static func fork(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { try task.clone(CloneRequest(fork: []), &call) }

    /// vfork(2).
    @Sendable static func vfork(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if let waiting = call.progress as? VforkWait { return waiting.outcome }
        return try task.clone(CloneRequest(fork: [.vfork, .memory]), &call)
    }

    /// exit(2): of this thread only.
    @Sendable static func exit(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        task.exitCode = (call.int(0) & 0xff) << 8
        return .exit
    }

    /// exit_group(2).
    @Sendable static func exit_group(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        task.group.exit(status: (call.int(0) & 0xff) << 8, by: task)
        return .exit
    }

    /// gettid(2).
    @Sendable static func gettid(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { .done(Int64(task.id)) }

    /// set_tid_address(2).
    @Sendable static func set_tid_address(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        task.clearChildTID = call.address(0)
        return .done(Int64(task.id))
    }

    /// set_robust_list(2).
    @Sendable static func set_robust_list(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if call.length(1).value != 24 { throw .EINVAL }
        task.robustList = call.address(0)
        return .success
    }

    /// get_robust_list(2), of the caller or another thread of its process.
    @Sendable static func get_robust_list(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let id = call.int(0)
        if id == initID { throw .EPERM }
        guard let target = id == 0 ? task : task.kernel.task(id) else { throw .ESRCH }
        // Others would have to be readable with ptrace(2).
        if target.group !== task.group { throw .EPERM }
        try task.memory.writeU64(24, to: call.address(2))
        try task.memory.writeU64(target.robustList.value, to: call.address(1))
        return .success
    }
}
