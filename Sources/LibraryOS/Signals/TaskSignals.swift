import Synchronization

/// Signal state of one thread.
///
/// `pending` is guarded by the process's `ProcessSignals.lock`; `departed` is set under it, and may be read without. The masks are written by the task's own
/// runner only, under that lock, because senders read them. The rest belongs to the runner.
package final class TaskSignals: @unchecked Sendable {
    private let flag = Atomic<Bool>(false)
    package internal(set) var mask = SignalSet()
    /// The mask to go back to after a call that waits with another one (ppoll, sigsuspend), once its signal is delivered.
    package internal(set) var savedMask: SignalSet?
    var pending = PendingSignals()
    /// The thread has begun to end: it takes no more signals of the process, and does not run again.
    var departed: Bool {
        get { hasDeparted.load(ordering: .acquiring) }
        set { hasDeparted.store(newValue, ordering: .releasing) }
    }
    private let hasDeparted = Atomic<Bool>(false)
    package internal(set) var alternateStack = AlternateStack()
    /// What the last fault left for the signal frame.
    var fault = FaultState()

    package init() {}

    /// True when the runner must look: an unblocked signal may be pending. Read at every return to the program.
    package var attention: Bool {
        get { flag.load(ordering: .acquiring) }
        set { flag.store(newValue, ordering: .releasing) }
    }
}

/// Pending signals of a process, and what is common to its threads.
package final class ProcessSignals: @unchecked Sendable {
    /// Also guards the pending signals and masks of every thread of the process.
    package let lock = Lock(.signals)
    /// Signal actions.
    package let actions: SignalActions
    var pending = PendingSignals()
    /// The process has ended: nothing is queued any more, and what was is forgotten. A queued signal of a timer refers to the process: they would keep each other.
    var isOver = false
    /// Instances queued by the process and all its threads.
    var queued = 0
    /// Woken whenever a signal has been queued (rt_sigtimedwait, signalfd).
    package let arrivals = WaitQueue()
    /// Woken when a stopped process goes on or dies.
    package let continued = WaitQueue()
    private let stopFlag = Atomic<Bool>(false)
    /// The signal that stopped it; under `lock`.
    var stopSignal: Int32 = 0
    /// setitimer(2) and timer_create(2).
    let timers = ProcessTimers()

    package init(actions: SignalActions = SignalActions()) { self.actions = actions }

    /// The process is stopped by a signal until SIGCONT or SIGKILL.
    package internal(set) var isStopped: Bool {
        get { stopFlag.load(ordering: .acquiring) }
        set { stopFlag.store(newValue, ordering: .releasing) }
    }
}

/// sigaltstack(2).
package struct AlternateStack: Equatable, Sendable {
    package var base: UInt64 = 0
    package var size: UInt64 = 0
    package var flags: UInt32 = AlternateStack.disable

    package static let onStack: UInt32 = 1, disable: UInt32 = 2, autoDisarm: UInt32 = 0x8000_0000
    package static let minimumSize: UInt64 = 2048

    package init() {}
    package init(base: UInt64, size: UInt64, flags: UInt32) {
        self.base = base
        self.size = size
        self.flags = flags
    }
    /// Whether `stackPointer` lies in it; a stack that disarms itself is never found in use.
    func isInUse(_ stackPointer: UInt64) -> Bool { flags & Self.autoDisarm == 0 && contains(stackPointer) }
    func contains(_ stackPointer: UInt64) -> Bool { stackPointer > base && stackPointer &- base <= size }
    /// SS_DISABLE, SS_ONSTACK or 0.
    func state(_ stackPointer: UInt64) -> UInt32 {
        if size == 0 { return Self.disable }
        return isInUse(stackPointer) ? Self.onStack : 0
    }
}

/// Trap number, error code and CR2 of a thread's last fault, as the signal frame shows them.
package struct FaultState: Equatable, Sendable {
    package var trapNumber: UInt64 = 0
    package var errorCode: UInt64 = 0
    package var cr2: UInt64 = 0
    package init(trapNumber: UInt64 = 0, errorCode: UInt64 = 0, cr2: UInt64 = 0) {
        self.trapNumber = trapNumber
        self.errorCode = errorCode
        self.cr2 = cr2
    }
}
