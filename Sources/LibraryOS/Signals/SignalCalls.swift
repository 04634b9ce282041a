/// What rt_sigtimedwait(2) read from the program on its first run.
private final class SignalWaitProgress: CallProgress {
    let wanted: SignalSet
    let deadline: MonotonicInstant?
    init(wanted: SignalSet, deadline: MonotonicInstant?) {
        self.wanted = wanted
        self.deadline = deadline
    }
}

extension Syscalls {
    static let restartNumber: UInt64 = 219

    /// rt_sigaction(2).
    @Sendable static func rt_sigaction(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let number = call.int(0)
        if call.length(3).value != 8 { throw .EINVAL }
        let new = call.address(1).isNull ? nil : SignalAction(try task.memory.readBytes(call.address(1), count: SignalAction.size))
        guard Signal.isValid(number), new == nil || !SignalSet.unblockable.contains(number) else { throw .EINVAL }
        let old = task.group.signals.actions[number]
        if let new { task.group.setAction(number, new) }
        if !call.address(2).isNull { try task.memory.writeBytes(old.encoded, to: call.address(2)) }
        return .success
    }

    /// rt_sigprocmask(2).
    @Sendable static func rt_sigprocmask(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if call.length(3).value != 8 { throw .EINVAL }
        let old = task.signals.mask
        if !call.address(1).isNull {
            let set = try task.readSignalSet(call.address(1), size: call.length(3)).subtracting(.unblockable)
            switch call.int(0) {
            case 0: task.setSignalMask(old.union(set))
            case 1: task.setSignalMask(old.subtracting(set))
            case 2: task.setSignalMask(set)
            default: throw .EINVAL
            }
        }
        if !call.address(2).isNull { try task.memory.writeU64(old.bits, to: call.address(2)) }
        return .success
    }

    /// rt_sigpending(2): a shorter set is filled as far as it goes.
    @Sendable static func rt_sigpending(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let size = Int(try call.count(1).checked(limit: 8))
        let pending = task.group.signals.lock.withLock { task.signals.pending.set.union(task.group.signals.pending.set) }
        var writer = ByteWriter(capacity: 8)
        writer.u64(pending.intersection(task.signals.mask).bits)
        try task.memory.writeBytes(Array(writer.bytes.prefix(size)), to: call.address(0))
        return .success
    }

    /// rt_sigtimedwait(2): `EAGAIN` after the timeout, `EINTR` for a signal outside the set.
    @Sendable static func rt_sigtimedwait(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let state: SignalWaitProgress
        if let known = call.progress as? SignalWaitProgress {
            state = known
        } else {
            let wanted = try task.readSignalSet(call.address(0), size: call.length(3)).subtracting(.unblockable)
            var deadline: MonotonicInstant?
            if !call.address(2).isNull {
                let time = ByteReader(try task.memory.readBytes(call.address(2), count: 16))
                let timeout = try nanoseconds(seconds: time.i64(0), fraction: time.i64(8), perSecond: 1_000_000_000)
                deadline = task.kernel.time.monotonicNow().advanced(byNanoseconds: timeout)
            }
            state = SignalWaitProgress(wanted: wanted, deadline: deadline)
            call.progress = state
        }
        if let info = task.takePending(state.wanted) {
            if !call.address(1).isNull { try task.memory.writeBytes(info.encoded, to: call.address(1)) }
            return .done(Int64(info.number))
        }
        if call.wake == .deadline { throw .EAGAIN }
        return try call.wait(on: [task.group.signals.arrivals], until: state.deadline, restart: .EINTR)
    }

    /// rt_sigsuspend(2).
    @Sendable static func rt_sigsuspend(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if call.length(1).value != 8 { throw .EINVAL }
        if call.address(0).isNull { throw .EFAULT }
        return try task.withTemporaryMask(at: call.address(0), size: call.length(1), &call) { call throws(Errno) in
            try call.wait(on: [], restart: .ERESTARTNOHAND)
        }
    }

    /// pause(2).
    @Sendable static func pause(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try call.wait(on: [], restart: .ERESTARTNOHAND)
    }

    /// sigaltstack(2).
    @Sendable static func sigaltstack(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let old = task.signals.alternateStack
        let state = old.state(task.registers.rsp) | (old.flags & AlternateStack.autoDisarm)
        if !call.address(0).isNull {
            let new = ByteReader(try task.memory.readBytes(call.address(0), count: 24))
            try task.setAlternateStack(AlternateStack(base: new.u64(0), size: new.u64(16), flags: new.u32(8)))
        }
        if !call.address(1).isNull {
            var writer = ByteWriter(capacity: 24)
            writer.u64(old.base)
            writer.u32(state)
            writer.u32(0)
            writer.u64(old.size)
            try task.memory.writeBytes(writer.bytes, to: call.address(1))
        }
        return .success
    }

    /// rt_sigreturn(2).
    @Sendable static func rt_sigreturn(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { task.returnFromSignal() }

    /// restart_syscall(2): goes on with the call in `Task.restartBlock`, whose progress holds its absolute deadline. `EINTR` when there is none.
    @Sendable static func restart_syscall(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        guard var saved = task.restartBlock, saved.number != restartNumber, let entry = SyscallTable.shared.entry(saved.number) else { throw .EINTR }
        saved.wake = call.wake
        let result: Result<Outcome, Errno>
        do throws(Errno) { result = .success(try entry.handler(task, &saved)) } catch { result = .failure(error) }
        task.restartBlock = saved
        return try result.get()
    }

    /// Nanoseconds of a timespec (a billion per second) or timeval (a million); `EINVAL` for negative or unnormalised ones. Saturates.
    static func nanoseconds(seconds: Int64, fraction: Int64, perSecond: Int64) throws(Errno) -> Int64 {
        if seconds < 0 || fraction < 0 || fraction >= perSecond { throw .EINVAL }
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, more) = whole.addingReportingOverflow(fraction * (1_000_000_000 / perSecond))
        return overflow || more ? .max : sum
    }
}
