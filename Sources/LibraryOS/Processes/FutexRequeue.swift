/// FUTEX_WAIT_REQUEUE_PI between its runs: first it waits for one word, then to own another.
final class FutexRequeueWait: CallProgress {
    let waiting: FutexWait
    let owning: FutexLock
    var isRequeued = false

    init(waiting: FutexWait, owning: FutexLock) {
        self.waiting = waiting
        self.owning = owning
    }
    override func cancel() {
        _ = waiting.leave(passingOn: false)
        owning.cancel()
    }
}

extension Syscalls {
    /// FUTEX_WAIT_REQUEUE_PI: waits like FUTEX_WAIT_BITSET, and owns the second word when it returns zero.
    static func waitToOwn(_ task: Task, _ call: inout SyscallCall, shared: Bool, realtime: Bool) throws(Errno) -> Outcome {
        if call.inPlace { return .leave }
        let state: FutexRequeueWait
        if let known = call.progress as? FutexRequeueWait {
            state = known
        } else {
            let deadline = try futexDeadline(task, call.address(3), absolute: true, realtime: realtime)
            let word = try FutexWord(task, call.address(0), shared: shared, expected: call.uint(2))
            let target = try task.futexKey(call.address(4), shared: shared)
            if word.key == target { throw .EINVAL }
            state = FutexRequeueWait(
                waiting: FutexWait(table: task.kernel.futexes, words: [word], bitset: .max, deadline: deadline, requeueTarget: target),
                owning: FutexLock(task: task, address: call.address(4), key: target, deadline: deadline))
            call.progress = state
        }
        if !state.isRequeued, let outcome = try waitForRequeue(task, &call, state) { return outcome }
        return try own(task, call, state)
    }

    /// The first half: nil when the second may begin.
    private static func waitForRequeue(_ task: Task, _ call: inout SyscallCall, _ state: FutexRequeueWait) throws(Errno) -> Outcome? {
        if call.wake == .interrupted || call.wake == .deadline {
            if state.waiting.leave(passingOn: false) == nil { throw call.wake == .deadline ? .ETIMEDOUT : .ERESTARTNOINTR }
        } else {
            let outcome = try state.waiting.run(task, &call)
            guard case .done = outcome else { return outcome }
        }
        state.isRequeued = true
        return nil
    }

    private static func own(_ task: Task, _ call: SyscallCall, _ state: FutexRequeueWait) throws(Errno) -> Outcome {
        do throws(Errno) {
            if try state.owning.attempt(task) {
                state.owning.table.dequeue(state.owning.waiter)
                return .success
            }
            if call.wake == .deadline { throw .ETIMEDOUT }
            // The first word has changed by now: the call cannot begin again.
            return try call.wait(on: [state.owning.waiter.queue], until: state.owning.deadline, restart: .EAGAIN)
        } catch {
            if try state.owning.leave() { return .success }
            throw error
        }
    }

    /// FUTEX_CMP_REQUEUE_PI.
    static func requeueToOwner(_ task: Task, _ call: SyscallCall, shared: Bool) throws(Errno) -> Outcome {
        let moving = Int(call.int(3))
        if moving < 0 || call.int(2) != 1 { throw .EINVAL }
        let (key, target) = (try task.futexKey(call.address(0), shared: shared), try task.futexKey(call.address(4), shared: shared))
        if key == target { throw .EINVAL }
        let ticket = task.kernel.futexes.ticket
        if try task.memory.load32(call.address(0)) != call.uint(5) { throw .EAGAIN }
        return .count(try task.kernel.futexes.requeueToOwner(key, count: moving &+ 1, target: target, ticket: ticket))
    }
}
