/// What the runner does after `deliverPendingSignals`.
package enum SignalDelivery: Equatable {
    /// Go on in the program with the task's registers, which may have changed.
    case resume
    /// The process is stopped: sleep until `group.signals.continued` is woken and the process is not stopped any more (or the group exits), then
    /// deliver again with the same argument.
    case stopped
    /// The task ends: `group.exitStatus` is set.
    case exit
}

extension Task {
    /// Whether `deliverPendingSignals` has to run before the program goes on. `result` is what `rax` holds after a call, nil outside calls.
    package func needsSignalDelivery(result: Int64?) -> Bool {
        if hasPendingWork || signals.savedMask != nil { return true }
        guard let result else { return false }
        return Errno.restart(result) != nil
    }

    /// Delivers what is pending, as the kernel does on its way back to the program. Called by the task's own runner without locks.
    ///
    /// `call` is the number of the system call that has just been run, when `registers` is the state right behind its `syscall` instruction with the
    /// result (restart codes included) in `rax`; nil after a fault, a kick, or a call that replaced the registers. Every deliverable signal gets
    /// its frame, the last one's handler runs first. A call that is to be restarted has `rip` moved back and its number in `rax` again. `tell` hears of each
    /// signal before anything comes of it.
    package func deliverPendingSignals(afterCall call: UInt64?, _ tell: (SignalInfo) -> Void = { _ in }) -> SignalDelivery {
        var interrupted: (number: UInt64, code: Errno)?
        if let call, let code = Errno.restart(Int64(bitPattern: registers.rax)) { interrupted = (call, code) }
        while true {
            if group.isExiting || isDismissed { return .exit }
            if group.signals.isStopped {
                signals.attention = true
                if kernel.processes.threadStopped(self), kernel.processes.first === group {
                    kernel.host.processStopped(by: group.signals.lock.withLock { group.signals.stopSignal })
                }
                return .stopped
            }
            guard let (info, action) = takeDeliverable() else {
                if let (number, code) = interrupted { restart(code, number: number) }
                interrupted = nil
                restoreSavedMask()
                // The old mask may let through what the temporary one held back.
                if signals.attention { continue }
                return .resume
            }
            tell(info)
            if !action.isDefault {
                if let (number, code) = interrupted { resolve(code, number: number, action: action) }
                interrupted = nil
                enterHandler(info, action)
                continue
            }
            switch Signal.defaultAction(info.number) {
            case .ignore: continue
            case .stop: announceStop()
            case .terminate, .dumpCore:
                // No core is ever written, whatever RLIMIT_CORE says: the status is that of a process whose core file could not be made.
                group.exit(status: info.number)
                return .exit
            }
        }
    }

    /// Takes the next unblocked signal that is not ignored, with its action; resets the action when it asks for that. Nil: nothing is deliverable.
    private func takeDeliverable() -> (SignalInfo, SignalAction)? {
        let process = group.signals
        // Whether nobody could continue the process; looked up without the signal lock, which comes behind that of the process table.
        var isOrphaned: Bool?
        while true {
            process.lock.lock()
            let wanted = SignalSet(bits: ~signals.mask.bits)
            if isOrphaned == nil, !signals.pending.set.union(process.pending.set).intersection(wanted).intersection(.terminalStops).isEmpty {
                process.lock.unlock()
                isOrphaned = kernel.processes.isOrphaned(group)
                continue
            }
            let own = signals.pending.count, shared = process.pending.count
            guard var info = signals.pending.take(from: wanted) ?? process.pending.take(from: wanted) else {
                updateAttention()
                process.lock.unlock()
                return nil
            }
            process.queued -= own + shared - signals.pending.count - process.pending.count
            let action = process.actions[info.number]
            if !action.isIgnore, !action.isDefault, action.flags & SignalAction.resetHandler != 0 {
                var reset = action
                reset.handler = 0
                process.actions[info.number] = reset
            }
            // In the same breath as taking it, so that a SIGCONT comes either before or after both.
            let isStop = action.isDefault && Signal.defaultAction(info.number) == .stop
            let isVain = isStop && isOrphaned == true && info.number != Signal.SIGSTOP
            if isStop, !isVain {
                process.isStopped = true
                process.stopSignal = info.number
            }
            process.lock.unlock()
            if let timer = info.timerHandle { info.overrun = timer.taken() }
            if action.isIgnore || isVain { continue }
            return (info, action)
        }
    }

    /// Takes a pending signal of `wanted` for rt_sigtimedwait(2) and signalfd(2), whatever is blocked.
    func takePending(_ wanted: SignalSet) -> SignalInfo? {
        let process = group.signals
        let taken = process.lock.withLock {
            let own = signals.pending.count, shared = process.pending.count
            let info = signals.pending.take(from: wanted) ?? process.pending.take(from: wanted)
            process.queued -= own + shared - signals.pending.count - process.pending.count
            updateAttention()
            return info
        }
        guard var info = taken else { return nil }
        if let timer = info.timerHandle { info.overrun = timer.taken() }
        return info
    }

    private func announceStop() {
        for task in group.liveTasks where task !== self {
            task.signals.attention = true
            task.parker.kick()
        }
    }

    // MARK: Interrupted calls

    /// A handler runs: the call fails with `EINTR` or is made again after it.
    private func resolve(_ code: Errno, number: UInt64, action: SignalAction) {
        let again = code == .ERESTARTNOINTR || (code == .ERESTARTSYS && action.flags & SignalAction.restart != 0)
        if again { rewind(to: number) } else { registers.rax = UInt64(bitPattern: Errno.EINTR.syscallResult) }
    }

    /// No handler runs: the call is made again.
    private func restart(_ code: Errno, number: UInt64) {
        rewind(to: code == .ERESTART_RESTARTBLOCK ? Syscalls.restartNumber : number)
    }

    /// Back to the two bytes of the `syscall` instruction.
    private func rewind(to number: UInt64) {
        registers.rax = number
        registers.rip &-= 2
    }

    // MARK: Entering a handler

    private func enterHandler(_ info: SignalInfo, _ action: SignalAction) {
        let image = machine?.readExtendedState() ?? []
        let frame = SignalFrame(
            info: info, action: action, registers: registers, mask: signals.savedMask ?? signals.mask, alternateStack: signals.alternateStack,
            fault: signals.fault, extendedState: image, features: machine?.extendedStateFeatures ?? 0)
        guard let frame, write(frame) else {
            if info.number == Signal.SIGSEGV { forceFatalSignal(Signal.SIGSEGV) } else { forceSignal(SignalInfo(Signal.SIGSEGV, code: SignalInfo.kernel)) }
            return
        }
        if signals.alternateStack.flags & AlternateStack.autoDisarm != 0 { signals.alternateStack = AlternateStack() }
        registers.rdi = UInt64(UInt32(bitPattern: info.number))
        registers.rsi = frame.informationAddress
        registers.rdx = frame.contextAddress
        registers.rax = 0
        registers.rip = action.handler
        registers.rsp = frame.address
        registers.rflags &= ~SignalFrame.flagsClearedForHandler
        signals.savedMask = nil
        var mask = signals.mask.union(action.mask)
        if action.flags & SignalAction.noDefer == 0 { mask.insert(info.number) }
        setSignalMask(mask)
    }

    private func write(_ frame: SignalFrame) -> Bool {
        do throws(Errno) {
            if !frame.extendedState.isEmpty { try memory.writeBytes(frame.extendedState, to: GuestAddress(frame.extendedStateAddress)) }
            try memory.writeBytes(frame.bytes, to: GuestAddress(frame.address))
            return true
        } catch {
            return false
        }
    }
}

extension Errno {
    /// The restart code in a call's result, nil for other results.
    static func restart(_ result: Int64) -> Errno? {
        if result > -512 || result < -516 { return nil }
        let error = Errno(Int32(-result))
        return error.isRestart ? error : nil
    }
}
