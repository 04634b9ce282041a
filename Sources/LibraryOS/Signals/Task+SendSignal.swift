extension Task {
    /// Sends a signal to this thread (tgkill, SIGPIPE). Any thread may call it.
    package func send(_ signal: SignalInfo) { _ = group.post(signal, to: self) }

    /// A signal the thread cannot escape, caused by its own instruction: blocked or ignored, it kills. Called by the task's own runner.
    package func forceSignal(_ signal: SignalInfo, fault: FaultState? = nil) {
        if let fault { signals.fault = fault }
        let process = group.signals
        process.lock.withLock {
            let blocked = signals.mask.contains(signal.number)
            if blocked || process.actions[signal.number].isIgnore {
                process.actions[signal.number] = SignalAction()
                signals.mask.remove(signal.number)
            }
            if !signals.pending.set.contains(signal.number) {
                signals.pending.insert(signal, queued: true)
                process.queued += 1
            }
            signals.attention = true
        }
    }

    /// As `forceSignal`, and no handler is asked (a signal frame for SIGSEGV itself could not be written).
    func forceFatalSignal(_ number: Int32) {
        group.signals.actions[number] = SignalAction()
        forceSignal(SignalInfo(number, code: SignalInfo.kernel))
    }
}

/// What became of a signal that was sent.
package enum PostResult: Sendable {
    case queued
    /// It is ignored, or a standard signal that is pending already.
    case dropped
    /// RLIMIT_SIGPENDING does not allow it (`EAGAIN` of sigqueue(3)).
    case refused
}

extension ThreadGroup {
    /// Sends a signal to the process: to any thread that does not block it.
    package func send(_ signal: SignalInfo) { _ = post(signal, to: nil) }

    /// Queues a signal for one thread or for the process and tells a thread to look.
    package func post(_ signal: SignalInfo, to thread: Task?) -> PostResult {
        guard Signal.isValid(signal.number) else { return .dropped }
        if signal.number == Signal.SIGKILL {
            exit(status: Signal.SIGKILL)
            signals.continued.wakeAll()
            return .queued
        }
        let threads = liveTasks
        let limit = lock.withLock { limits[11]?.soft ?? .max }
        var resumed = false
        var lost: [SignalTimer] = []
        var chosen: Task?
        var result = PostResult.dropped
        signals.lock.withLock {
            if signals.isOver { return }
            (resumed, lost) = clearOpposites(of: signal.number, threads)
            let judge = thread ?? threads.first { $0.id == id } ?? threads.first
            if signals.actions.ignores(signal.number), judge?.signals.mask.contains(signal.number) != true { return }
            let alreadyPending = (thread?.signals.pending ?? signals.pending).set.contains(signal.number)
            // A POSIX timer's own entry is queued beside one that is pending already.
            if signal.number < Signal.firstRealTime, alreadyPending, signal.timerHandle == nil || signal.code != SignalInfo.timer { return }
            let kernelMade = signal.number < Signal.firstRealTime && signal.code >= 0
            let fits = kernelMade || signal.timerHandle != nil || UInt64(signals.queued) < limit
            if !fits, signal.number >= Signal.firstRealTime, signal.code != SignalInfo.user {
                result = .refused
                return
            }
            if let thread, thread.signals.departed { return }
            result = .queued
            if fits { signals.queued += 1 }
            if let thread {
                thread.signals.pending.insert(signal, queued: fits)
                if !thread.signals.mask.contains(signal.number) { chosen = thread }
            } else {
                signals.pending.insert(signal, queued: fits)
                chosen = recipient(of: signal.number, threads)
            }
            chosen?.signals.attention = true
        }
        for timer in lost { timer.lost() }
        chosen?.parker.kick()
        if result == .queued { signals.arrivals.wakeAll() }
        if resumed {
            table?.processContinues(self)
            signals.continued.wakeAll()
        }
        return result
    }

    /// The last thread has ended: timers stop, nobody will take what is pending.
    func endSignals() {
        signals.timers.removeAll(keepingIntervals: false)
        signals.lock.withLock {
            signals.isOver = true
            signals.queued -= signals.pending.remove(SignalSet(bits: .max)).count
        }
        signals.continued.wakeAll()
    }

    /// SIGCONT forgets pending stops and lets a stopped process go on; a stop signal forgets a pending SIGCONT. True when the process was stopped.
    private func clearOpposites(of number: Int32, _ threads: [Task]) -> (resumed: Bool, lost: [SignalTimer]) {
        if number == Signal.SIGCONT {
            let lost = discard(.stopping, threads)
            let wasStopped = signals.isStopped
            signals.isStopped = false
            return (wasStopped, lost)
        }
        return (false, SignalSet.stopping.contains(number) ? discard(SignalSet(Signal.SIGCONT), threads) : [])
    }

    /// Forgets pending instances everywhere; returns the timers to be told. Called with the signal lock held.
    private func discard(_ set: SignalSet, _ threads: [Task]) -> [SignalTimer] {
        var removed = signals.pending.remove(set)
        for task in threads { removed.append(contentsOf: task.signals.pending.remove(set)) }
        signals.queued -= removed.count
        return removed.compactMap { $0.timerHandle }
    }

    /// Sets an action as rt_sigaction(2) does, and forgets pending instances of a signal that is ignored from now on.
    func setAction(_ number: Int32, _ action: SignalAction) {
        let threads = liveTasks
        let lost = signals.lock.withLock {
            signals.actions[number] = action
            return signals.actions.ignores(number) ? discard(SignalSet(number), threads) : []
        }
        for timer in lost { timer.lost() }
    }

    /// The thread that is told about a signal of the process: the main one if it takes it, else one that is not busy with another signal.
    private func recipient(of number: Int32, _ threads: [Task]) -> Task? {
        let willing = threads.filter { !$0.signals.departed && !$0.signals.mask.contains(number) }
        return willing.first { $0.id == id && !$0.signals.attention } ?? willing.first { !$0.signals.attention } ?? willing.first
    }

    /// A thread has blocked signals of the process that are pending, or ends: others are told. Called without locks.
    func retarget(_ set: SignalSet, from thread: Task) {
        let threads = liveTasks.filter { $0 !== thread }
        var told: [Task] = []
        signals.lock.withLock {
            var rest = signals.pending.set.intersection(set)
            while let number = rest.first {
                rest.remove(number)
                guard let task = recipient(of: number, threads) else { continue }
                task.signals.attention = true
                told.append(task)
            }
        }
        for task in told { task.parker.kick() }
    }
}
