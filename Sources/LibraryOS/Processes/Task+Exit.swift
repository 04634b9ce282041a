extension Task {
    /// The end of a task: called once by its runner, after it has left the vCPU for good and after `CallProgress.cancel()` of a call it was waiting in.
    ///
    /// Words it owns are released, joiners are woken, descriptors closed with their last user; the last task ends the process. True when it was
    /// the last.
    @discardableResult
    package func finish() -> Bool {
        let process = group.signals
        let (unclaimed, lost) = process.lock.withLock {
            signals.departed = true
            let dropped = signals.pending.remove(SignalSet(bits: .max))
            process.queued -= dropped.count
            return (process.pending.set.subtracting(signals.mask), dropped.compactMap { $0.timerHandle })
        }
        for timer in lost { timer.lost() }
        if !unclaimed.isEmpty { group.retarget(unclaimed, from: self) }
        leaveMemory()
        if let status = exitCode { group.noteExit(of: self, status: status) }
        leaveSemaphoreUndo()
        dropDescriptors()
        kernel.processes.threadEnds(self)
        let last = kernel.processes.remove(self)
        // Who queued after the first look still found this task; later ones do not (`ESRCH`).
        releaseOwnedWords()
        if last {
            _ = group.beginExit(status: group.lastStatus)
            group.endSignals()
            group.leaves(memory, forAnother: false)
            // Objects that are mapped refer to the address space: they would keep each other.
            if !(kernel.endsWithProcess && group === kernel.processes.first) { memory.leave() }
            kernel.processes.processEnded(group, remains: self)
        }
        return last
    }

    /// What execve(2) does to signals and threads' leftovers, before the memory is replaced and when the task is its group's only one: handlers, the
    /// alternate stack and POSIX timers go; the mask, pending signals, ignored signals and interval timers stay.
    package func resetForExecution() {
        leaveMemory()
        group.signals.actions.resetForExecution()
        group.signals.timers.removeAll(keepingIntervals: true)
        signals.alternateStack = AlternateStack()
        restartBlock = nil
    }

    /// The task stops using this memory: words in it that it owns are released, joiners woken.
    private func leaveMemory() {
        walkRobustList()
        releaseOwnedWords()
        clearThreadID()
        vforkCompletion?.complete()
        vforkCompletion = nil
    }

    /// One user of the descriptor table less; the last one closes everything.
    func dropDescriptors() {
        if descriptors.users.decrement() { descriptors.closeAll(onlyCloseOnExec: false, by: self) }
    }

    /// CLONE_CHILD_CLEARTID: what pthread_join(3) waits for. Not for the last user of the memory: nobody is left to look.
    private func clearThreadID() {
        guard !clearChildTID.isNull, group.liveTaskCount > 1 || memory.users.value > 1 else { return }
        do throws(Errno) {
            try memory.writeU32(0, to: clearChildTID)
            try kernel.futexes.wake(futexKey(clearChildTID, shared: true), count: 1)
        } catch {}
        clearChildTID = GuestAddress(0)
    }

    // MARK: Words owned (robust futexes, FUTEX_LOCK_PI)

    /// The list of set_robust_list(2): struct robust_list_head is the first entry, an offset from entries to words, and an entry being worked on.
    private func walkRobustList() {
        let head = robustList
        if head.isNull { return }
        robustList = GuestAddress(0)
        do throws(Errno) {
            let structure = ByteReader(try memory.readBytes(head, count: 24))
            var entry = structure.u64(0)
            let offset = structure.u64(8), pending = structure.u64(16)
            // The list is the program's: it may be a circle, so the walk has an end as in Linux.
            for _ in 0..<2048 {
                let place = GuestAddress(entry & ~1)
                if place == head { break }
                let next = try memory.readU64(place)
                if place.value != pending & ~1 { try releaseRobust(entry, offset: offset, isPending: false) }
                // An entry that leads to itself stays what it has become.
                if next == entry { break }
                entry = next
            }
            if pending & ~1 != 0 { try releaseRobust(pending, offset: offset, isPending: true) }
        } catch {}
    }

    /// Marks a word that this task owns as left by a dead owner and wakes one waiter. Bit 0 of the entry says that the word has PI waiters.
    private func releaseRobust(_ entry: UInt64, offset: UInt64, isPending: Bool) throws(Errno) {
        let address = GuestAddress((entry & ~1) &+ offset)
        let isPriority = entry & 1 != 0
        let own = UInt32(bitPattern: id)
        for _ in 0..<1024 {
            let value = try memory.load32(address)
            let diedBeforeWaking = isPending && !isPriority && value == 0
            if !diedBeforeWaking, value & FutexOwner.mask != own { return }
            let key = try futexKey(address, shared: true)
            if diedBeforeWaking {
                try kernel.futexes.wake(key, count: 1)
                return
            }
            if isPriority, value & FutexOwner.waiters != 0 {
                let word = FutexPriorityWord(key: key, memory: memory, address: address)
                return try Syscalls.release(word, owner: own, mark: FutexOwner.died, table: kernel.futexes)
            }
            let marked = (value & FutexOwner.waiters) | FutexOwner.died
            if try memory.compareExchange32(address, expected: value, desired: marked) != value { continue }
            if value & FutexOwner.waiters != 0 { try kernel.futexes.wake(key, count: 1) }
            return
        }
    }

    /// Words locked with FUTEX_LOCK_PI whose waiters nobody else would wake, robust or not.
    private func releaseOwnedWords() {
        let own = UInt32(bitPattern: id)
        for word in kernel.futexes.priorityWords {
            do throws(Errno) {
                if try word.memory.load32(word.address) & FutexOwner.mask != own { continue }
                try Syscalls.release(word, owner: own, mark: FutexOwner.died, table: kernel.futexes)
            } catch {}
        }
    }
}
