internal import Glibc
internal import Synchronization

/// Takes the processor out of a program now and then, so that other tasks of the guest get their turn. A thread of its own; the signal it uses does nothing else.
final class Ticker: Sendable {
    /// Nanoseconds of a turn.
    private static let turn = 10_000_000
    /// As the monitor's: its handler does nothing.
    private static let signal = SIGURG

    private final class Shared: Sendable {
        let requestExit: @Sendable () -> Void
        let control: GuestControl
        let target: UInt64
        let isRunning = Atomic<Bool>(false), isOver = Atomic<Bool>(false)
        init(_ control: GuestControl, _ requestExit: @escaping @Sendable () -> Void, _ target: pthread_t) {
            (self.control, self.requestExit, self.target) = (control, requestExit, UInt64(target))
        }
    }
    private let shared: Shared
    private let thread: UInt64

    /// For the processor that the calling thread runs.
    ///
    /// - Parameter requestExit: makes its next entry end at once; a signal ends the present one.
    init(_ control: GuestControl, requestExit: @escaping @Sendable () -> Void) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in }
        sigemptyset(&action.sa_mask)
        sigaction(Self.signal, &action, nil)
        let shared = Shared(control, requestExit, pthread_self())
        self.shared = shared
        var made = pthread_t()
        let isMade =
            pthread_create(
                &made, nil,
                { argument in
                    guard let argument else { return nil }
                    Ticker.tick(Unmanaged<Shared>.fromOpaque(argument).takeRetainedValue())
                    return nil
                }, Unmanaged.passRetained(shared).toOpaque()) == 0
        if !isMade { Unmanaged.passUnretained(shared).release() }
        thread = isMade ? UInt64(made) : 0
    }

    private static func tick(_ shared: Shared) {
        var pause = timespec(tv_sec: 0, tv_nsec: turn)
        while !shared.isOver.load(ordering: .acquiring) {
            nanosleep(&pause, nil)
            // A guest that is to stop is woken until it does: also out of a wait for its streams.
            guard shared.isRunning.load(ordering: .acquiring) || shared.control.isStopped else { continue }
            shared.requestExit()
            pthread_kill(pthread_t(shared.target), signal)
        }
    }

    /// A program runs from now on.
    func start() { shared.isRunning.store(true, ordering: .releasing) }
    /// Whether it does.
    var isRunning: Bool { shared.isRunning.load(ordering: .acquiring) }
    /// It does not any more.
    func stop() { shared.isRunning.store(false, ordering: .releasing) }

    deinit {
        shared.isOver.store(true, ordering: .releasing)
        if thread != 0 { pthread_join(pthread_t(thread), nil) }
    }
}
