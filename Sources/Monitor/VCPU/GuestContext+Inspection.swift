import CLinux
import KVM
import LibraryOS

/// What a debugger sees of code in a `GuestContext` beyond its general registers, and a fresh start for its extended state.
extension GuestContext {
    /// Bytes of the extended state.
    package static let extendedStateSize = 4096

    /// Makes the processor's extended state this context's: the initial one, as the start of a program finds it, when another's is in it.
    func prepareExtendedState(_ processor: GuestProcessor) throws(KVMError) {
        guard processor.stateOwner != stateIdentity else { return }
        var state = [UInt8](repeating: 0, count: Self.extendedStateSize)
        // FCW and MXCSR with all exceptions masked (AMD64 Architecture Programmer's Manual volume 2, 11.5); everything else is zero.
        state[0] = 0x7f
        state[1] = 0x03
        state[24] = 0x80
        state[25] = 0x1f
        try write(state, to: processor)
        processor.stateOwner = stateIdentity
    }

    private func write(_ state: [UInt8], to processor: GuestProcessor) throws(KVMError) {
        let failure: KVMError? = state.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return nil }
            do throws(KVMError) {
                try processor.vcpu.writeXSave(from: start)
                return nil
            } catch { return error }
        }
        if let failure { throw failure }
    }

    /// The next `run` finds the initial extended state.
    package func forgetExtendedState() { stateIdentity = Self.newIdentity() }

    /// The XSAVE image in standard format, 4,096 bytes; nil when KVM does not give it.
    package func extendedState(on processor: GuestProcessor) -> [UInt8]? {
        guard (try? prepareExtendedState(processor)) != nil else { return nil }
        var state = [UInt8](repeating: 0, count: Self.extendedStateSize)
        let isRead = state.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return false }
            return (try? processor.vcpu.readXSave(into: start)) != nil
        }
        return isRead ? state : nil
    }

    /// Replaces the XSAVE image by one that `extendedState` gave; false when KVM refuses it, or its size is wrong.
    package func setExtendedState(_ state: [UInt8], on processor: GuestProcessor) -> Bool {
        guard state.count == Self.extendedStateSize, (try? write(state, to: processor)) != nil else { return false }
        processor.stateOwner = stateIdentity
        return true
    }

    /// After `.interrupted`: makes `registers` those of the code at the moment. False when it is just leaving or entering by the stub, and cannot be looked at:
    /// the next event is near.
    package func inspectInterrupted(on processor: GuestProcessor) -> Bool {
        let vcpu = processor.vcpu
        let raw = vcpu.registers.pointee
        guard !StubImage.isInGate(raw.rip), let special = try? vcpu.readSpecialRegisters(), special.cs.selector & 3 == 3 else { return false }
        // It belongs to the instruction at this address, which raises it again.
        guard (try? vcpu.dropPendingException()) != nil else { return false }
        note(interruptedAt: RegisterFile(raw))
        return true
    }
}
