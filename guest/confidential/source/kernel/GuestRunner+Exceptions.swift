import LibraryOS
import Platform

extension GuestRunner {
    /// An exception of the program: a page fault that can be resolved, an instruction that the guest answers, or a signal.
    ///
    /// The host can raise any of them whenever a program runs. Where an exception can only come from one instruction, that instruction has to be there; the others
    /// are what a host that can stop the guest anyway gains nothing by, or become a signal that the program did not deserve.
    func exception(_ vector: Int32) -> Bool {
        let context = state.context.pointee
        switch vector {
        case 14: return pageFault(context)
        case 29: return communication(context)
        case 6:
            if let number = task.softwareInterrupt(at: context.rip) {
                // Not every host knows interrupts of programs; a processor finds that the gate is not theirs.
                return raise(FaultSignal(Signal.SIGSEGV, 0x80, 0), vector: 13, error: UInt64(number) << 3 | 2, address: 0)
            }
        case 1 where context.rflags & 0x100 == 0:
            // TRAP_BRKPT: `int1`, and no step.
            if task.hasCode(0xF1, at: context.rip &- 1) || task.hasCode(0xF1, at: context.rip) {
                return raise(FaultSignal(Signal.SIGTRAP, 1, context.rip), vector: 1, error: 0, address: 0)
            }
            skerry_terminate(UInt32(SKERRY_TERMINATED_BY_VECTOR), 1)
        case 3 where !task.hasCode(0xCC, at: context.rip &- 1) && !task.hasCode(0x03, at: context.rip &- 1): skerry_terminate(UInt32(SKERRY_TERMINATED_BY_VECTOR), 3)
        // Non-maskable interrupt, double fault, machine check: no program causes them.
        case 2, 8, 18: skerry_terminate(UInt32(SKERRY_TERMINATED_BY_VECTOR), UInt32(bitPattern: vector))
        default: break
        }
        let hasError = [8, 10, 11, 12, 13, 17, 21].contains(vector)
        let signal = FaultSignal.of(vector, rip: context.rip, rflags: context.rflags, extendedState: { self.state.extendedState })
        return raise(signal, vector: vector, error: hasError ? context.error : 0, address: 0)
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
