import Synchronization

/// One installed filter, shared by all tasks that have inherited it.
package final class SeccompFilter: @unchecked Sendable {
    let program: BPFProgram
    /// Instructions in this filter and in all before it, and four for each of those.
    let length: Int
    private let memory: PhysicalMemory
    private let cost: Int

    /// `ENOMEM` when a task would have too many instructions, or the memory limit leaves no room for them.
    init(_ program: BPFProgram, after latest: SeccompFilter?, _ memory: PhysicalMemory) throws(Errno) {
        self.program = program
        self.memory = memory
        length = program.instructions.count &+ (latest.map { $0.length &+ 4 } ?? 0)
        cost = program.instructions.count &* 8 &+ 64
        guard length <= Seccomp.maximumInstructions, memory.charge(cost) else {
            // What was not paid for is not given back by the end of the object.
            memory.chargeBeyondLimit(cost)
            throw .ENOMEM
        }
    }
    deinit { memory.refund(cost) }
}

/// The filters of one task (seccomp(2)): set by the task itself, or by another thread of its process that synchronises (SECCOMP_FILTER_FLAG_TSYNC).
///
/// Whoever changes several tasks at once, or makes a new one, holds the lock of the process meanwhile.
package final class Seccomp: Sendable {
    /// As PR_GET_SECCOMP and /proc/PID/status say it.
    package enum Mode: UInt8, Sendable { case disabled = 0, strict = 1, filter = 2 }

    /// MAX_INSNS_PER_PATH: instructions in all filters of a task, and four for each filter.
    package static let maximumInstructions = 32768

    private let currentMode = Atomic<UInt8>(0)
    private let state = State()

    private final class State: @unchecked Sendable {
        let lock = Lock(.leaf)
        var filters: [SeccompFilter] = []
    }

    package init() {}

    /// Whether calls have to be looked at.
    @inline(__always) package var isActive: Bool { currentMode.load(ordering: .acquiring) != 0 }
    package var mode: Mode { Mode(rawValue: currentMode.load(ordering: .acquiring)) ?? .disabled }
    /// Oldest first.
    package var filters: [SeccompFilter] { state.lock.withLock { state.filters } }

    func set(_ mode: Mode, _ filters: [SeccompFilter]) {
        let old = state.lock.withLock {
            defer { state.filters = filters }
            return state.filters
        }
        withExtendedLifetime(old) {}
        currentMode.store(mode.rawValue, ordering: .releasing)
    }

    /// Whether these filters begin with all those of another task (is_ancestor).
    static func descends(_ filters: [SeccompFilter], from ancestors: [SeccompFilter]) -> Bool {
        filters.count >= ancestors.count && zip(filters, ancestors).allSatisfy { $0 === $1 }
    }

    /// The strictest of all filters' verdicts; of equal ones the latest filter's.
    package func verdict(on data: SeccompData) -> SeccompVerdict {
        let filters = filters
        if filters.isEmpty { return SeccompVerdict(SeccompVerdict.killProcess) }
        var result = SeccompVerdict(SeccompVerdict.allow)
        for filter in filters.reversed() {
            let found = SeccompVerdict(filter.program.run(data))
            if found.isStricter(than: result) { result = found }
        }
        return result
    }
}

extension Task {
    /// What the filters make of a call before it is looked up: nil lets it pass.
    func screen(_ call: SyscallCall) -> CallResult? {
        if seccomp.mode == .strict {
            // read, write, exit, rt_sigreturn.
            if [0, 1, 60, 15].contains(UInt32(truncatingIfNeeded: call.number)) { return nil }
            exitCode = Signal.SIGKILL
            return .exit
        }
        let verdict = seccomp.verdict(on: SeccompData(call, instructionPointer: registers.rip))
        switch verdict.action {
        case SeccompVerdict.allow, SeccompVerdict.log: return nil
        case SeccompVerdict.error: return .value(-Int64(min(verdict.data, 4095)))
        case SeccompVerdict.trap:
            forceSignal(systemCallSignal(call, verdict))
            return .value(Int64(Int32(truncatingIfNeeded: call.number)))
        // Nobody traces, nobody listens.
        case SeccompVerdict.trace, SeccompVerdict.notify: return .value(Errno.ENOSYS.syscallResult)
        case SeccompVerdict.killThread where group.liveTaskCount > 1:
            exitCode = Signal.SIGSYS
            return .exit
        default:
            group.signals.actions[Signal.SIGSYS] = SignalAction()
            forceSignal(systemCallSignal(call, verdict))
            return .value(Int64(Int32(truncatingIfNeeded: call.number)))
        }
    }

    private func systemCallSignal(_ call: SyscallCall, _ verdict: SeccompVerdict) -> SignalInfo {
        // SYS_SECCOMP.
        var signal = SignalInfo(Signal.SIGSYS, code: 1)
        signal.error = Int32(verdict.data)
        signal.address = registers.rip
        signal.status = Int32(truncatingIfNeeded: call.number)
        return signal
    }

    /// A new task, which others can find already but which does not run yet, gets the filters of the one that makes it.
    func inheritFilters(from parent: Task) {
        parent.group.lock.withLock {
            seccomp.set(parent.seccomp.mode, parent.seccomp.filters)
            if parent.noNewPrivileges { noNewPrivileges = true }
        }
    }
}
