/// The signal an exception of a program becomes (arch/x86/kernel/traps.c).
package struct FaultSignal {
    /// The signal's number.
    package let number: Int32
    /// `si_code`.
    package let code: Int32
    /// `si_addr`.
    package let address: UInt64

    /// A signal with its code and address.
    package init(_ number: Int32, _ code: Int32, _ address: UInt64) {
        self.number = number
        self.code = code
        self.address = address
    }

    /// What exception `vector` becomes; page faults are not among them.
    package static func of(_ vector: Int32, rip: UInt64, rflags: UInt64, extendedState: () -> [UInt8]) -> FaultSignal {
        switch vector {
        case 0: return FaultSignal(Signal.SIGFPE, 1, rip)  // FPE_INTDIV
        case 1: return FaultSignal(Signal.SIGTRAP, 2, rip)  // TRAP_TRACE
        case 3: return FaultSignal(Signal.SIGTRAP, 0x80, 0)  // SI_KERNEL
        case 4: return FaultSignal(Signal.SIGSEGV, 0x80, 0)
        case 5: return FaultSignal(Signal.SIGSEGV, 0x80, 0)
        case 6: return FaultSignal(Signal.SIGILL, 2, rip)  // ILL_ILLOPN
        case 16, 19: return FaultSignal(Signal.SIGFPE, floatingPointCode(vector, extendedState()), rip)
        case 17: return FaultSignal(Signal.SIGBUS, 1, 0)  // BUS_ADRALN
        case 12: return FaultSignal(Signal.SIGBUS, 0x80, 0)
        default: return FaultSignal(Signal.SIGSEGV, 0x80, 0)
        }
    }

    /// The unmasked exception with the highest priority (fpu__exception_code).
    private static func floatingPointCode(_ vector: Int32, _ state: [UInt8]) -> Int32 {
        let reader = ByteReader(state)
        let pending: UInt32
        if vector == 16 {
            pending = UInt32(reader.u16(2)) & ~UInt32(reader.u16(0)) & 0x3f
        } else {
            let control = reader.u32(24)
            pending = control & ~(control >> 7) & 0x3f
        }
        if pending & 0x01 != 0 { return 7 }  // FPE_FLTINV
        if pending & 0x04 != 0 { return 3 }  // FPE_FLTDIV
        if pending & 0x08 != 0 { return 4 }  // FPE_FLTOVF
        if pending & 0x12 != 0 { return 5 }  // FPE_FLTUND
        if pending & 0x20 != 0 { return 6 }  // FPE_FLTRES
        return 0
    }
}
