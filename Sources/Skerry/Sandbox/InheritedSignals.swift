internal import CLinux

/// What this process's caller left ignored (nohup, a script's `&`) and blocked: a command in the foreground passes it on to its program, as execve(2) does.
struct InheritedSignals {
    /// Bit N - 1 stands for signal N.
    let ignored = skerry_ignored_signals(), blocked = skerry_blocked_signals()

    func isIgnored(_ number: Int32) -> Bool { ignored & 1 << UInt64(number - 1) != 0 }
}
