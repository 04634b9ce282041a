/// The frame that a handler finds on its stack: struct rt_sigframe of x86-64 with the extended state above it.
///
/// From the top: red zone (128 bytes), XSAVE image with its trailing magic at a multiple of 64, then the frame at 8 below a multiple of 16, as
/// if a call instruction had pushed the restorer's address.
struct SignalFrame {
    /// Where the frame begins: the handler's stack pointer.
    let address: UInt64
    let bytes: [UInt8]
    /// The XSAVE image with software bytes and magic, written at `extendedStateAddress`; empty when there is none.
    let extendedState: [UInt8]
    let extendedStateAddress: UInt64

    /// Offsets in the frame (pretcode, then struct ucontext, then siginfo).
    static let contextOffset = 8, informationOffset = 312, size = 440
    /// Offsets in struct ucontext.
    static let stackOffset = 16, machineOffset = 40, maskOffset = 296, contextSize = 304
    /// DF, RF, TF.
    static let flagsClearedForHandler: UInt64 = 0x1_0500
    /// Selectors as the program sees them.
    static let codeSelector: UInt16 = 0x33, stackSelector: UInt16 = 0x2b
    private static let redZone: UInt64 = 128
    private static let hasExtendedState: UInt64 = 1, stackSelectorSaved: UInt64 = 2, strictStackSelector: UInt64 = 4

    var contextAddress: UInt64 { address &+ UInt64(Self.contextOffset) }
    var informationAddress: UInt64 { address &+ UInt64(Self.informationOffset) }

    /// Lays the frame out; nil when it does not fit the alternate stack, leaves the address space, or there is no restorer.
    init?(
        info: SignalInfo, action: SignalAction, registers: RegisterFile, mask: SignalSet, alternateStack: AlternateStack, fault: FaultState,
        extendedState image: [UInt8], features: UInt64
    ) {
        guard action.flags & SignalAction.restorerGiven != 0 else { return nil }
        let nested = alternateStack.size != 0 && alternateStack.isInUse(registers.rsp)
        var top = registers.rsp &- Self.redZone
        var entering = false
        if action.flags & SignalAction.onStack != 0, alternateStack.state(top) == 0 {
            top = alternateStack.base &+ alternateStack.size
            entering = true
        }
        var stateAddress: UInt64 = 0
        if image.isEmpty {
            extendedState = []
        } else {
            extendedState = SignalExtendedState.encode(image, features: features)
            stateAddress = (top &- UInt64(extendedState.count)) & ~63
            top = stateAddress
        }
        extendedStateAddress = stateAddress
        address = ((top &- UInt64(Self.size)) & ~15) &- 8
        if nested || entering, !alternateStack.contains(address) { return nil }
        let (end, overflow) = max(address, stateAddress).addingReportingOverflow(UInt64(max(Self.size, extendedState.count)))
        if overflow || end > GuestAddress.userEnd.value || address > end { return nil }
        bytes = Self.encode(
            info: info, action: action, registers: registers, mask: mask, alternateStack: alternateStack, fault: fault, stateAddress: stateAddress)
    }

    private static func encode(
        info: SignalInfo, action: SignalAction, registers: RegisterFile, mask: SignalSet, alternateStack: AlternateStack, fault: FaultState,
        stateAddress: UInt64
    ) -> [UInt8] {
        var writer = ByteWriter(capacity: size)
        writer.u64(action.restorer)
        writer.u64((stateAddress == 0 ? 0 : hasExtendedState) | stackSelectorSaved | strictStackSelector)
        writer.u64(0)
        writer.u64(alternateStack.base)
        writer.u32(alternateStack.flags)
        writer.u32(0)
        writer.u64(alternateStack.size)
        for value in registers.signalOrder { writer.u64(value) }
        writer.u16(codeSelector)
        writer.u16(0)
        writer.u16(0)
        writer.u16(stackSelector)
        writer.u64(fault.errorCode)
        writer.u64(fault.trapNumber)
        writer.u64(mask.bits)
        writer.u64(fault.cr2)
        writer.u64(stateAddress)
        writer.pad(to: contextOffset + maskOffset)
        writer.u64(mask.bits)
        writer.pad(to: informationOffset)
        // Linux leaves siginfo out without SA_SIGINFO; zeros tell the handler nothing either.
        if action.flags & SignalAction.information != 0 { writer.raw(info.encoded) }
        writer.pad(to: size)
        return writer.bytes
    }
}

extension RegisterFile {
    /// The eighteen registers at the start of struct sigcontext.
    var signalOrder: [UInt64] {
        [r8, r9, r10, r11, r12, r13, r14, r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags]
    }

    /// The registers a handler's frame asks for; flags that a program must not set keep their present value.
    func restored(from context: ByteReader) -> RegisterFile {
        let at = SignalFrame.machineOffset
        func value(_ index: Int) -> UInt64 { context.u64(at + 8 * index) }
        var result = self
        (result.r8, result.r9, result.r10, result.r11) = (value(0), value(1), value(2), value(3))
        (result.r12, result.r13, result.r14, result.r15) = (value(4), value(5), value(6), value(7))
        (result.rdi, result.rsi, result.rbp, result.rbx) = (value(8), value(9), value(10), value(11))
        (result.rdx, result.rax, result.rcx, result.rsp) = (value(12), value(13), value(14), value(15))
        result.rip = value(16)
        result.rflags = (rflags & ~Self.userFlags) | (value(17) & Self.userFlags)
        return result
    }
}
