internal import CLinux
internal import ConfidentialABI
internal import KVM

/// What a guest at CPL 3 has in the processor, while one of its programs is there instead.
struct SuspendedGuest {
    let registers: kvm_regs
    let special: kvm_sregs
    /// Where the guest wants the program's registers, guest-physical.
    let context: UInt64
}

/// Programs of a guest whose library OS runs at CPL 3, as they do: the run operation exchanges the registers. A guest at CPL 0 does all of this itself.
extension SimulatedGuest {
    private static let contextWords = 23
    /// RFLAGS of programs: the interrupt flag and bit 1 are set, what a program cannot change is not.
    private static let programFlags: UInt64 = 0x0025_0DD5

    /// Where `syscall` leads.
    func prepareCalls() throws(KVMError) {
        try vcpu.writeMSRs([
            (0xC000_0081, UInt64(SKERRY_GUEST_SS3 - 8) << 48 | UInt64(SKERRY_GUEST_CS0) << 32), (0xC000_0082, UInt64(SKERRY_GUEST_GATE)), (0xC000_0084, 0x100),
        ])
    }

    /// Loads a program's registers.
    func runProgram(_ virtual: UInt64) throws(SNPError) {
        let context = GuestImage.physical(virtual)
        guard let bytes = memory.read(context, Self.contextWords * 8) else { throw Self.fault("its program's registers lie outside its memory") }
        let words = (0..<Self.contextWords).map { bytes.number(at: $0 * 8, as: UInt64.self) }
        do throws(KVMError) {
            let special = try vcpu.readSpecialRegisters()
            suspended = SuspendedGuest(registers: vcpu.registers.pointee, special: special, context: context)
            var program = special
            program.cr3 = words[20]
            (program.fs.base, program.gs.base) = (words[18], words[19])
            try vcpu.writeSpecialRegisters(program)
        } catch { throw Self.failed(error) }
        vcpu.registers.pointee = kvm_regs(
            rax: words[0], rbx: words[3], rcx: words[1], rdx: words[2], rsi: words[6], rdi: words[7], rsp: words[4], rbp: words[5], r8: words[8], r9: words[9],
            r10: words[10], r11: words[11], r12: words[12], r13: words[13], r14: words[14], r15: words[15], rip: words[16],
            rflags: words[17] & Self.programFlags | 0x202)
        vcpu.registersChanged()
        counts.programs += 1
        ticker?.start()
    }

    private static func failed(_ error: KVMError) -> SNPError { SNPError(.requirement, "a program of the simulated guest", "\(error)") }

    /// The processor has left a program: goes on in it, or hands it back to the guest with an event.
    func leaveProgram(_ exit: VCPUExit) throws(SNPError) {
        do throws(KVMError) {
            switch exit {
            case .portOut(UInt16(SKERRY_GATE_PORT)) where vcpu.registers.pointee.rip & ~0xFFF == UInt64(SKERRY_GUEST_GATE): try endCall()
            case .portOut(UInt16(SKERRY_EXCEPTION_PORT)): try endException()
            case .interrupted: try interrupted()
            case .failed(let error): throw error
            // A port that is not a program's.
            case .portOut, .portIn:
                _ = vcpu.finishInstruction()
                try resume(UInt64(13), vcpu.registers.pointee, try vcpu.readSpecialRegisters())
            default: try resume(UInt64(SKERRY_EVENT_UNSERVABLE), try vcpu.readRegisters(), try vcpu.readSpecialRegisters())
            }
        } catch { throw Self.failed(error) }
    }

    private func endCall() throws(KVMError) {
        _ = vcpu.finishInstruction()
        var registers = vcpu.registers.pointee
        (registers.rip, registers.rflags) = (registers.rcx, registers.r11)
        try resume(UInt64(SKERRY_EVENT_CALL), registers, try vcpu.readSpecialRegisters())
    }

    /// On the stack of exceptions: the vector, the error code, RIP, CS, RFLAGS, RSP, SS.
    private func endException() throws(KVMError) {
        _ = vcpu.finishInstruction()
        var registers = vcpu.registers.pointee
        let special = try vcpu.readSpecialRegisters()
        guard let frame = memory.read(GuestImage.physical(registers.rsp), 56) else {
            return try resume(UInt64(SKERRY_EVENT_UNSERVABLE), registers, special)
        }
        func word(_ index: Int) -> UInt64 { frame.number(at: index * 8) }
        // In the guest itself it is for the guest to see.
        if word(3) & 3 != 3 { return }
        (registers.rip, registers.rflags, registers.rsp) = (word(2), word(4), word(5))
        try resume(word(0) & 0xFF, registers, special, error: word(1))
    }

    /// Time is over, or a signal came: a program at CPL 3 is interrupted between two of its instructions; in the gate, or on the way of an exception, it goes on.
    private func interrupted() throws(KVMError) {
        vcpu.clearExitRequest()
        _ = vcpu.finishInstruction()
        let special = try vcpu.readSpecialRegisters()
        let registers = try vcpu.readRegisters()
        guard special.cs.selector & 3 == 3, registers.rip & ~0xFFF != UInt64(SKERRY_GUEST_GATE) else { return }
        // It belongs to the instruction, which raises it again.
        try vcpu.dropPendingException()
        try resume(UInt64(SKERRY_EVENT_PREEMPTED), registers, special)
    }

    /// As if the program that is about to run had raised an exception.
    func endProgram(by vector: UInt8, _ errorCode: UInt64?) throws(KVMError) {
        try resume(UInt64(vector), vcpu.registers.pointee, try vcpu.readSpecialRegisters(), error: errorCode ?? 0)
    }

    /// A guest at CPL 0 takes an interrupt when one of its programs runs.
    func preempt() throws(SNPError) {
        do throws(KVMError) { _ = try vcpu.interrupt(UInt8(SKERRY_EVENT_PREEMPTED)) } catch { throw Self.failed(error) }
    }

    /// Stores a program's registers and goes on in the guest, which gets the event as the result.
    private func resume(_ event: UInt64, _ program: kvm_regs, _ special: kvm_sregs, error: UInt64 = 0) throws(KVMError) {
        ticker?.stop()
        guard let guest = suspended else { return }
        suspended = nil
        var bytes = [UInt8](repeating: 0, count: Self.contextWords * 8)
        let words = [
            program.rax, program.rcx, program.rdx, program.rbx, program.rsp, program.rbp, program.rsi, program.rdi, program.r8, program.r9, program.r10, program.r11,
            program.r12, program.r13, program.r14, program.r15, program.rip, program.rflags, special.fs.base, special.gs.base, special.cr3, error, special.cr2,
        ]
        for (index, word) in words.enumerated() { bytes.store(word, at: index * 8) }
        guard memory.write(bytes, at: guest.context) else { return finish(.crashed) }
        try vcpu.writeSpecialRegisters(guest.special)
        vcpu.registers.pointee = guest.registers
        vcpu.registers.pointee.rax = event
        vcpu.registersChanged()
    }

    /// The flush operation: KVM forgets its translations of frames, or those that lead through tables which are used for something else.
    func forgetTranslations(_ first: UInt64, _ count: UInt64) throws(SNPError) {
        guard count == 0 else {
            guard first < 1 << 36, count < 1 << 36, memory.forget(first << 12, Int(count) << 12) else { throw Self.fault("it flushes what it does not have") }
            return
        }
        do throws(KVMError) {
            // Only removing a memory slot makes a page-table-based KVM forget tables (reference: kvm-hosts).
            try machine.setMemory(slot: 1, address: Self.flushPage, size: 0, host: flushMemory.start)
            try addFlushSlot()
        } catch { throw Self.failed(error) }
    }

    /// Far behind all RAM.
    static let flushPage = UInt64(SKERRY_GUEST_RAM_LIMIT)

    /// A slot of one page that nobody uses.
    func addFlushSlot() throws(KVMError) { try machine.setMemory(slot: 1, address: Self.flushPage, size: PageSize.small, host: flushMemory.start) }
}
