import CLinux
import KVM
package import LibraryOS
import Synchronization

internal import GuestABI

/// Code at CPL 3 in an address space of its own that is no task of the library OS: a trusted application.
///
/// It is entered with registers, and every system call and every exception that is not a page to be brought in is told to the caller, who answers and goes on. One thread
/// at a time runs it; `interrupt` may come from any.
package final class GuestContext: @unchecked Sendable {
    /// Why the code left.
    package enum Event: Sendable {
        /// A `syscall` instruction: `registers` are those at it, with rip behind it. Goes on after `answer`.
        case call
        /// An exception that the code brought about: its vector, its error code, and for a page fault the address.
        case exception(vector: Int32, error: UInt64, address: UInt64)
        /// `interrupt` was called.
        case interrupted
        /// The virtual processor cannot go on with this code (an instruction KVM cannot emulate, a triple fault).
        case stopped(String)
        /// No memory for a page the code touched.
        case outOfMemory
        /// KVM itself failed.
        case failed(MonitorError)
    }

    /// The memory it runs in.
    package let memory: AddressSpace
    private let machine: Machine
    private let slot: ThreadSlot
    /// The registers at the last event, and those it is entered with next after `load`.
    package private(set) var registers = RegisterFile()
    /// The FS base it is entered with; what the code itself sets (`wrfsbase`) lasts until the next `load`.
    package var fsBase: UInt64 = 0
    /// What the caller changed since the last event.
    private var change = Change.everything
    private enum Change { case none, result(UInt64), entry(step: UInt64), everything }
    /// The vCPU is where a call has left the guest, and nothing has happened since.
    private var isAtCall = false
    /// The vCPU is at CPL 0, behind an `out` of the stub.
    var atRing0 = false
    private let interruption = Atomic<Bool>(false)
    private let runningLock = Lock(.leaf)
    private var running: GuestProcessor?
    private var memoryFaults = 0
    /// Never used a second time, unlike an object's address.
    private let identity = GuestContext.newIdentity()
    /// Likewise, for the extended state.
    var stateIdentity = GuestContext.newIdentity()
    private static let count = Atomic<UInt64>(0)
    static func newIdentity() -> UInt64 { count.wrappingAdd(1, ordering: .relaxed).newValue }

    /// A context in `memory`, which is of the machine's physical memory. `ENOMEM`.
    package init(machine: Machine, memory: AddressSpace) throws(Errno) {
        self.machine = machine
        self.memory = memory
        slot = try machine.takeSlot(memory)
        slot.mailbox.pointee = skerry_mailbox()
    }

    deinit { machine.returnSlot(slot, memory) }

    /// The next `run` begins with these registers, wherever the code was.
    package func load(_ registers: RegisterFile) {
        self.registers = registers
        change = .everything
    }

    /// As `load`, for code that `entryStep` lies in memory of at the address `step`. What has just made a call, and does not come back from it, is entered by the
    /// end of the gate: to change the instruction pointer instead, KVM would have to be entered twice, which costs a good part of an exit.
    package func load(_ registers: RegisterFile, by step: UInt64) {
        self.registers = registers
        change = isAtCall ? .entry(step: step) : .everything
    }

    /// `mov %r8, %rcx; jmp *%r9`: the gate has left its target in rcx, which may be an argument of what is entered.
    package static let entryStep: [UInt8] = [0x4c, 0x89, 0xc1, 0x41, 0xff, 0xe1]

    /// The registers of code that was interrupted; the next `run` goes on there.
    func note(interruptedAt registers: RegisterFile) {
        self.registers = registers
        atRing0 = false
    }

    /// The result of the call that was the last event; `run` goes on behind it.
    package func answer(_ result: UInt64) {
        registers.rax = result
        if case .everything = change { return }
        change = .result(result)
    }

    /// Takes the code out of the guest, now or at its next `run`, which ends with `.interrupted`. Any thread.
    package func interrupt() {
        interruption.store(true, ordering: .releasing)
        runningLock.withLock { running?.interrupt() }
    }

    /// Runs on the calling thread's processor until there is something to tell.
    package func run(on processor: GuestProcessor) -> Event {
        runningLock.withLock { running = processor }
        defer { runningLock.withLock { running = nil } }
        do throws(KVMError) {
            try prepare(processor)
            while true {
                let exit = processor.enter { interruption.load(ordering: .acquiring) }
                machine.statistics.exits.add()
                if let event = try serve(exit, processor) { return event }
            }
        } catch {
            processor.loaded = nil
            return .failed(MonitorError.kvm(error))
        }
    }

    // MARK: Registers

    private func prepare(_ processor: GuestProcessor) throws(KVMError) {
        let own = identity
        if processor.loaded != own { change = .everything }
        try prepareExtendedState(processor)
        switch change {
        case .none: break
        case .result(let value):
            processor.vcpu.registers.pointee.rax = value
            processor.vcpu.registersChanged()
        case .entry(let step): loadRegisters(processor.vcpu, by: step)
        case .everything:
            _ = processor.vcpu.finishInstruction()
            if processor.loaded != own { try loadAddressSpace(processor) }
            loadRegisters(processor.vcpu)
        }
        processor.loaded = own
        change = .none
        isAtCall = false
    }

    private func loadAddressSpace(_ processor: GuestProcessor) throws(KVMError) {
        let vcpu = processor.vcpu
        try vcpu.dropPendingException()
        try vcpu.writeSpecialRegisters(try machine.setup.specialRegisters(vcpu, root: slot.rootAddress, fsBase: fsBase, gsBase: 0))
        try machine.setup.writeSystemCallRegisters(vcpu, kind: machine.kind)
        atRing0 = false
    }

    /// Behind the stub's `out` at CPL 0 the code is entered by `iretq`, elsewhere directly.
    private func loadRegisters(_ vcpu: VCPU) {
        var entry = registers
        entry.rflags = entry.rflags & RegisterFile.userFlags | 0x202
        if atRing0 {
            let words = (slot.exceptionStack + (4096 - 40)).assumingMemoryBound(to: UInt64.self)
            words[0] = entry.rip
            words[1] = UInt64(SKERRY_USER_CS)
            words[2] = entry.rflags
            words[3] = entry.rsp
            words[4] = UInt64(SKERRY_USER_SS)
            entry.rip = Stub.iret
            entry.rsp = StubImage.exceptionStackTop - 40
            entry.rflags = 2
        }
        vcpu.registers.pointee = entry.kvm
        vcpu.registersChanged()
    }

    /// The instruction pointer stays at the gate's `out`, and so do the flags: on page-table-based hosts they are the code's own, elsewhere r11 has those that
    /// the gate's end loads.
    private func loadRegisters(_ vcpu: VCPU, by step: UInt64) {
        let left = vcpu.registers.pointee
        var entry = registers
        (entry.r8, entry.r9, entry.rcx, entry.r11) = (registers.rcx, registers.rip, step, 0x202)
        (entry.rip, entry.rflags) = (left.rip, left.rflags)
        vcpu.registers.pointee = entry.kvm
        vcpu.registersChanged()
    }

    // MARK: Exits

    /// What the caller has to know of an exit; nil: nothing, the code goes on.
    private func serve(_ exit: VCPUExit, _ processor: GuestProcessor) throws(KVMError) -> Event? {
        let vcpu = processor.vcpu
        switch exit {
        case .portOut(UInt16(SKERRY_PORT_SYSCALL)) where StubImage.isInGate(vcpu.registers.pointee.rip):
            memoryFaults = 0
            let raw = vcpu.registers.pointee
            atRing0 = machine.kind == .hardware
            registers = RegisterFile(raw)
            registers.rip = raw.rcx
            registers.rflags = raw.r11
            isAtCall = true
            return .call
        case .portOut(let port) where port & 0xe0 == UInt16(SKERRY_PORT_EXCEPTION): return try exception(Int32(port & 31), processor)
        case .interrupted:
            // A signal for the thread alone is no reason to stop.
            return interruption.exchange(false, ordering: .acquiringAndReleasing) ? .interrupted : nil
        case .memoryFault:
            memoryFaults += 1
            return memoryFaults > 1000 ? .stopped("its memory cannot be reached") : nil
        case .portIn, .portOut: return generalProtection(processor)
        case .failed(let error): throw error
        default:
            processor.loaded = nil
            return .stopped("\(exit), instruction \(String(vcpu.registers.pointee.rip, radix: 16))")
        }
    }

    /// The ports are the gate's alone.
    private func generalProtection(_ processor: GuestProcessor) -> Event {
        registers = RegisterFile(processor.vcpu.registers.pointee)
        processor.loaded = nil
        return .exception(vector: 13, error: 0, address: 0)
    }

    private func exception(_ vector: Int32, _ processor: GuestProcessor) throws(KVMError) -> Event? {
        machine.statistics.pageFaults.add()
        let words = (slot.exceptionStack + (4096 - 48)).assumingMemoryBound(to: UInt64.self)
        let (error, rip, cs, flags, rsp) = (words[0], words[1], words[2], words[3], words[4])
        atRing0 = true
        registers = RegisterFile(processor.vcpu.registers.pointee)
        (registers.rip, registers.rflags, registers.rsp) = (rip, flags, rsp)
        // At CPL 0 only by a return address that is not canonical.
        guard cs & 3 == 3 else { return generalProtection(processor) }
        guard vector == 14 else { return .exception(vector: vector, error: [8, 10, 11, 12, 13, 17, 21].contains(vector) ? error : 0, address: 0) }
        let address = try processor.vcpu.readSpecialRegisters().cr2
        switch memory.fault(GuestAddress(address), write: error & 2 != 0, execute: error & 16 != 0) {
        case .resolved: return nil
        case .outOfMemory: return .outOfMemory
        case .notMapped, .denied, .beyondFile: return .exception(vector: 14, error: error & ~8, address: address)
        }
    }
}
