import Platform

/// The #VC exception (APM volume 2, 15.35.5). The host can raise it whenever it likes, with any code: the code is believed only where an instruction stands that
/// raises it ("WeSee", 2024). CPUID is the only one the guest serves, and it asks nobody for it.
enum Communication {
    /// SVM_EXIT_CPUID.
    private static var cpuid: UInt64 { 0x72 }

    /// One that comes meanwhile has overwritten the frame of the first, but stands where this handler does: it has no CPUID instruction.
    static func serve(_ frame: inout skerry_frame) {
        if frame.error != cpuid { refuse(skerry_refusal_vc_code) }
        if !isCPUID(frame.rip) { refuse(skerry_refusal_vc_instruction) }
        let registers = CPUIDTable.answer(UInt32(truncatingIfNeeded: frame.rax), UInt32(truncatingIfNeeded: frame.rcx))
        frame.rax = UInt64(registers.eax)
        frame.rbx = UInt64(registers.ebx)
        frame.rcx = UInt64(registers.ecx)
        frame.rdx = UInt64(registers.edx)
        frame.rip += 2
    }

    /// Whether the bytes 0F A2 stand there, in the image's own code.
    private static func isCPUID(_ address: UInt64) -> Bool {
        guard address >= Layout.virtual(Layout.base), address < Layout.virtual(UInt64(SKERRY_GUEST_TABLES)) - 2, let code = UnsafeRawPointer(bitPattern: UInt(address)) else {
            return false
        }
        return code.load(as: UInt8.self) == 0x0F && code.load(fromByteOffset: 1, as: UInt8.self) == 0xA2
    }
}

/// What the entry for #VC calls.
@_cdecl("skerry_communication")
func communication(_ frame: UnsafeMutablePointer<skerry_frame>) { Communication.serve(&frame.pointee) }
