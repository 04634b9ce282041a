import CLinux
import KVM
import LibraryOS
import Synchronization

internal import GuestABI
internal import Glibc

/// Runs one task on one host thread: enters the guest, serves what it leaves for, delivers signals, until the task ends.
///
/// The task owns its registers; they are in the vCPU only between `load` and the next exit, and are copied back before anything else may look.
final class TaskRunner: TaskMachine, VCPULease, @unchecked Sendable {
    let machine: Machine
    let task: Task
    let sandbox: RunningSandbox
    let parker: HostParker
    private(set) var vcpu: VCPU
    var slot: ThreadSlot
    /// The address space `slot` belongs to.
    var memory: AddressSpace
    /// The vCPU is at CPL 0, behind an exception's `out` (or behind the ring0 gate's): the program is entered by `iretq`.
    var atRing0 = false
    /// The vCPU has been in the guest: an instruction may be waiting to be finished.
    var hasRun = false
    /// How often in a row KVM_RUN has failed with EFAULT.
    var memoryFaults = 0
    /// The thread the task runs on, which waits with the vCPU afterwards; nil until `RunningSandbox.start` has one.
    var thread: VCPUThread?
    /// The CPU clock of the thread that runs the task; `notRunning` before and after.
    private let threadClock = Atomic<clockid_t>(notRunning)
    /// What that clock showed when the task began: the thread has run others before.
    private let clockStart = Atomic<Int64>(0)
    private static let notRunning = clockid_t.max
    /// The vCPU is another one than at the last exit: the next entry loads everything.
    var hasNewVCPU = false
    /// What a thread that woke did not get again: the task ends.
    private enum LeaseFailure {
        case vcpu(KVMError)
        case slot
    }
    private var leaseFailure: LeaseFailure?
    /// `vcpu` and `slot` are this task's; not while it has given them back.
    private var holdsVCPU = true
    private var holdsSlot = true
    /// The answered-in-place state of this thread.
    let inPlace = InPlaceRequest()
    /// Its CPU time, told apart.
    let times: ProcessorTimes

    init(machine: Machine, task: Task, sandbox: RunningSandbox, parker: HostParker) throws(Errno) {
        self.machine = machine
        self.task = task
        self.sandbox = sandbox
        self.parker = parker
        memory = task.memory
        times = ProcessorTimes(frequency: machine.counterFrequency)
        do throws(KVMError) {
            (vcpu, thread) = try machine.takeVCPU()
        } catch {
            // Without its first vCPU a sandbox cannot run at all; a thread or process more is only one too many.
            if sandbox.hasNoTask { sandbox.fail(MonitorError.kvm(error)) }
            throw .EAGAIN
        }
        do throws(Errno) {
            slot = try machine.takeSlot(task.memory)
        } catch {
            machine.returnVCPU(vcpu, with: thread)
            throw error
        }
        super.init()
    }

    /// Runs the task to its end. The calling thread is its own.
    func run() {
        task.machine = self
        parker.attach(vcpu)
        parker.lease = self
        if let gate = sandbox.gate { parker.take(ProcessorSeat(task, parker), in: gate) }
        times.begin()
        parker.times = times
        let clock = HostThread.ownClock() ?? Self.notRunning
        if clock != Self.notRunning { clockStart.store(HostSystemCalls.clock(clock), ordering: .relaxed) }
        threadClock.store(clock, ordering: .releasing)
        do throws(KVMError) {
            try loadAddressSpace()
            if let state = task.extendedState { writeExtendedState(state) } else { resetExtendedState() }
            while try step() {}
        } catch {
            sandbox.fail(MonitorError.kvm(error))
            task.group.exit(status: SIGKILL)
        }
        parker.detach()
        defer { parker.leaveProcessor() }
        sandbox.inPlace.unwatch(inPlace)
        task.finish()
        sandbox.tracer?.ended(task)
        threadClock.store(Self.notRunning, ordering: .relaxed)
        task.machine = nil
        if holdsSlot { machine.returnSlot(slot, memory) }
        if holdsVCPU { machine.returnVCPU(vcpu, with: thread) } else { thread?.release() }
    }

    /// There is no room for what the task needs to go on, and nobody else's end would make it.
    func endOutOfMemory() { task.kernel.killForMemory(task.group) }

    /// One entry into the guest and what follows; false when the task is over.
    private func step() throws(KVMError) -> Bool {
        switch leaseFailure {
        case .vcpu(let error): throw error
        case .slot:
            endOutOfMemory()
            return false
        case nil: break
        }
        if machine.memory.takeOvercommitment() { task.kernel.takeBackUntouched() }
        vcpu.clearExitRequest()
        parker.yieldProcessor()
        // A kick during this is seen when the step begins again: `load` takes exit requests back, too.
        if task.needsSignalDelivery(result: nil) { return try takeKick() }
        inPlace.enterGuest()
        times.enterGuest()
        let exit = vcpu.enter()
        if case .portOut = exit { times.leaveGuest(byItself: true) } else { times.leaveGuest(byItself: false) }
        inPlace.leaveGuest()
        hasRun = true
        machine.statistics.exits.add()
        if case .memoryFault = exit { return try memoryFault() }
        memoryFaults = 0
        switch exit {
        case .portOut(let port) where (port == UInt16(SKERRY_PORT_SYSCALL) || port == UInt16(SKERRY_PORT_SYSCALL_SPUN)) && isInGate:
            return try systemCall(spun: port == UInt16(SKERRY_PORT_SYSCALL_SPUN))
        case .portOut(let port) where port & 0xe0 == UInt16(SKERRY_PORT_EXCEPTION): return try exception(Int32(port & 31))
        case .interrupted: return true
        case .portIn, .portOut: return try refusePort()
        case .internalError, .shutdown, .mmio, .halt: return endByUnservableInstruction(exit)
        default:
            let rip = String(vcpu.registers.pointee.rip, radix: 16)
            sandbox.fail(MonitorError("the program did something the virtual machine cannot run (\(exit), instruction \(rip))"))
            task.group.exit(status: SIGKILL)
            return false
        }
    }

    /// The vCPU is in the gate: programs may use its ports from nowhere else.
    private var isInGate: Bool { StubImage.isInGate(vcpu.registers.pointee.rip) }

    // MARK: Leases

    var shouldYield: Bool { machine.isCrowded }

    func yieldVCPU() {
        finishInstruction()
        task.extendedState = readExtendedState()
        if let bases = segmentBases() { (task.fsBase, task.gsBase) = bases }
        sandbox.inPlace.unwatch(inPlace)
        parker.attach(nil)
        machine.returnSlot(slot, memory)
        machine.returnVCPU(vcpu)
        (holdsSlot, holdsVCPU) = (false, false)
    }

    func reclaimVCPU() {
        // It wakes only to end: for that it needs none.
        if task.group.isExiting { return }
        do throws(KVMError) {
            let taken = try machine.takeVCPU()
            // Another thread waited with it; this one goes on.
            taken.thread?.release()
            vcpu = taken.vcpu
            holdsVCPU = true
            parker.attach(vcpu)
            hasRun = false
            hasNewVCPU = true
            do throws(Errno) {
                slot = try machine.takeSlot(memory)
                holdsSlot = true
            } catch {
                leaseFailure = .slot
                return
            }
            try loadAddressSpace()
            if let state = task.extendedState { writeExtendedState(state) }
        } catch { leaseFailure = .vcpu(error) }
    }

    /// Something is pending before the program goes on: finds out where it is, delivers, and loads what came out of that.
    private func takeKick() throws(KVMError) -> Bool {
        if hasRun, let vector = try collectAfterKick() { return try exception(vector) }
        guard settleSignals(afterCall: nil) else { return false }
        try load()
        return true
    }

    // MARK: TaskMachine

    override func readExtendedState() -> [UInt8] {
        var state = [UInt8](repeating: 0, count: 4096)
        let read: Bool = state.withUnsafeMutableBytes { buffer in
            guard let start = buffer.baseAddress else { return false }
            do throws(KVMError) {
                try vcpu.readXSave(into: start)
                return true
            } catch { return false }
        }
        if !read { sandbox.fail(MonitorError("the processor's extended state could not be read")) }
        return Array(state[..<machine.setup.stateSize])
    }

    override var extendedStateSize: Int { machine.setup.stateSize }
    override var extendedStateFeatures: UInt64 { machine.setup.xcr0 }

    override func writeExtendedState(_ state: [UInt8]) {
        var buffer = Array(state.prefix(4096))
        buffer.append(contentsOf: repeatElement(0, count: 4096 - buffer.count))
        let written: Bool = buffer.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return false }
            do throws(KVMError) {
                try vcpu.writeXSave(from: start)
                return true
            } catch { return false }
        }
        if !written { sandbox.fail(MonitorError("the processor's extended state could not be set")) }
    }

    /// The state a new program starts with: x87 control word 0x37f, MXCSR 0x1f80, everything else in its initial configuration.
    func resetExtendedState() {
        var state = [UInt8](repeating: 0, count: 576)
        state[0] = 0x7f
        state[1] = 0x03
        state[24] = 0x80
        state[25] = 0x1f
        writeExtendedState(state)
    }

    override func reloadSegmentBases() {
        do throws(KVMError) {
            var special = try vcpu.readSpecialRegisters()
            special.fs.base = task.fsBase
            special.gs.base = task.gsBase
            try vcpu.writeSpecialRegisters(special)
        } catch { sandbox.fail(MonitorError.kvm(error)) }
    }

    override func segmentBases() -> (fs: UInt64, gs: UInt64)? {
        guard let special = try? vcpu.readSpecialRegisters() else { return nil }
        return (special.fs.base, special.gs.base)
    }

    override func cpuTime() -> Int64 {
        let clock = threadClock.load(ordering: .acquiring)
        return clock == Self.notRunning ? 0 : HostSystemCalls.clock(clock) &- clockStart.load(ordering: .relaxed)
    }
    override func cpuTimes() -> (user: Int64, system: Int64) { times.divide(cpuTime()) }
    override func start(_ task: Task) throws(Errno) { try sandbox.start(task) }
    override func makeParker() -> TaskParker { HostParker(host: task.kernel.host) }
}
