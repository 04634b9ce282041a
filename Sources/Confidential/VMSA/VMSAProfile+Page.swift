extension VMSAProfile {
    /// EFER.SVME, which KVM sets in every register page.
    static let forcedEFER: UInt64 = 0x1000
    /// CR4.MCE, which KVM sets as the host has it.
    static let forcedCR4: UInt64 = 0x40

    /// The predicted register page, 4,096 bytes (`struct sev_es_save_area` of Linux; AMD APM volume 2, table B-4).
    public func page(features: VMSAFeatures = []) -> [UInt8] {
        var page = [UInt8](repeating: 0, count: PageSize.bytes)
        for (index, segment) in [es, cs, ss, ds, fs, gs].enumerated() { Self.store(segment, in: &page, at: index * 16) }
        Self.store(gdtr, in: &page, at: 0x60)
        Self.store(ldtr, in: &page, at: 0x70)
        Self.store(idtr, in: &page, at: 0x80)
        Self.store(tr, in: &page, at: 0x90)
        // The privilege level is that of the stack segment's descriptor.
        page[0xCB] = ss.privilege
        page.store(efer | Self.forcedEFER, at: 0xD0)
        page.store(cr4 | Self.forcedCR4, at: 0x148)
        page.store(cr3, at: 0x150)
        page.store(cr0, at: 0x158)
        page.store(UInt64(0x400), at: 0x160)
        page.store(UInt64(0xFFFF_0FF0), at: 0x168)
        page.store(rflags | 2, at: 0x170)
        page.store(rip, at: 0x178)
        page.store(UInt64(0x0007_0406_0007_0406), at: 0x268)
        storeGeneralRegisters(in: &page)
        page.store(features.union(.active).rawValue, at: 0x3B0)
        page.store(xcr0 | 1, at: 0x3E8)
        page.store(UInt32(0x1F80), at: 0x408)
        page.store(UInt16(0x37F), at: 0x410)
        return page
    }

    private func storeGeneralRegisters(in page: inout [UInt8]) {
        page.store(registers.rsp, at: 0x1D8)
        page.store(registers.rax, at: 0x1F8)
        page.store(registers.rcx, at: 0x308)
        page.store(registers.rdx, at: 0x310)
        page.store(registers.rbx, at: 0x318)
        page.store(registers.rbp, at: 0x328)
        page.store(registers.rsi, at: 0x330)
        page.store(registers.rdi, at: 0x338)
        for (index, value) in registers.numbered.prefix(8).enumerated() { page.store(value, at: 0x340 + index * 8) }
    }

    private static func store(_ segment: SegmentRegister, in page: inout [UInt8], at offset: Int) {
        page.store(segment.selector, at: offset)
        page.store(segment.attributes, at: offset + 2)
        page.store(segment.limit, at: offset + 4)
        page.store(segment.base, at: offset + 8)
    }

    private static func store(_ table: TableRegister, in page: inout [UInt8], at offset: Int) {
        page.store(UInt32(table.limit), at: offset + 4)
        page.store(table.base, at: offset + 8)
    }
}
