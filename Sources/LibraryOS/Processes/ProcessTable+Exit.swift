extension ProcessTable {
    /// What has to be done without the lock when processes have changed.
    struct Consequences {
        var wakes: [WaitQueue] = []
        var signals: [(group: ThreadGroup, signal: SignalInfo)] = []
        var killed: [ThreadGroup] = []

        func carryOut() {
            for queue in wakes { queue.wakeAll() }
            for (group, signal) in signals { group.send(signal) }
            for group in killed { group.exit(status: Signal.SIGKILL) }
        }
    }

    /// A thread ends while others of its process live, or as the last one: children that asked for it are told, the others belong to the
    /// process's other threads now.
    func threadEnds(_ task: Task) {
        var consequences = Consequences()
        lock.withLock {
            let heir = task.group.liveTasks.first { $0 !== task }
            for child in task.group.links.children where child.links.creator == task.id {
                tellOfParentsDeath(child, task, &consequences)
                if let heir { child.links.creator = heir.id }
            }
            // A process that stops is stopped when its last running thread is gone.
            task.group.links.stoppedTasks.remove(task.id)
        }
        consequences.carryOut()
    }

    private func tellOfParentsDeath(_ child: ThreadGroup, _ parent: Task, _ consequences: inout Consequences) {
        guard child.links.state == .running else { return }
        for thread in child.liveTasks {
            let number = child.lock.withLock { thread.parentDeathSignal }
            if number != 0 { consequences.signals.append((child, .sent(number, by: parent))) }
        }
    }

    /// A process has ended (its last thread was removed): children go to a new parent, the parent is told.
    func processEnded(_ group: ThreadGroup, remains: Task) {
        var consequences = Consequences()
        lock.withLock {
            group.links.state = .zombie
            group.links.lastTask = group.endedLeader ?? remains
            group.forgetLeader()
            group.hasEnded = true
            sessionLeaderEnded(group, &consequences)
            for child in group.links.children { adopt(child, from: group, &consequences) }
            group.links.children = []
            group.links.stoppedTasks = []
            orphan(group, leaving: group.links.parent, ignoring: group, &consequences)
            if first === group { consequences.killed = beginEnding(except: group) }
            consequences.wakes.append(group.ended)
            announceEnd(of: group, &consequences)
        }
        consequences.carryOut()
    }

    /// The kernel's `find_new_reaper`: the nearest ancestor that asked for it (PR_SET_CHILD_SUBREAPER), else init.
    private func newParent(for group: ThreadGroup) -> ThreadGroup? {
        var candidate = group.links.parent
        while let found = candidate {
            if found.links.state == .running, found.lock.withLock({ found.attributes.isChildSubreaper }) { return found }
            candidate = found.links.parent
        }
        return nil
    }

    private func adopt(_ child: ThreadGroup, from old: ThreadGroup, _ consequences: inout Consequences) {
        let parent = newParent(for: old)
        child.links.parent = parent
        child.links.creator = parent.flatMap { $0.liveTasks.first?.id } ?? Self.initID
        child.links.exitSignal = Signal.SIGCHLD
        child.lock.withLock { child.parent = parent?.id ?? Self.initID }
        parent?.links.children.append(child)
        if child.links.state == .zombie {
            announceEnd(of: child, &consequences)
        } else {
            orphan(child, leaving: old, ignoring: nil, &consequences)
        }
    }

    /// Tells the parent of an ended process; one whose parent does not care is reaped at once. Lock held.
    private func announceEnd(of group: ThreadGroup, _ consequences: inout Consequences) {
        guard let parent = group.links.parent else {
            reap(group)
            return
        }
        let signal = group.links.exitSignal
        let action = parent.signals.actions[Signal.SIGCHLD]
        let isUnwanted = signal == Signal.SIGCHLD && (action.isIgnore || action.flags & SignalAction.noChildWait != 0)
        if Signal.isValid(signal), !(isUnwanted && action.isIgnore) {
            let status = group.exitStatus ?? 0
            let killed = status & 0x7f != 0
            var info = childSignal(group, code: killed ? (status & 0x80 != 0 ? ChildCode.dumped : ChildCode.killed) : ChildCode.exited)
            info.number = signal
            info.status = killed ? status & 0x7f : (status >> 8) & 0xff
            // Before any wait(2) can tell of it.
            _ = parent.post(info, to: nil)
        }
        if isUnwanted { reap(group) }
        consequences.wakes.append(parent.childChanged)
    }

    /// `si_code` of SIGCHLD.
    enum ChildCode {
        static let exited: Int32 = 1, killed: Int32 = 2, dumped: Int32 = 3, stopped: Int32 = 5, continued: Int32 = 6
    }

    func childSignal(_ group: ThreadGroup, code: Int32) -> SignalInfo {
        var info = SignalInfo(Signal.SIGCHLD, code: code)
        info.sender = group.id
        info.senderUser = group.credentials.realUser
        let usage = group.usage
        info.userTime = usage.user / Syscalls.nanosecondsPerTick
        info.systemTime = usage.system / Syscalls.nanosecondsPerTick
        return info
    }

    // MARK: Stopping and continuing

    /// A thread has come to a halt; with the last one the process is stopped, and the parent is told. True when this was that moment.
    func threadStopped(_ task: Task) -> Bool {
        var consequences = Consequences()
        let stopped: Bool = lock.withLock {
            let group = task.group
            guard group.signals.isStopped, group.links.state == .running else { return false }
            group.links.stoppedTasks.insert(task.id)
            guard group.links.stopSignal == nil, group.links.stoppedTasks.count >= group.liveTasks.count else { return false }
            let number = group.signals.lock.withLock { group.signals.stopSignal }
            group.links.stopSignal = number
            group.links.hasUnreportedStop = true
            group.links.hasUnreportedContinue = false
            announceChange(of: group, ChildCode.stopped, number, &consequences)
            return true
        }
        consequences.carryOut()
        return stopped
    }

    /// SIGCONT has let a process go on.
    func processContinues(_ group: ThreadGroup) {
        var consequences = Consequences()
        lock.withLock {
            group.links.stoppedTasks = []
            guard group.links.stopSignal != nil, group.links.state == .running else { return }
            group.links.stopSignal = nil
            group.links.hasUnreportedStop = false
            group.links.hasUnreportedContinue = true
            announceChange(of: group, ChildCode.continued, Signal.SIGCONT, &consequences)
        }
        consequences.carryOut()
    }

    private func announceChange(of group: ThreadGroup, _ code: Int32, _ number: Int32, _ consequences: inout Consequences) {
        guard let parent = group.links.parent else { return }
        if parent.signals.actions[Signal.SIGCHLD].flags & SignalAction.noChildStop == 0 {
            var info = childSignal(group, code: code)
            info.status = number
            consequences.signals.append((parent, info))
        }
        consequences.wakes.append(parent.childChanged)
    }

    // MARK: Orphaned process groups

    /// The kernel's `kill_orphaned_pgrp`: a process group that nobody outside can continue any more, and has stopped members, is hung up. Lock held.
    private func orphan(_ group: ThreadGroup, leaving parent: ThreadGroup?, ignoring ignored: ThreadGroup?, _ consequences: inout Consequences) {
        guard let parent, parent.processGroup != group.processGroup, parent.session == group.session else { return }
        let members = processGroup(group.processGroup)
        guard isOrphaned(group.processGroup, ignoring: ignored), members.contains(where: { $0.links.stopSignal != nil }) else { return }
        for member in members {
            consequences.signals.append((member, SignalInfo(Signal.SIGHUP, code: SignalInfo.kernel)))
            consequences.signals.append((member, SignalInfo(Signal.SIGCONT, code: SignalInfo.kernel)))
        }
    }

    /// Whether no member has a parent in the same session outside the process group. The first program's parent counts as one: whoever runs skerry. Lock held.
    private func isOrphaned(_ id: Int32, ignoring ignored: ThreadGroup?) -> Bool {
        for member in processGroup(id) where member !== ignored && member.links.state == .running {
            if member === first { return false }
            if let parent = member.links.parent, parent.processGroup != id, parent.session == member.session { return false }
        }
        return true
    }
    /// Whether stop signals of the terminal do nothing to a process, since nobody could continue it.
    func isOrphaned(_ group: ThreadGroup) -> Bool { lock.withLock { isOrphaned(group.processGroup, ignoring: nil) } }
}
