import LibraryOS
import Platform

/// The registers and the extended state of a program, where the run operation takes them from and puts them.
///
/// Two pieces of memory with fixed places for as long as this lives: the run operation is given their addresses.
final class ProgramState {
    let context: UnsafeMutablePointer<skerry_context>
    private let extended: UnsafeMutableRawPointer
    /// Bytes of extended state in standard format (CPUID leaf 0xD).
    static var size: Int { Int(CPUIDTable.answer(0xD, 0).ebx) }
    /// What programs have of XCR0: x87, SSE, AVX, AVX-512.
    static var features: UInt64 { skerry_xcr0() & 0xE7 }

    /// The initial state.
    init() {
        context = UnsafeMutablePointer<skerry_context>.allocate(capacity: 1)
        context.initialize(to: skerry_context())
        extended = UnsafeMutableRawPointer.allocate(byteCount: max(Self.size, 576), alignment: 64)
        reset()
    }

    deinit {
        context.deallocate()
        extended.deallocate()
    }

    /// What a new program starts with: x87 control word 0x37F, MXCSR 0x1F80, everything else in its initial configuration.
    func reset() {
        skerry_wipe(extended, max(Self.size, 576))
        extended.storeBytes(of: 0x37F, as: UInt16.self)
        extended.storeBytes(of: 0x1F80, toByteOffset: 24, as: UInt32.self)
    }

    var extendedState: [UInt8] {
        get { Array(UnsafeRawBufferPointer(start: extended, count: Self.size)) }
        set {
            reset()
            newValue.withUnsafeBytes { bytes in
                guard let start = bytes.baseAddress else { return }
                extended.copyMemory(from: start, byteCount: min(bytes.count, Self.size))
            }
        }
    }

    /// The general registers.
    var registers: RegisterFile {
        get {
            let from = context.pointee
            var file = RegisterFile()
            (file.rax, file.rcx, file.rdx, file.rbx) = (from.rax, from.rcx, from.rdx, from.rbx)
            (file.rsp, file.rbp, file.rsi, file.rdi) = (from.rsp, from.rbp, from.rsi, from.rdi)
            (file.r8, file.r9, file.r10, file.r11) = (from.r8, from.r9, from.r10, from.r11)
            (file.r12, file.r13, file.r14, file.r15) = (from.r12, from.r13, from.r14, from.r15)
            (file.rip, file.rflags) = (from.rip, from.rflags)
            return file
        }
        set {
            var to = context.pointee
            (to.rax, to.rcx, to.rdx, to.rbx) = (newValue.rax, newValue.rcx, newValue.rdx, newValue.rbx)
            (to.rsp, to.rbp, to.rsi, to.rdi) = (newValue.rsp, newValue.rbp, newValue.rsi, newValue.rdi)
            (to.r8, to.r9, to.r10, to.r11) = (newValue.r8, newValue.r9, newValue.r10, newValue.r11)
            (to.r12, to.r13, to.r14, to.r15) = (newValue.r12, newValue.r13, newValue.r14, newValue.r15)
            to.rip = newValue.rip
            to.rflags = newValue.rflags & (RegisterFile.userFlags | 0x20_0000) | 0x202
            context.pointee = to
        }
    }

    /// Runs the program until an event.
    func run() -> UInt64 { skerry_run(context, extended, Self.features) }
}
