import LibraryOS
import Monitor

internal import Glibc

/// Signals sent to this process reach the sandbox instead. What the terminal sends (Ctrl-C, Ctrl-Z, Ctrl-\\, a new window size) is for the process group in
/// the sandbox's foreground, what somebody sends with kill(2) is for the first program.
///
/// A signal this process was told to ignore (nohup) stays ignored. The others are blocked in every thread, and the thread that waits for the sandbox's end
/// waits for them, too. The signals that were in force before come back in the end.
final class SignalForwarding: EndWaiting, @unchecked Sendable {
    private let group: ThreadGroup
    private let terminal: HostTerminal?
    private var waited = sigset_t()
    private var previous = sigset_t()
    private let thread = pthread_self()

    private static let forwarded = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH, SIGTSTP, SIGCONT, SIGXCPU, SIGVTALRM, SIGPROF, SIGPWR]
    /// Wakes the waiting thread: SIGRTMAX - 1.
    private static let end: Int32 = 63

    /// Begins; called by the thread that will wait.
    init(to group: ThreadGroup, terminal: HostTerminal?, except inherited: InheritedSignals) {
        self.group = group
        self.terminal = terminal
        sigemptyset(&waited)
        for signal in Self.forwarded where !inherited.isIgnored(signal) { sigaddset(&waited, signal) }
        sigaddset(&waited, Self.end)
        pthread_sigmask(SIG_BLOCK, &waited, &previous)
    }

    func sleep(nanoseconds: Int64) {
        let number: Int32
        var information = siginfo_t()
        if nanoseconds < 0 {
            number = sigwaitinfo(&waited, &information)
        } else {
            var time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
            number = sigtimedwait(&waited, &information, &time)
        }
        if number > 0, number != Self.end { forward(number, fromTerminal: information.si_code == SignalInfo.kernel) }
    }

    private func forward(_ number: Int32, fromTerminal: Bool) {
        switch number {
        case SIGINT, SIGQUIT, SIGTSTP, SIGWINCH:
            if fromTerminal, let terminal { return terminal.signalForeground(number) }
        case SIGCONT:
            // The shell outside goes on with the job, which is what had the terminal.
            terminal?.signalForeground(number)
        default: break
        }
        group.send(SignalInfo(number, code: SignalInfo.kernel))
    }

    func wake() { pthread_kill(thread, Self.end) }

    /// Ends; called by the same thread, when nobody wakes it any more.
    func end() {
        var own = sigset_t()
        sigemptyset(&own)
        sigaddset(&own, Self.end)
        var now = timespec()
        while sigtimedwait(&own, nil, &now) > 0 {}
        pthread_sigmask(SIG_SETMASK, &previous, nil)
    }
}
