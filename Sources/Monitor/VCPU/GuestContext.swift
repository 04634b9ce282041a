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
        /// As `call`, by code whose gate has waited in the mailbox in vain; `request` tells which call it is (`GuestMailbox.answer(to:)`).
        case published(request: UInt32)
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
    /// Where it publishes calls, when it is told to.
    package let mailbox: GuestMailbox
    private let machine: Machine
    private let slot: ThreadSlot
    /// The registers at the last event, and those it is entered with next after `load`.
    package private(set) var registers = RegisterFile()
    /// The FS base it is entered with; what the code itself sets (`wrfsbase`) lasts until the next `load`.
    package var fsBase: UInt64 = 0
    /// What the caller changed since the last event.
    private var change = Change.everything
    private enum Change { case none, result(UInt64), entry(steps: UInt64), everything }
    /// The vCPU is where a call has left the guest, and nothing has happened since.
    private var isAtCall = false
    /// The vCPU is at CPL 0, behind an `out` of the stub.
    var atRing0 = false
    /// The processor that has run it last: where it is in the guest, `isAtCall` and `atRing0` are about that one.
    private var lastProcessor: UInt64 = 0
    /// It was taken out of the guest anywhere, the gate included.
    private var isInterrupted = false
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
        mailbox = GuestMailbox(slot.mailbox)
    }

    deinit { machine.returnSlot(slot, memory) }

    /// The next `run` begins with these registers, wherever the code was.
    package func load(_ registers: RegisterFile) {
        self.registers = registers
        change = .everything
    }

    /// As `load`, for code that has `EntrySteps` in its memory at the address `steps`. What has just made a call, and does not come back from it, is entered by the
    /// end of the gate.
    package func load(_ registers: RegisterFile, by steps: UInt64) {
        self.registers = registers
        change = isAtCall ? .entry(steps: steps) : .everything
    }

    /// The next `run` publishes call 0 and looks `looks` times in the mailbox for an answer.
    package func park(by steps: UInt64, looks: UInt32) {
        mailbox.begin()
        mailbox.setLooks(looks)
        var parked = RegisterFile()
        parked.rip = steps &+ EntrySteps.park
        load(parked, by: steps)
    }

    /// The registers of code that was interrupted; the next `run` goes on there.
    func note(interruptedAt registers: RegisterFile) {
        self.registers = registers
        atRing0 = false
        isInterrupted = false
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
        if lastProcessor != processor.identity { processor.loaded = nil }
        lastProcessor = processor.identity
        if processor.loaded != own { change = .everything }
        try prepareExtendedState(processor)
        switch change {
        case .none: break
        case .result(let value):
            processor.vcpu.registers.pointee.rax = value
            processor.vcpu.registersChanged()
        case .entry(let steps): loadRegisters(processor.vcpu, by: steps &+ EntrySteps.byRegisters)
        case .everything:
            _ = processor.vcpu.finishInstruction()
            if processor.loaded != own || isInterrupted { try loadAddressSpace(processor) }
            loadRegisters(processor.vcpu)
        }
        processor.loaded = own
        change = .none
        isAtCall = false
        isInterrupted = false
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
            noteCall(vcpu.registers.pointee)
            return .call
        case .portOut(UInt16(SKERRY_PORT_SYSCALL_SPUN)) where StubImage.isInGate(vcpu.registers.pointee.rip):
            let raw = vcpu.registers.pointee
            noteCall(raw)
            registers.rax = slot.mailbox.pointee.number
            return .published(request: UInt32(truncatingIfNeeded: raw.rax))
        case .portOut(let port) where port & 0xe0 == UInt16(SKERRY_PORT_EXCEPTION): return try exception(Int32(port & 31), processor)
        case .interrupted:
            // A signal for the thread alone is no reason to stop.
            guard interruption.exchange(false, ordering: .acquiringAndReleasing) else { return nil }
            isInterrupted = true
            return .interrupted
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

    private func noteCall(_ raw: kvm_regs) {
        memoryFaults = 0
        atRing0 = machine.kind == .hardware
        registers = RegisterFile(raw)
        registers.rip = raw.rcx
        registers.rflags = raw.r11
        isAtCall = true
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
