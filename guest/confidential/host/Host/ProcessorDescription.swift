/// /proc/cpuinfo out of CPUID, in Linux's words (proc(5)): what programs parse.
struct ProcessorDescription {
    private let transport: RingTransport
    private let hertz: UInt64

    init(_ transport: RingTransport, hertz: UInt64) { (self.transport, self.hertz) = (transport, hertz) }

    /// A register of a leaf, and Linux's names of its bits (arch/x86/include/asm/cpufeatures.h).
    private struct Flags {
        let leaf: UInt32, index: UInt32
        let register: (ProcessorLeaf) -> UInt32
        let names: [(bit: UInt32, name: String)]
    }

    private static var flags: [Flags] {
        [
            Flags(
                leaf: 1, index: 0, register: { $0.edx },
                names: [
                    (0, "fpu"), (3, "pse"), (4, "tsc"), (5, "msr"), (6, "pae"), (8, "cx8"), (9, "apic"), (11, "sep"), (13, "pge"), (15, "cmov"), (16, "pat"),
                    (17, "pse36"), (19, "clflush"), (23, "mmx"), (24, "fxsr"), (25, "sse"), (26, "sse2"), (28, "ht"),
                ]),
            Flags(
                leaf: 0x8000_0001, index: 0, register: { $0.edx },
                names: [(11, "syscall"), (20, "nx"), (22, "mmxext"), (25, "fxsr_opt"), (26, "pdpe1gb"), (27, "rdtscp"), (29, "lm")]),
            Flags(
                leaf: 1, index: 0, register: { $0.ecx },
                names: [
                    (0, "pni"), (1, "pclmulqdq"), (9, "ssse3"), (12, "fma"), (13, "cx16"), (19, "sse4_1"), (20, "sse4_2"), (22, "movbe"), (23, "popcnt"), (25, "aes"),
                    (26, "xsave"), (28, "avx"), (29, "f16c"), (30, "rdrand"), (31, "hypervisor"),
                ]),
            Flags(
                leaf: 0x8000_0001, index: 0, register: { $0.ecx }, names: [(0, "lahf_lm"), (5, "abm"), (6, "sse4a"), (7, "misalignsse"), (8, "3dnowprefetch")]),
            Flags(
                leaf: 7, index: 0, register: { $0.ebx },
                names: [
                    (0, "fsgsbase"), (3, "bmi1"), (5, "avx2"), (7, "smep"), (8, "bmi2"), (9, "erms"), (16, "avx512f"), (17, "avx512dq"), (18, "rdseed"), (19, "adx"),
                    (20, "smap"), (21, "avx512ifma"), (23, "clflushopt"), (24, "clwb"), (28, "avx512cd"), (29, "sha_ni"), (30, "avx512bw"), (31, "avx512vl"),
                ]),
            Flags(
                leaf: 7, index: 0, register: { $0.ecx },
                names: [(1, "avx512vbmi"), (6, "avx512_vbmi2"), (8, "gfni"), (9, "vaes"), (10, "vpclmulqdq"), (11, "avx512_vnni"), (12, "avx512_bitalg"), (22, "rdpid")]),
        ]
    }

    /// The text, one block for the one processor.
    var text: [UInt8] {
        let (vendor, version) = (transport.processorLeaf(0, 0), transport.processorLeaf(1, 0))
        let (base, extended) = (version.eax >> 8 & 0xF, version.eax >> 20 & 0xFF)
        let family = base == 0xF ? base &+ extended : base
        let model = version.eax >> 4 & 0xF | (base == 0xF || base == 6 ? version.eax >> 12 & 0xF0 : 0)
        let sizes = transport.processorLeaf(0x8000_0008, 0).eax
        var result: [UInt8] = []
        func line(_ name: String, _ value: [UInt8]) {
            result += Array(name.utf8) + [0x3a, 0x20] + value + [0x0a]
        }
        func line(_ name: String, _ value: String) { line(name, Array(value.utf8)) }
        line("processor\t", "0")
        line("vendor_id\t", Self.characters([vendor.ebx, vendor.edx, vendor.ecx]))
        line("cpu family\t", "\(family)")
        line("model\t\t", "\(model)")
        line("model name\t", brand)
        line("stepping\t", "\(version.eax & 0xF)")
        line("cpu MHz\t\t", "\(hertz / 1_000_000).000")
        line("physical id\t", "0")
        line("siblings\t", "1")
        line("core id\t\t", "0")
        line("cpu cores\t", "1")
        line("fpu\t\t", "yes")
        line("cpuid level\t", "\(vendor.eax)")
        line("flags\t\t", flagNames)
        line("clflush size\t", "\((version.ebx >> 8 & 0xFF) &* 8)")
        line("address sizes\t", "\(sizes & 0xFF) bits physical, \(sizes >> 8 & 0xFF) bits virtual")
        return result + [0x0a]
    }

    private var flagNames: [UInt8] {
        var names: [UInt8] = []
        for flags in Self.flags where transport.processorLeaf(flags.leaf & 0x8000_0000, 0).eax >= flags.leaf {
            let register = flags.register(transport.processorLeaf(flags.leaf, flags.index))
            for (bit, name) in flags.names where register >> bit & 1 == 1 { names += (names.isEmpty ? [] : [0x20]) + Array(name.utf8) }
        }
        return names
    }

    /// The processor's name, without the blanks around it.
    private var brand: [UInt8] {
        if transport.processorLeaf(0x8000_0000, 0).eax < 0x8000_0004 { return Array("unknown".utf8) }
        var words: [UInt32] = []
        for leaf in UInt32(0x8000_0002)...0x8000_0004 {
            let registers = transport.processorLeaf(leaf, 0)
            words += [registers.eax, registers.ebx, registers.ecx, registers.edx]
        }
        let name = Self.characters(words).prefix { $0 != 0 }.drop { $0 == 0x20 }
        return Array(name.reversed().drop { $0 == 0x20 }.reversed())
    }

    private static func characters(_ words: [UInt32]) -> [UInt8] {
        words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) } }
    }
}
