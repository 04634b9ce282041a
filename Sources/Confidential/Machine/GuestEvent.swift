/// Why a processor of an encrypted guest came back to the monitor, apart from what the back end settles itself.
public enum GuestEvent: Sendable, Equatable {
    /// `out` to a port; the bytes are in the order of the guest's register. The doorbell of the guest's calls.
    case portOut(port: UInt16, bytes: [UInt8])
    /// `in` from a port of so many bytes; answer with `KVMBackend.answerPortIn`.
    case portIn(port: UInt16, size: Int)
    /// `hlt`.
    case halt
    /// An access to an address without memory.
    case mmio(UInt64)
    /// The guest ended itself through the GHCB protocol (AMD 56421, "Termination request"): the set of reasons and the reason.
    case terminated(set: UInt8, code: UInt8)
    /// A signal arrived.
    case interrupted
    /// The guest takes interrupts now, for which `KVMBackend.interrupt` has asked.
    case interruptWindow
    /// A triple fault.
    case shutdown
}
