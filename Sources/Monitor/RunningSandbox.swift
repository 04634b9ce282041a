import CLinux
import GuestAccess
public import LibraryOS
import Synchronization

internal import Glibc

/// Sees what programs do, for `--trace`. Called by the runners' threads.
package protocol CallTracer: AnyObject, Sendable {
    /// The first program is about to run: what an execve(2) would have been given.
    func started(_ task: Task, _ path: [UInt8], _ arguments: [[UInt8]], environment: Int)
    /// A call is about to be served.
    func entered(_ task: Task, _ call: SyscallCall)
    /// A call has been served; nil: it does not return (exit(2)).
    func returned(_ task: Task, _ call: SyscallCall, result: Int64?)
    /// A signal is delivered or a fault became one.
    func signal(_ task: Task, _ information: SignalInfo)
    /// A task has ended, maybe inside a call; its process may go on.
    func ended(_ task: Task)
    /// A signal ends the process: the registers are those of the fault, or of where the signal met it.
    func crashed(_ task: Task, _ information: SignalInfo)
}

/// How the thread that waits for the end of a sandbox sleeps, when it has something else to wait for as well.
package protocol EndWaiting: AnyObject, Sendable {
    /// Sleeps until `wake`, at most so many nanoseconds (negative: for ever); may return early.
    func sleep(nanoseconds: Int64)
    /// Called by another thread: the sandbox has ended.
    func wake()
}

/// How a sandbox ended.
public enum SandboxExit: Sendable {
    /// The program's own status (wait(2) encoding).
    case program(status: Int32)
    /// Skerry itself failed.
    case failed(MonitorError)
    /// The memory limit was reached and the first program was killed; the reason when it was not the limit but KVM that gave no more.
    case outOfMemory(reason: String?)
}

/// A sandbox whose tasks are running: starts their threads, and knows when the last one is over.
public final class RunningSandbox: @unchecked Sendable {
    let machine: Machine
    /// Its kernel.
    public let kernel: Kernel
    /// Set before the first task starts.
    package let tracer: (any CallTracer)?

    /// The thread that answers calls through the mailbox.
    let inPlace: InPlaceService
    /// Off while calls are traced, or when the configuration says so.
    package let answersInPlace: Bool

    /// Where tasks wait for a processor when there are fewer of them for the sandbox than on the host.
    let gate: ProcessorGate?

    private let lock = Lock(.leaf)
    private var live = 0
    private var failure: MonitorError?
    private var first: ThreadGroup?
    private var waiting: (any EndWaiting)?
    private let done = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)

    /// A sandbox without tasks.
    package init(machine: Machine, kernel: Kernel, tracer: (any CallTracer)? = nil, answersInPlace: Bool = true) {
        self.machine = machine
        self.kernel = kernel
        self.tracer = tracer
        self.answersInPlace = answersInPlace && tracer == nil
        let isLimited = kernel.configuration.limitsProcessors && kernel.visibleProcessors < Int(skerry_usable_processors())
        gate = isLimited ? ProcessorGate(places: kernel.visibleProcessors) : nil
        inPlace = InPlaceService(statistics: machine.statistics, gate: gate)
        done.initialize(to: 0)
        (kernel.host as? LinuxHost)?.serve(kernel)
        ProcessSetup.once()
    }

    deinit { done.deallocate() }

    /// A parker for the first task.
    public func makeParker() -> TaskParker { HostParker(host: kernel.host) }

    /// Starts the thread of a task.
    public func start(_ task: Task) throws(Errno) {
        guard let parker = task.parker as? HostParker else { throw .EINVAL }
        let runner = try TaskRunner(machine: machine, task: task, sandbox: self, parker: parker)
        lock.withLock {
            live += 1
            if first == nil { first = task.group }
        }
        let work = { @Sendable [self] in
            runner.run()
            ended()
        }
        if let waiting = runner.thread {
            waiting.give(work)
            return
        }
        let thread = VCPUThread()
        runner.thread = thread
        do throws(Errno) {
            try thread.start(work)
        } catch {
            lock.withLock { live -= 1 }
            machine.returnSlot(runner.slot, runner.memory)
            machine.returnVCPU(runner.vcpu)
            throw error
        }
    }

    private func ended() {
        // Woken under the lock: once `wait` has returned, the waking signal of `EndWaiting` must not come any more.
        lock.withLock {
            live -= 1
            guard live == 0 else { return }
            _ = skerry_atomic_exchange32(done, 1)
            if let waiting { waiting.wake() } else { skerry_futex_wake(done) }
        }
    }

    /// Nothing has been started yet.
    var hasNoTask: Bool { lock.withLock { first == nil } }

    /// Waits until every task has ended, at most `nanoseconds` (nil: for ever); false when tasks still run.
    package func wait(nanoseconds: Int64?, by waiting: (any EndWaiting)? = nil) -> Bool {
        let deadline = nanoseconds.map { kernel.host.now(.monotonic).addingReportingOverflow($0).partialValue }
        lock.withLock { self.waiting = waiting }
        defer { lock.withLock { self.waiting = nil } }
        func sleep(_ nanoseconds: Int64) { if let waiting { waiting.sleep(nanoseconds: nanoseconds) } else { skerry_futex_wait(done, 0, nanoseconds) } }
        // What ends at once is not worth the thread that keeps the clocks.
        if lock.withLock({ live > 0 }) { sleep(min(ClockParameters.firstInterval, nanoseconds ?? .max)) }
        if lock.withLock({ live > 0 }) { (kernel.host as? LinuxHost)?.keepTime() }
        while lock.withLock({ live > 0 }) {
            var left: Int64 = -1
            if let deadline {
                left = deadline - kernel.host.now(.monotonic)
                if left <= 0 { return false }
            }
            sleep(left)
        }
        if !kernel.endsWithProcess { inPlace.stop() }
        return true
    }

    /// How it ended, once `wait` has returned true.
    public var outcome: SandboxExit {
        let (failure, first) = lock.withLock { (self.failure, self.first) }
        if let failure { return .failed(failure) }
        if kernel.memoryShortage.kills.first { return .outOfMemory(reason: machine.memory.refusal) }
        return .program(status: first?.exitStatus ?? 0)
    }

    /// Why Skerry itself failed, if it did.
    public var failureReason: MonitorError? { lock.withLock { failure } }

    /// Skerry itself cannot go on; the first reason is kept.
    func fail(_ error: MonitorError) { lock.withLock { if failure == nil { failure = error } } }
}

/// What the monitor's process needs once, however many sandboxes it holds.
enum ProcessSetup {
    private static let done: Bool = {
        #if DEBUG
            Lock.orderRecord = skerry_lock_order
        #endif
        _ = skerry_guest_access_install()
        HostParker.installSignalHandler()
        return true
    }()
    static func once() { _ = done }
}
