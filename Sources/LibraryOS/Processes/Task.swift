import Synchronization

/// A thread of a program. Combines separately counted parts as clone(2)'s flags say; owns its registers and extended state.
///
/// Fields without a comment on locking are touched only by the task's own runner.
public final class Task: @unchecked Sendable {
    /// The sandbox's kernel.
    public let kernel: Kernel
    /// The thread id.
    public package(set) var id: Int32
    /// The process it belongs to.
    public let group: ThreadGroup
    /// Its memory (CLONE_VM shares it). Replaced by execve only.
    public package(set) var memory: AddressSpace
    /// Its descriptors (CLONE_FILES).
    package var descriptors: DescriptorTable
    /// Root, working directory, umask (CLONE_FS).
    package var fileSystem: FileSystemContext
    /// Who it is. Replaced as a whole; other tasks read it through `group.lock`.
    package var credentials: Credentials
    /// Pending signals of this thread, its mask and alternate stack.
    package let signals = TaskSignals()

    /// General registers while the task is not in a vCPU.
    public var registers = RegisterFile()
    /// The FS and GS bases.
    public var fsBase: UInt64 = 0, gsBase: UInt64 = 0
    /// XSAVE image (standard format) while the task is not in a vCPU; nil: the initial state.
    public var extendedState: [UInt8]?
    /// The vCPU and its thread, while the task runs; others read its clock through it.
    public var machine: TaskMachine? {
        get { machineLock.withLock { _machine } }
        set { machineLock.withLock { _machine = newValue } }
    }
    private let machineLock = Lock(.leaf)
    private var _machine: TaskMachine?

    /// What it sleeps on; also reached by whoever sends it a signal.
    public let parker: TaskParker
    /// `comm`, at most 15 bytes (PR_SET_NAME).
    package var name: [UInt8] = []
    /// set_tid_address(2), CLONE_CHILD_CLEARTID.
    package var clearChildTID = GuestAddress(0)
    /// The wait status that exit(2) of this thread asks for; nil when it ends with its group.
    package var exitCode: Int32?
    /// set_robust_list(2).
    package var robustList = GuestAddress(0)
    /// nice value, scheduling policy as sched_setscheduler(2) reported back; the host schedules.
    package var nice: Int32 = 0
    package var schedulingPolicy: Int32 = 0
    package var scheduling = SchedulingExtras()
    /// The CPU mask sched_setaffinity(2) stored (bit per CPU); nil: all CPUs of the sandbox.
    package var affinity: [UInt8]?
    /// Its maker sleeps until this task has a program of its own or ends (CLONE_VFORK).
    var vforkCompletion: VforkCompletion?
    /// Deadline-relative restart information of restart_syscall(2).
    package var restartBlock: SyscallCall?
    /// prctl values.
    package var timerSlack: UInt64 = 50_000
    /// PR_SET_IO_FLUSHER: kept and told, since memory is never written out to get some.
    var isFlusher = false
    /// PR_SET_NO_NEW_PRIVS; a thread that synchronises its filters sets it for others.
    package var noNewPrivileges: Bool {
        get { refusesPrivileges.load(ordering: .relaxed) }
        set { refusesPrivileges.store(newValue, ordering: .relaxed) }
    }
    private let refusesPrivileges = Atomic<Bool>(false)
    /// seccomp(2).
    package let seccomp = Seccomp()
    /// What its end takes back of semop(2)'s changes (CLONE_SYSVSEM shares it).
    var semaphoreUndo: SemaphoreUndo? {
        didSet { semaphoreUndoIdentity.store(semaphoreUndo.map { UInt(bitPattern: ObjectIdentifier($0)) } ?? 0, ordering: .relaxed) }
    }
    /// Which object that is, zero for none: other tasks may compare it (kcmp(2)) but not follow it.
    let semaphoreUndoIdentity = Atomic<UInt>(0)
    package var parentDeathSignal: Int32 = 0
    /// A call of it waits now.
    var isAsleep: Bool {
        get { sleeping.load(ordering: .relaxed) }
        set { sleeping.store(newValue, ordering: .relaxed) }
    }
    private let sleeping = Atomic<Bool>(false)
    /// How often it has slept in a call (voluntary context switches).
    let waits = ReferenceCount()
    /// How often in a row it was to try again for want of a page, with nobody's end to hope for.
    package var fruitlessReliefs = 0
    /// Start, for CPU-time and /proc.
    package let startTime: MonotonicInstant

    package init(
        kernel: Kernel, id: Int32, group: ThreadGroup, memory: AddressSpace, descriptors: DescriptorTable, fileSystem: FileSystemContext,
        credentials: Credentials, parker: TaskParker
    ) {
        self.kernel = kernel
        self.id = id
        self.group = group
        self.memory = memory
        self.descriptors = descriptors
        self.fileSystem = fileSystem
        self.credentials = credentials
        self.parker = parker
        startTime = kernel.time.monotonicNow()
    }

    /// Logs nothing, changes nothing: true when the task should leave what it does and look at its signals, a stop or the group's exit.
    public var hasPendingWork: Bool { signals.attention || group.isExiting || isDismissed }

    private let dismissal = Atomic<Bool>(false)
    /// True when another thread of the process replaces the program (execve): this one has to end.
    package var isDismissed: Bool { dismissal.load(ordering: .acquiring) }
    /// Tells the task to end; nothing brings it back.
    func dismiss() {
        dismissal.store(true, ordering: .releasing)
        parker.kick()
    }
}

/// What a task can ask of the vCPU it leases, while its handler runs on the exit path.
open class TaskMachine: @unchecked Sendable {
    /// For subclasses.
    public init() {}
    /// The current extended state in XSAVE standard format (`size` from CPUID 0xD).
    open func readExtendedState() -> [UInt8] { [] }
    /// The size of that image.
    open var extendedStateSize: Int { readExtendedState().count }
    /// XCR0: the components that the extended state may contain (x87 and SSE at least).
    open var extendedStateFeatures: UInt64 { 3 }
    /// Replaces the extended state; the caller has validated XSTATE_BV, XCOMP_BV and MXCSR.
    open func writeExtendedState(_ state: [UInt8]) {}
    /// Loads `fsBase` and `gsBase` of the task into the vCPU before it runs again.
    open func reloadSegmentBases() {}
    /// The FS and GS bases as the program has them now (`wrfsbase` changes them without a call); nil: those kept in the task are current.
    open func segmentBases() -> (fs: UInt64, gs: UInt64)? { nil }
    /// CPU time this task has used, in nanoseconds.
    open func cpuTime() -> Int64 { 0 }
    /// The same, told apart: in the program itself, and in the library OS on its behalf. Neither ever goes back.
    open func cpuTimes() -> (user: Int64, system: Int64) { (cpuTime(), 0) }
    /// Starts the runner of a new task (clone); `EAGAIN` when no thread can be made.
    open func start(_ task: Task) throws(Errno) { throw .EAGAIN }
    /// A parker for a new task.
    open func makeParker() -> TaskParker { TaskParker() }
}

/// Root and working directory, and the umask (CLONE_FS).
package final class FileSystemContext: @unchecked Sendable {
    private let lock = Lock(.leaf)
    private var _root: PathLocation
    private var _workingDirectory: PathLocation
    private var _umask: UInt32

    package init(root: PathLocation, workingDirectory: PathLocation, umask: UInt32 = 0o022) {
        _root = root
        _workingDirectory = workingDirectory
        _umask = umask
    }
    package var root: PathLocation {
        get { lock.withLock { _root } }
        set {
            let old = lock.withLock {
                defer { _root = newValue }
                return _root
            }
            // The last reference to a place may be the last one to its inode, whose end takes locks: not under this one.
            withExtendedLifetime(old) {}
        }
    }
    package var workingDirectory: PathLocation {
        get { lock.withLock { _workingDirectory } }
        set {
            let old = lock.withLock {
                defer { _workingDirectory = newValue }
                return _workingDirectory
            }
            withExtendedLifetime(old) {}
        }
    }
    package var umask: UInt32 {
        get { lock.withLock { _umask } }
        set { lock.withLock { _umask = newValue & 0o777 } }
    }
    /// Sets the umask and returns the one before.
    package func exchangeUmask(_ mask: UInt32) -> UInt32 {
        lock.withLock {
            let old = _umask
            _umask = mask & 0o777
            return old
        }
    }
    package func copy() -> FileSystemContext {
        lock.withLock { FileSystemContext(root: _root, workingDirectory: _workingDirectory, umask: _umask) }
    }
}

/// User and group ids (credentials(7)) inside the sandbox's own user table.
package struct Credentials: Sendable {
    package var realUser: UInt32, effectiveUser: UInt32, savedUser: UInt32, fileSystemUser: UInt32
    package var realGroup: UInt32, effectiveGroup: UInt32, savedGroup: UInt32, fileSystemGroup: UInt32
    package var groups: [UInt32]
    package var capabilities: CapabilitySets

    package init(user: UInt32, group: UInt32, groups: [UInt32] = []) {
        realUser = user
        effectiveUser = user
        savedUser = user
        fileSystemUser = user
        realGroup = group
        effectiveGroup = group
        savedGroup = group
        fileSystemGroup = group
        self.groups = groups
        capabilities = CapabilitySets(user: user)
    }
    package var forFiles: FileCredentials { FileCredentials(user: fileSystemUser, group: fileSystemGroup, groups: groups) }
}
