internal import CLinux

extension VMSAProfile {
    /// Puts the profile into the special registers KVM has just reported; what the profile does not name (the local APIC's base among it) stays.
    func apply(to special: inout kvm_sregs) {
        (special.es, special.cs, special.ss) = (es.kernelForm, cs.kernelForm, ss.kernelForm)
        (special.ds, special.fs, special.gs) = (ds.kernelForm, fs.kernelForm, gs.kernelForm)
        (special.ldt, special.tr) = (ldtr.kernelForm, tr.kernelForm)
        special.gdt.base = gdtr.base
        special.gdt.limit = gdtr.limit
        special.idt.base = idtr.base
        special.idt.limit = idtr.limit
        special.cr0 = cr0
        special.cr3 = cr3
        special.cr4 = cr4
        special.efer = efer
    }

    /// The general registers as KVM_SET_REGS takes them.
    var generalRegisters: kvm_regs {
        var general = kvm_regs()
        (general.rax, general.rbx, general.rcx, general.rdx) = (registers.rax, registers.rbx, registers.rcx, registers.rdx)
        (general.rsi, general.rdi, general.rsp, general.rbp) = (registers.rsi, registers.rdi, registers.rsp, registers.rbp)
        var numbered = registers.numbered + [UInt64](repeating: 0, count: 8)
        numbered.removeLast(numbered.count - 8)
        (general.r8, general.r9, general.r10, general.r11) = (numbered[0], numbered[1], numbered[2], numbered[3])
        (general.r12, general.r13, general.r14, general.r15) = (numbered[4], numbered[5], numbered[6], numbered[7])
        general.rip = rip
        general.rflags = rflags | 2
        return general
    }
}

extension SegmentRegister {
    /// `struct kvm_segment`.
    var kernelForm: kvm_segment {
        var segment = kvm_segment()
        segment.base = base
        segment.limit = limit
        segment.selector = selector
        segment.type = type
        segment.present = isPresent
        segment.dpl = privilege
        segment.db = isWide
        segment.s = isCodeOrData
        segment.l = isLong
        segment.g = granularity
        segment.avl = available
        segment.unusable = 1 - isPresent
        return segment
    }
}
