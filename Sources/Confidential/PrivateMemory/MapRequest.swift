internal import CLinux

/// KVM_EXIT_HYPERCALL: a request of the guest for pages of the other kind. Every number is the guest's.
struct MapRequest: Equatable {
    /// The number of the hypercall.
    var number: UInt64
    /// The first guest-physical address.
    var address: UInt64
    /// Pages of 4 KiB, whatever page size the attributes prefer.
    var pages: UInt64
    /// Bit 4: encrypted; bits 3:0: the preferred page size; the others have to be zero.
    var attributes: UInt64
}

extension MapRequest {
    /// Read from `struct kvm_run`, once.
    init(_ run: any HostMemory) {
        let arguments = run.read(skerry_run_hypercall_args_at..<skerry_run_hypercall_args_at + 24)
        self.init(
            number: run.load(UInt64.self, at: skerry_run_hypercall_nr_at), address: arguments.number(at: 0), pages: arguments.number(at: 8), attributes: arguments.number(at: 16))
    }
}
