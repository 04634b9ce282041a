internal import CLinux

/// KVM_EXIT_MEMORY_FAULT: an access to a page that is of the other kind.
struct MemoryFault: Equatable {
    /// KVM_MEMORY_EXIT_FLAG_PRIVATE for an access to private memory.
    var flags: UInt64
    /// The first guest-physical address.
    var address: UInt64
    /// Bytes.
    var size: UInt64
}

extension MemoryFault {
    /// Read from `struct kvm_run`, once.
    init(_ run: any HostMemory) {
        self.init(
            flags: run.load(UInt64.self, at: skerry_run_memory_fault_flags_at), address: run.load(UInt64.self, at: skerry_run_memory_fault_gpa_at),
            size: run.load(UInt64.self, at: skerry_run_memory_fault_size_at))
    }
}
