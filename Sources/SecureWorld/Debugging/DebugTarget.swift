/// Code that stands still and is looked at. Addresses and counts are the debugger's word: anything may come.
protocol DebugTarget: AnyObject {
    /// The registers as they are now.
    var registers: GDBRegisters { get }
    /// Goes on with these; false when they cannot be taken over.
    func replaceRegisters(_ registers: GDBRegisters) -> Bool
    /// The bytes from an address on, fewer when not all are mapped.
    func readMemory(_ address: UInt64, count: Int) -> [UInt8]
    /// Replaces bytes whatever the protection; false when not all are mapped.
    func writeMemory(_ address: UInt64, _ bytes: [UInt8]) -> Bool
    /// Stops before the instruction at this address is executed. False when it cannot be reached, or there are too many.
    func insertBreakpoint(_ address: UInt64) -> Bool
    /// As if it had never been there.
    func removeBreakpoint(_ address: UInt64)
    /// The images in its memory, the application first.
    var images: [DebugImage] { get }
}

/// An image of an application as a debugger wants to know it.
struct DebugImage {
    /// What the debugger calls its file, and where it is on this machine if it is an ELF file there.
    let path: String
    /// The ELF file, with symbols if there are any.
    let elf: [UInt8]
    /// Where its address 0 is.
    let base: UInt64
    /// Where its loadable segments are, in the order of the program headers.
    let segments: [UInt64]
    /// The address of its entry point; nil for a library.
    let entry: UInt64?
    /// The address of its dynamic section; 0 without one.
    let dynamic: UInt64
}

/// Why code stands still, or does not run any more; numbers of signals are gdb's (include/gdb/signals.def).
enum DebugStop: Hashable {
    /// A signal.
    case signal(UInt8)
    /// At a breakpoint that gdb has inserted.
    case breakpoint
    /// The last session was closed.
    case exited
    /// It died of a signal.
    case killed(UInt8)

    static let interrupt: UInt8 = 2, illegal: UInt8 = 4, trap: UInt8 = 5, abort: UInt8 = 6, arithmetic: UInt8 = 8, kill: UInt8 = 9, bus: UInt8 = 10, segment: UInt8 = 11

    /// The signal that Linux sends for a processor exception.
    static func signal(ofException vector: Int32) -> UInt8 {
        switch vector {
        case 0, 7, 16, 19: arithmetic
        case 1, 3: trap
        case 6: illegal
        case 17: bus
        default: segment
        }
    }
}
