@testable import LibraryOS

/// A vCPU that only remembers: extended state of a given size, threads that were started.
final class TestMachine: TaskMachine, @unchecked Sendable {
    var state: [UInt8]
    private(set) var started: [Task] = []

    init(stateSize: Int = 832) {
        state = [UInt8](repeating: 0, count: stateSize)
        state[24] = 0x80
        state[25] = 0x1f
    }
    override func readExtendedState() -> [UInt8] { state }
    override func writeExtendedState(_ state: [UInt8]) { self.state = state }
    override var extendedStateFeatures: UInt64 { 7 }
    override func start(_ task: Task) throws(Errno) {
        task.machine = TestMachine(stateSize: state.count)
        started.append(task)
    }
}

extension Task {
    /// Runs a handler once.
    func run(_ number: UInt64, _ arguments: UInt64..., wake: WakeReason = .first, progress: CallProgress? = nil) throws(Errno) -> Outcome {
        func at(_ index: Int) -> UInt64 { index < arguments.count ? arguments[index] : 0 }
        var call = SyscallCall(number: number, at(0), at(1), at(2), at(3), at(4), at(5))
        call.wake = wake
        call.progress = progress
        return try run(&call)
    }
    func run(_ call: inout SyscallCall) throws(Errno) -> Outcome {
        guard let entry = SyscallTable.shared.entry(call.number) else { throw .ENOSYS }
        TestedCalls.record(entry)
        return try entry.handler(self, &call)
    }
    /// The result of a call that must be over.
    func result(_ number: UInt64, _ arguments: UInt64...) -> Int64 {
        func at(_ index: Int) -> UInt64 { index < arguments.count ? arguments[index] : 0 }
        var call = SyscallCall(number: number, at(0), at(1), at(2), at(3), at(4), at(5))
        do throws(Errno) {
            if case .done(let value) = try run(&call) { return value }
            return .min
        } catch { return error.syscallResult }
    }
    /// Anonymous memory of the program.
    func mapped(pages: UInt64 = 16) -> UInt64 { UInt64(bitPattern: result(9, 0, pages * 4096, 3, 0x22, .max, 0)) }
}

extension Outcome {
    var isWait: Bool { if case .wait = self { true } else { false } }
    var value: Int64? { if case .done(let value) = self { value } else { nil } }
}
