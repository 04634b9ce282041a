internal import CLinux
internal import Glibc

extension GuestMachine {
    /// Raises an external interrupt in a processor (KVM_INTERRUPT; Documentation/virt/kvm/api.rst 4.12) when it takes one now; false: it comes back with
    /// `interruptWindow` as soon as it does. For machines without an interrupt controller in the kernel.
    ///
    /// - Throws: `order` without such a processor, `kernel` when the call fails.
    package func interrupt(_ index: Int, _ vector: UInt8) throws(SNPError) -> Bool {
        guard processors.indices.contains(index) else { throw SNPError(.order, "KVM_INTERRUPT", "there is no processor \(index)") }
        let processor = processors[index]
        let isTaken = processor.run.load(UInt8.self, at: skerry_run_takes_interrupts_at) != 0
        processor.run.store(UInt8(isTaken ? 0 : 1), at: skerry_run_interrupt_window_at)
        if isTaken { try calls.control(processor.descriptor, UInt32(skerry_KVM_INTERRUPT), with: kvm_interrupt(irq: UInt32(vector)), "KVM_INTERRUPT \(vector)") }
        return isTaken
    }

    /// How other threads take a processor out of the guest; nil without such a processor.
    package func exitRequest(_ index: Int) -> ExitRequest? { processors.indices.contains(index) ? ExitRequest(processors[index].run) : nil }
}

/// Makes a processor's next KVM_RUN, or with a signal to its thread the present one, end with EINTR (`immediate_exit` of `struct kvm_run`).
///
/// One byte that the kernel reads and nobody else interprets: it is written by any thread, which is why this may be sent to another.
package final class ExitRequest: @unchecked Sendable {
    private let run: any HostMemory

    init(_ run: any HostMemory) { self.run = run }

    /// Asks.
    package func make() { run.store(UInt8(1), at: skerry_run_immediate_exit_at) }
    /// The processor has come out.
    package func clear() { run.store(UInt8(0), at: skerry_run_immediate_exit_at) }
}
