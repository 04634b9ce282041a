import Synchronization

/// What a sandbox is made with, besides its mounts.
public struct KernelConfiguration: Sendable {
    /// The host name (`uname`), "skerry" unless given.
    public var hostname: [UInt8] = Array("skerry".utf8)
    /// The domain name.
    public var domainName: [UInt8] = Array("(none)".utf8)
    /// User and group of the first process.
    public var user: UInt32 = 0, group: UInt32 = 0
    /// Supplementary groups.
    public var groups: [UInt32] = []
    /// The umask of the first process.
    public var umask: UInt32 = 0o022
    /// Signals the first program starts with ignored, and blocked, as execve(2) passes them on: bit N - 1 is signal N.
    public var ignoredSignals: UInt64 = 0, blockedSignals: UInt64 = 0
    /// What a call that is not served is called, for the one line about it.
    public var callName: @Sendable (UInt64) -> String? = { _ in nil }
    /// Report absolute paths that are not found to the host (`Host.pathMissing`).
    public var namesMissingPaths = false
    /// How many processors programs see.
    public var processors: Int = 1
    /// `processors` is a limit that the monitor holds (cpu.max shows it), not just what there is.
    public var limitsProcessors = false
    /// The most tasks there may be, counted as the pids cgroup does: threads, and ended processes nobody has waited for (`EAGAIN` beyond).
    public var maximumTasks: Int = 4096
    /// The most descriptors a process may have: RLIMIT_NOFILE of the first program, above which nobody can raise it; nil: Linux's usual values.
    public var maximumDescriptors: UInt64?
    /// A single private mapping of more bytes than this is refused at once (`vm.overcommit_memory` 0): what the host has in all.
    public var obviousOvercommit: UInt64 = .max
    /// Random offsets in the address space (off only for tests that compare addresses).
    public var randomisesLayout = true
    /// The defaults above.
    public init() {}
}

/// One sandbox's kernel: what its processes share. A host process may hold several.
public final class Kernel: @unchecked Sendable {
    /// Everything from outside.
    public let host: Host
    /// Guest-physical memory.
    public let physicalMemory: PhysicalMemory
    /// Set-up values.
    public let configuration: KernelConfiguration
    /// The clocks.
    package let time: TimeBase
    /// Mounted file systems.
    package let mounts: MountTable
    /// What programs are told of the processor; set before the first one is loaded.
    public var processor = ProcessorFeatures()
    /// The monitor's process ends with the last program and the host takes its memory back, faster than this code could; set before the first one runs.
    public var endsWithProcess = false
    /// The vDSO every program gets; nil when the host's clock cannot be read without a call.
    public var vdso: VDSOImage?
    /// Futex buckets.
    package let futexes = FutexTable()
    /// Deadlines of interval timers and their like.
    package let timers: KernelTimers
    /// Unique numbers for anonymous inodes and pipes.
    package let inodeNumbers = Counter(startingAt: 2)
    /// Device numbers for new file systems (major 0).
    package let deviceNumbers = Counter(startingAt: 20)
    /// The inodes of pipes, sockets and anonymous files.
    package let anonymousFiles = AnonymousFiles()
    /// Who waits for whose record locks (EDEADLK).
    package let recordLockWaits = RecordLockWaits()
    /// How much inotify is used.
    package let inotify = InotifyLimits()
    /// The AF_UNIX sockets and their names.
    package let unixSockets = UnixDomain()
    /// What pipes and sockets hold in the monitor's memory.
    package let buffers: BufferAccount
    /// System V objects.
    package let interprocess = IPCNamespace()
    /// The pseudo-terminals, and the file system that names them.
    package let terminals: PtsFS
    /// Host name as sethostname(2) may change it.
    package let identity: SystemIdentity
    /// Load averages.
    package let load = LoadAverage()
    /// How often limits were reached.
    package let limitEvents = LimitEvents()
    /// Who is killed for want of memory, and how often.
    package let memoryShortage = MemoryShortage()

    /// Processes and threads.
    package let processes: ProcessTable
    private let reportedUnknown = Mutex32Set()

    /// A kernel without processes.
    public init(host: Host, physicalMemory: PhysicalMemory, configuration: KernelConfiguration) {
        self.host = host
        self.physicalMemory = physicalMemory
        self.configuration = configuration
        time = TimeBase(host: host)
        timers = KernelTimers(host: host)
        processes = ProcessTable(limit: configuration.maximumTasks, events: limitEvents)
        buffers = BufferAccount(physicalMemory)
        mounts = MountTable()
        terminals = PtsFS(processes: processes, time: time, account: buffers, device: deviceNumbers.take())
        identity = SystemIdentity(hostname: configuration.hostname, domainName: configuration.domainName)
    }

    /// A free id for a new task; `EAGAIN` when the sandbox has as many tasks as it may.
    package func allocateID() throws(Errno) -> Int32 { try processes.reserveID() }

    /// Makes the first task of a process that no other made findable by id.
    package func register(_ task: Task) { processes.addFirst(task) }

    /// The sandbox has to end now: kills every process at once, whatever it waits for.
    package func killAll() { processes.killAll() }

    /// The sandbox is over: cuts the reference cycles between the kernel, its file systems and the memory of a program that never ran.
    public func release() {
        for task in processes.clear() {
            // Never run: a task and its process keep each other.
            _ = task.group.remove(task)
            task.dropDescriptors()
            task.memory.leave()
        }
        unixSockets.endOutside()
        interprocess.release()
        mounts.release()
    }
    package func task(_ id: Int32) -> Task? { processes.task(id) }
    package func group(_ id: Int32) -> ThreadGroup? { processes.group(id) }
    package var allGroups: [ThreadGroup] { processes.allGroups }
    package var taskCount: Int { processes.count }

    /// The one line per run and number about a call that is not served.
    package func reportUnknown(_ number: UInt64, by task: Task) {
        guard reportedUnknown.insert(UInt32(truncatingIfNeeded: number)) else { return }
        let name = configuration.callName(number).map { "\($0) (system call \(number))" } ?? "system call \(number)"
        host.notice(
            "skerry: \(name) is not served and answered ENOSYS (first used by \(String(decoding: task.name, as: UTF8.self))); see `skerry doctor --syscalls`")
    }
}

/// Host and domain name (`uname`, `sethostname`).
package final class SystemIdentity: @unchecked Sendable {
    private let lock = Lock(.leaf)
    private var _hostname: [UInt8]
    private var _domainName: [UInt8]
    package init(hostname: [UInt8], domainName: [UInt8]) {
        _hostname = hostname
        _domainName = domainName
    }
    package var hostname: [UInt8] {
        get { lock.withLock { _hostname } }
        set { lock.withLock { _hostname = newValue } }
    }
    package var domainName: [UInt8] {
        get { lock.withLock { _domainName } }
        set { lock.withLock { _domainName = newValue } }
    }

    private var _bootID: [UInt8] = []
    /// What /proc/sys/kernel/random/boot_id shows: chosen once per sandbox.
    package func bootID(_ host: Host) -> [UInt8] {
        let fresh = ProcSystem.randomBytes(host)
        return lock.withLock {
            if _bootID.isEmpty { _bootID = fresh }
            return _bootID
        }
    }
}

/// A small set of numbers under a lock.
package final class Mutex32Set: @unchecked Sendable {
    private let lock = Lock(.leaf)
    private var values: Set<UInt32> = []
    package init() {}
    /// True when the value was not in the set yet. The set stops growing at 1,024 values.
    package func insert(_ value: UInt32) -> Bool {
        lock.withLock { values.count < 1024 && values.insert(value).inserted }
    }
}
