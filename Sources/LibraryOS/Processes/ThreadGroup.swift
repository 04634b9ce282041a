import Synchronization

/// A process: the threads that share a pid, a set of signal actions and an exit.
public final class ThreadGroup: @unchecked Sendable {
    /// The process id.
    public let id: Int32
    /// Protects every `var` below that has no other rule.
    package let lock = Lock(.kernel)
    /// Live tasks by thread id.
    package private(set) var tasks: [Int32: Task] = [:]
    /// Changed under both the lock of the process table and `lock`: either is enough to read them.
    package internal(set) var parent: Int32 = ProcessTable.initID
    package internal(set) var processGroup: Int32
    package internal(set) var session: Int32
    /// Where it is in the process tree; under the table's lock.
    var links = ProcessLinks()
    /// The table it is in; nil before it is added and after it is gone. Set under the table's lock, before anyone else knows the process.
    var table: ProcessTable? {
        get { lock.withLock { _table } }
        set { lock.withLock { _table = newValue } }
    }
    private var _table: ProcessTable?
    /// Woken when a child has ended, stopped or gone on (wait(2)).
    let childChanged = WaitQueue()
    /// Woken once, when the process has ended (pidfd).
    let ended = WaitQueue()
    /// Signal actions and pending signals of the process.
    package let signals: ProcessSignals
    /// Resource limits by RLIMIT_ number.
    package var limits = ResourceLimits()
    /// personality(2), dumpable, out-of-memory score: what prctl and /proc keep for a process.
    package var attributes = ProcessAttributes()
    /// The registrations of membarrier(2) it has made.
    var memoryBarriers: Int32 = 0
    /// The program file, for /proc/self/exe.
    package var executable: PathLocation?
    /// Argument and environment strings as execve laid them out, for /proc/self/cmdline and environ.
    package var arguments: [[UInt8]] = []
    package var environment: [[UInt8]] = []
    /// The auxiliary vector, for /proc/self/auxv.
    package var auxiliaryVector: [UInt8] = []
    package let startTime: MonotonicInstant
    /// Faults in memory that is gone, less those that had been served in shared memory before the process came (getrusage(2)).
    private var formerFaults = 0
    /// The peak of memory that is gone, in bytes.
    private var formerPeak: UInt64 = 0
    /// How often threads that have ended had slept.
    private var endedThreadsWaits = 0
    /// CPU time of threads that have ended.
    private var endedThreadsTime: (user: Int64, system: Int64) = (0, 0)
    /// The user of the latest thread to end: whose an ended process is.
    private var lastCredentials = Credentials(user: 0, group: 0)

    /// The first thread, when it has ended before others: it stays a zombie until the process has ended.
    var endedLeader: Task? { lock.withLock { _endedLeader } }
    private var _endedLeader: Task?
    /// The threads /proc counts: a first one that has ended, too. Lock held.
    var threadCount: Int { max(1, tasks.count &+ (_endedLeader == nil ? 0 : 1)) }
    /// The process has ended as well: its table keeps what is left of it. A leader and its process would keep each other.
    func forgetLeader() { lock.withLock { _endedLeader = nil } }

    private let exitState = Atomic<Int64>(-1)
    private let endState = Atomic<Bool>(false)
    /// Its last thread is gone.
    package internal(set) var hasEnded: Bool {
        get { endState.load(ordering: .acquiring) }
        set { endState.store(newValue, ordering: .releasing) }
    }

    package init(id: Int32, startTime: MonotonicInstant, signals: ProcessSignals) {
        self.id = id
        processGroup = id
        session = id
        self.startTime = startTime
        self.signals = signals
    }

    package func add(_ task: Task) { lock.withLock { tasks[task.id] = task } }
    /// Removes a task; returns true when it was the last.
    package func remove(_ task: Task) -> Bool {
        defer { taskEnded.wakeAll() }
        let time = task.processorTimes
        return lock.withLock {
            if tasks.removeValue(forKey: task.id) != nil {
                endedThreadsTime = (endedThreadsTime.user &+ time.user, endedThreadsTime.system &+ time.system)
                endedThreadsWaits &+= task.waits.value
                if tasks.isEmpty { formerFaults &+= task.memory.faults }
            }
            lastCredentials = task.credentials
            if task.id == id { _endedLeader = tasks.isEmpty ? nil : task }
            return tasks.isEmpty
        }
    }

    /// What its threads have used, ended ones included.
    package var usage: ProcessUsage {
        lock.withLock {
            var result = ProcessUsage()
            (result.user, result.system) = tasks.values.reduce(endedThreadsTime) { sum, task in
                let time = task.processorTimes
                return (sum.user &+ time.user, sum.system &+ time.system)
            }
            result.minorFaults = max(0, formerFaults &+ (tasks.values.first?.memory.faults ?? 0))
            result.waits = tasks.values.reduce(endedThreadsWaits) { $0 &+ $1.waits.value }
            result.peakResident = formerPeak
            return result
        }
    }

    /// `usage` with the peak of the memory that is in use now.
    func usage(with memory: AddressSpace) -> ProcessUsage {
        var result = usage
        result.peakResident = max(result.peakResident, memory.peakResident())
        return result
    }

    /// The process is about to leave this memory for another's, or for good: what it has used there stays its own.
    func leaves(_ memory: AddressSpace, forAnother: Bool) {
        let peak = memory.peakResident()
        lock.withLock {
            formerPeak = max(formerPeak, peak)
            if forAnother { formerFaults &+= memory.faults }
        }
    }
    /// It begins in memory it shares with its maker (CLONE_VM).
    func begins(in memory: AddressSpace) { lock.withLock { formerFaults = -memory.faults } }

    /// Whose process it is: its first thread's user, or the last one's after its end.
    package var credentials: Credentials {
        lock.withLock { (tasks[id] ?? tasks.values.first)?.credentials ?? lastCredentials }
    }

    /// What a new process has of the one that makes it.
    func inherit(from other: ThreadGroup) {
        let (limits, attributes, barriers, program) = other.lock.withLock {
            (other.limits, other.attributes, other.memoryBarriers, (other.executable, other.arguments, other.environment, other.auxiliaryVector))
        }
        lock.withLock {
            self.limits = limits
            self.attributes = attributes
            self.attributes.isChildSubreaper = false
            memoryBarriers = barriers
            (executable, arguments, environment, auxiliaryVector) = program
        }
    }

    /// Woken whenever a task of the process has ended.
    let taskEnded = WaitQueue()
    /// The task that replaces the program; under `lock`.
    private var replacing: Task?

    /// Begins to replace the program, or goes on: every other task is told to end. `EAGAIN` when another task is doing that already. True once the caller is alone.
    func dismissOthers(than task: Task) throws(Errno) -> Bool {
        let others: [Task]? = lock.withLock {
            if replacing != nil, replacing !== task { return nil }
            replacing = task
            return tasks.values.filter { $0 !== task }
        }
        guard let others else { throw .EAGAIN }
        for other in others { other.dismiss() }
        return others.isEmpty
    }
    /// The program has been replaced; the surviving task has the process's id from now on.
    func endReplacement(by task: Task) {
        lock.withLock {
            replacing = nil
            tasks.removeAll()
            tasks[id] = task
            _endedLeader = nil
        }
    }
    /// The main thread's exit status is the process's when every thread ends by exit(2); before it has ended, the latest thread's.
    private var recordedStatus: (status: Int32, final: Bool) = (0, false)
    package func noteExit(of task: Task, status: Int32) {
        lock.withLock { if !recordedStatus.final { recordedStatus = (status, task.id == id) } }
    }
    package var lastStatus: Int32 { lock.withLock { recordedStatus.status } }
    /// How many there are, without a copy of them.
    package var liveTaskCount: Int { lock.withLock { tasks.count } }
    package var liveTasks: [Task] { lock.withLock { Array(tasks.values) } }

    /// Set once, by the first exit_group or fatal signal: the wait status (wait(2) encoding).
    package func beginExit(status: Int32) -> Bool {
        exitState.compareExchange(expected: -1, desired: Int64(status), ordering: .acquiringAndReleasing).exchanged
    }
    /// True from the moment every thread has to end.
    public var isExiting: Bool { exitState.load(ordering: .acquiring) >= 0 }
    /// The wait status once it is set: exit code in bits 8 to 15, or the killing signal in bits 0 to 6 with 0x80 for a core dump.
    public var exitStatus: Int32? {
        let value = exitState.load(ordering: .acquiring)
        return value < 0 ? nil : Int32(truncatingIfNeeded: value)
    }

    /// Ends the process: every thread is told, but the one that is ending already. False when the process is ending anyway.
    @discardableResult
    package func exit(status: Int32, by caller: Task? = nil) -> Bool {
        guard beginExit(status: status) else { return false }
        for task in liveTasks where task !== caller { task.parker.kick() }
        return true
    }
}

/// setrlimit(2): soft and hard limit by resource number; `UInt64.max` is RLIM_INFINITY.
package struct ResourceLimits: Sendable {
    package struct Limit: Sendable {
        package var soft: UInt64
        package var hard: UInt64
        package init(_ soft: UInt64, _ hard: UInt64) {
            self.soft = soft
            self.hard = hard
        }
    }
    package static let cpu = 0, fileSize = 1, data = 2, stack = 3, core = 4, resident = 5, processes = 6, openFiles = 7, lockedMemory = 8, addressSpace = 9

    private var values: [Limit]

    package init() {
        values = Array(repeating: Limit(.max, .max), count: 16)
        values[Self.stack] = Limit(8 << 20, .max)
        // No core file is ever written.
        values[Self.core] = Limit(0, 0)
        values[Self.openFiles] = Limit(1024, 1 << 20)
        values[Self.processes] = Limit(4096, 4096)
        values[Self.lockedMemory] = Limit(8 << 20, 8 << 20)
        values[11] = Limit(4096, 4096)
        values[12] = Limit(819_200, 819_200)
        values[13] = Limit(0, 0)
        values[14] = Limit(0, 0)
    }
    /// The limit of a resource; nil for a number that does not exist (`EINVAL`).
    package subscript(resource: Int) -> Limit? {
        get { values.indices.contains(resource) ? values[resource] : nil }
        set { if let newValue, values.indices.contains(resource) { values[resource] = newValue } }
    }
}
