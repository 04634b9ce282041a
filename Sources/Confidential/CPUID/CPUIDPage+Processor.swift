extension CPUIDPage {
    /// The leaves of the processor this runs on, with the encryption bit of every processor that has SEV-SNP: for simulated guests, whose programs run CPUID and
    /// XSAVE on this processor. States beyond AVX-512 are left out.
    public static func ofThisProcessor(_ facts: any HostFacts = LinuxHostFacts()) -> CPUIDPage {
        var leaves: [Leaf] = []
        func add(_ function: UInt32, _ index: UInt32 = 0, change: (inout Leaf) -> Void = { _ in }) {
            let registers = facts.cpuid(function, index)
            var leaf = Leaf(function: function, index: index, eax: registers.eax, ebx: registers.ebx, ecx: registers.ecx, edx: registers.edx)
            change(&leaf)
            leaves.append(leaf)
        }
        add(0) { $0.eax = min($0.eax, 0x10) }
        // Without XSAVE there are no states to tell; its enabling is the guest's.
        add(1) { $0.ecx &= ~(1 << 27) }
        add(7)
        add(7, 1)
        let states: UInt32 = 0xE7
        for index in [0, 1] as [UInt32] {
            add(0xD, index) { leaf in
                leaf.xcr0 = 7
                if index == 0 { (leaf.eax, leaf.edx) = (leaf.eax & states, 0) } else { (leaf.ecx, leaf.edx) = (0, 0) }
            }
        }
        let offered = facts.cpuid(0xD, 0).eax & states
        var end: (plain: UInt32, compact: UInt32) = (576, 576)
        for state in 2..<8 as Range<UInt32> where offered >> state & 1 == 1 {
            add(0xD, state) { $0.ecx &= 2 }
            guard let leaf = leaves.last else { continue }
            if state == 2 { end = (max(end.plain, leaf.ebx &+ leaf.eax), end.compact &+ leaf.eax) }
        }
        for index in leaves.indices where leaves[index].function == 0xD && leaves[index].index < 2 {
            leaves[index].ebx = leaves[index].index == 0 ? end.plain : end.compact
            if leaves[index].index == 0 {
                leaves[index].ecx = leaves.filter { $0.function == 0xD && $0.index >= 2 }.reduce(576) { max($0, $1.ebx &+ $1.eax) }
            }
        }
        add(0x8000_0000) { $0.eax = max($0.eax, 0x8000_001F) }
        for function in 0x8000_0001...0x8000_0004 as ClosedRange<UInt32> { add(function) }
        add(0x8000_0008)
        leaves.append(Leaf(function: 0x8000_001F, eax: 0x0101_FFFB, ebx: 0x0000_4173, ecx: 0x1FD, edx: 0x80))
        return CPUIDPage(known: leaves)
    }
}
