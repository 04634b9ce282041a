import CLinux
import KVM
import LibraryOS

internal import GuestABI

/// A few instructions at CPL 3 in an address space of their own, without a program or a library OS.
///
/// With it `skerry doctor` finds out what the host's KVM does rather than what it says, and the tests see page tables as a processor sees them.
final class ProbeGuest {
    private let machine: Machine
    private let vcpu: VCPU
    private let slot: ThreadSlot
    private let code: FrameRange
    /// Its page tables; the caller may map more.
    let pageTable: GuestPageTable

    /// Where the code lies.
    static let codeAddress = GuestAddress(0x40_0000)

    /// An address space with one page of code. The vCPU may be another probe's, as long as only one runs at a time.
    init(machine: Machine, vcpu: VCPU, code bytes: [UInt8]) throws(Errno) {
        self.machine = machine
        self.vcpu = vcpu
        guard bytes.count <= 4096, let table = try machine.memory.makePageTable() as? GuestPageTable else { throw .EINVAL }
        pageTable = table
        slot = try table.takeSlot(machine.stub)
        guard let frames = try machine.memory.allocate(frames: 1).first else { throw .ENOMEM }
        code = frames
        if let place = machine.memory.hostAddress(of: frames.start) { place.copyMemory(from: bytes, byteCount: bytes.count) }
        try table.map(Self.codeAddress, to: frames, [.read, .execute])
    }

    /// CR3.
    var root: UInt64 { slot.rootAddress }

    /// The address space ends: its tables go to quarantine, its code page is free.
    func release() {
        pageTable.release()
        machine.memory.free(code)
    }

    /// Why a run ended, and with which registers.
    struct Exit {
        let reason: VCPUExit
        let registers: kvm_regs
        let special: kvm_sregs
    }

    /// Runs the code from its beginning until it leaves the guest; `argument` is in rdi.
    func run(argument: UInt64 = 0) throws(KVMError) -> Exit {
        try vcpu.writeSpecialRegisters(try machine.setup.specialRegisters(vcpu, root: root, fsBase: 0, gsBase: 0))
        try machine.setup.writeSystemCallRegisters(vcpu, kind: nil)
        var registers = kvm_regs()
        registers.rip = Self.codeAddress.value
        registers.rdi = argument
        registers.rflags = 0x202
        vcpu.registers.pointee = registers
        vcpu.registersChanged()
        vcpu.clearExitRequest()
        let reason = vcpu.enter()
        let exit = Exit(reason: reason, registers: vcpu.registers.pointee, special: try vcpu.readSpecialRegisters())
        // The `out` by which the guest left must be over before anybody sets other registers.
        vcpu.requestExit()
        _ = vcpu.enter()
        vcpu.clearExitRequest()
        return exit
    }
}

extension Machine {
    /// What `syscall` does here, found by executing one.
    package func probeKind() throws(MonitorError) -> HostKind {
        let exit: ProbeGuest.Exit
        do throws(KVMError) { exit = try probeSystemCall() } catch { throw MonitorError.kvm(error) }
        guard case .portOut(UInt16(SKERRY_PORT_SYSCALL)) = exit.reason else {
            throw MonitorError("a system call in the virtual machine did not reach the monitor: \(exit.reason)")
        }
        return exit.special.cs.selector & 3 == 3 ? .pageTable : .hardware
    }

    private func probeSystemCall() throws(KVMError) -> ProbeGuest.Exit {
        let (vcpu, thread) = try takeVCPU()
        defer { returnVCPU(vcpu, with: thread) }
        let probe: ProbeGuest
        // The code is the one instruction `syscall`.
        do throws(Errno) { probe = try ProbeGuest(machine: self, vcpu: vcpu, code: [0x0f, 0x05]) } catch {
            throw KVMError(request: "memory for a probe", errno: error.code)
        }
        defer { probe.release() }
        return try probe.run()
    }
}
