import CLinux
import KVM
import LibraryOS

internal import GuestABI

/// The five words an exception leaves on the stack, and the error code below them.
struct ExceptionFrame {
    var error: UInt64
    var rip: UInt64
    var cs: UInt64
    var rflags: UInt64
    var rsp: UInt64
    var ss: UInt64
}

extension RegisterFile {
    /// The general registers of a vCPU.
    init(_ registers: kvm_regs) {
        self.init()
        rax = registers.rax
        rcx = registers.rcx
        rdx = registers.rdx
        rbx = registers.rbx
        rsp = registers.rsp
        rbp = registers.rbp
        rsi = registers.rsi
        rdi = registers.rdi
        r8 = registers.r8
        r9 = registers.r9
        r10 = registers.r10
        r11 = registers.r11
        r12 = registers.r12
        r13 = registers.r13
        r14 = registers.r14
        r15 = registers.r15
        rip = registers.rip
        rflags = registers.rflags
    }

    /// The same as KVM takes them.
    var kvm: kvm_regs {
        kvm_regs(
            rax: rax, rbx: rbx, rcx: rcx, rdx: rdx, rsi: rsi, rdi: rdi, rsp: rsp, rbp: rbp, r8: r8, r9: r9, r10: r10, r11: r11, r12: r12, r13: r13,
            r14: r14, r15: r15, rip: rip, rflags: rflags)
    }
}

extension TaskRunner {
    private var frameTop: UnsafeMutableRawPointer { slot.exceptionStack + 4096 }

    /// Reads the frame of the last exception once. The program cannot reach this page, but its ring 0 is not trusted either.
    func readExceptionFrame() -> ExceptionFrame {
        let words = (frameTop - 48).assumingMemoryBound(to: UInt64.self)
        return ExceptionFrame(error: words[0], rip: words[1], cs: words[2], rflags: words[3], rsp: words[4], ss: words[5])
    }

    /// The program's registers at an exception: general ones from the vCPU, the rest from the frame.
    func collectException() -> ExceptionFrame {
        let frame = readExceptionFrame()
        var registers = RegisterFile(vcpu.registers.pointee)
        registers.rip = frame.rip
        registers.rsp = frame.rsp
        registers.rflags = frame.rflags
        task.registers = registers
        return frame
    }

    /// Puts the task's registers into the vCPU so that the next entry runs the program with exactly those.
    func load() throws(KVMError) {
        finishInstruction()
        var registers = task.registers
        registers.rflags = registers.rflags & (RegisterFile.userFlags | 0x20_0000) | 0x202
        if atRing0 {
            let words = (frameTop - 40).assumingMemoryBound(to: UInt64.self)
            words[0] = registers.rip
            words[1] = UInt64(SKERRY_USER_CS)
            words[2] = registers.rflags
            words[3] = registers.rsp
            words[4] = UInt64(SKERRY_USER_SS)
            registers.rip = Stub.iret
            registers.rsp = StubImage.exceptionStackTop - 40
            registers.rflags = 2
        }
        vcpu.registers.pointee = registers.kvm
        vcpu.registersChanged()
    }

    /// Lets KVM complete the `out` by which the guest left, so that a new rip is not taken for the old one.
    func finishInstruction() {
        _ = vcpu.finishInstruction()
    }

    /// Changes to a slot of the task's present address space; `ENOMEM`.
    func takeSlotOfNewProgram() throws(Errno) {
        let fresh = try machine.takeSlot(task.memory)
        machine.returnSlot(slot, memory)
        slot = fresh
        memory = task.memory
    }

    /// Loads the address space the slot belongs to, and special registers for CPL 3.
    func loadAddressSpace() throws(KVMError) {
        finishInstructionIfRun()
        try vcpu.dropPendingException()
        sandbox.inPlace.unwatch(inPlace)
        inPlace.use(slot.mailbox)
        try vcpu.writeSpecialRegisters(
            try machine.setup.specialRegisters(vcpu, root: slot.rootAddress, fsBase: task.fsBase, gsBase: task.gsBase))
        try machine.setup.writeSystemCallRegisters(vcpu, kind: machine.kind)
        atRing0 = false
        try load()
    }

    private func finishInstructionIfRun() { if hasRun { finishInstruction() } }

    /// Learns what the program's registers are after a kick, wherever the vCPU was. Returns the vector of an exception that had been raised but not forwarded yet.
    func collectAfterKick() throws(KVMError) -> Int32? {
        finishInstruction()
        try vcpu.dropPendingException()
        let special = try vcpu.readSpecialRegisters()
        let raw = try vcpu.readRegisters()
        let ring0 = special.cs.selector & 3 == 0
        atRing0 = ring0
        if StubImage.isInGate(raw.rip) {
            task.registers = settleGate(RegisterFile(raw), machine.kind == .hardware ? Stub.ring0 : Stub.ring3)
            return nil
        }
        if ring0 {
            vcpu.registers.pointee = raw
            _ = collectException()
            let offset = raw.rip &- StubImage.exceptionsAddress
            if offset < 32 * UInt64(SKERRY_EXCEPTION_STRIDE), offset % UInt64(SKERRY_EXCEPTION_STRIDE) == 0 {
                return Int32(offset / UInt64(SKERRY_EXCEPTION_STRIDE))
            }
            return nil
        }
        task.registers = RegisterFile(raw)
        return nil
    }

    /// The program's registers when a kick found the vCPU inside the gate: either just before its `syscall` instruction, which will then be
    /// executed again, or behind it with the answer. What the mailbox says is the guest's word about itself.
    private func settleGate(_ raw: RegisterFile, _ gate: GateLabels) -> RegisterFile {
        var registers = raw
        let mailbox = slot.mailbox.pointee
        registers.rflags = raw.r11
        let back = raw.rip < gate.ripStored ? raw.rcx : mailbox.rip
        func beforeCall(_ number: UInt64) {
            registers.rip = back &- 2
            registers.rax = number
        }
        func afterCall(_ result: UInt64) {
            registers.rip = back
            registers.rcx = back
            registers.rax = result
        }
        switch raw.rip {
        case gate.fastReturn, (gate.spunOut + 2)...(gate.spunOut + 3): afterCall(raw.rax)
        case gate.returning..<gate.end:
            afterCall(raw.rax)
            // `lea` follows the seven bytes that save rsp; `jmp *%rcx` is the last instruction. In between rsp is the gate's.
            if machine.kind != .hardware, raw.rip > gate.returning + 7, raw.rip < gate.end - 2 { registers.rsp = mailbox.rsp }
        case gate.published..<gate.requested: beforeCall(mailbox.number)
        case gate.requested..<gate.answered:
            if let result = inPlace.answer(to: UInt32(truncatingIfNeeded: raw.rax)) { afterCall(UInt64(bitPattern: result)) } else { beforeCall(mailbox.number) }
        case gate.answered..<gate.returning:
            // rax may hold the result already; the monitor's own copy is the same for a program that has not written to its mailbox.
            afterCall(UInt64(bitPattern: inPlace.latestAnswer))
        default: beforeCall(raw.rax)
        }
        return registers
    }
}
