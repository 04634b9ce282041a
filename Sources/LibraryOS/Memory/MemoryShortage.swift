/// What happens when the sandbox's memory is used up: who was killed for it, and who is about to end.
package final class MemoryShortage: @unchecked Sendable {
    private let lock = Lock(.leaf)
    /// The process killed last, while it may still hold its memory, and since when.
    private var victim: (process: ThreadGroup, since: MonotonicInstant)?
    private var killed: UInt64 = 0
    private var firstWasKilled = false
    private var reached: UInt64 = 0

    package init() {}

    /// How many processes were killed, and whether the sandbox's first was one.
    package var kills: (count: UInt64, first: Bool) { lock.withLock { (killed, firstWasKilled) } }
    /// How often there was nothing left to take back (`oom` of memory.events).
    package var count: UInt64 { lock.withLock { reached } }

    /// How long a killed process may take to end before another one is killed as well, in nanoseconds.
    private static let patience: Int64 = 2_000_000_000

    /// The killed process that has not ended yet.
    fileprivate func pending(_ now: MonotonicInstant) -> ThreadGroup? {
        lock.withLock {
            guard let found = victim else { return nil }
            if !found.process.hasEnded, now < found.since.advanced(byNanoseconds: Self.patience) { return found.process }
            victim = nil
            return nil
        }
    }

    /// Claims the right to kill `process` now; false when somebody else has killed one meanwhile.
    fileprivate func claim(_ process: ThreadGroup, _ now: MonotonicInstant) -> Bool {
        lock.withLock {
            if victim != nil { return false }
            victim = (process, now)
            reached &+= 1
            return true
        }
    }

    fileprivate func noteKill(first: Bool) {
        lock.withLock {
            killed &+= 1
            if first { firstWasKilled = true }
        }
    }
}

extension Kernel {
    /// The memory programs find in the machine (MemTotal), and how much of it is in use: a page more than the sandbox may use, since run times ignore a
    /// cgroup's limit that is not below what the machine has.
    package var machineMemory: (used: UInt64, total: UInt64) {
        let usage = physicalMemory.usage
        return (min(usage.resident, usage.limit), usage.limit &+ 4096)
    }

    /// Takes back, from every process, frames that were handed out ahead of use; returns how many.
    @discardableResult
    public func takeBackUntouched() -> Int {
        var seen: Set<ObjectIdentifier> = []
        var taken = 0
        for group in allGroups {
            guard let memory = group.anyMemory, seen.insert(ObjectIdentifier(memory)).inserted else { continue }
            taken &+= memory.takeBackUntouched()
        }
        return taken
    }

    /// More than any instruction needs at a time.
    private static var manyPages: Int { 64 }

    /// Drops what file systems can read again; returns how many pages.
    private func giveBackCaches() -> Int { mounts.all.reduce(0) { $0 &+ $1.fileSystem.giveBackMemory() } }

    /// How often in a row a task tries again after something was taken back, before more is done about it. To look for what can be taken back takes long.
    private static var takingBackAtMost: Int { 4 }

    /// No page could be had for the task: takes back what nobody has touched or, when all is in use, kills the largest process of the sandbox, and waits for
    /// its end. True when the task should try again, or look at its own end; false when nothing could be done about it.
    ///
    /// Called by the task's runner without locks.
    @discardableResult
    public func relieveShortage(for task: Task) -> Bool {
        if task.group.isExiting { return true }
        let given = giveBackCaches()
        // Few pages may be what this very task needs, as below.
        if given >= Self.manyPages { return true }
        if given > 0, task.fruitlessReliefs < Self.takingBackAtMost {
            task.fruitlessReliefs &+= 1
            return true
        }
        // What is taken back may be what this very task was given last, before something else was missing: that does not help for ever.
        if takeBackUntouched() > 0, task.fruitlessReliefs < Self.takingBackAtMost {
            task.fruitlessReliefs &+= 1
            return true
        }
        let now = time.monotonicNow()
        if let victim = memoryShortage.pending(now) {
            wait(for: victim, task, now)
            return true
        }
        guard physicalMemory.isExhausted else {
            // Somebody has ended in between; or it is not memory that is missing, and trying again does not help for ever.
            task.fruitlessReliefs &+= 1
            return task.fruitlessReliefs < 16
        }
        task.fruitlessReliefs = 0
        let victim = largestProcess() ?? task.group
        guard memoryShortage.claim(victim, now) else { return true }
        let memory = victim.anyMemory
        for group in allGroups where group === victim || group.anyMemory === memory { killForMemory(group) }
        if victim !== task.group { wait(for: victim, task, now) }
        return true
    }

    /// Ends a process that cannot go on for want of memory.
    public func killForMemory(_ group: ThreadGroup) {
        if group.exit(status: Signal.SIGKILL) { memoryShortage.noteKill(first: group === processes.first) }
    }

    /// Its end wakes the task; should that be missed, the task finds out soon enough.
    private func wait(for victim: ThreadGroup, _ task: Task, _ now: MonotonicInstant) {
        victim.ended.add(task.parker)
        defer { victim.ended.remove(task.parker) }
        if victim.hasEnded || task.group.isExiting { return }
        _ = task.parker.park(until: now.advanced(byNanoseconds: 50_000_000))
    }

    /// The process whose end brings most, by the rule of the kernel's `oom_badness`: its pages, and a thousandth of all memory for each point of
    /// oom_score_adj; -1000 is never chosen. Of equals the younger.
    private func largestProcess() -> ThreadGroup? {
        var best: (group: ThreadGroup, points: Int64)?
        for group in allGroups where !group.isExiting {
            guard let points = points(of: group) else { continue }
            if let known = best, points < known.points { continue }
            best = (group, points)
        }
        return best?.group
    }

    /// nil: not to be chosen.
    private func points(of group: ThreadGroup) -> Int64? {
        let adjustment = Int64(group.lock.withLock { group.attributes.outOfMemoryAdjustment })
        guard adjustment > -1000, let memory = group.anyMemory else { return nil }
        let all = Int64(clamping: physicalMemory.usage.limit / 4096)
        return Int64(memory.ramPages()) &+ adjustment &* (all / 1000)
    }

    /// What /proc/PID/oom_score shows: the kernel maps points of [-1000, 2000] thousandths of memory to what user space sees.
    func outOfMemoryScore(of group: ThreadGroup) -> Int64 {
        guard let points = points(of: group) else { return 0 }
        let all = max(1, Int64(clamping: physicalMemory.usage.limit / 4096))
        return max(0, (1000 &+ points &* 1000 / all) &* 2 / 3)
    }
}

extension ThreadGroup {
    /// The memory of its threads; nil when all have ended.
    fileprivate var anyMemory: AddressSpace? { lock.withLock { tasks.values.first?.memory } }
}
