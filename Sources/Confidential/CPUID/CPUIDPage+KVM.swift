extension CPUIDPage {
    /// Leaves whose answer depends on ECX (AMD APM volume 3, appendix E).
    private static let indexed: Set<UInt32> = [0x4, 0x7, 0xB, 0xD, 0xF, 0x10, 0x12, 0x14, 0x17, 0x18, 0x1D, 0x1E, 0x1F, 0x8000_001D, 0x8000_0020, 0x8000_0026]
    /// KVM_CPUID_FLAG_SIGNIFCANT_INDEX of `<asm/kvm.h>`.
    private static let significantIndex: UInt32 = 1

    /// `struct kvm_cpuid2` for KVM_SET_CPUID2, so that KVM and the guest go by the same processor: the first entry of each function and index.
    var kernelForm: [UInt8] {
        var entries: [UInt8] = []
        var seen: Set<UInt64> = []
        for leaf in leaves where seen.insert(UInt64(leaf.function) << 32 | UInt64(leaf.index)).inserted {
            var entry = [UInt8](repeating: 0, count: 40)
            entry.store(leaf.function, at: 0)
            entry.store(leaf.index, at: 4)
            entry.store(Self.indexed.contains(leaf.function) ? Self.significantIndex : 0, at: 8)
            for (register, value) in [leaf.eax, leaf.ebx, leaf.ecx, leaf.edx].enumerated() { entry.store(value, at: 12 + register * 4) }
            entries += entry
        }
        var header = [UInt8](repeating: 0, count: 8)
        header.store(UInt32(entries.count / 40), at: 0)
        return header + entries
    }
}
