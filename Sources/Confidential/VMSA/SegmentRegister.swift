/// A segment register with its hidden part, as both KVM (`struct kvm_segment`) and the register page (`struct vmcb_seg`) hold it.
public struct SegmentRegister: Hashable, Sendable {
    /// The selector.
    public var selector: UInt16
    /// Type, S, DPL, P, AVL, L, D/B and G in bits 0 to 11 (AMD APM volume 2, 15.5.1, "attrib").
    public var attributes: UInt16
    /// The last byte, whatever the granularity.
    public var limit: UInt32
    /// The linear address of the first byte.
    public var base: UInt64

    /// A register with all its parts.
    public init(selector: UInt16 = 0, attributes: UInt16, limit: UInt32, base: UInt64 = 0) {
        self.selector = selector
        self.attributes = attributes & 0xFFF
        self.limit = limit
        self.base = base
    }

    /// The present bit of `attributes`.
    static let present: UInt16 = 1 << 7

    /// The segment's type, bits 3:0.
    var type: UInt8 { UInt8(attributes & 0xF) }
    /// Whether it is a code or data segment.
    var isCodeOrData: UInt8 { UInt8(attributes >> 4 & 1) }
    /// The descriptor privilege level.
    var privilege: UInt8 { UInt8(attributes >> 5 & 3) }
    /// The present bit, 0 or 1.
    var isPresent: UInt8 { UInt8(attributes >> 7 & 1) }
    /// The bit for software.
    var available: UInt8 { UInt8(attributes >> 8 & 1) }
    /// 64-bit code.
    var isLong: UInt8 { UInt8(attributes >> 9 & 1) }
    /// 32-bit default.
    var isWide: UInt8 { UInt8(attributes >> 10 & 1) }
    /// Limits in pages.
    var granularity: UInt8 { UInt8(attributes >> 11 & 1) }
}

/// A descriptor-table register.
public struct TableRegister: Hashable, Sendable {
    /// The last byte.
    public var limit: UInt16
    /// The linear address.
    public var base: UInt64

    /// A table.
    public init(limit: UInt16, base: UInt64 = 0) {
        self.limit = limit
        self.base = base
    }
}

/// The general registers a processor starts with.
public struct GeneralRegisters: Hashable, Sendable {
    /// RAX, RBX, RCX and RDX.
    public var rax: UInt64 = 0, rbx: UInt64 = 0, rcx: UInt64 = 0, rdx: UInt64 = 0
    /// RSI, RDI, RBP and RSP.
    public var rsi: UInt64 = 0, rdi: UInt64 = 0, rbp: UInt64 = 0, rsp: UInt64 = 0
    /// R8 to R15: always eight.
    public var numbered = [UInt64](repeating: 0, count: 8)

    /// All zero.
    public init() {}
}
