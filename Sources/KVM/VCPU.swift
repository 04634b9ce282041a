public import CLinux
internal import Glibc

/// One virtual processor (api.rst, "vcpu ioctls"). Used by one thread at a time, except for `requestExit`.
public final class VCPU: @unchecked Sendable {
    let descriptor: Int32
    private let run: UnsafeMutablePointer<kvm_run>
    private let runSize: Int
    private var initial: kvm_sregs?
    /// Where LSTAR points, if its owner keeps that here.
    public var systemCallEntry: UInt64?
    /// A run has to come before the registers of KVM are those of `registers`: an instruction is unfinished, or `registers` was changed.
    private var isUnsettled = false

    init(descriptor: Int32, run: UnsafeMutablePointer<kvm_run>, runSize: Int) {
        self.descriptor = descriptor
        self.run = run
        self.runSize = runSize
        run.pointee.kvm_valid_regs = UInt64(KVM_SYNC_X86_REGS)
    }

    deinit {
        munmap(run, runSize)
        close(descriptor)
    }

    /// The general registers: after a run those of the exit, before a run those of the entry (call `registersChanged`).
    @inline(__always)
    public var registers: UnsafeMutablePointer<kvm_regs> { skerry_run_registers(run) }

    /// The next run takes `registers`.
    @inline(__always)
    public func registersChanged() {
        run.pointee.kvm_dirty_regs |= UInt64(KVM_SYNC_X86_REGS)
        isUnsettled = true
    }

    /// Makes the run that is going on (once a signal interrupts it), or the next one, end with `.interrupted`. Any thread.
    public func requestExit() { skerry_run_set_immediate_exit(run, 1) }

    /// Takes `requestExit` back. Check for what was requested after this, not before.
    public func clearExitRequest() { skerry_run_set_immediate_exit(run, 0) }

    /// KVM_RUN, once.
    public func enter() -> VCPUExit {
        let result = skerry_ioctl(descriptor, UInt(skerry_KVM_RUN), 0)
        isUnsettled = true
        if result < 0 {
            switch -result {
            case EINTR, EAGAIN: return .interrupted
            case EFAULT: return .memoryFault
            default: return .failed(KVMError(request: "KVM_RUN", errno: -result))
            }
        }
        return VCPUExit(run)
    }

    private func control<Value>(_ name: String, _ request: UInt, _ value: inout Value) throws(KVMError) {
        let result = withUnsafeMutablePointer(to: &value) { skerry_ioctl(descriptor, request, UInt(bitPattern: $0)) }
        if result < 0 { throw KVMError(request: name, errno: -result) }
    }

    /// KVM_GET_REGS, for states that `enter` does not deliver.
    public func readRegisters() throws(KVMError) -> kvm_regs {
        var value = kvm_regs()
        try control("KVM_GET_REGS", skerry_KVM_GET_REGS, &value)
        return value
    }

    /// KVM_GET_SREGS.
    public func readSpecialRegisters() throws(KVMError) -> kvm_sregs {
        var value = kvm_sregs()
        try control("KVM_GET_SREGS", skerry_KVM_GET_SREGS, &value)
        return value
    }

    /// The special registers as they were when this was first asked.
    public func initialSpecialRegisters() throws(KVMError) -> kvm_sregs {
        if let initial { return initial }
        let read = try readSpecialRegisters()
        initial = read
        return read
    }

    /// KVM_SET_SREGS.
    public func writeSpecialRegisters(_ value: kvm_sregs) throws(KVMError) {
        var copy = value
        try control("KVM_SET_SREGS", skerry_KVM_SET_SREGS, &copy)
    }

    /// KVM_SET_MSRS; every one must be accepted.
    public func writeMSRs(_ values: [(index: UInt32, value: UInt64)]) throws(KVMError) {
        var words = [UInt64](repeating: 0, count: 1 + values.count * 2)
        words[0] = UInt64(values.count)
        for (position, entry) in values.enumerated() {
            words[1 + position * 2] = UInt64(entry.index)
            words[2 + position * 2] = entry.value
        }
        let result = words.withUnsafeMutableBytes { skerry_ioctl(descriptor, skerry_KVM_SET_MSRS, UInt(bitPattern: $0.baseAddress)) }
        if result < 0 { throw KVMError(request: "KVM_SET_MSRS", errno: -result) }
        if result < values.count { throw KVMError(request: "KVM_SET_MSRS of \(String(values[Int(result)].index, radix: 16))", errno: EINVAL) }
    }

    /// Forgets an exception that KVM has queued for the next entry (KVM_SET_VCPU_EVENTS). It belongs to the instruction at the present rip, which raises it
    /// again when it runs again; with another rip it would hit an innocent one.
    public func dropPendingException() throws(KVMError) {
        var events = kvm_vcpu_events()
        try control("KVM_GET_VCPU_EVENTS", skerry_KVM_GET_VCPU_EVENTS, &events)
        guard events.exception.injected != 0 || events.exception.pending != 0 else { return }
        events.exception.injected = 0
        events.exception.pending = 0
        try control("KVM_SET_VCPU_EVENTS", skerry_KVM_SET_VCPU_EVENTS, &events)
    }

    /// Lets KVM finish the instruction by which the guest left, without running any other. False when it does not come to an end (a string of I/O).
    public func finishInstruction() -> Bool {
        guard isUnsettled else { return true }
        requestExit()
        defer { clearExitRequest() }
        for _ in 0..<16 {
            switch enter() {
            case .portOut, .portIn: continue
            case .interrupted:
                isUnsettled = false
                return true
            default: return true
            }
        }
        return false
    }

    /// Raises an interrupt in the guest (KVM_INTERRUPT), now when it takes one; false: the run leaves with `interruptWindow` as soon as it does. For machines without
    /// local APICs in the kernel.
    public func interrupt(_ vector: UInt8) throws(KVMError) -> Bool {
        guard skerry_run_takes_interrupts(run) != 0 else {
            skerry_run_set_interrupt_window(run, 1)
            return false
        }
        skerry_run_set_interrupt_window(run, 0)
        var interrupt = kvm_interrupt(irq: UInt32(vector))
        try control("KVM_INTERRUPT", skerry_KVM_INTERRUPT, &interrupt)
        return true
    }

    /// KVM_SET_CPUID2.
    public func writeCPUID(_ table: CPUIDTable) throws(KVMError) {
        var copy = table
        let result = copy.withUnsafeStructure { skerry_ioctl(descriptor, skerry_KVM_SET_CPUID2, UInt(bitPattern: $0)) }
        if result < 0 { throw KVMError(request: "KVM_SET_CPUID2", errno: -result) }
    }

    /// A KVM_RUN that ends before the guest is entered: what KVM does at a machine's first one (it starts a worker) is done then. Best called by the thread
    /// that will run the vCPU; before Linux 6.13 the change to another costs a grace period.
    public func warmUp() {
        requestExit()
        _ = enter()
        clearExitRequest()
    }

    /// KVM_SET_MP_STATE: a vCPU with a local APIC in the kernel waits for an INIT otherwise, unless it is the first. One without has no such state.
    public func makeRunnable() throws(KVMError) {
        var state = kvm_mp_state()
        do throws(KVMError) { try control("KVM_SET_MP_STATE", skerry_KVM_SET_MP_STATE, &state) } catch  where error.errno == EINVAL {}
    }

    /// KVM_SET_XCRS: sets XCR0.
    public func writeXCR0(_ value: UInt64) throws(KVMError) {
        var registers = kvm_xcrs()
        registers.nr_xcrs = 1
        registers.xcrs.0.xcr = 0
        registers.xcrs.0.value = value
        try control("KVM_SET_XCRS", skerry_KVM_SET_XCRS, &registers)
    }

    /// KVM_GET_XSAVE: the first 4,096 bytes of the XSAVE image in standard format.
    public func readXSave(into buffer: UnsafeMutableRawPointer) throws(KVMError) {
        let result = skerry_ioctl(descriptor, skerry_KVM_GET_XSAVE, UInt(bitPattern: buffer))
        if result < 0 { throw KVMError(request: "KVM_GET_XSAVE", errno: -result) }
    }

    /// KVM_SET_XSAVE from 4,096 bytes.
    public func writeXSave(from buffer: UnsafeRawPointer) throws(KVMError) {
        let result = skerry_ioctl(descriptor, skerry_KVM_SET_XSAVE, UInt(bitPattern: buffer))
        if result < 0 { throw KVMError(request: "KVM_SET_XSAVE", errno: -result) }
    }

    /// KVM_GET_TSC_KHZ.
    public func tscFrequency() throws(KVMError) -> UInt64 {
        let result = skerry_ioctl(descriptor, skerry_KVM_GET_TSC_KHZ, 0)
        if result <= 0 { throw KVMError(request: "KVM_GET_TSC_KHZ", errno: result < 0 ? -result : EIO) }
        return UInt64(result) * 1000
    }

    /// Makes the guest's time stamp counter equal to the host's (KVM_VCPU_TSC_OFFSET); false when this KVM cannot.
    public func clearTSCOffset() -> Bool {
        var offset: UInt64 = 0
        return withUnsafeMutablePointer(to: &offset) { pointer in
            var attribute = kvm_device_attr(
                flags: 0, group: UInt32(KVM_VCPU_TSC_CTRL), attr: UInt64(KVM_VCPU_TSC_OFFSET), addr: UInt64(UInt(bitPattern: pointer)))
            return withUnsafeMutablePointer(to: &attribute) { skerry_ioctl(descriptor, skerry_KVM_SET_DEVICE_ATTR, UInt(bitPattern: $0)) } == 0
        }
    }
}
