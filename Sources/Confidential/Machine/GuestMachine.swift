internal import CLinux
internal import Glibc

/// A KVM machine with private memory: what is the same whether the processor encrypts it or not. It knows of page conversions and exits, and nothing of the
/// secure processor.
///
/// One thread sets it up; afterwards each processor is entered by one thread at a time, and several may be at once.
package final class GuestMachine {
    /// A virtual processor. A class, since each is entered by a thread of its own.
    final class Processor {
        let descriptor: Int32
        let run: any HostMemory
        var conversions = ConversionGuard()

        init(descriptor: Int32, run: any HostMemory) {
            self.descriptor = descriptor
            self.run = run
        }
    }

    let calls: KernelCalls
    let kvm: Int32
    let descriptor: Int32
    /// The guest's memory.
    package let memory: PrivateMemory
    var processors: [Processor] = []
    /// Descriptors of others that are given back with the machine.
    private var adopted: [Int32] = []
    /// Gives the certificates that extended guest requests ask for.
    var certificates: (any CertificateSource)?

    var kernel: any KernelInterface { calls.kernel }

    /// /dev/kvm, a machine of the kind, its hypercall exits: before any processor.
    ///
    /// - Throws: `requirement` when KVM does not make such machines, `kernel` when a call fails.
    package init(_ kind: MachineKind, calls: KernelCalls) throws(SNPError) {
        let kvm = try calls.open("/dev/kvm")
        do throws(SNPError) { descriptor = try Self.create(kind, kvm, calls) } catch {
            calls.kernel.close(kvm)
            throw error
        }
        self.kvm = kvm
        self.calls = calls
        memory = PrivateMemory(machine: descriptor, calls: calls)
        var capability = skerry_enable_capability()
        capability.cap = KVMConstants.capabilityExitHypercall
        capability.args.0 = 1 << KVMConstants.mapGPARange
        try calls.control(
            descriptor, UInt32(skerry_KVM_ENABLE_CAP), with: capability, "KVM_CAP_EXIT_HYPERCALL", "the kernel is too old for SEV-SNP; it needs Linux 6.11")
    }

    deinit {
        for processor in processors { kernel.close(processor.descriptor) }
        memory.close()
        for descriptor in adopted + [descriptor, kvm] { kernel.close(descriptor) }
    }

    private static func create(_ kind: MachineKind, _ kvm: Int32, _ calls: KernelCalls) throws(SNPError) -> Int32 {
        let step = "KVM_CREATE_VM of the \(kind.name) type"
        let types = try calls.control(kvm, UInt32(skerry_KVM_CHECK_EXTENSION), SNPCapability.vmTypes.rawValue, "KVM_CAP_VM_TYPES")
        guard types & 1 << Int32(kind.rawValue) != 0 else { throw SNPError(.requirement, step, kind.advice) }
        return try calls.control(kvm, UInt32(skerry_KVM_CREATE_VM), kind.rawValue, step)
    }

    /// Takes over a descriptor that belongs to the machine.
    func adopt(_ descriptor: Int32) { adopted.append(descriptor) }
}
