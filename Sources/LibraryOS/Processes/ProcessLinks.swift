/// A process's place in the process tree, and what its parent has not been told yet. Guarded by the lock of `ProcessTable`.
struct ProcessLinks {
    enum State {
        case running
        /// Ended; its id and status are kept until the parent asks.
        case zombie
        /// Its parent has been told; nothing finds it by its id any more.
        case reaped
    }
    var state = State.running
    /// nil: the sandbox's init.
    var parent: ThreadGroup?
    /// The thread of the parent that made it (PR_SET_PDEATHSIG, __WNOTHREAD).
    var creator: Int32 = 0
    /// In the order in which they came.
    var children: [ThreadGroup] = []
    /// What the parent gets when it ends; zero: nothing.
    var exitSignal: Int32 = Signal.SIGCHLD
    /// It has replaced its program: setpgid(2) by the parent comes too late.
    var hasExecuted = false

    /// The controlling terminal (`signal->tty` of the kernel).
    var terminal: Terminal?
    /// The foreground process group of a controlling terminal that was hung up: a session leader's end reaches it.
    var lostForegroundGroup: Int32 = 0

    // Stopping and continuing:
    /// Threads that have come to a halt since the process was told to stop.
    var stoppedTasks: Set<Int32> = []
    /// The signal the parent has been told of, while the process is stopped.
    var stopSignal: Int32?
    /// wait(2) has not reported the stop (WUNTRACED), or that it goes on (WCONTINUED).
    var hasUnreportedStop = false
    var hasUnreportedContinue = false

    /// What the children it has waited for, and theirs, have used.
    var childrenUsage = ProcessUsage()
    /// What stands for an ended process in /proc.
    var lastTask: Task?
}

/// What a process has used (getrusage(2)).
package struct ProcessUsage: Sendable {
    /// CPU time in the program itself, in nanoseconds.
    package var user: Int64 = 0
    /// CPU time of the library OS on its behalf, in nanoseconds.
    package var system: Int64 = 0
    /// Both together.
    package var time: Int64 { user &+ system }
    package var minorFaults: Int = 0
    /// How often its threads have slept.
    package var waits: Int = 0
    /// The most memory that was resident, in bytes: of a process's own memory, or of the largest of several processes.
    package var peakResident: UInt64 = 0
    package init() {}

    package mutating func add(_ other: ProcessUsage) {
        user = user &+ other.user
        system = system &+ other.system
        minorFaults &+= other.minorFaults
        waits &+= other.waits
        peakResident = max(peakResident, other.peakResident)
    }
}

/// A session (setsid(2)): its id and what its processes have in common. Guarded by the lock of `ProcessTable`.
package final class Session: @unchecked Sendable {
    package let id: Int32
    /// Processes in it, ended ones included.
    var members = 0

    init(id: Int32) { self.id = id }
}
