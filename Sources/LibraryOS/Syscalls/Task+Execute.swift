/// How a system call ended, for the runner of the task.
public enum CallResult: Sendable {
    /// This goes into `rax` (an errno negated; restart codes are for the signal delivery to translate).
    case value(Int64)
    /// All registers were replaced.
    case registersReplaced
    /// The task is over.
    case exit
    /// Only in place: the exit path has to run it.
    case leave
}

extension Task {
    /// Runs a call to its end: looks the handler up, runs it, and waits by this task's parker as often as the handler asks.
    ///
    /// The order is enqueue, look again, sleep, so that a wake between the look and the sleep is never lost.
    public func execute(_ call: inout SyscallCall) -> CallResult {
        if seccomp.isActive {
            // A verdict may be a signal or an end, which only the task's own runner can act on.
            if call.inPlace { return .leave }
            if let result = screen(call) { return result }
        }
        guard let entry = SyscallTable.shared.entry(call.number) else {
            if call.inPlace { return .leave }
            kernel.reportUnknown(call.number, by: self)
            return .value(Errno.ENOSYS.syscallResult)
        }
        do throws(Errno) {
            var outcome = try entry.handler(self, &call)
            while case .wait(let wait) = outcome {
                if call.inPlace { return .leave }
                outcome = try sleep(wait, entry, &call)
            }
            switch outcome {
            case .done(let value):
                if fruitlessReliefs != 0 { fruitlessReliefs = 0 }
                return .value(value)
            case .registersReplaced: return .registersReplaced
            case .exit: return .exit
            case .leave, .wait: return .leave
            }
        } catch {
            switch error {
            case .ENOENT: if !call.inPlace { reportMissing(entry, call) }
            case .EMFILE: noteFullTable()
            case .ENOMEM, .EFAULT:
                if error == .EFAULT, let page = memory.takePostponed() {
                    if call.inPlace { return .leave }
                    if page.bringAfterCommit() { return .value(Errno.ERESTARTNOINTR.syscallResult) }
                }
                guard memory.takeShortage() else { break }
                // A page of the program's could not be had: as with a fault of its own, memory is found, or somebody ends. Then the call is made again.
                if call.inPlace { return .leave }
                guard kernel.relieveShortage(for: self) else { break }
                return .value(Errno.ERESTARTNOINTR.syscallResult)
            default: break
            }
            return .value(error.syscallResult)
        }
    }

    /// Tells the host's side of an absolute path that was not found: the person who granted too little learns which one.
    private func reportMissing(_ entry: SyscallEntry, _ call: SyscallCall) {
        guard kernel.configuration.namesMissingPaths, let index = entry.arguments.firstIndex(of: .path), index < 6 else { return }
        guard let path = try? memory.readCString(call.address(index), limit: 4095), path.first == UInt8(ascii: "/") else { return }
        kernel.host.pathMissing(path)
    }

    private func sleep(_ wait: Wait, _ entry: SyscallEntry, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        for queue in wait.queues { queue.add(parker) }
        defer { for queue in wait.queues { queue.remove(parker) } }
        call.wake = isInterrupted(wait) ? .interrupted : .queue
        let again = try entry.handler(self, &call)
        guard case .wait(let now) = again else { return again }
        if call.wake == .interrupted {
            call.progress?.cancel()
            throw .EINTR
        }
        // The queues may have changed (a poll set); what is waited on is always what the last run named.
        for queue in now.queues { queue.add(parker) }
        defer { for queue in now.queues { queue.remove(parker) } }
        waits.increment()
        isAsleep = true
        let inTime = parker.park(until: now.deadline)
        isAsleep = false
        if isInterrupted(now) {
            call.wake = .interrupted
        } else {
            call.wake = inTime ? .queue : .deadline
        }
        return try entry.handler(self, &call)
    }

    /// Whether something is pending that ends a wait.
    private func isInterrupted(_ wait: Wait) -> Bool { wait.isKillable ? group.isExiting || isDismissed : hasPendingWork }
}
