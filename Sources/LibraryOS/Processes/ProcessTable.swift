/// Every process and thread of a sandbox by its id, and the tree the processes form (the kernel's pid hash and `tasklist_lock`).
///
/// Process 1 is the sandbox's init: it is part of the library OS, has no threads, adopts the children of ended processes and reaps them at
/// once. Where a parent is asked for, nil stands for it.
package final class ProcessTable: @unchecked Sendable {
    let lock = Lock(.processes)
    private let limit: Int
    // Under `lock`:
    private var tasks: [Int32: Task] = [:]
    private var groups: [Int32: ThreadGroup] = [:]
    /// Ids given out for tasks that are not in the table yet.
    private var reserved: Set<Int32> = []
    private var zombies = 0
    private var members: [Int32: [ThreadGroup]] = [:]
    private var sessions: [Int32: Session] = [:]
    private var nextID: Int32 = 2
    private var made: UInt64 = 0
    private var highest = 0
    /// CPU time, in their programs, of processes that are gone.
    private var goneUser: Int64 = 0
    /// The program the sandbox was made for.
    private(set) var first: ThreadGroup?
    /// The first program has ended: nothing is born any more.
    private(set) var isEnding = false

    static let initID: Int32 = 1
    /// /proc/sys/kernel/pid_max.
    private static let lastID: Int32 = 4_194_303
    /// After the first round low ids are left alone, as Linux does (RESERVED_PIDS).
    private static let firstRecycledID: Int32 = 300

    private let events: LimitEvents

    /// At most `limit` threads and ended processes nobody has waited for (`EAGAIN`).
    init(limit: Int, events: LimitEvents) {
        self.limit = limit
        self.events = events
    }

    // MARK: Ids

    /// A free id for a new task; `EAGAIN` when the sandbox has as many as it may. It is taken until `add` or `abandon`.
    func reserveID() throws(Errno) -> Int32 {
        lock.lock()
        defer { lock.unlock() }
        if isEnding { throw .EAGAIN }
        let present = tasks.count &+ zombies &+ reserved.count
        if present >= limit {
            events.note(.tasks)
            throw .EAGAIN
        }
        highest = max(highest, present &+ 1)
        for _ in 0..<Self.lastID {
            let id = nextID
            nextID = nextID >= Self.lastID ? Self.firstRecycledID : nextID &+ 1
            if tasks[id] == nil, groups[id] == nil, members[id] == nil, sessions[id] == nil, !reserved.contains(id) {
                reserved.insert(id)
                made &+= 1
                return id
            }
        }
        throw .EAGAIN
    }
    func abandonID(_ id: Int32) { _ = lock.withLock { reserved.remove(id) } }

    // MARK: Coming

    /// Makes a thread findable. `EAGAIN` when the sandbox ends.
    func add(_ task: Task) throws(Errno) {
        lock.lock()
        defer { lock.unlock() }
        if isEnding { throw .EAGAIN }
        reserved.remove(task.id)
        tasks[task.id] = task
        task.group.add(task)
    }

    /// Adds the first thread of a process without a parent in the sandbox: its process group and session have its id.
    func addFirst(_ task: Task) {
        lock.withLock {
            let group = task.group
            reserved.remove(task.id)
            tasks[task.id] = task
            groups[group.id] = group
            group.add(task)
            group.table = self
            group.links.creator = Self.initID
            if first == nil { first = group }
            enter(group, processGroup: group.id, session: group.id)
        }
    }

    /// Adds the first thread of a new process. The child must not be missed by a signal to the process group: when one is pending for its maker, the
    /// call is made again after it (`ERESTARTNOINTR`, as the kernel's `copy_process`).
    func add(_ child: Task, madeBy maker: Task, asSibling: Bool) throws(Errno) {
        lock.lock()
        defer { lock.unlock() }
        if isEnding { throw .EAGAIN }
        if maker.hasPendingWork { throw .ERESTARTNOINTR }
        let group = child.group
        reserved.remove(child.id)
        tasks[child.id] = child
        groups[group.id] = group
        group.add(child)
        group.table = self
        let parent = asSibling ? maker.group.links.parent : maker.group
        group.links.parent = parent
        group.links.creator = asSibling ? maker.group.links.creator : maker.id
        if asSibling { group.links.exitSignal = maker.group.links.exitSignal }
        group.links.terminal = maker.group.links.terminal
        parent?.links.children.append(group)
        group.lock.withLock { group.parent = parent?.id ?? Self.initID }
        enter(group, processGroup: maker.group.processGroup, session: maker.group.session)
    }

    /// Takes back a process whose first thread could not be started.
    func retract(_ child: Task) {
        lock.withLock {
            tasks[child.id] = nil
            _ = child.group.remove(child)
            forget(child.group)
        }
    }

    // MARK: Going

    /// Forgets a thread that has ended; true when it was its process's last.
    func remove(_ task: Task) -> Bool {
        lock.withLock {
            let last = task.group.remove(task)
            if tasks[task.id] === task { tasks[task.id] = nil }
            // Nobody can wait for it before `processEnded`.
            if last { zombies &+= 1 }
            return last
        }
    }

    /// execve(2) by another thread than the first: it takes over the process's id.
    func becomeLeader(_ task: Task) {
        lock.withLock {
            tasks[task.id] = nil
            // Its children are the new leader's.
            for child in task.group.links.children { child.links.creator = task.group.id }
            task.id = task.group.id
            tasks[task.id] = task
            task.group.links.hasExecuted = true
            task.group.links.exitSignal = Signal.SIGCHLD
            task.group.endReplacement(by: task)
        }
    }

    /// The parent knows, or nobody wants to: an ended process is gone for good. Lock held.
    func reap(_ group: ThreadGroup) {
        guard group.links.state == .zombie else { return }
        zombies &-= 1
        forget(group)
    }

    private func forget(_ group: ThreadGroup) {
        if group.links.state != .reaped { goneUser &+= group.usage.user }
        group.links.state = .reaped
        group.links.lastTask = nil
        group.links.terminal = nil
        group.links.parent?.links.children.removeAll { $0 === group }
        group.links.parent = nil
        if groups[group.id] === group { groups[group.id] = nil }
        leave(group)
        group.table = nil
    }

    // MARK: Process groups and sessions; lock held

    private func enter(_ group: ThreadGroup, processGroup: Int32, session: Int32) {
        members[processGroup, default: []].append(group)
        let found = sessions[session] ?? Session(id: session)
        sessions[session] = found
        found.members &+= 1
        group.lock.withLock {
            group.processGroup = processGroup
            group.session = session
        }
    }
    private func leave(_ group: ThreadGroup) {
        members[group.processGroup]?.removeAll { $0 === group }
        if members[group.processGroup]?.isEmpty == true { members[group.processGroup] = nil }
        if let session = sessions[group.session] {
            session.members &-= 1
            if session.members <= 0 { sessions[group.session] = nil }
        }
    }
    /// Moves a process to another process group and session.
    func move(_ group: ThreadGroup, processGroup: Int32, session: Int32) {
        leave(group)
        enter(group, processGroup: processGroup, session: session)
    }
    /// The processes of a process group.
    func processGroup(_ id: Int32) -> [ThreadGroup] { members[id] ?? [] }
    /// The session with this id.
    func session(_ id: Int32) -> Session? { sessions[id] }

    // MARK: Finding

    func task(_ id: Int32) -> Task? { lock.withLock { tasks[id] } }
    func group(_ id: Int32) -> ThreadGroup? { lock.withLock { groups[id] } }
    /// Every process, with the lock held.
    func forEachGroup(_ body: (ThreadGroup) -> Void) { for group in groups.values { body(group) } }
    /// As `group`, with the lock held.
    func groupLocked(_ id: Int32) -> ThreadGroup? { groups[id] }
    /// As `task`, with the lock held.
    func taskLocked(_ id: Int32) -> Task? { tasks[id] }
    /// The task of this id, or what is left of an ended process's first thread.
    func taskOrRemains(_ id: Int32) -> Task? {
        lock.withLock { tasks[id] ?? groups[id].flatMap { $0.links.lastTask ?? $0.endedLeader } }
    }
    /// The processes a thread has made and still has, in the order in which they came.
    func children(of task: Task) -> [Int32] {
        lock.withLock { task.group.links.children.filter { $0.links.creator == task.id }.map { $0.id } }
    }
    /// The sandbox's init, for those who ask after it by its number.
    let initProcess = ThreadGroup(id: initID, startTime: MonotonicInstant(nanoseconds: 0), signals: ProcessSignals())
    var allGroups: [ThreadGroup] { lock.withLock { groups.values.sorted { $0.id < $1.id } } }
    /// Threads, and ended processes nobody has waited for.
    var count: Int { lock.withLock { tasks.count &+ zombies } }
    /// The most there have been at a time (pids.peak).
    var peak: Int { lock.withLock { highest } }
    /// CPU time that all processes there ever were have spent in their programs.
    var userTime: Int64 { lock.withLock { groups.values.reduce(goneUser) { $0 &+ $1.usage.user } } }
    /// As `count`, of one real user (RLIMIT_NPROC).
    func count(of user: UInt32) -> Int {
        lock.withLock {
            groups.values.reduce(0) { sum, group in
                guard group.credentials.realUser == user else { return sum }
                return sum &+ (group.links.state == .running ? group.liveTaskCount : 1)
            }
        }
    }
    /// How many tasks there have been, and the latest one's id.
    var history: (made: UInt64, latest: Int32) { lock.withLock { (made, max(Self.initID, nextID &- 1)) } }

    // MARK: The end

    /// From now on nothing is born; returns every process but `group`. Lock held.
    func beginEnding(except group: ThreadGroup?) -> [ThreadGroup] {
        isEnding = true
        return groups.values.filter { $0 !== group && $0.links.state == .running }
    }

    /// Kills every process; from now on nothing is born.
    func killAll() {
        let all = lock.withLock { beginEnding(except: nil) }
        for group in all { group.exit(status: Signal.SIGKILL) }
    }

    /// Empties the table; returns the tasks that were left in it.
    func clear() -> [Task] {
        lock.withLock {
            let left = Array(tasks.values)
            for group in groups.values {
                group.links.parent = nil
                group.links.children = []
                group.links.lastTask = nil
                group.links.terminal = nil
                group.forgetLeader()
                group.table = nil
            }
            tasks = [:]
            groups = [:]
            members = [:]
            sessions = [:]
            first = nil
            isEnding = true
            return left
        }
    }
}
