import LibraryOS

internal import Glibc

/// Signals sent to this process reach the program instead: Ctrl-C, Ctrl-\, hang-up, termination, window size.
///
/// They are blocked in every thread, and one thread waits for them. The signals that were in force before come back in the end.
final class SignalForwarding: @unchecked Sendable {
    private let group: ThreadGroup
    private var waited = sigset_t()
    private var previous = sigset_t()
    private var thread = pthread_t()
    private var started = false

    private static let forwarded = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH, SIGTSTP, SIGCONT]
    /// Ends the waiting thread.
    private static let end = SIGRTMAX_1

    private static var SIGRTMAX_1: Int32 { 63 }

    init(to group: ThreadGroup) {
        self.group = group
        sigemptyset(&waited)
        for signal in Self.forwarded where !Self.isIgnored(signal) { sigaddset(&waited, signal) }
        sigaddset(&waited, Self.end)
        pthread_sigmask(SIG_BLOCK, &waited, &previous)
        let argument = Unmanaged.passRetained(self)
        let result = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<SignalForwarding>.fromOpaque(argument).takeRetainedValue().loop()
                return nil
            }, argument.toOpaque())
        if result == 0 { started = true } else { argument.release() }
    }

    /// A signal this process was told to ignore (nohup) stays ignored.
    private static func isIgnored(_ signal: Int32) -> Bool {
        var action = sigaction()
        sigaction(signal, nil, &action)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }

    private func loop() {
        var set = waited
        while true {
            var number: Int32 = 0
            guard sigwait(&set, &number) == 0 else { continue }
            if number == Self.end { return }
            group.send(SignalInfo(number, code: SignalInfo.kernel))
        }
    }

    func end() {
        if started {
            pthread_kill(thread, Self.end)
            pthread_join(thread, nil)
        }
        pthread_sigmask(SIG_SETMASK, &previous, nil)
    }
}
