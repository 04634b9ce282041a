/// How a virtual processor of an encrypted guest starts: one description that gives both the structures KVM is told (`KVM_SET_SREGS`, `KVM_SET_REGS`,
/// `KVM_SET_XCRS`) and the register page (VMSA) that KVM will make of them and the firmware will measure.
///
/// What the page holds beside the given registers is what Linux's `sev_es_sync_vmsa` writes; that is part of KVM's behaviour, not of an interface, so the
/// prediction holds for the kernels it was compared with.
public struct VMSAProfile: Hashable, Sendable {
    /// Whether KVM is told these registers. False for a processor KVM has made and nobody has touched, whose description only predicts the page.
    public let isUntouched: Bool
    /// The segment registers.
    public var es, cs, ss, ds, fs, gs: SegmentRegister
    /// The local descriptor table and the task.
    public var ldtr, tr: SegmentRegister
    /// The global descriptor table and the interrupt descriptor table.
    public var gdtr, idtr: TableRegister
    /// The control registers, without what KVM forces (`CR4.MCE`).
    public var cr0: UInt64, cr3: UInt64 = 0, cr4: UInt64 = 0
    /// EFER, without what KVM forces (`EFER.SVME`).
    public var efer: UInt64 = 0
    /// XCR0; bit 0 is always one.
    public var xcr0: UInt64 = 1
    /// RIP.
    public var rip: UInt64
    /// RFLAGS; bit 1 is always one.
    public var rflags: UInt64 = 2
    /// The general registers.
    public var registers = GeneralRegisters()

    /// A processor as KVM makes it: at the reset vector in real mode, with the processor signature 0x600 in RDX, because no CPUID was set before its reset.
    public static let untouched: VMSAProfile = {
        let data = SegmentRegister(attributes: 0x92, limit: 0xFFFF)
        var profile = VMSAProfile(
            isUntouched: true, data: data, cs: SegmentRegister(selector: 0xF000, attributes: 0x9A, limit: 0xFFFF, base: 0xFFFF_0000),
            tr: SegmentRegister(attributes: 0x83, limit: 0xFFFF), gdtr: TableRegister(limit: 0xFFFF), idtr: TableRegister(limit: 0xFFFF), cr0: 0x10, rip: 0xFFF0)
        profile.registers.rdx = 0x600
        return profile
    }()

    /// 64-bit code with flat segments: selector 8 for code, 16 for data.
    ///
    /// - Parameters:
    ///   - rip: The first instruction.
    ///   - rsp: The stack pointer.
    ///   - cr3: The top-level page table, the encryption bit included (bit 51 on every processor with SEV-SNP so far).
    ///   - gdt: The global descriptor table, of three descriptors.
    ///   - idt: The interrupt descriptor table, of 256 gates.
    public static func longMode(rip: UInt64, rsp: UInt64, cr3: UInt64, gdt: UInt64 = 0, idt: UInt64 = 0) -> VMSAProfile {
        let data = SegmentRegister(selector: 16, attributes: 0xC93, limit: 0xFFFF_FFFF)
        var profile = VMSAProfile(
            isUntouched: false, data: data, cs: SegmentRegister(selector: 8, attributes: 0xA9B, limit: 0xFFFF_FFFF),
            tr: SegmentRegister(attributes: 0x8B, limit: 0xFFFF), gdtr: TableRegister(limit: 23, base: gdt), idtr: TableRegister(limit: 0xFFF, base: idt),
            cr0: 0x8000_0033, rip: rip)
        profile.cr3 = cr3
        profile.cr4 = 0x620
        profile.efer = 0xD01
        profile.registers.rsp = rsp
        return profile
    }

    /// The reset state, but told to KVM, so that the accessed bits are set and RDX holds what is given.
    public static func realMode(rip: UInt64 = 0xFFF0, codeBase: UInt64 = 0xFFFF_0000, codeSelector: UInt16 = 0xF000) -> VMSAProfile {
        VMSAProfile(
            isUntouched: false, data: SegmentRegister(attributes: 0x93, limit: 0xFFFF),
            cs: SegmentRegister(selector: codeSelector, attributes: 0x9B, limit: 0xFFFF, base: codeBase), tr: SegmentRegister(attributes: 0x8B, limit: 0xFFFF),
            gdtr: TableRegister(limit: 0xFFFF), idtr: TableRegister(limit: 0xFFFF), cr0: 0x10, rip: rip)
    }

    private init(
        isUntouched: Bool, data: SegmentRegister, cs: SegmentRegister, tr: SegmentRegister, gdtr: TableRegister, idtr: TableRegister, cr0: UInt64, rip: UInt64
    ) {
        self.isUntouched = isUntouched
        (es, ss, ds, fs, gs) = (data, data, data, data, data)
        self.cs = cs
        ldtr = SegmentRegister(attributes: 0x82, limit: 0xFFFF)
        self.tr = tr
        self.gdtr = gdtr
        self.idtr = idtr
        self.cr0 = cr0
        self.rip = rip
    }
}
