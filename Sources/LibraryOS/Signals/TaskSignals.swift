import Synchronization

/// Signal state of one thread.
package final class TaskSignals: @unchecked Sendable {
    private let flag = Atomic<Bool>(false)
    package init() {}
    /// True when the runner must look: an unblocked signal may be pending. Read at every return to the program.
    package var attention: Bool {
        get { flag.load(ordering: .acquiring) }
        set { flag.store(newValue, ordering: .releasing) }
    }
}

/// Signal actions and pending signals of a process (CLONE_SIGHAND shares the actions; issue: processes).
package final class ProcessSignals: @unchecked Sendable {
    package let lock = Lock(.signals)
    package init() {}
}

/// A signal to be sent, with what siginfo_t will say.
package struct SignalInfo: Sendable {
    /// 1 to 64.
    package var number: Int32
    /// `si_code`.
    package var code: Int32
    /// `si_errno`.
    package var error: Int32 = 0
    /// `si_pid`, `si_uid` of a sender.
    package var sender: Int32 = 0
    package var senderUser: UInt32 = 0
    /// `si_addr` of a fault.
    package var address: UInt64 = 0
    /// `si_value`.
    package var value: UInt64 = 0
    /// `si_status` of SIGCHLD, `si_trapno`, `si_band`.
    package var status: Int32 = 0
    package init(_ number: Int32, code: Int32 = 0) {
        self.number = number
        self.code = code
    }
    /// SI_USER, SI_KERNEL, SI_TKILL.
    package static let user: Int32 = 0, kernel: Int32 = 0x80, tkill: Int32 = -6
}

extension Task {
    /// Sends a signal to this thread (tgkill, faults, SIGPIPE). Any thread may call it.
    package func send(_ signal: SignalInfo) {}
}

extension ThreadGroup {
    /// Sends a signal to the process: to any thread that does not block it.
    package func send(_ signal: SignalInfo) {}
}
