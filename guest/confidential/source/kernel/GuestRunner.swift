import LibraryOS
import Platform

/// Runs one task on a thread of the library OS: enters the program, serves what it comes back for, delivers signals, until the task ends.
final class GuestRunner: TaskMachine, @unchecked Sendable {
    let task: Task
    let state = ProgramState()
    private let workload: Workload
    private var tables: AddressSpace
    /// The thread that runs it.
    var thread: GuestThread?
    /// Counts of the time stamp counter that the program itself has had.
    private var inProgram: UInt64 = 0

    init(_ task: Task, _ workload: Workload) {
        self.task = task
        self.workload = workload
        tables = task.memory
        super.init()
    }

    /// Runs the task to its end.
    func run() {
        task.machine = self
        if let extended = task.extendedState { state.extendedState = extended }
        load()
        while step() {}
        task.finish()
        task.machine = nil
        thread = nil
    }

    /// One stay in the program and what follows; false when the task is over.
    private func step() -> Bool {
        if task.kernel.physicalMemory.takeOvercommitment() { task.kernel.takeBackUntouched() }
        if task.needsSignalDelivery(result: nil) {
            guard settleSignals(afterCall: nil) else { return false }
            load()
        }
        // Nothing may come between the address and its use.
        guard state.context.pointee.rip < GuestAddress.userEnd.value else { return raise(FaultSignal(Signal.SIGSEGV, 0x80, 0), vector: 13, error: 0, address: 0) }
        let start = skerry_counter()
        let event = state.run()
        inProgram &+= skerry_counter() &- start
        task.registers = state.registers
        switch event {
        case UInt64(SKERRY_EVENT_CALL): return call()
        case UInt64(SKERRY_EVENT_PREEMPTED):
            workload.lookUp()
            Scheduler.shared?.yield()
            return true
        case UInt64(SKERRY_EVENT_UNSERVABLE):
            task.kernel.host.notice("skerry: the program was killed: its virtual processor stopped")
            task.group.exit(status: Signal.SIGSEGV)
            return false
        case 0..<32: return exception(Int32(event))
        // No other vector is ever raised for a program.
        default: skerry_terminate(UInt32(SKERRY_TERMINATED_BY_VECTOR), UInt32(truncatingIfNeeded: event))
        }
    }

    /// The program goes on with the task's registers and memory.
    func load() {
        state.registers = task.registers
        guard let own = task.memory.pageTable as? ProgramTables else { refuse(skerry_refusal_unreachable) }
        state.context.pointee.root = own.root
        state.context.pointee.fs_base = task.fsBase
        state.context.pointee.gs_base = task.gsBase
    }

    /// As `load`, when only the answer has changed.
    private func answer(_ value: Int64) { state.context.pointee.rax = UInt64(bitPattern: value) }

    private func call() -> Bool {
        (task.fsBase, task.gsBase) = (state.context.pointee.fs_base, state.context.pointee.gs_base)
        let registers = task.registers
        var call = SyscallCall(number: registers.rax, registers.rdi, registers.rsi, registers.rdx, registers.r10, registers.r8, registers.r9)
        switch task.execute(&call) {
        case .value(let value):
            task.registers.rax = UInt64(bitPattern: value)
            guard task.needsSignalDelivery(result: value) else {
                answer(value)
                return true
            }
            guard settleSignals(afterCall: registers.rax) else { return false }
            load()
            return true
        case .registersReplaced:
            if tables !== task.memory {
                tables = task.memory
                state.reset()
            }
            guard settleSignals(afterCall: nil) else { return false }
            load()
            return true
        case .exit, .leave: return false
        }
    }

    /// Delivers what is pending; false when the task ends. A stopped process waits here.
    func settleSignals(afterCall number: UInt64?) -> Bool {
        (task.fsBase, task.gsBase) = (state.context.pointee.fs_base, state.context.pointee.gs_base)
        while true {
            switch task.deliverPendingSignals(afterCall: number) {
            case .resume: return true
            case .exit: return false
            case .stopped:
                let queue = task.group.signals.continued
                queue.add(task.parker)
                if task.group.signals.isStopped, !task.group.isExiting { _ = task.parker.park(until: nil) }
                queue.remove(task.parker)
            }
        }
    }

    // MARK: TaskMachine

    override func readExtendedState() -> [UInt8] { state.extendedState }
    override var extendedStateSize: Int { ProgramState.size }
    override var extendedStateFeatures: UInt64 { ProgramState.features }
    override func writeExtendedState(_ extended: [UInt8]) { state.extendedState = extended }
    override func reloadSegmentBases() { (state.context.pointee.fs_base, state.context.pointee.gs_base) = (task.fsBase, task.gsBase) }
    override func segmentBases() -> (fs: UInt64, gs: UInt64)? { (state.context.pointee.fs_base, state.context.pointee.gs_base) }
    override func cpuTimes() -> (user: Int64, system: Int64) {
        let all = thread?.processorTime ?? inProgram
        return (workload.nanoseconds(inProgram), workload.nanoseconds(all > inProgram ? all &- inProgram : 0))
    }
    override func cpuTime() -> Int64 {
        let times = cpuTimes()
        return times.user &+ times.system
    }
    override func start(_ task: Task) throws(Errno) { try workload.start(task) }
    override func makeParker() -> TaskParker { GuestParker() }
}
