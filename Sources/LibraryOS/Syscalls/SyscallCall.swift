/// Why a handler runs: for the first time, or again after it asked to wait.
package enum WakeReason: Sendable {
    /// The first run of this call.
    case first
    /// A wait queue it waited on was woken (perhaps for another reader: check again).
    case queue
    /// The deadline it named has passed.
    case deadline
    /// A signal with a handler, a stop or the exit of the group is pending: give up what is not done yet.
    case interrupted
}

/// State a handler keeps from one run to the next while it waits: bytes done, a queued futex waiter, a phase.
///
/// Handlers subclass it. `cancel()` runs when the task dies while it waits; whatever the state has queued elsewhere is taken back there.
open class CallProgress {
    /// Makes empty progress.
    public init() {}
    /// Takes back everything the call has registered outside itself.
    open func cancel() {}
}

/// Progress of a transfer: the bytes moved so far and the deadline computed on the first run.
package final class TransferProgress: CallProgress {
    package var done = 0
    package var deadline: MonotonicInstant?
}

/// One system call of one task: number and arguments as they were when the program executed `syscall`, read from the mailbox once.
///
/// The arguments are decoded here and nowhere else. C's `int` arguments use the low 32 bits of the register, as the kernel does.
public struct SyscallCall {
    /// The number (`rax`).
    public let number: UInt64
    /// rdi, rsi, rdx, r10, r8, r9.
    public let a0, a1, a2, a3, a4, a5: UInt64
    /// What the handler remembers between runs.
    package var progress: CallProgress?
    /// Why the handler runs now.
    package var wake: WakeReason = .first
    /// True on the service thread: take locks with `tryLock` only, never wait, never make a host call that could block;
    /// return `.leave` to have the call made again on the exit path.
    package let inPlace: Bool

    /// A call as the gate stored it; of the number, too, the low 32 bits count.
    public init(
        number: UInt64, _ a0: UInt64 = 0, _ a1: UInt64 = 0, _ a2: UInt64 = 0, _ a3: UInt64 = 0, _ a4: UInt64 = 0, _ a5: UInt64 = 0,
        inPlace: Bool = false
    ) {
        self.number = number & 0xffff_ffff
        self.a0 = a0
        self.a1 = a1
        self.a2 = a2
        self.a3 = a3
        self.a4 = a4
        self.a5 = a5
        self.inPlace = inPlace
    }

    /// Argument `index` (0 to 5), raw.
    package func raw(_ index: Int) -> UInt64 {
        switch index {
        case 0: a0
        case 1: a1
        case 2: a2
        case 3: a3
        case 4: a4
        default: a5
        }
    }
    /// A file descriptor or another C `int`.
    package func int(_ index: Int) -> Int32 { Int32(truncatingIfNeeded: raw(index)) }
    /// A C `unsigned int` (flags, modes).
    package func uint(_ index: Int) -> UInt32 { UInt32(truncatingIfNeeded: raw(index)) }
    /// A C `long`, `off_t` or `loff_t`.
    package func long(_ index: Int) -> Int64 { Int64(bitPattern: raw(index)) }
    /// A pointer.
    package func address(_ index: Int) -> GuestAddress { GuestAddress(raw(index)) }
    /// A `size_t`.
    package func length(_ index: Int) -> GuestLength { GuestLength(raw(index)) }
    /// A number of elements.
    package func count(_ index: Int) -> GuestCount { GuestCount(raw(index)) }

    /// The outcome of a handler that would block: waits on `queues`, or, when it has already been interrupted, fails as `restart` says.
    ///
    /// After the deadline the handler runs once more with `wake == .deadline`; it must look at that before it calls this again.
    package func wait(
        on queues: [WaitQueue], until deadline: MonotonicInstant? = nil, restart: Errno = .ERESTARTSYS
    ) throws(Errno) -> Outcome {
        if inPlace { return .leave }
        if wake == .interrupted { throw restart }
        return .wait(Wait(queues: queues, deadline: deadline))
    }
}

/// What a handler says when it returns.
public enum Outcome {
    /// The call is over with this result in `rax`.
    case done(Int64)
    /// The call cannot go on now: wake the task by one of the queues or the deadline, then run the handler again.
    case wait(Wait)
    /// Only when answered in place: run it on the exit path instead. Nothing has been changed yet.
    case leave
    /// The registers were replaced (`rt_sigreturn`, `execve`): `rax` is not to be touched.
    case registersReplaced
    /// The task is over (`exit`, `exit_group`, `execve` from another thread).
    case exit
}

extension Outcome {
    /// Success without a value.
    package static var success: Outcome { .done(0) }
    /// Success with a count.
    package static func count(_ value: Int) -> Outcome { .done(Int64(value)) }
}

/// What a task waits for.
public struct Wait {
    /// Woken by any of these.
    package var queues: [WaitQueue]
    /// Or when this instant has passed.
    package var deadline: MonotonicInstant?
    /// Signals do not end the wait; only the end of the task does.
    package var isKillable = false
}

/// An instant of CLOCK_MONOTONIC in nanoseconds.
public struct MonotonicInstant: Equatable, Comparable, Hashable, Sendable {
    /// Nanoseconds since the clock's start.
    public let nanoseconds: Int64
    /// Wraps a clock reading.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
    /// Orders by time.
    public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }
    /// This instant plus a duration, at most the end of time.
    package func advanced(byNanoseconds duration: Int64) -> MonotonicInstant {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(duration)
        return MonotonicInstant(nanoseconds: overflow ? .max : sum)
    }
}
