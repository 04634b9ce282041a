/// Which terminal controls whom. Each process knows its controlling terminal, as in the kernel: a process that was made before its session's leader got
/// one has none.
extension ProcessTable {
    /// The controlling terminal of a process.
    func terminal(of group: ThreadGroup) -> Terminal? { lock.withLock { group.links.terminal } }

    /// What /proc/PID/stat says of it: device number and foreground process group.
    func terminalState(of group: ThreadGroup) -> (deviceNumber: UInt64, foregroundGroup: Int32)? {
        lock.withLock { group.links.terminal.map { ($0.deviceNumber, $0.foregroundGroup) } }
    }

    /// TIOCSCTTY: a session leader without a controlling terminal takes one that controls no session.
    func acquire(_ terminal: Terminal, by group: ThreadGroup, canRead: Bool) throws(Errno) {
        lock.lock()
        defer { lock.unlock() }
        if group.session == group.id, terminal.session == group.session { return }
        if group.session != group.id || group.links.terminal != nil || terminal.session != 0 || !canRead { throw .EPERM }
        attach(terminal, to: group)
    }

    /// What opening a terminal without O_NOCTTY does for a session leader that has none.
    func acquireByOpening(_ terminal: Terminal, by group: ThreadGroup, canRead: Bool) {
        lock.withLock {
            guard canRead, group.session == group.id, group.links.terminal == nil, terminal.session == 0, group.links.state == .running else { return }
            attach(terminal, to: group)
        }
    }

    private func attach(_ terminal: Terminal, to group: ThreadGroup) {
        group.links.terminal = terminal
        terminal.session = group.session
        terminal.foregroundGroup = group.processGroup
    }

    /// The first program's session begins with the inherited terminal.
    package func attachFirst(_ terminal: Terminal) { lock.withLock { if let first { attach(terminal, to: first) } } }

    /// TIOCNOTTY: a process gives up its controlling terminal; when the leader does, the whole session loses it and the foreground is told.
    func giveUp(_ terminal: Terminal, by group: ThreadGroup) throws(Errno) {
        var consequences = Consequences()
        lock.lock()
        guard group.links.terminal === terminal else {
            lock.unlock()
            throw .ENOTTY
        }
        if group.session == group.id {
            signal(terminal.foregroundGroup, [Signal.SIGHUP, Signal.SIGCONT], &consequences)
            detach(terminal)
        } else {
            group.links.terminal = nil
        }
        lock.unlock()
        consequences.carryOut()
    }

    /// A session's leader has ended: the session has no controlling terminal any more, its foreground is hung up. Lock held.
    func sessionLeaderEnded(_ group: ThreadGroup, _ consequences: inout Consequences) {
        guard group.session == group.id else { return }
        if let terminal = group.links.terminal {
            signal(terminal.foregroundGroup, [Signal.SIGHUP], &consequences)
            detach(terminal)
        } else if group.links.lostForegroundGroup != 0 {
            signal(group.links.lostForegroundGroup, [Signal.SIGHUP, Signal.SIGCONT], &consequences)
        }
        group.links.lostForegroundGroup = 0
    }

    /// The terminal is gone (its master was closed): the session's leader is told, and nobody is controlled by it any more.
    func hangUp(_ terminal: Terminal) {
        var consequences = Consequences()
        lock.withLock {
            if terminal.session != 0, let leader = groupLocked(terminal.session), leader.links.state == .running {
                for number in [Signal.SIGHUP, Signal.SIGCONT] { consequences.signals.append((leader, SignalInfo(number, code: SignalInfo.kernel))) }
                // Its end hangs them up.
                leader.links.lostForegroundGroup = terminal.foregroundGroup
            }
            detach(terminal)
        }
        consequences.carryOut()
    }

    private func detach(_ terminal: Terminal) {
        forEachGroup { if $0.links.terminal === terminal { $0.links.terminal = nil } }
        terminal.session = 0
        terminal.foregroundGroup = 0
    }

    private func signal(_ id: Int32, _ numbers: [Int32], _ consequences: inout Consequences) {
        guard id != 0 else { return }
        for member in processGroup(id) {
            for number in numbers { consequences.signals.append((member, SignalInfo(number, code: SignalInfo.kernel))) }
        }
    }

    // MARK: The foreground

    /// Sends a signal of the terminal's own to its foreground process group.
    func signalForeground(of terminal: Terminal, _ number: Int32) {
        var consequences = Consequences()
        lock.withLock { signal(terminal.foregroundGroup, [number], &consequences) }
        consequences.carryOut()
    }

    /// The process group of a process in the background of its controlling terminal; nil when it may use the terminal.
    func backgroundGroup(of group: ThreadGroup, on terminal: Terminal) -> Int32? {
        lock.withLock {
            guard group.links.terminal === terminal, terminal.foregroundGroup != 0, terminal.foregroundGroup != group.processGroup else { return nil }
            return group.processGroup
        }
    }

    /// TIOCGPGRP; `ENOTTY` when it is not the controlling terminal of who asks.
    func foregroundGroup(of terminal: Terminal, asking group: ThreadGroup?) throws(Errno) -> Int32 {
        lock.lock()
        defer { lock.unlock() }
        if let group, group.links.terminal !== terminal { throw .ENOTTY }
        return terminal.foregroundGroup
    }

    /// TIOCGSID.
    func session(of terminal: Terminal, asking group: ThreadGroup?) throws(Errno) -> Int32 {
        lock.lock()
        defer { lock.unlock() }
        if let group, group.links.terminal !== terminal { throw .ENOTTY }
        if terminal.session == 0 { throw .ENOTTY }
        return terminal.session
    }

    /// TIOCSPGRP: any process group of the session.
    func setForegroundGroup(of terminal: Terminal, to id: Int32, by group: ThreadGroup) throws(Errno) {
        lock.lock()
        defer { lock.unlock() }
        guard group.links.terminal === terminal, terminal.session == group.session else { throw .ENOTTY }
        // A process that leads no group can be named, too (`session_of_pgrp` of the kernel).
        guard let member = processGroup(id).first ?? groupLocked(id) else { throw .ESRCH }
        if member.session != group.session { throw .EPERM }
        terminal.foregroundGroup = id
    }
}
