extension ProcessTable {
    /// setpgid(2).
    func setProcessGroup(of target: Int32, to wanted: Int32, by caller: ThreadGroup) throws(Errno) {
        lock.lock()
        defer { lock.unlock() }
        // No process group has a negative number, not even that of a negative process.
        if wanted < 0 || (wanted == 0 && target < 0) { throw .EINVAL }
        guard let group = groupLocked(target == 0 ? caller.id : target) else { throw taskLocked(target) == nil ? .ESRCH : .EINVAL }
        if group !== caller {
            guard group.links.parent === caller else { throw .ESRCH }
            if group.session != caller.session { throw .EPERM }
            if group.links.hasExecuted { throw .EACCES }
        }
        // The leader of a session leads its first process group for life.
        if group.session == group.id { throw .EPERM }
        let id = wanted == 0 ? group.id : wanted
        if id != group.id, !processGroup(id).contains(where: { $0.session == caller.session }) { throw .EPERM }
        if id != group.processGroup { move(group, processGroup: id, session: group.session) }
    }

    /// setsid(2).
    func makeSession(for group: ThreadGroup) throws(Errno) {
        lock.lock()
        defer { lock.unlock() }
        if session(group.id) != nil || !processGroup(group.id).isEmpty { throw .EPERM }
        move(group, processGroup: group.id, session: group.id)
        group.links.terminal = nil
    }

    /// The processes a signal to a process group reaches.
    func members(of id: Int32) -> [ThreadGroup] { lock.withLock { processGroup(id) } }
}
