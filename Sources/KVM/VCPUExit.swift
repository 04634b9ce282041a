internal import CLinux

/// Why KVM_RUN came back.
public enum VCPUExit: Sendable {
    /// The guest wrote to a port (`out`), one byte.
    case portOut(UInt16)
    /// The guest read a port.
    case portIn(UInt16)
    /// `hlt`.
    case halt
    /// An access to a guest-physical address without memory.
    case mmio(UInt64)
    /// A signal arrived or an exit was requested.
    case interrupted
    /// The guest takes interrupts now (`VCPU.interrupt`).
    case interruptWindow
    /// The monitor's memory behind a guest-physical address could not be accessed (EFAULT): a file page behind the file's end.
    case memoryFault
    /// A triple fault.
    case shutdown
    /// KVM could not emulate an instruction (KVM_EXIT_INTERNAL_ERROR), with the suberror.
    case internalError(UInt32)
    /// The processor refused the state (KVM_EXIT_FAIL_ENTRY), with its reason.
    case entryFailed(UInt64)
    /// An exit Skerry does not ask for.
    case other(UInt32)
    /// KVM_RUN itself failed.
    case failed(KVMError)

    init(_ run: UnsafeMutablePointer<kvm_run>) {
        switch Int32(bitPattern: run.pointee.exit_reason) {
        case KVM_EXIT_IO:
            let io = skerry_run_io(run)
            let port = UInt16(truncatingIfNeeded: io)
            self = io & 0x10000 != 0 ? .portOut(port) : .portIn(port)
        case KVM_EXIT_HLT: self = .halt
        case KVM_EXIT_MMIO: self = .mmio(skerry_run_mmio_address(run))
        case KVM_EXIT_SHUTDOWN: self = .shutdown
        case KVM_EXIT_INTR: self = .interrupted
        case KVM_EXIT_IRQ_WINDOW_OPEN: self = .interruptWindow
        case KVM_EXIT_INTERNAL_ERROR: self = .internalError(skerry_run_internal_suberror(run))
        case KVM_EXIT_FAIL_ENTRY: self = .entryFailed(skerry_run_fail_reason(run))
        default: self = .other(run.pointee.exit_reason)
        }
    }
}
