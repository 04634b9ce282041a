import CLinux
import KVM
import LibraryOS

internal import GuestABI
internal import Glibc

extension TaskRunner {
    // MARK: System calls

    /// A call on the exit path. The fast way out changes rax alone.
    func systemCall(spun: Bool) throws(KVMError) -> Bool {
        machine.statistics.exitCalls.add()
        if machine.kind == nil { try recogniseHost() }
        atRing0 = machine.kind == .hardware
        let registers = vcpu.registers.pointee
        // After spinning, rax is the number of the request and the mailbox has that of the call.
        let number = spun ? slot.mailbox.pointee.number : registers.rax
        var program = RegisterFile(registers)
        program.rax = number
        program.rip = registers.rcx
        program.rflags = registers.r11
        task.registers = program
        if spun, let answer = inPlace.answer(to: UInt32(truncatingIfNeeded: registers.rax)) { return try finish(number, .value(answer), registers) }
        noteForService(number, spun: spun)
        var call = SyscallCall(number: number, registers.rdi, registers.rsi, registers.rdx, registers.r10, registers.r8, registers.r9)
        sandbox.tracer?.entered(task, call)
        let result = task.execute(&call)
        if let tracer = sandbox.tracer {
            switch result {
            // A call that the end of the process has cut short never returns, whatever it answered.
            case .value where task.group.isExiting: break
            case .value(let value): tracer.returned(task, call, result: value)
            case .registersReplaced, .leave: tracer.returned(task, call, result: 0)
            case .exit: tracer.returned(task, call, result: nil)
            }
        }
        return try finish(number, result, registers)
    }

    /// Asks the service thread to watch this one when its calls come fast and could be answered in place, or takes that back.
    private func noteForService(_ number: UInt64, spun: Bool) {
        guard sandbox.answersInPlace else { return }
        if inPlace.isOffered, !inPlace.isSpinning { sandbox.inPlace.unwatch(inPlace) }
        let suitable = SyscallTable.shared.entry(number)?.inPlace ?? false
        let wasOffered = inPlace.isOffered
        if inPlace.noteExitCall(suitable: suitable, spun: spun) { sandbox.inPlace.watch(inPlace, task, times) }
        if wasOffered, !inPlace.isOffered { sandbox.inPlace.unwatch(inPlace) }
    }

    func finish(_ number: UInt64, _ result: CallResult, _ registers: kvm_regs) throws(KVMError) -> Bool {
        switch result {
        case .value(let value):
            task.registers.rax = UInt64(bitPattern: value)
            // A jump does not bring TF back; sysretq does.
            let stepping = machine.kind == .pageTable && registers.r11 & 0x100 != 0
            if stepping || hasNewVCPU || task.needsSignalDelivery(result: value) {
                hasNewVCPU = false
                guard settleSignals(afterCall: number) else { return false }
                try load()
            } else {
                vcpu.registers.pointee.rax = UInt64(bitPattern: value)
                vcpu.registersChanged()
            }
            return true
        case .registersReplaced:
            if memory !== task.memory {
                do throws(Errno) {
                    try takeSlotOfNewProgram()
                } catch {
                    // The old program is gone already.
                    endOutOfMemory()
                    return false
                }
                try loadAddressSpace()
                resetExtendedState()
            }
            guard settleSignals(afterCall: nil) else { return false }
            try load()
            return true
        case .exit, .leave: return false
        }
    }

    /// Delivers what is pending; false when the task ends. A stopped process waits here.
    func settleSignals(afterCall number: UInt64?) -> Bool {
        while true {
            var last: SignalInfo?
            let registers = task.registers
            let delivery = task.deliverPendingSignals(afterCall: number) { information in
                last = information
                sandbox.tracer?.signal(task, information)
            }
            switch delivery {
            case .resume: return true
            case .exit:
                if let last, let tracer = sandbox.tracer, task.group.exitStatus.map({ $0 & 0x7f }) == last.number {
                    task.registers = registers
                    tracer.crashed(task, last)
                }
                return false
            case .stopped:
                let queue = task.group.signals.continued
                queue.add(parker)
                if task.group.signals.isStopped, !task.group.isExiting { _ = parker.park(until: nil) }
                queue.remove(parker)
            }
        }
    }

    /// The first system call shows the kind of host: did `syscall` stay at CPL 3?
    private func recogniseHost() throws(KVMError) {
        let special = try vcpu.readSpecialRegisters()
        let found: HostKind = special.cs.selector & 3 == 3 ? .pageTable : .hardware
        machine.kind = found
        guard found == .hardware else { return }
        // This one call went through the other body of the gate, whose end cannot leave CPL 0: it goes on at the end of the right one.
        try machine.setup.writeSystemCallRegisters(vcpu, kind: found)
        let registers = vcpu.registers.pointee
        vcpu.requestExit()
        _ = vcpu.enter()
        vcpu.clearExitRequest()
        vcpu.registers.pointee = registers
        vcpu.registers.pointee.rip = Stub.ring0.fastReturn
        vcpu.registersChanged()
    }

    // MARK: Exceptions

    /// Serves an exception of the program: a page fault that can be resolved, or a signal.
    func exception(_ vector: Int32) throws(KVMError) -> Bool {
        let frame = readExceptionFrame()
        atRing0 = true
        if frame.cs & 3 != 3 { return try stubException(frame) }
        _ = collectException()
        if vector == 14 { return try pageFault(frame) }
        if machine.kind != .hardware, vector == 1, frame.rip >= Stub.ring3.returning, frame.rip < Stub.ring3.end {
            // Single-stepping began again inside the gate's return: the step belongs to the program.
            task.registers.rip = task.registers.rcx
            try load()
            return true
        }
        if vector == 6, let number = task.softwareInterrupt(at: frame.rip) {
            // Hosts without hardware behind them know no interrupts of programs; a processor finds that the gate is not theirs.
            return try raise(FaultSignal(Signal.SIGSEGV, 0x80, 0), vector: 13, error: UInt64(number) << 3 | 2, address: 0)
        }
        if vector == 1, frame.rflags & 0x100 == 0, task.hasCode(0xf1, at: frame.rip &- 1) || task.hasCode(0xf1, at: frame.rip) {
            // TRAP_BRKPT: `int1`, and no step. Some hosts stop before it.
            return try raise(FaultSignal(Signal.SIGTRAP, 1, frame.rip), vector: 1, error: 0, address: 0)
        }
        let hasError = [8, 10, 11, 12, 13, 17, 21].contains(vector)
        let signal = FaultSignal.of(vector, rip: frame.rip, rflags: frame.rflags, extendedState: { self.readExtendedState() })
        return try raise(signal, vector: vector, error: hasError ? frame.error : 0, address: 0)
    }

    /// An exception at CPL 0. Only the program can have brought it about: a return address that is not canonical, by its signal handler's address or by
    /// what it wrote into its mailbox. As in Linux the return fails as if the program had jumped there itself (`fixup_bad_iret`).
    private func stubException(_ frame: ExceptionFrame) throws(KVMError) -> Bool {
        if StubImage.isInGate(frame.rip) {
            var registers = RegisterFile(vcpu.registers.pointee)
            registers.rip = registers.rcx
            registers.rsp = frame.rsp
            registers.rflags = registers.r11
            task.registers = registers
        }
        return try raise(FaultSignal(Signal.SIGSEGV, 0x80, 0), vector: 13, error: 0, address: 0)
    }

    /// KVM can do nothing with the instruction, or the program has made the processor stop: what would be a machine's end is only its own.
    func endByUnservableInstruction(_ exit: VCPUExit) -> Bool {
        let rip = String(vcpu.registers.pointee.rip, radix: 16)
        task.kernel.host.notice("skerry: the program was killed: its virtual processor stopped (\(exit), instruction \(rip))")
        sandbox.tracer?.signal(task, SignalInfo(SIGSEGV, code: 0x80))
        task.group.exit(status: SIGSEGV)
        return false
    }

    private func pageFault(_ frame: ExceptionFrame) throws(KVMError) -> Bool {
        machine.statistics.pageFaults.add()
        let address = try vcpu.readSpecialRegisters().cr2
        if address == frame.rip, task.emulateVirtualCall(at: address) {
            guard settleSignals(afterCall: nil) else { return false }
            try load()
            return true
        }
        // The upper half looks present to every program, so that nothing of its layout shows (sanitize_error_code of the kernel); reserved bits are
        // only ever set by the host's own shadow of the tables.
        let error = (frame.error & ~8) | (address < GuestAddress.userEnd.value ? 0 : 1)
        switch memory.fault(GuestAddress(address), write: frame.error & 2 != 0, execute: frame.error & 16 != 0) {
        case .resolved:
            task.fruitlessReliefs = 0
            return true
        case .notMapped: return try raise(FaultSignal(Signal.SIGSEGV, 1, address), vector: 14, error: error, address: address)
        case .denied: return try raise(FaultSignal(Signal.SIGSEGV, 2, address), vector: 14, error: error, address: address)
        case .beyondFile: return try raise(FaultSignal(Signal.SIGBUS, 2, address), vector: 14, error: error, address: address)
        case .outOfMemory:
            if task.kernel.relieveShortage(for: task) { return true }
            endOutOfMemory()
            return false
        }
    }

    private func raise(_ signal: FaultSignal, vector: Int32, error: UInt64, address: UInt64) throws(KVMError) -> Bool {
        var information = SignalInfo(signal.number, code: signal.code)
        information.address = signal.address
        task.forceSignal(information, fault: FaultState(trapNumber: UInt64(vector), errorCode: error, cr2: address))
        guard settleSignals(afterCall: nil) else { return false }
        try load()
        return true
    }

    /// The permission bitmap lets programs use the gate's ports in ways the gate does not: what a refused port would have been.
    func refusePort() throws(KVMError) -> Bool {
        _ = try collectAfterKick()
        return try raise(FaultSignal(Signal.SIGSEGV, 0x80, 0), vector: 13, error: 0, address: 0)
    }

    /// How often KVM_RUN may fail with EFAULT without getting on: a file may shrink and grow again meanwhile, and a zap makes its pages read-only for a moment.
    private static let memoryFaultLimit = 1000

    /// KVM_RUN failed with EFAULT, which names no address: pages behind a file's end lose their entries, and the access then faults with one.
    func memoryFault() throws(KVMError) -> Bool {
        memoryFaults += 1
        if memoryFaults > Self.memoryFaultLimit {
            task.group.exit(status: SIGBUS)
            return false
        }
        memory.unmapBeyondFileEnds()
        return true
    }
}
