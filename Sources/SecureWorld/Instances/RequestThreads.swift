import CLinux
import Synchronization

internal import Glibc

/// Threads that carry requests of clients which do not wait themselves. A thread serves one request after the other, and ends when it has had nothing to do for a while.
final class RequestThreads: Sendable {
    static let shared = RequestThreads()

    private struct State {
        var waiting: [@Sendable () -> Void] = []
        var threads = 0
        var idle = 0
    }
    private let state = Mutex(State())
    private let signal = ThreadSignal()
    /// An application that waits holds its thread: so many may.
    private static let mostThreads = 256
    private static let mostWaiting = 4096
    /// How long a thread without work stays, in nanoseconds.
    private static let patience: Int64 = 2_000_000_000

    /// Runs `work` on one of the threads, or `refused` at once when there is too much to do already.
    func run(_ work: @escaping @Sendable () -> Void, refused: () -> Void) {
        enum Next { case wake, start, refuse }
        let next = state.withLock { state -> Next in
            if state.waiting.count >= Self.mostWaiting { return .refuse }
            state.waiting.append(work)
            if state.idle >= state.waiting.count || state.threads >= Self.mostThreads { return .wake }
            state.threads += 1
            return .start
        }
        switch next {
        case .wake: signal.signal()
        case .refuse: refused()
        case .start:
            if Self.start({ [self] in serve() }) { return }
            let isLost = state.withLock { state in
                state.threads -= 1
                // With other threads there it is only later; without any it will never be.
                if state.threads == 0 { return state.waiting.popLast() != nil }
                return false
            }
            if isLost { refused() }
        }
    }

    private func serve() {
        while true {
            let seen = signal.count
            let work = state.withLock { state -> (@Sendable () -> Void)? in
                if state.waiting.isEmpty {
                    state.idle += 1
                    return nil
                }
                return state.waiting.removeFirst()
            }
            if let work {
                work()
                continue
            }
            signal.wait(after: seen, nanoseconds: Self.patience)
            let ends = state.withLock { state in
                state.idle -= 1
                guard state.waiting.isEmpty, signal.count == seen else { return false }
                state.threads -= 1
                return true
            }
            if ends { return }
        }
    }

    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts a detached thread; false when the host gives none.
    static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, 1 << 20)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Body(body))
        let result = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, work.toOpaque())
        if result != 0 { work.release() }
        return result == 0
    }
}
