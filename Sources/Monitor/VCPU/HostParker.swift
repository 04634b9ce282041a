import CLinux
import KVM
import LibraryOS
import Synchronization

internal import Glibc

/// The sleeping place of a task whose runner is a host thread: a futex word, and a signal that takes the thread out of KVM_RUN.
final class HostParker: TaskParker, @unchecked Sendable {
    private let word = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
    private let thread = Atomic<UInt64>(0)
    private let host: Host
    private let lock = Lock(.leaf)
    // Under `lock`:
    /// The vCPU the task runs on now.
    private var vcpu: VCPU?
    /// The task's place on a processor; nil when those are not limited. Changed by the runner's thread only, which reads it without the lock.
    private var seat: (gate: ProcessorGate, seat: ProcessorSeat)?
    /// Told when the thread sleeps; the runner's own.
    var times: ProcessorTimes?

    /// The signal that interrupts KVM_RUN; its handler does nothing.
    static let kickSignal = SIGURG

    init(host: Host) {
        self.host = host
        word.initialize(to: 0)
    }

    deinit { word.deallocate() }

    /// Called once, so that kicks interrupt KVM_RUN instead of being ignored or restarting it.
    static func installSignalHandler() {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in }
        sigemptyset(&action.sa_mask)
        sigaction(kickSignal, &action, nil)
    }

    /// Called by the runner's thread before it serves the task.
    func attach(_ vcpu: VCPU?) {
        lock.withLock { self.vcpu = vcpu }
        thread.store(UInt64(pthread_self()), ordering: .releasing)
    }

    /// Called by the runner's thread when it begins: takes a place on a processor, and gives it up whenever the thread sleeps.
    func take(_ seat: ProcessorSeat, in gate: ProcessorGate) {
        lock.withLock { self.seat = (gate, seat) }
        gate.enter(seat)
    }

    /// Called by the runner's thread when it ends.
    func leaveProcessor() {
        guard let (gate, seat) = seat else { return }
        gate.leave(seat)
        lock.withLock { self.seat = nil }
    }

    /// Lets others in when the task's slice is over. The runner's thread, before it enters the guest.
    @inline(__always)
    func yieldProcessor() {
        guard let (gate, seat) = seat, seat.isAskedToLeave else { return }
        times?.pause()
        gate.leave(seat)
        gate.enter(seat)
        times?.resume()
    }

    /// Called by the runner's thread when it ends: kicks find nothing any more.
    func detach() {
        lock.withLock {
            vcpu = nil
            thread.store(0, ordering: .releasing)
        }
    }

    /// What the sleeping thread gives back when it sleeps long and vCPUs are scarce; set by its runner.
    weak var lease: (any VCPULease)?

    /// How long a thread keeps its vCPU while it sleeps.
    private static let patience: Int64 = 2_000_000

    override func park(until deadline: MonotonicInstant?) -> Bool {
        if skerry_atomic_exchange32(word, 0) != 0 {
            // Woken again and again, a task does not sleep; what it waits for may be somebody who waits for its place.
            yieldProcessor()
            return true
        }
        times?.pause()
        defer { times?.resume() }
        guard let (gate, seat) = seat else { return sleepLeasing(until: deadline) }
        gate.leave(seat)
        // With its vCPU again, if it has given that back: whoever has a vCPU must never wait for one who waits for one.
        defer { gate.enter(seat) }
        return sleepLeasing(until: deadline)
    }

    private func sleepLeasing(until deadline: MonotonicInstant?) -> Bool {
        guard let lease, lease.shouldYield else { return sleep(until: deadline) }
        let patient = MonotonicInstant(nanoseconds: host.now(.monotonic) + Self.patience)
        if let deadline, deadline <= patient { return sleep(until: deadline) }
        if sleep(until: patient) { return true }
        lease.yieldVCPU()
        defer { lease.reclaimVCPU() }
        return sleep(until: deadline)
    }

    private func sleep(until deadline: MonotonicInstant?) -> Bool {
        while true {
            if skerry_atomic_exchange32(word, 0) != 0 { return true }
            var relative: Int64 = -1
            if let deadline {
                relative = deadline.nanoseconds - host.now(.monotonic)
                if relative <= 0 { return false }
            }
            skerry_futex_wait(word, 0, relative)
        }
    }

    override func unpark() {
        if skerry_atomic_exchange32(word, 1) == 0 { skerry_futex_wake(word) }
    }

    override func kick() {
        unpark()
        lock.withLock {
            seat?.seat.wake()
            interruptLocked()
        }
    }

    /// Takes the thread out of the guest, and no further.
    func interruptGuest() { lock.withLock { interruptLocked() } }

    private func interruptLocked() {
        let target = thread.load(ordering: .acquiring)
        guard target != 0 else { return }
        vcpu?.requestExit()
        pthread_kill(pthread_t(target), Self.kickSignal)
    }
}

/// A vCPU that a thread has on loan.
protocol VCPULease: AnyObject {
    /// Others may be waiting for a vCPU.
    var shouldYield: Bool { get }
    /// Gives the vCPU back; the task's state is kept in the task.
    func yieldVCPU()
    /// Takes a vCPU again, waiting for one if need be, and restores the task's state.
    func reclaimVCPU()
}
