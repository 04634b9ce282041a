internal import Confidential
internal import Glibc
internal import Synchronization

/// Ends a guest from outside: when its time is over, or when this process is told to end. A thread of its own.
final class RunWatch: Sendable {
    /// Why the guest was stopped.
    enum Reason: Equatable {
        case timeout
        case signal(Int32)
    }

    /// The last signal that came; 0: none.
    private static let received = Atomic<Int32>(0)
    private static let signals = [SIGHUP, SIGINT, SIGQUIT, SIGTERM]
    private static let pause = 10_000_000

    /// Its handler does nothing.
    private static let call = SIGURG

    private let control: GuestControl
    private let target = UInt64(pthread_self())
    private let deadline: UInt64?
    private let outcome = Mutex<Reason?>(nil)
    private let isOver = Atomic<Bool>(false)

    /// Begins to watch; what this process was told to ignore (nohup) stays ignored.
    init(_ control: GuestControl, seconds: Double?) {
        self.control = control
        deadline = seconds.map { Self.now() &+ UInt64($0 * 1e9) }
        // Made here, not in the handler.
        Self.received.store(0, ordering: .sequentiallyConsistent)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in }
        sigaction(Self.call, &action, nil)
        for number in Self.signals {
            var action = sigaction()
            guard sigaction(number, nil, &action) == 0, !Self.isIgnored(action) else { continue }
            action.__sigaction_handler.sa_handler = { RunWatch.received.store($0, ordering: .relaxed) }
            action.sa_flags = 0
            sigaction(number, &action, nil)
        }
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(self)
        let isMade =
            pthread_create(
                &thread, nil,
                { argument in
                    guard let argument else { return nil }
                    Unmanaged<RunWatch>.fromOpaque(argument).takeRetainedValue().watch()
                    return nil
                }, argument.toOpaque()) == 0
        if isMade { pthread_detach(thread) } else { argument.release() }
    }

    private static func isIgnored(_ action: sigaction) -> Bool { unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1 }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    private func watch() {
        var time = timespec(tv_sec: 0, tv_nsec: Self.pause)
        while !isOver.load(ordering: .acquiring) {
            nanosleep(&time, nil)
            let signal = Self.received.load(ordering: .relaxed)
            let reason: Reason? = signal != 0 ? .signal(signal) : deadline.map { $0 <= Self.now() } == true ? .timeout : nil
            guard let reason else { continue }
            outcome.withLock { $0 = reason }
            control.stop()
            // The guest's thread may be about to enter the guest, or to wait: it is called until it has heard.
            while !isOver.load(ordering: .acquiring) {
                pthread_kill(pthread_t(target), Self.call)
                nanosleep(&time, nil)
            }
        }
    }

    /// Ends the watch; why it stopped the guest, if it did.
    func end() -> Reason? {
        isOver.store(true, ordering: .releasing)
        return outcome.withLock { $0 }
    }
}
