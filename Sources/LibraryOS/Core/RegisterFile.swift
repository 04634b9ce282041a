/// The general registers of a task, owned by the task and loaded into whichever vCPU it leases.
///
/// Extended state (x87, SSE, AVX...) travels separately, in the XSAVE standard format (`ExtendedState`).
public struct RegisterFile: Equatable, Sendable {
    /// General registers, in the order of the instruction encoding.
    public var rax: UInt64 = 0, rcx: UInt64 = 0, rdx: UInt64 = 0, rbx: UInt64 = 0
    /// General registers, in the order of the instruction encoding.
    public var rsp: UInt64 = 0, rbp: UInt64 = 0, rsi: UInt64 = 0, rdi: UInt64 = 0
    /// General registers, in the order of the instruction encoding.
    public var r8: UInt64 = 0, r9: UInt64 = 0, r10: UInt64 = 0, r11: UInt64 = 0
    /// General registers, in the order of the instruction encoding.
    public var r12: UInt64 = 0, r13: UInt64 = 0, r14: UInt64 = 0, r15: UInt64 = 0
    /// The instruction pointer in the program: after a `syscall` instruction, the address behind it.
    public var rip: UInt64 = 0
    /// The flags the program sees; the interrupt flag is always set.
    public var rflags: UInt64 = 0x202

    /// All registers zero, flags as a new program finds them.
    public init() {}

    /// The RFLAGS bits a program may choose through a signal frame (`FIX_EFLAGS` of the kernel: AC, OF, DF, TF, SF, ZF, AF, PF, CF, RF).
    package static let userFlags: UInt64 = 0x0005_0dd5
}
