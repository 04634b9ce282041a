import Platform

/// The four registers that CPUID fills.
struct CPUIDRegisters {
    var eax: UInt32 = 0, ebx: UInt32 = 0, ecx: UInt32 = 0, edx: UInt32 = 0
}

/// The CPUID page (AMD 56860, "CPUID page"): private, and compared with the processor by the firmware.
enum CPUIDTable {
    /// The encryption bit that the image and its page tables were built for.
    private static var encryptionBit: UInt32 { 51 }
    private static var capacity: UInt32 { 64 }

    /// The encryption bit of the processor has to be the one the page tables have, else pages that look private are not.
    static func check() {
        if count > capacity { refuse(skerry_refusal_encryption_bit) }
        guard let leaf = find(0x8000_001F, 0), leaf.ebx & 0x3F == encryptionBit else { refuse(skerry_refusal_encryption_bit) }
        if Platform.encryption != 0 && Platform.encryption != 1 << UInt64(encryptionBit) { refuse(skerry_refusal_encryption_bit) }
        // RDRAND: everything fresh comes from it.
        guard let features = find(1, 0), features.ecx >> 30 & 1 == 1 else { refuse(skerry_refusal_cpuid) }
    }

    /// What the instruction answers: zeros for leaves the page does not have, as AMD's processors do.
    static func answer(_ function: UInt32, _ index: UInt32) -> CPUIDRegisters {
        let index = isIndexed(function) ? index : 0
        var registers = find(function, index) ?? CPUIDRegisters()
        switch (function, index) {
        // What follows CR4, which the page cannot know: OSXSAVE on, OSPKE off.
        case (1, _): registers.ecx |= 1 << 27
        case (7, 0): registers.ecx &= ~(1 << 4)
        // The page has the sizes for the XCR0 of its maker.
        case (0xD, 0): registers.ebx = stateSize(isCompact: false)
        case (0xD, 1): registers.ebx = stateSize(isCompact: true)
        default: break
        }
        return registers
    }

    private static var count: UInt32 { pointer(Layout.cpuid).load(as: UInt32.self) }

    private static func entry(_ index: UInt32) -> UnsafeMutableRawPointer { pointer(Layout.cpuid) + 16 + Int(index) * 48 }

    private static func find(_ function: UInt32, _ index: UInt32) -> CPUIDRegisters? {
        for position in 0..<(count < capacity ? count : capacity) {
            let entry = entry(position)
            guard entry.load(as: UInt32.self) == function, entry.load(fromByteOffset: 4, as: UInt32.self) == index else { continue }
            return CPUIDRegisters(
                eax: entry.load(fromByteOffset: 24, as: UInt32.self), ebx: entry.load(fromByteOffset: 28, as: UInt32.self),
                ecx: entry.load(fromByteOffset: 32, as: UInt32.self), edx: entry.load(fromByteOffset: 36, as: UInt32.self))
        }
        return nil
    }

    /// The bytes of an XSAVE area (APM volume 2, 11.5.2): the legacy part and the header, then the enabled states at their places, or one after the other.
    private static func stateSize(isCompact: Bool) -> UInt32 {
        let offered = find(0xD, 0) ?? CPUIDRegisters()
        let enabled = skerry_xcr0() & (UInt64(offered.eax) | UInt64(offered.edx) << 32)
        var size: UInt32 = 576
        for state: UInt32 in 2..<63 where enabled >> UInt64(state) & 1 == 1 {
            guard let leaf = find(0xD, state) else { refuse(skerry_refusal_cpuid) }
            if isCompact {
                if leaf.ecx & 2 != 0 { size = (size &+ 63) & ~63 }
                size = size &+ leaf.eax
            } else if leaf.ebx &+ leaf.eax > size {
                size = leaf.ebx &+ leaf.eax
            }
        }
        return size
    }

    /// Whether the answer depends on ECX (APM volume 3, appendix E).
    private static func isIndexed(_ function: UInt32) -> Bool {
        switch function {
        case 0x4, 0x7, 0xB, 0xD, 0xF, 0x10, 0x12, 0x14, 0x17, 0x18, 0x1D, 0x1E, 0x1F, 0x8000_001D, 0x8000_0020, 0x8000_0026: true
        default: false
        }
    }
}
