import CLinux
import KVM
import LibraryOS
import Synchronization

internal import Glibc

/// A vCPU that one host thread uses to run code which is no task of the library OS (`GuestContext`).
///
/// KVM is slow to move a vCPU from one thread to another (VCPUThread), so a thread keeps its processor as long as it runs such code.
package final class GuestProcessor: @unchecked Sendable {
    let machine: Machine
    let vcpu: VCPU
    private let waiting: VCPUThread?
    /// Never used a second time, unlike an object's address.
    let identity = GuestContext.newIdentity()
    /// Which context's registers and address space the vCPU has; it stays valid while nobody else has used the vCPU.
    var loaded: UInt64?
    /// Whose extended state it has.
    var stateOwner: UInt64?
    private var maskBefore = sigset_t()
    /// The thread that is in the guest, or about to enter it; 0: none.
    private let thread = Atomic<UInt64>(0)

    /// Takes a vCPU of the machine for the calling thread.
    package init(machine: Machine) throws(MonitorError) {
        ProcessSetup.once()
        if machine.kind == nil { machine.kind = try machine.probeKind() }
        self.machine = machine
        do throws(KVMError) { (vcpu, waiting) = try machine.takeVCPU() } catch { throw MonitorError.kvm(error) }
    }

    deinit { machine.returnVCPU(vcpu, with: waiting) }

    /// The caller's signal mask while it uses the processor is its own, except for the signals that have to come through: whoever called us may run on a
    /// thread of a pool that blocks them all, and then nothing would take it out of a program that loops.
    package func beginUse() {
        var wanted = sigset_t()
        sigemptyset(&wanted)
        for signal in [HostParker.kickSignal, SIGSEGV, SIGBUS] { sigaddset(&wanted, signal) }
        pthread_sigmask(SIG_UNBLOCK, &wanted, &maskBefore)
    }

    /// Gives the thread its signal mask back.
    package func endUse() { pthread_sigmask(SIG_SETMASK, &maskBefore, nil) }

    /// Enters the guest once. `interrupt` from before or during this ends it with `.interrupted`.
    func enter(_ isInterrupted: () -> Bool) -> VCPUExit {
        thread.store(UInt64(pthread_self()), ordering: .releasing)
        defer { thread.store(0, ordering: .releasing) }
        vcpu.clearExitRequest()
        if isInterrupted() { return .interrupted }
        return vcpu.enter()
    }

    /// Takes the thread out of the guest; whoever calls this has set what `isInterrupted` looks at. Any thread.
    func interrupt() {
        vcpu.requestExit()
        let target = thread.load(ordering: .acquiring)
        if target != 0 { pthread_kill(pthread_t(target), HostParker.kickSignal) }
    }
}
