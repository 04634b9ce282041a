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
    /// The vCPU the task runs on now; under `lock`.
    private var vcpu: VCPU?

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
            let target = thread.load(ordering: .acquiring)
            guard target != 0 else { return }
            vcpu?.requestExit()
            pthread_kill(pthread_t(target), Self.kickSignal)
        }
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
