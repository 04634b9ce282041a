/// Which children wait4(2) and waitid(2) ask for, and what about them.
struct WaitRequest {
    enum Target {
        case any
        case process(Int32)
        case processGroup(Int32)
        case descriptor(ThreadGroup)
    }
    var target: Target
    var options: Options

    struct Options: OptionSet {
        let rawValue: UInt32
        static let noHang = Options(rawValue: 1)
        static let stopped = Options(rawValue: 2)
        static let exited = Options(rawValue: 4)
        static let continued = Options(rawValue: 8)
        /// WNOWAIT: leaves what it reports to be reported again.
        static let leave = Options(rawValue: 0x100_0000)
        /// __WNOTHREAD: only children of the calling thread.
        static let ownThread = Options(rawValue: 0x2000_0000)
        static let all = Options(rawValue: 0x4000_0000)
        static let clone = Options(rawValue: 0x8000_0000)
    }
}

/// What a wait has found.
struct WaitReport {
    var process: Int32
    var user: UInt32
    /// `si_code`.
    var code: Int32
    /// `si_status`.
    var detail: Int32
    /// As wait(2) encodes it.
    var status: Int32
    /// What the process, and the children it waited for, have used.
    var usage: ProcessUsage
}

extension ProcessTable {
    /// Looks for a child of the task's process that has something to report; nil: not now. `ECHILD` when no child could ever.
    func report(to task: Task, _ request: WaitRequest) throws(Errno) -> WaitReport? {
        lock.lock()
        defer { lock.unlock() }
        var isAny = false
        for child in task.group.links.children where matches(child, task, request) {
            // Whoever does not ask for the ended ones has nothing to wait for in a zombie.
            if child.links.state == .running || request.options.contains(.exited) { isAny = true }
            if let report = report(of: child, to: task.group, request.options) { return report }
        }
        if !isAny { throw .ECHILD }
        return nil
    }

    private func matches(_ child: ThreadGroup, _ task: Task, _ request: WaitRequest) -> Bool {
        switch request.target {
        case .any: break
        case .process(let id): if child.id != id { return false }
        case .processGroup(let id): if child.processGroup != id { return false }
        case .descriptor(let group): if child !== group { return false }
        }
        if request.options.contains(.ownThread), child.links.creator != task.id { return false }
        if request.options.contains(.all) { return true }
        // A child that does not end with SIGCHLD is a "clone" child.
        return (child.links.exitSignal != Signal.SIGCHLD) == request.options.contains(.clone)
    }

    private func report(of child: ThreadGroup, to parent: ThreadGroup, _ options: WaitRequest.Options) -> WaitReport? {
        let keeps = options.contains(.leave)
        switch child.links.state {
        case .reaped: return nil
        case .zombie:
            guard options.contains(.exited) else { return nil }
            let status = child.exitStatus ?? 0
            let killed = status & 0x7f != 0
            let code = killed ? (status & 0x80 != 0 ? ChildCode.dumped : ChildCode.killed) : ChildCode.exited
            let report = make(child, code, detail: killed ? status & 0x7f : (status >> 8) & 0xff, status: status)
            if !keeps {
                parent.links.childrenUsage.add(report.usage)
                reap(child)
            }
            return report
        case .running:
            if options.contains(.stopped), child.links.hasUnreportedStop, let number = child.links.stopSignal {
                if !keeps { child.links.hasUnreportedStop = false }
                return make(child, ChildCode.stopped, detail: number, status: number << 8 | 0x7f)
            }
            if options.contains(.continued), child.links.hasUnreportedContinue {
                if !keeps { child.links.hasUnreportedContinue = false }
                return make(child, ChildCode.continued, detail: Signal.SIGCONT, status: 0xffff)
            }
            return nil
        }
    }

    private func make(_ child: ThreadGroup, _ code: Int32, detail: Int32, status: Int32) -> WaitReport {
        var usage = child.usage
        usage.add(child.links.childrenUsage)
        return WaitReport(process: child.id, user: child.credentials.realUser, code: code, detail: detail, status: status, usage: usage)
    }

    /// What the waited-for children of a process have used (RUSAGE_CHILDREN).
    func childrenUsage(of group: ThreadGroup) -> ProcessUsage { lock.withLock { group.links.childrenUsage } }
}
