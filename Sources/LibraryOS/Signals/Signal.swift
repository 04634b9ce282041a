/// Signal numbers of x86-64 Linux and what they do when no action is set (signal(7)).
package enum Signal {
    package static let SIGHUP: Int32 = 1, SIGINT: Int32 = 2, SIGQUIT: Int32 = 3, SIGILL: Int32 = 4, SIGTRAP: Int32 = 5, SIGABRT: Int32 = 6
    package static let SIGBUS: Int32 = 7, SIGFPE: Int32 = 8, SIGKILL: Int32 = 9, SIGUSR1: Int32 = 10, SIGSEGV: Int32 = 11, SIGUSR2: Int32 = 12
    package static let SIGPIPE: Int32 = 13, SIGALRM: Int32 = 14, SIGTERM: Int32 = 15, SIGCHLD: Int32 = 17, SIGCONT: Int32 = 18
    package static let SIGSTOP: Int32 = 19, SIGTSTP: Int32 = 20, SIGTTIN: Int32 = 21, SIGTTOU: Int32 = 22, SIGURG: Int32 = 23
    package static let SIGXCPU: Int32 = 24, SIGXFSZ: Int32 = 25, SIGVTALRM: Int32 = 26, SIGPROF: Int32 = 27, SIGWINCH: Int32 = 28
    package static let SIGIO: Int32 = 29, SIGPWR: Int32 = 30, SIGSYS: Int32 = 31
    /// The first real-time signal as the kernel counts (glibc keeps 32 and 33 for itself).
    package static let firstRealTime: Int32 = 32
    package static let last: Int32 = 64

    /// What happens when the action is SIG_DFL.
    package enum DefaultAction {
        case terminate
        /// Terminate and dump core; no core file is ever written.
        case dumpCore
        case stop
        case ignore
    }

    package static func isValid(_ number: Int32) -> Bool { number >= 1 && number <= last }

    package static func defaultAction(_ number: Int32) -> DefaultAction {
        if SignalSet.stopping.contains(number) { return .stop }
        if SignalSet.ignoredByDefault.contains(number) { return .ignore }
        return SignalSet.coreDumping.contains(number) ? .dumpCore : .terminate
    }
}

/// A set of signals, bit `n - 1` for signal `n`: the kernel's `sigset_t` of 8 bytes.
package struct SignalSet: Equatable, Sendable {
    package var bits: UInt64

    package init(bits: UInt64 = 0) { self.bits = bits }
    package init(_ numbers: Int32...) { bits = numbers.reduce(0) { $0 | Self.bit($1) } }

    package static func bit(_ number: Int32) -> UInt64 { Signal.isValid(number) ? 1 << UInt64(number - 1) : 0 }

    package var isEmpty: Bool { bits == 0 }
    package func contains(_ number: Int32) -> Bool { bits & Self.bit(number) != 0 }
    package mutating func insert(_ number: Int32) { bits |= Self.bit(number) }
    package mutating func remove(_ number: Int32) { bits &= ~Self.bit(number) }
    package func union(_ other: SignalSet) -> SignalSet { SignalSet(bits: bits | other.bits) }
    package func intersection(_ other: SignalSet) -> SignalSet { SignalSet(bits: bits & other.bits) }
    package func subtracting(_ other: SignalSet) -> SignalSet { SignalSet(bits: bits & ~other.bits) }
    /// The lowest number in the set.
    package var first: Int32? { bits == 0 ? nil : Int32(bits.trailingZeroBitCount) + 1 }

    /// What a mask can never contain.
    package static let unblockable = SignalSet(Signal.SIGKILL, Signal.SIGSTOP)
    package static let stopping = SignalSet(Signal.SIGSTOP, Signal.SIGTSTP, Signal.SIGTTIN, Signal.SIGTTOU)
    /// Those of a terminal, which do nothing to an orphaned process group.
    package static let terminalStops = SignalSet(Signal.SIGTSTP, Signal.SIGTTIN, Signal.SIGTTOU)
    package static let ignoredByDefault = SignalSet(Signal.SIGCONT, Signal.SIGCHLD, Signal.SIGWINCH, Signal.SIGURG)
    package static let coreDumping = SignalSet(
        Signal.SIGQUIT, Signal.SIGILL, Signal.SIGTRAP, Signal.SIGABRT, Signal.SIGFPE, Signal.SIGSEGV, Signal.SIGBUS, Signal.SIGSYS, Signal.SIGXCPU,
        Signal.SIGXFSZ)
    /// Caused by the thread's own instruction: delivered before anything else, so that the frame shows that instruction.
    package static let synchronous = SignalSet(Signal.SIGSEGV, Signal.SIGBUS, Signal.SIGILL, Signal.SIGTRAP, Signal.SIGFPE, Signal.SIGSYS)
}
