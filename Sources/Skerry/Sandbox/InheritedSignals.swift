internal import Glibc

/// What this process's caller left ignored (nohup, a script's `&`) and blocked: a command in the foreground passes it on to its program, as execve(2) does.
struct InheritedSignals {
    /// Bit N - 1 stands for signal N.
    let ignored: UInt64, blocked: UInt64

    /// As they are now.
    init() {
        var mask = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &mask)
        var ignored: UInt64 = 0, blocked: UInt64 = 0
        for number in Int32(1)...64 {
            let bit = UInt64(1) << UInt64(number - 1)
            if Self.isIgnored(number) { ignored |= bit }
            if sigismember(&mask, number) == 1 { blocked |= bit }
        }
        self.ignored = ignored
        self.blocked = blocked
    }

    /// Whether this process ignores the signal.
    static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }
}
