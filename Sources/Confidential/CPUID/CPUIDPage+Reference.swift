extension CPUIDPage {
    /// Leaves of one processor of a product: what the software secure processor pretends to run on when no other was chosen.
    static func reference(_ product: ProcessorProduct) -> CPUIDPage {
        let hasAVX512 = product != .milan
        let vendor = (ebx: UInt32(0x6874_7541), ecx: UInt32(0x444D_4163), edx: UInt32(0x6974_6E65))
        let states: UInt32 = hasAVX512 ? 0x2E7 : 0x207
        var leaves = [
            Leaf(function: 0, eax: 0x10, ebx: vendor.ebx, ecx: vendor.ecx, edx: vendor.edx),
            Leaf(function: 1, eax: product.cpuidSignature, ebx: 0x0080_0800, ecx: 0x7ED8_320B, edx: 0x178B_FBFF),
            Leaf(function: 7, eax: hasAVX512 ? 1 : 0, ebx: hasAVX512 ? 0xF1BF_97A9 : 0x219C_97A9, ecx: hasAVX512 ? 0x0040_5FCE : 0x0040_069C, edx: hasAVX512 ? 0x1000_0010 : 0x10),
            Leaf(function: 0xD, xcr0: 7, eax: states, ebx: 832, ecx: hasAVX512 ? 2440 : 840, edx: 0),
            Leaf(function: 0xD, index: 1, xcr0: 7, eax: 0xF, ebx: 832, ecx: 0x1800, edx: 0),
            Leaf(function: 0xD, index: 2, eax: 256, ebx: 576),
            Leaf(function: 0xD, index: 9, eax: 8, ebx: hasAVX512 ? 2432 : 832),
            Leaf(function: 0xD, index: 11, eax: 16, ecx: 1),
            Leaf(function: 0x8000_0000, eax: 0x8000_0028, ebx: vendor.ebx, ecx: vendor.ecx, edx: vendor.edx),
            Leaf(function: 0x8000_0001, eax: product.cpuidSignature, ecx: 0x75C2_37FF, edx: 0x2FD3_FBFF),
            Leaf(function: 0x8000_0008, eax: 0x3034, ebx: 0x191E_F657, ecx: 0x0000_707F, edx: 0x0001_0007),
            Leaf(function: 0x8000_001F, eax: 0x0101_FFFB, ebx: 0x0000_4173, ecx: 0x1FD, edx: 0x80),
        ]
        if hasAVX512 {
            leaves += [
                Leaf(function: 0xD, index: 5, eax: 64, ebx: 832), Leaf(function: 0xD, index: 6, eax: 512, ebx: 896), Leaf(function: 0xD, index: 7, eax: 1024, ebx: 1408),
            ]
        }
        return CPUIDPage(known: leaves)
    }
}
