extension Task {
    /// Replaces the mask of this thread; called by its own runner. Signals of the process that it blocks now are offered to other threads.
    package func setSignalMask(_ mask: SignalSet) {
        let process = group.signals
        let abandoned = process.lock.withLock {
            let newlyBlocked = mask.subtracting(signals.mask)
            signals.mask = mask.subtracting(.unblockable)
            updateAttention()
            return process.pending.set.intersection(newlyBlocked)
        }
        if !abandoned.isEmpty { group.retarget(abandoned, from: self) }
    }

    /// Looks again whether anything is deliverable. Called with the signal lock held.
    func updateAttention() {
        let pending = signals.pending.set.union(group.signals.pending.set)
        signals.attention = group.signals.isStopped || !pending.subtracting(signals.mask).isEmpty
    }

    /// A `sigset_t` of the program; `EINVAL` unless `size` is 8.
    package func readSignalSet(_ address: GuestAddress, size: GuestLength) throws(Errno) -> SignalSet {
        if size.value != 8 { throw .EINVAL }
        return SignalSet(bits: try memory.readU64(address))
    }

    /// Runs a handler that waits with another signal mask (ppoll, pselect6, epoll_pwait, rt_sigsuspend).
    ///
    /// The mask at `address` (NULL: the present one stays) is read and installed by the handler's first run and stays while the call waits. When
    /// the call ends by itself the old mask is back before it returns; when a signal ends it (`EINTR` or a restart code), the old mask is kept in
    /// `savedMask`, goes into the signal frame, and is restored by the handler's return or, when no handler runs, by `deliverPendingSignals`.
    package func withTemporaryMask(
        at address: GuestAddress, size: GuestLength, _ call: inout SyscallCall, _ body: (inout SyscallCall) throws(Errno) -> Outcome
    ) throws(Errno) -> Outcome {
        if !address.isNull, signals.savedMask == nil {
            installTemporaryMask(try readSignalSet(address, size: size))
        }
        do throws(Errno) {
            let outcome = try body(&call)
            if case .wait = outcome { return outcome }
            restoreSavedMask()
            return outcome
        } catch {
            if !error.isInterruption { restoreSavedMask() }
            throw error
        }
    }

    func installTemporaryMask(_ mask: SignalSet) {
        if signals.savedMask != nil { return }
        signals.savedMask = signals.mask
        setSignalMask(mask)
    }

    func restoreSavedMask() {
        guard let saved = signals.savedMask else { return }
        signals.savedMask = nil
        setSignalMask(saved)
    }
}

extension Errno {
    /// One of the codes that only signal delivery may see.
    package var isRestart: Bool { code == 512 || code == 513 || code == 514 || code == 516 }
    /// A call ended because a signal came.
    package var isInterruption: Bool { isRestart || self == .EINTR }
}
