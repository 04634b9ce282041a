import LibraryOS
import Platform

extension GuestRunner {
    /// An exception of the program: a page fault that can be resolved, an instruction that the guest answers, or a signal.
    ///
    /// The host can raise any of them whenever a program runs ("Heckler", 2024), and its handler of a signal would believe it. Those that no program can cause end
    /// the guest; so do the others where the instruction or the state that causes them is not there. What is left is a page fault, which is looked up and comes to
    /// nothing, and the general faults of memory, which a program has no reason to survive.
    func exception(_ vector: Int32) -> Bool {
        let context = state.context.pointee
        if vector == 14 { return pageFault(context) }
        if vector == 29 { return communication(context) }
        guard isCaused(vector, context) else { skerry_terminate(UInt32(SKERRY_TERMINATED_BY_VECTOR), UInt32(bitPattern: vector)) }
        if vector == 6, let number = task.softwareInterrupt(at: context.rip) {
            // Not every host knows interrupts of programs; a processor finds that the gate is not theirs.
            return raise(FaultSignal(Signal.SIGSEGV, 0x80, 0), vector: 13, error: UInt64(number) << 3 | 2, address: 0)
        }
        if vector == 1, context.rflags & 0x100 == 0 {
            // TRAP_BRKPT: `int1`, and no step.
            return raise(FaultSignal(Signal.SIGTRAP, 1, context.rip), vector: 1, error: 0, address: 0)
        }
        let hasError = [11, 12, 13, 17].contains(vector)
        let signal = FaultSignal.of(vector, rip: context.rip, rflags: context.rflags, extendedState: { self.state.extendedState })
        return raise(signal, vector: vector, error: hasError ? context.error : 0, address: 0)
    }

    /// The program can have caused this exception where it stands. Without segments, tasks, `into`, `bound`, a missing x87 and control-flow protection there are few.
    private func isCaused(_ vector: Int32, _ context: skerry_context) -> Bool {
        switch vector {
        case 0: divides(at: context.rip)
        // A step; or `int1`, which some hosts stop before.
        case 1: context.rflags & 0x100 != 0 || task.hasCode(0xF1, at: context.rip &- 1) || task.hasCode(0xF1, at: context.rip)
        case 3: task.hasCode(0xCC, at: context.rip &- 1) || task.softwareInterrupt(at: context.rip &- 2) == 3
        case 4: task.softwareInterrupt(at: context.rip &- 2) == 4
        case 16, 19: FaultSignal.of(vector, rip: 0, rflags: 0, extendedState: { self.state.extendedState }).code != 0
        // Undefined instructions, selectors, addresses that are not canonical, alignment.
        case 6, 11, 12, 13, 17: true
        default: false
        }
    }

    /// `div` or `idiv` stands there: prefixes, F6 or F7, and 6 or 7 in the middle of the byte behind it (APM volume 3).
    private func divides(at address: UInt64) -> Bool {
        guard let code = try? task.memory.readBytes(GuestAddress(address), count: Int(min(15, 4096 - address & 4095))) else { return false }
        let rest = code.drop { byte in
            switch byte {
            case 0x26, 0x2E, 0x36, 0x3E, 0x64...0x67, 0xF0, 0xF2, 0xF3, 0x40...0x4F: true
            default: false
            }
        }
        // The instruction may go on in the next page.
        guard let opcode = rest.first else { return true }
        guard opcode == 0xF6 || opcode == 0xF7 else { return false }
        guard let operand = rest.dropFirst().first else { return true }
        return operand >> 4 & 3 == 3
    }

    /// #VC: CPUID, from the page that the firmware has compared with the processor. Everything else is refused, as in the guest itself.
    private func communication(_ context: skerry_context) -> Bool {
        if context.error != 0x72 { refuse(skerry_refusal_vc_code) }
        guard task.hasCode(0x0F, at: context.rip), task.hasCode(0xA2, at: context.rip &+ 1) else { refuse(skerry_refusal_vc_instruction) }
        let answer = CPUIDTable.answer(UInt32(truncatingIfNeeded: context.rax), UInt32(truncatingIfNeeded: context.rcx))
        state.context.pointee.rax = UInt64(answer.eax)
        state.context.pointee.rbx = UInt64(answer.ebx)
        state.context.pointee.rcx = UInt64(answer.ecx)
        state.context.pointee.rdx = UInt64(answer.edx)
        state.context.pointee.rip = context.rip &+ 2
        task.registers = state.registers
        return true
    }

    private func pageFault(_ context: skerry_context) -> Bool {
        let address = context.fault_address
        if address == context.rip, task.emulateVirtualCall(at: address) {
            guard settleSignals(afterCall: nil) else { return false }
            load()
            return true
        }
        // The upper half looks present to every program, so that nothing of its layout shows (sanitize_error_code of the kernel).
        let error = (context.error & ~8) | (address < GuestAddress.userEnd.value ? 0 : 1)
        switch task.memory.fault(GuestAddress(address), write: error & 2 != 0, execute: error & 16 != 0) {
        case .resolved: return true
        case .notMapped: return raise(FaultSignal(Signal.SIGSEGV, 1, address), vector: 14, error: error, address: address)
        case .denied: return raise(FaultSignal(Signal.SIGSEGV, 2, address), vector: 14, error: error, address: address)
        case .beyondFile: return raise(FaultSignal(Signal.SIGBUS, 2, address), vector: 14, error: error, address: address)
        case .outOfMemory:
            if task.kernel.relieveShortage(for: task) { return true }
            task.kernel.killForMemory(task.group)
            return false
        }
    }

    /// The signal of a fault, delivered at once.
    func raise(_ signal: FaultSignal, vector: Int32, error: UInt64, address: UInt64) -> Bool {
        var information = SignalInfo(signal.number, code: signal.code)
        information.address = signal.address
        task.forceSignal(information, fault: FaultState(trapNumber: UInt64(vector), errorCode: error, cr2: address))
        guard settleSignals(afterCall: nil) else { return false }
        load()
        return true
    }
}
