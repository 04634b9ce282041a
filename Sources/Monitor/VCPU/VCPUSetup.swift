import KVM
import LibraryOS

import CLinux
internal import GuestABI

/// The state of a vCPU that never changes while a sandbox runs, and what the processor offers.
struct VCPUSetup: Sendable {
    let xcr0: UInt64
    let cpuid: CPUIDTable
    /// CR4.FSGSBASE is accepted.
    let fsgsbase: Bool

    /// Bytes of extended state that programs have, in standard format.
    let stateSize: Int

    /// Finds out what this KVM accepts by asking with the first vCPU.
    init(_ supported: CPUIDTable, vcpu: VCPU) throws(KVMError) {
        cpuid = supported
        try vcpu.writeCPUID(supported)
        xcr0 = try Self.acceptedFeatures(vcpu, supported)
        stateSize = Self.size(of: xcr0, supported)
        var leaf: [UInt32] = [0, 0, 0, 0]
        skerry_cpuid(7, 0, &leaf)
        fsgsbase = leaf[1] & 1 != 0
    }

    /// The processor's own XCR0 where KVM takes it (a page-table-based KVM shows all features, whatever it lists), else what is also listed as supported.
    private static func acceptedFeatures(_ vcpu: VCPU, _ supported: CPUIDTable) throws(KVMError) -> UInt64 {
        var leaf: [UInt32] = [0, 0, 0, 0]
        skerry_cpuid(1, 0, &leaf)
        // Without OSXSAVE there is only x87 and SSE.
        guard leaf[2] & 1 << 27 != 0 else { return 3 }
        let own = skerry_xgetbv(0)
        let listed = supported.leaves.first { $0.function == 0xd && $0.index == 0 }.map { UInt64($0.edx) << 32 | UInt64($0.eax) } ?? 3
        var failure = KVMError(request: "KVM_SET_XCRS", errno: 22)
        for candidate in [own, own & listed, own & 7, 3] where candidate & 3 == 3 && size(of: candidate, supported) <= 4096 {
            do throws(KVMError) {
                try vcpu.writeXCR0(candidate)
                return candidate
            } catch { failure = error }
        }
        throw failure
    }

    /// Where the last component of a feature set ends (CPUID leaf 0xD). What KVM lists is not asked of the processor again: each CPUID traps in a nested host.
    private static func size(of features: UInt64, _ supported: CPUIDTable) -> Int {
        var end = 576
        for component in 2..<63 where features & 1 << UInt64(component) != 0 {
            if let listed = supported.leaves.first(where: { $0.function == 0xd && $0.index == component && $0.eax != 0 }) {
                end = max(end, Int(listed.eax) + Int(listed.ebx))
                continue
            }
            var leaf: [UInt32] = [0, 0, 0, 0]
            skerry_cpuid(0xd, UInt32(component), &leaf)
            end = max(end, Int(leaf[0]) + Int(leaf[1]))
        }
        return end
    }

    /// What programs are told (auxiliary vector, signal frames).
    var features: ProcessorFeatures {
        var result = ProcessorFeatures()
        var leaf: [UInt32] = [0, 0, 0, 0]
        skerry_cpuid(1, 0, &leaf)
        result.hardwareCapabilities = UInt64(leaf[3])
        result.hardwareCapabilities2 = fsgsbase ? 2 : 0
        result.extendedFeatures = xcr0
        result.extendedStateSize = stateSize
        return result
    }

    private enum MSR {
        static let star: UInt32 = 0xc000_0081
        static let lstar: UInt32 = 0xc000_0082
        static let cstar: UInt32 = 0xc000_0083
        static let syscallMask: UInt32 = 0xc000_0084
    }

    /// Programs another vCPU than the first: CPUID, XCR0, and the time stamp counter of the host.
    func prepare(_ vcpu: VCPU) throws(KVMError) {
        try vcpu.writeCPUID(cpuid)
        try vcpu.writeXCR0(xcr0)
        _ = vcpu.clearTSCOffset()
        try vcpu.makeRunnable()
    }

    /// Points LSTAR at the gate for the kind of host. TF is masked, so that a program that single-steps does not step through the gate.
    func writeSystemCallRegisters(_ vcpu: VCPU, kind: HostKind?) throws(KVMError) {
        let gate = kind == .hardware ? Stub.ring0 : Stub.ring3
        // Programs cannot change them: the vCPU of one process serves the next as it is.
        if vcpu.systemCallEntry == gate.entry { return }
        try vcpu.writeMSRs([
            (MSR.star, UInt64(SKERRY_USER32_CS) << 48 | UInt64(SKERRY_KERNEL_CS) << 32),
            (MSR.lstar, gate.entry),
            (MSR.cstar, gate.entry),
            (MSR.syscallMask, 0x100),
        ])
        vcpu.systemCallEntry = gate.entry
    }

    /// Long mode at CPL 3 in the address space whose root is `root`.
    func specialRegisters(_ vcpu: VCPU, root: UInt64, fsBase: UInt64, gsBase: UInt64) throws(KVMError) -> kvm_sregs {
        // What is not set below is never changed by a program, nor by the monitor.
        var registers = try vcpu.initialSpecialRegisters()
        // PE, MP, ET, NE, WP, AM, PG
        registers.cr0 = 0x8005_0033
        registers.cr3 = root
        // PAE, OSFXSR, OSXMMEXCPT, FSGSBASE, OSXSAVE; SMEP and SMAP stay off, the gate is a user page
        registers.cr4 = 0x620 | (fsgsbase ? 0x1_0000 : 0) | (xcr0 != 3 ? 0x4_0000 : 0)
        // SCE, LME, LMA, NXE
        registers.efer = 0xd01
        registers.cs = Self.code(UInt16(SKERRY_USER_CS), privilege: 3)
        registers.ss = Self.data(UInt16(SKERRY_USER_SS), privilege: 3)
        registers.ds = Self.null()
        registers.es = Self.null()
        registers.fs = Self.null()
        registers.gs = Self.null()
        registers.fs.base = fsBase
        registers.gs.base = gsBase
        registers.tr.selector = UInt16(SKERRY_TSS)
        registers.tr.base = StubImage.tssAddress
        registers.tr.limit = UInt32(StubImage.tssLimit)
        registers.tr.type = 11
        registers.tr.present = 1
        registers.tr.s = 0
        registers.gdt.base = StubImage.gdtAddress
        registers.gdt.limit = 0x4f
        registers.idt.base = StubImage.idtAddress
        registers.idt.limit = 32 * 16 - 1
        return registers
    }

    private static func code(_ selector: UInt16, privilege: UInt8) -> kvm_segment {
        var segment = data(selector, privilege: privilege)
        segment.type = 11
        segment.l = 1
        segment.db = 0
        return segment
    }

    private static func data(_ selector: UInt16, privilege: UInt8) -> kvm_segment {
        var segment = kvm_segment()
        segment.selector = selector
        segment.limit = 0xffff_ffff
        segment.type = 3
        segment.present = 1
        segment.dpl = privilege
        segment.db = 1
        segment.s = 1
        segment.g = 1
        return segment
    }

    private static func null() -> kvm_segment {
        var segment = kvm_segment()
        segment.unusable = 1
        segment.present = 0
        segment.type = 3
        segment.s = 1
        segment.dpl = 3
        return segment
    }
}
