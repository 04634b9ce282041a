internal import CLinux
internal import Glibc

extension KVMBackend {
    /// The machine of the SNP kind, /dev/sev, KVM_SEV_INIT2: in this order, and before any processor.
    public func createMachine(_ features: VMSAFeatures) throws(SNPError) {
        try require(.empty, "the machine")
        let machine = try GuestMachine(.snp, calls: calls)
        machine.certificates = certificates
        guest = machine
        let firmware = try calls.open("/dev/sev")
        machine.adopt(firmware)
        self.firmware = firmware
        try checkFeatures(features)
        var start = skerry_sev_init()
        start.vmsa_features = features.rawValue
        start.ghcb_version = 2
        let outcome = try encryptOperation(.initialize, &start)
        guard outcome.result == 0 else {
            throw failure("KVM_SEV_INIT2", outcome, "the kernel refuses these features or has no address-space identifier left; see the kernel's log")
        }
        advance(to: .machine)
    }

    /// Features that the kernel does not name would make KVM_SEV_INIT2 fail with a bare EINVAL.
    private func checkFeatures(_ features: VMSAFeatures) throws(SNPError) {
        guard !features.isEmpty, let supported = try deviceAttribute(KVMConstants.attributeVMSAFeatures) else { return }
        let missing = features.subtracting(VMSAFeatures(rawValue: supported))
        guard missing.isEmpty else {
            throw SNPError(
                .requirement, "KVM_SEV_INIT2", "this kernel does not offer the features \(missing.rawValue.hexadecimal); leave them out of the plan or use a newer kernel")
        }
    }

    /// KVM_GET_DEVICE_ATTR of the SEV group on /dev/kvm; nil when the kernel does not have the attribute.
    func deviceAttribute(_ number: UInt64) throws(SNPError) -> UInt64? {
        let kvm = try machine("a device attribute").kvm
        let page = try calls.argumentPage()
        let attribute = skerry_device_attribute(flags: 0, group: KVMConstants.groupSEV, attr: number, addr: page.address + UInt64(KernelCalls.Argument.value))
        page.store(attribute, at: KernelCalls.Argument.structure)
        page.store(UInt64(0), at: KernelCalls.Argument.value)
        guard calls.kernel.ioctl(kvm, skerry_KVM_GET_DEVICE_ATTR, page.address + UInt64(KernelCalls.Argument.structure)) == 0 else { return nil }
        return page.load(UInt64.self, at: KernelCalls.Argument.value)
    }

    /// Adds a region with a private and a shared side.
    public func addMemory(_ region: GuestRegion) throws(SNPError) { try machine(at: .machine, "memory at \(region.address.hexadecimal)").memory.add(region) }

    /// Makes pages private or shared.
    public func setPrivate(_ addresses: Range<UInt64>, _ isPrivate: Bool) throws(SNPError) {
        try machine("the memory at \(addresses.lowerBound.hexadecimal)").memory.setPrivate(addresses, isPrivate)
    }

    /// The next processor: all of its state has to be told before SNP_LAUNCH_FINISH measures it.
    public func createProcessor(_ processor: LaunchProcessor, cpuid: CPUIDPage?) throws(SNPError) {
        let machine = try machine(at: .launching, "a processor")
        guard case .registers(let profile) = processor else {
            throw SNPError(.plan, "a processor", "KVM makes the page of registers itself; describe the processor by its registers")
        }
        try machine.createProcessor(profile, cpuid: cpuid)
    }

    /// Enters a processor until something happens that is the caller's business. Page conversions and requests for certificates are settled here.
    ///
    /// - Throws: `guest` for a processor that cannot go on, `kernel` when KVM_RUN fails.
    public func enter(_ index: Int) throws(SNPError) -> GuestEvent { try machine(at: .running, "KVM_RUN").enter(index) }

    /// Raises an external interrupt in a processor when it takes one now; false: it comes back with `interruptWindow` as soon as it does.
    ///
    /// - Throws: `kernel` when KVM_INTERRUPT fails.
    public func interrupt(_ index: Int, _ vector: UInt8) throws(SNPError) -> Bool { try machine(at: .running, "KVM_INTERRUPT").interrupt(index, vector) }

    /// Answers the `portIn` by which a processor left.
    ///
    /// - Throws: `order` when it does not wait for so many bytes.
    public func answerPortIn(_ index: Int, bytes: [UInt8]) throws(SNPError) { try machine("a port's answer").answerPortIn(index, bytes: bytes) }
}
