internal import CLinux
internal import ConfidentialABI
internal import KVM

extension SimulatedGuest {
    /// #VC, and the code of CPUID.
    static let communicationVector: UInt8 = 29
    static let cpuidCode: UInt64 = 0x72
    /// The code for a page that is not validated.
    private static let notValidatedCode: UInt64 = 0x404

    /// Enters the guest's handler for a vector as the processor does (APM volume 2, 8.9.3), with the gates and the stacks that the guest's tables name. The
    /// privilege level stays what it is: KVM's own injection would leave it, and not every KVM passes the error code of vector 29 on.
    func deliver(_ vector: UInt8, errorCode: UInt64?) {
        // While a program runs, its way to the guest is the host's to go.
        if suspended != nil {
            do throws(KVMError) { try endProgram(by: vector, errorCode) } catch { finish(.crashed) }
            return
        }
        let gateAt = UInt64(SKERRY_GUEST_IDT) + UInt64(vector) * 16
        guard let low = memory.number(gateAt), let high = memory.number(gateAt + 8), low >> 47 & 1 == 1, (1...7).contains(low >> 32 & 7),
            let stack = memory.number(UInt64(SKERRY_GUEST_TSS) + 36 + ((low >> 32 & 7) - 1) * 8)
        else { return finish(.crashed) }
        var registers = vcpu.registers.pointee
        let isUserMode = plan.processors.first.map { $0.page(features: [])[0xCB] == 3 } ?? false
        var frame = [
            registers.rip, UInt64(isUserMode ? SKERRY_GUEST_CS3 : SKERRY_GUEST_CS0), registers.rflags, registers.rsp,
            UInt64(isUserMode ? SKERRY_GUEST_SS3 : SKERRY_GUEST_SS0),
        ]
        if let errorCode { frame.insert(errorCode, at: 0) }
        registers.rsp = stack & ~0xF &- UInt64(frame.count) * 8
        for (index, word) in frame.enumerated() {
            guard memory.store(word, at: GuestImage.physical(registers.rsp) &+ UInt64(index) * 8) else { return finish(.crashed) }
        }
        registers.rip = low & 0xFFFF | low >> 32 & 0xFFFF_0000 | high << 32
        // Trap flag, nested task and direction stay out of the handler; interrupts are the gate's.
        registers.rflags &= ~(1 << 8 | 1 << 9 | 1 << 14 | 1 << 16)
        vcpu.registers.pointee = registers
        vcpu.registersChanged()
    }

    /// What a hostile host does behind an exit.
    func deviate() throws(SNPError) {
        let hasEnteredHandler = (UInt64(SKERRY_GUEST_STACK_END)..<UInt64(SKERRY_GUEST_RAM)).contains(GuestImage.physical(vcpu.registers.pointee.rsp))
        for deviation in deviations {
            switch deviation {
            case .inject(counts.exits, let vector, let errorCode): deliver(vector, errorCode: errorCode)
            case .injectIntoProgram(let stay, let vector, let errorCode) where suspended != nil && counts.programs == stay + 1: deliver(vector, errorCode: errorCode)
            case .injectNested(let vector, let errorCode) where hasEnteredHandler: deliver(vector, errorCode: errorCode)
            case .takeBack(counts.exits, let page):
                try backend.changePageState(page..<page &+ PageSize.small, toPrivate: true)
                // The next access raises #VC; that this is it is a simplification.
                if ownedPages.contains(page), try backend.access(page) == .notValidated { deliver(Self.communicationVector, errorCode: Self.notValidatedCode) }
            default: break
            }
        }
    }
}
