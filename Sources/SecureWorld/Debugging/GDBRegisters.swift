import LibraryOS

/// The registers as gdb numbers them: those of its features org.gnu.gdb.i386.core, .sse, .segments and .linux for 64 bits.
struct GDBRegisters {
    /// The general ones.
    var general: RegisterFile
    /// The extended state: an XSAVE image in standard format, of which the legacy region is shown; nil when nobody is inside the application.
    var extended: [UInt8]?
    /// Where FS points.
    var threadPointer: UInt64 = 0

    /// What kind of place a register has.
    private enum Place: Sendable {
        case general(any WritableKeyPath<RegisterFile, UInt64> & Sendable)
        case flags
        /// A selector, which cannot be changed.
        case fixed(UInt64)
        /// Bytes of the XSAVE image.
        case extended(Int)
        /// An x87 control word of 16 bits there, shown as 32.
        case control(Int)
        case tag
        /// The upper 16 bits of a 48-bit pointer there, shown as 32.
        case selector(Int)
        case threadPointer
    }

    private struct Register: Sendable {
        let name: String
        let bits: Int
        let type: String
        let place: Place
    }

    private static let selectors: [(String, UInt64)] = [("cs", 0x33), ("ss", 0x2b), ("ds", 0), ("es", 0), ("fs", 0), ("gs", 0)]

    private static let core: [Register] =
        ([
            ("rax", \.rax), ("rbx", \.rbx), ("rcx", \.rcx), ("rdx", \.rdx), ("rsi", \.rsi), ("rdi", \.rdi), ("rbp", \.rbp), ("rsp", \.rsp), ("r8", \.r8), ("r9", \.r9),
            ("r10", \.r10), ("r11", \.r11), ("r12", \.r12), ("r13", \.r13), ("r14", \.r14), ("r15", \.r15), ("rip", \.rip),
        ] as [(String, any WritableKeyPath<RegisterFile, UInt64> & Sendable)]).map { name, path in
            Register(name: name, bits: 64, type: ["rbp": "data_ptr", "rsp": "data_ptr", "rip": "code_ptr"][name] ?? "int64", place: .general(path))
        } + [Register(name: "eflags", bits: 32, type: "i386_eflags", place: .flags)]
        + selectors.map { Register(name: $0, bits: 32, type: "int32", place: .fixed($1)) }
        + (0..<8).map { Register(name: "st\($0)", bits: 80, type: "i387_ext", place: .extended(32 + 16 * $0)) }
        + ([
            ("fctrl", .control(0)), ("fstat", .control(2)), ("ftag", .tag), ("fiseg", .selector(8)), ("fioff", .extended(8)), ("foseg", .selector(16)),
            ("fooff", .extended(16)), ("fop", .control(6)),
        ] as [(String, Place)]).map { Register(name: $0, bits: 32, type: "int", place: $1) }

    private static let vector: [Register] =
        (0..<16).map { Register(name: "xmm\($0)", bits: 128, type: "vec128", place: .extended(160 + 16 * $0)) }
        + [Register(name: "mxcsr", bits: 32, type: "i386_mxcsr", place: .extended(24))]

    private static let segments: [Register] = [
        Register(name: "fs_base", bits: 64, type: "int", place: .threadPointer), Register(name: "gs_base", bits: 64, type: "int", place: .fixed(0)),
    ]

    /// Without this feature gdb takes the application for no program of Linux, and knows nothing of shared libraries; -1: in no system call.
    private static let linux: [Register] = [Register(name: "orig_rax", bits: 64, type: "int", place: .fixed(.max))]

    private static let all = core + vector + segments + linux

    /// How many there are.
    static var count: Int { all.count }

    /// The bytes of one, little-endian; nil when they cannot be had now, or there is no such register.
    func bytes(_ index: Int) -> [UInt8]? {
        guard Self.all.indices.contains(index) else { return nil }
        let register = Self.all[index]
        let size = register.bits / 8
        func little(_ value: UInt64) -> [UInt8] { (0..<size).map { UInt8(truncatingIfNeeded: value >> UInt64($0 * 8)) } }
        switch register.place {
        case .general(let path): return little(general[keyPath: path])
        case .flags: return little(general.rflags)
        case .fixed(let value): return little(value)
        case .threadPointer: return little(threadPointer)
        case .extended(let offset): return extended.map { Array($0[offset..<offset + size]) }
        case .control(let offset): return extended.map { little(UInt64($0[offset]) | UInt64($0[offset + 1]) << 8) }
        case .selector(let offset): return extended.map { little(UInt64($0[offset + 4]) | UInt64($0[offset + 5]) << 8) }
        case .tag: return extended.map { little(UInt64(X87Tags.word(of: $0))) }
        }
    }

    /// Changes one; false when there is no such register, it cannot be changed, or the bytes are too many or too few.
    mutating func set(_ index: Int, _ bytes: [UInt8]) -> Bool {
        guard Self.all.indices.contains(index), bytes.count == Self.all[index].bits / 8 else { return false }
        let value = bytes.prefix(8).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        switch Self.all[index].place {
        case .general(let path): general[keyPath: path] = value
        // The trap flag is the debugger's own.
        case .flags: general.rflags = value & RegisterFile.userFlags & ~0x100 | 0x202
        case .fixed, .threadPointer: return bytes == self.bytes(index)
        case .extended(let offset): return put(bytes, at: offset)
        case .control(let offset): return put(Array(bytes.prefix(2)), at: offset)
        case .selector(let offset): return put(Array(bytes.prefix(2)), at: offset + 4)
        case .tag: return put([X87Tags.abridged(UInt16(truncatingIfNeeded: value))], at: 4)
        }
        return true
    }

    private mutating func put(_ bytes: [UInt8], at offset: Int) -> Bool {
        guard extended != nil else { return false }
        extended?.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        // XSTATE_BV: x87 and SSE state are not the initial ones.
        extended?[512] |= 3
        return true
    }

    /// All, in order, as the packet `g` has them.
    var text: [UInt8] {
        (0..<Self.count).flatMap { index in
            bytes(index).map { GDBText.hex($0) } ?? [UInt8](repeating: UInt8(ascii: "x"), count: Self.all[index].bits / 4)
        }
    }

    /// Changes all, from the bytes of the packet `G`; false when something cannot be changed.
    mutating func setAll(_ bytes: [UInt8]) -> Bool {
        var position = 0
        for index in 0..<Self.count {
            let size = Self.all[index].bits / 8
            guard position + size <= bytes.count else { return false }
            let part = Array(bytes[position..<position + size])
            if part != self.bytes(index), !set(index, part) { return false }
            position += size
        }
        return position == bytes.count
    }

    // MARK: The description

    /// The target description (GDB manual, "Target Descriptions"): the registers in the order of their numbers.
    static let description: [UInt8] = {
        func lines(_ registers: [Register]) -> String {
            registers.map { register in
                let group = register.type == "int" && register.bits == 32 ? " group=\"float\"" : ""
                return "<reg name=\"\(register.name)\" bitsize=\"\(register.bits)\" type=\"\(register.type)\"\(group)/>\n"
            }.joined()
        }
        return Array(
            ("<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target version=\"1.0\">\n<architecture>i386:x86-64</architecture>\n"
                + "<osabi>GNU/Linux</osabi>\n<feature name=\"org.gnu.gdb.i386.core\">\n" + coreTypes + lines(core) + "</feature>\n"
                + "<feature name=\"org.gnu.gdb.i386.sse\">\n" + vectorTypes + lines(vector) + "</feature>\n"
                + "<feature name=\"org.gnu.gdb.i386.segments\">\n" + lines(segments) + "</feature>\n<feature name=\"org.gnu.gdb.i386.linux\">\n" + lines(linux)
                + "</feature>\n</target>\n").utf8)
    }()

    private static func flags(_ id: String, _ fields: [(String, Int)]) -> String {
        "<flags id=\"\(id)\" size=\"4\">\n" + fields.map { "<field name=\"\($0)\" start=\"\($1)\" end=\"\($1)\"/>\n" }.joined() + "</flags>\n"
    }

    private static let coreTypes = flags(
        "i386_eflags",
        [
            ("CF", 0), ("", 1), ("PF", 2), ("AF", 4), ("ZF", 6), ("SF", 7), ("TF", 8), ("IF", 9), ("DF", 10), ("OF", 11), ("NT", 14), ("RF", 16), ("VM", 17), ("AC", 18),
            ("VIF", 19), ("VIP", 20), ("ID", 21),
        ])

    private static let vectorTypes: String = {
        let vectors = [("v4f", "ieee_single", 4), ("v2d", "ieee_double", 2), ("v16i8", "int8", 16), ("v8i16", "int16", 8), ("v4i32", "int32", 4), ("v2i64", "int64", 2)]
        let fields = [
            ("v4_float", "v4f"), ("v2_double", "v2d"), ("v16_int8", "v16i8"), ("v8_int16", "v8i16"), ("v4_int32", "v4i32"), ("v2_int64", "v2i64"), ("uint128", "uint128"),
        ]
        return vectors.map { "<vector id=\"\($0)\" type=\"\($1)\" count=\"\($2)\"/>\n" }.joined() + "<union id=\"vec128\">\n"
            + fields.map { "<field name=\"\($0)\" type=\"\($1)\"/>\n" }.joined() + "</union>\n"
            + flags(
                "i386_mxcsr",
                [
                    ("IE", 0), ("DE", 1), ("ZE", 2), ("OE", 3), ("UE", 4), ("PE", 5), ("DAZ", 6), ("IM", 7), ("DM", 8), ("ZM", 9), ("OM", 10), ("UM", 11), ("PM", 12), ("FZ", 15),
                ])
    }()
}

/// The x87 tag word of an FXSAVE image, which has one bit for each register there (Intel SDM volume 1, 10.5.1.1).
enum X87Tags {
    /// The full word: two bits for each physical register; 0 valid, 1 zero, 2 special, 3 empty.
    static func word(of state: [UInt8]) -> UInt16 {
        let top = Int(state[3] >> 3 & 7)
        var word: UInt16 = 0
        for physical in 0..<8 {
            var tag: UInt16 = 3
            if state[4] >> physical & 1 != 0 {
                let start = 32 + 16 * ((physical - top) & 7)
                let exponent = UInt16(state[start + 8]) | UInt16(state[start + 9] & 0x7f) << 8
                let hasFraction = state[start..<start + 7].contains { $0 != 0 } || state[start + 7] & 0x7f != 0
                let isNormal = state[start + 7] & 0x80 != 0
                switch exponent {
                case 0x7fff: tag = 2
                case 0: tag = hasFraction || isNormal ? 2 : 1
                default: tag = isNormal ? 0 : 2
                }
            }
            word |= tag << (physical * 2)
        }
        return word
    }

    /// The byte that stands for a full word.
    static func abridged(_ word: UInt16) -> UInt8 { (0..<8).reduce(0) { $0 | (word >> ($1 * 2) & 3 == 3 ? 0 : 1 << UInt8($1)) } }
}
