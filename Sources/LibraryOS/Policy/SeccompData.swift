/// What a filter looks at (struct seccomp_data): the call's number, the architecture, where the call was made, its arguments.
package struct SeccompData {
    /// AUDIT_ARCH_X86_64.
    package static let architecture: UInt32 = 0xc000_003e

    private let call: SyscallCall
    private let instructionPointer: UInt64

    package init(_ call: SyscallCall, instructionPointer: UInt64) {
        self.call = call
        self.instructionPointer = instructionPointer
    }

    /// The 32-bit word at a byte offset, which is a multiple of four.
    package func word(_ offset: UInt32) -> UInt32 {
        let long: UInt64
        switch offset >> 3 {
        case 0: return offset == 0 ? UInt32(truncatingIfNeeded: call.number) : Self.architecture
        case 1: long = instructionPointer
        default: long = call.raw(Int(offset >> 3) &- 2)
        }
        return UInt32(truncatingIfNeeded: long >> (offset & 4 == 0 ? 0 : 32))
    }
}

/// What a filter says about a call: the action in the upper half (compared as a signed number, smaller is stricter), data for it in the lower.
package struct SeccompVerdict: Sendable, Equatable {
    /// The 32 bits as the filter returned them.
    package let bits: UInt32
    package init(_ bits: UInt32) { self.bits = bits }

    package static let killProcess: UInt32 = 0x8000_0000, killThread: UInt32 = 0, trap: UInt32 = 0x0003_0000, error: UInt32 = 0x0005_0000
    package static let notify: UInt32 = 0x7fc0_0000, trace: UInt32 = 0x7ff0_0000, log: UInt32 = 0x7ffc_0000, allow: UInt32 = 0x7fff_0000

    package var action: UInt32 { bits & 0xffff_0000 }
    package var data: UInt32 { bits & 0xffff }
    /// Whether this action takes precedence over another.
    package func isStricter(than other: SeccompVerdict) -> Bool { Int32(bitPattern: action) < Int32(bitPattern: other.action) }
}
