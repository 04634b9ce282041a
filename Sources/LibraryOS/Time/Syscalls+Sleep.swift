/// A sleep that goes on: when it ends by its own clock.
private final class SleepProgress: CallProgress {
    let end: Int64
    init(end: Int64) { self.end = end }
}

/// nanosleep(2) and clock_nanosleep(2).
extension Syscalls {
    @Sendable static func nanosleep(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try sleep(task, &call, clock: .monotonic, absolute: false, request: call.address(0), remaining: call.address(1))
    }

    @Sendable static func clockNanosleep(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        guard let clock = ClockIdentifier(call.int(0)) else { throw .EINVAL }
        switch clock {
        case .monotonicRaw, .realtimeCoarse, .monotonicCoarse, .thread(nil): throw .EOPNOTSUPP
        case .thread(.some(let id)) where id == task.id: throw .EINVAL
        default: break
        }
        // TIMER_ABSTIME; other flags are ignored.
        let absolute = call.int(1) & 1 != 0
        return try sleep(task, &call, clock: clock, absolute: absolute, request: call.address(2), remaining: call.address(3))
    }

    private static func sleep(
        _ task: Task, _ call: inout SyscallCall, clock: ClockIdentifier, absolute: Bool, request: GuestAddress, remaining: GuestAddress
    ) throws(Errno) -> Outcome {
        let end: Int64
        let now = try clock.now(task)
        if let progress = call.progress as? SleepProgress {
            end = progress.end
        } else {
            let wanted = try task.memory.readTimespec(request)
            if absolute {
                end = wanted
            } else {
                let (sum, overflow) = now.addingReportingOverflow(wanted)
                end = overflow ? .max : sum
            }
            call.progress = SleepProgress(end: end)
        }
        if now >= end { return .success }
        if call.wake == .interrupted {
            // An absolute sleep is simply made again; a relative one goes on to the same end by restart_syscall(2).
            if absolute { throw .ERESTARTNOHAND }
            if !remaining.isNull { try task.memory.writeTimespec(nanoseconds: end - now, to: remaining) }
            task.restartBlock = call
            throw .ERESTART_RESTARTBLOCK
        }
        return try call.wait(on: [], until: wakeUp(task, clock, after: end &- now), restart: .ERESTARTNOHAND)
    }

    /// When to look at the clock again. CPU clocks run as fast as there are threads that run, so they are looked at before that could be late.
    private static func wakeUp(_ task: Task, _ clock: ClockIdentifier, after distance: Int64) -> MonotonicInstant {
        let now = task.kernel.time.monotonicNow()
        if case .process = clock {
            let speed = Int64(min(task.kernel.visibleProcessors, max(1, task.kernel.taskCount)))
            return now.advanced(byNanoseconds: max(1_000_000, distance / speed))
        }
        return now.advanced(byNanoseconds: distance)
    }
}
