package import LibraryOS

/// A few instructions that whoever makes a `GuestContext` puts, executable, into its memory: they enter code anew behind a call that does not come back.
///
/// The gate goes on where it is told to but leaves other registers as they are or, in rcx, its target; these instructions give them their values. To change the
/// instruction pointer instead, KVM would have to be entered twice, which costs a good part of an exit.
package enum EntrySteps {
    /// `mov %r8, %rcx; jmp *%r9`: all other registers have been loaded.
    static let byRegisters: UInt64 = 0
    /// rdi, rsi, rdx, rcx, rsp and the target come from a block of memory at rax (`EntryBlock`).
    static let byBlock: UInt64 = 8
    /// `xor %eax, %eax; syscall`: makes call 0, which waits in the gate for what to do next.
    static let park: UInt64 = 40

    /// What to put there.
    package static let code: [UInt8] = {
        var code = [UInt8](repeating: 0x0f, count: 48)
        func put(_ bytes: [UInt8], at offset: UInt64) { code.replaceSubrange(Int(offset)..<Int(offset) + bytes.count, with: bytes) }
        put([0x4c, 0x89, 0xc1, 0x41, 0xff, 0xe1], at: byRegisters)
        put(
            [
                0x48, 0x8b, 0x38,  // mov (%rax), %rdi
                0x48, 0x8b, 0x70, 0x08,  // mov 8(%rax), %rsi
                0x48, 0x8b, 0x50, 0x10,  // mov 16(%rax), %rdx
                0x48, 0x8b, 0x48, 0x18,  // mov 24(%rax), %rcx
                0x48, 0x8b, 0x60, 0x20,  // mov 32(%rax), %rsp
                0xfc,  // cld
                0xff, 0x60, 0x28,  // jmp *40(%rax)
            ], at: byBlock)
        put([0x31, 0xc0, 0x0f, 0x05, 0x0f, 0x0b], at: park)
        return code
    }()

    /// Bytes of the block that `byBlock` reads.
    package static let blockSize: UInt64 = 48

    /// The block for these registers.
    package static func block(_ registers: RegisterFile) -> [UInt8] {
        [registers.rdi, registers.rsi, registers.rdx, registers.rcx, registers.rsp, registers.rip].flatMap { word in withUnsafeBytes(of: word.littleEndian, Array.init) }
    }
}
