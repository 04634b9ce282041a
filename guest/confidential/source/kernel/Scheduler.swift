import LibraryOS
import Platform

/// A thread of the library OS: a stack of its own, and a place in it.
final class GuestThread: @unchecked Sendable {
    /// Frames of a stack.
    private static var frames: UInt64 { 16 }
    /// What the last word of the stack holds as long as the stack was large enough.
    private static var mark: UInt64 { 0x5B7E_20A1_C94D_3F11 }

    var stackPointer: UInt64 = 0
    private let stack: UInt64
    let body: () -> Void
    /// Counts of the time stamp counter that it has had the processor for, before it got it last; and when that was.
    private var used: UInt64 = 0
    private var since: UInt64?

    func getsProcessor() { since = skerry_counter() }
    func losesProcessor() {
        used = processorTime
        since = nil
    }
    /// Counts that it has had the processor for.
    var processorTime: UInt64 { used &+ (since.map { skerry_counter() &- $0 } ?? 0) }

    /// A thread that has not begun. `EAGAIN` without memory for its stack.
    init(_ body: @escaping () -> Void) throws(Errno) {
        self.body = body
        stack = GuestMemory.hasReserve(beyond: Self.frames) ? skerry_frames_take_run(Self.frames) : 0
        if stack == 0 { throw .EAGAIN }
        let bottom = GuestMemory.address(stack)
        bottom.storeBytes(of: Self.mark, as: UInt64.self)
        // What skerry_switch takes off: six registers, and where it returns to.
        let top = bottom + Int(Self.frames << 12) - 64
        skerry_wipe(top, 64)
        stackPointer = Layout.virtual(stack << 12) &+ Self.frames << 12 &- 64
        top.storeBytes(of: skerry_thread_entry(), toByteOffset: 48, as: UInt64.self)
    }

    /// The stack was large enough so far.
    func check() { if GuestMemory.address(stack).load(as: UInt64.self) != Self.mark { refuse(skerry_refusal_stack) } }

    deinit { skerry_frames_give(stack, Self.frames) }
}

/// Who runs on the one processor. Threads give it up only when they sleep, end, or when their program's time is over.
final class Scheduler: @unchecked Sendable {
    /// Set once, by the boot.
    nonisolated(unsafe) static var shared: Scheduler?

    /// What there is to do while nobody is ready: sleeps until something happens, at most until the deadline (nil: for ever).
    private let idle: (MonotonicInstant?) -> Void
    private let now: () -> MonotonicInstant
    private var ready: [GuestThread] = []
    private var sleepers: [ObjectIdentifier: GuestParker] = [:]
    private(set) var current: GuestThread?
    /// It has ended; its stack is given back by the next one, which does not stand on it.
    private var ended: GuestThread?
    private var bootPointer: UInt64 = 0

    init(now: @escaping () -> MonotonicInstant, idle: @escaping (MonotonicInstant?) -> Void) {
        self.now = now
        self.idle = idle
    }

    /// Makes a thread ready.
    func add(_ thread: GuestThread) { ready.append(thread) }

    /// Runs until no thread is left. Called once, by the boot, on its own stack.
    func run() {
        while let next = choose() {
            current = next
            next.check()
            next.getsProcessor()
            skerry_switch(&bootPointer, next.stackPointer)
            next.losesProcessor()
            next.check()
            current = nil
            ended = nil
        }
    }

    /// The thread that runs next, when one is ready or may become so.
    private func choose() -> GuestThread? {
        while ready.isEmpty {
            if sleepers.isEmpty { return nil }
            idle(earliest)
            wakeDue()
        }
        return ready.removeFirst()
    }

    private var earliest: MonotonicInstant? { sleepers.values.compactMap { $0.deadline }.min() }

    /// Wakes whose deadline has come.
    func wakeDue() {
        let time = now()
        for sleeper in Array(sleepers.values) { if let deadline = sleeper.deadline, deadline <= time { wake(sleeper) } }
    }

    /// Back to `run`, which goes on with somebody else.
    private func leave() {
        guard let thread = current else { refuse(skerry_refusal_unreachable) }
        skerry_switch(&thread.stackPointer, bootPointer)
    }

    /// The calling thread sleeps until `wake`, or the parker's deadline.
    func sleep(_ parker: GuestParker) {
        parker.thread = current
        sleepers[ObjectIdentifier(parker)] = parker
        leave()
    }

    /// Ends the sleep of a parker's thread, if it sleeps.
    func wake(_ parker: GuestParker) {
        guard sleepers.removeValue(forKey: ObjectIdentifier(parker)) != nil, let thread = parker.thread else { return }
        parker.thread = nil
        ready.append(thread)
    }

    /// Others come first, if there are any.
    func yield() {
        guard !ready.isEmpty, let current else { return }
        ready.append(current)
        leave()
    }

    /// The calling thread is over.
    func end() -> Never {
        ended = current
        leave()
        refuse(skerry_refusal_unreachable)
    }
}

/// Where a thread begins.
@_cdecl("skerry_thread_main")
public func threadMain() {
    Scheduler.shared?.current?.body()
    Scheduler.shared?.end()
}

/// How a task sleeps here.
final class GuestParker: TaskParker, @unchecked Sendable {
    private var isWoken = false
    private(set) var deadline: MonotonicInstant?
    /// The thread that sleeps.
    var thread: GuestThread?

    override func park(until deadline: MonotonicInstant?) -> Bool {
        guard let scheduler = Scheduler.shared else { return false }
        if isWoken {
            isWoken = false
            // Woken again and again, a task does not sleep; what it waits for may be somebody who waits for the processor.
            scheduler.yield()
            return true
        }
        self.deadline = deadline
        scheduler.sleep(self)
        self.deadline = nil
        defer { isWoken = false }
        return isWoken
    }

    override func unpark() {
        isWoken = true
        Scheduler.shared?.wake(self)
    }

    /// Whoever runs looks at what is pending before it enters its program.
    override func kick() { unpark() }
}
