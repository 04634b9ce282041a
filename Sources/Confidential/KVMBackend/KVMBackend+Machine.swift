internal import CLinux
internal import Glibc

extension KVMBackend {
    /// /dev/kvm, a machine of the SNP kind, its hypercall exits, /dev/sev, KVM_SEV_INIT2: in this order, and before any processor.
    public func createMachine(_ features: VMSAFeatures) throws(SNPError) {
        try require(.empty, "the machine")
        setDescriptors(kvm: try open("/dev/kvm"))
        let kvm = descriptors.kvm
        let types = try control(kvm, UInt32(skerry_KVM_CHECK_EXTENSION), SNPCapability.vmTypes.rawValue, "KVM_CAP_VM_TYPES")
        guard types & 1 << KVMConstants.snpMachine != 0 else {
            throw SNPError(.requirement, "KVM_CREATE_VM of the SNP type", "this KVM makes no SEV-SNP machines; `skerry snp check` says what is missing")
        }
        setDescriptors(machine: try control(kvm, UInt32(skerry_KVM_CREATE_VM), KVMConstants.snpMachine, "KVM_CREATE_VM of the SNP type"))
        var capability = skerry_enable_capability()
        capability.cap = KVMConstants.capabilityExitHypercall
        capability.args.0 = 1 << KVMConstants.mapGPARange
        try control(descriptors.machine, UInt32(skerry_KVM_ENABLE_CAP), with: capability, "KVM_CAP_EXIT_HYPERCALL", "the kernel is too old for SEV-SNP; it needs Linux 6.11")
        setDescriptors(firmware: try open("/dev/sev"))
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

    private func open(_ path: String) throws(SNPError) -> Int32 {
        let descriptor = kernel.open(path, O_RDWR | O_CLOEXEC)
        guard descriptor < 0 else { return descriptor }
        let advice =
            switch -descriptor {
            case ENOENT: "there is no such device; `skerry snp check` says why"
            case EACCES, EPERM: "you may not use it; join the group that owns it, or run as root"
            case EBUSY: "another process uses it exclusively"
            default: "`skerry snp check` says what is missing"
            }
        throw SNPError(.kernel(-descriptor), "open \(path)", advice)
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
        let page = try argumentPage()
        let attribute = skerry_device_attribute(flags: 0, group: KVMConstants.groupSEV, attr: number, addr: page.address + UInt64(Argument.value))
        page.store(attribute, at: Argument.structure)
        page.store(UInt64(0), at: Argument.value)
        guard kernel.ioctl(descriptors.kvm, skerry_KVM_GET_DEVICE_ATTR, page.address + UInt64(Argument.structure)) == 0 else { return nil }
        return page.load(UInt64.self, at: Argument.value)
    }

    /// A guest_memfd for the private side, memory of the monitor for the shared one, and a slot that has both.
    public func addMemory(_ region: GuestRegion) throws(SNPError) {
        try require(.machine, "memory at \(region.address.hexadecimal)")
        let step = "memory of \(region.size) bytes at \(region.address.hexadecimal)"
        guard let size = Int(exactly: region.size), let sharedSide = kernel.allocate(size) else {
            throw SNPError(.kernel(ENOMEM), step, "free some memory or make the guest smaller")
        }
        var file = skerry_create_guest_memfd()
        file.size = region.size
        let privateSide = try control(
            descriptors.machine, skerry_KVM_CREATE_GUEST_MEMFD, with: file, "KVM_CREATE_GUEST_MEMFD", "the kernel has no private memory; it needs CONFIG_KVM_AMD_SEV, Linux 6.11"
        ).result
        let slot = Slot(region: region, privateSide: privateSide, sharedSide: sharedSide)
        append(slot)
        var description = skerry_memory_region2()
        description.slot = UInt32(slots.count - 1)
        description.flags = KVMConstants.slotGuestMemory
        description.guest_phys_addr = region.address
        description.memory_size = region.size
        description.userspace_addr = sharedSide.address
        description.guest_memfd = UInt32(bitPattern: privateSide)
        try control(
            descriptors.machine, skerry_KVM_SET_USER_MEMORY_REGION2, with: description, "KVM_SET_USER_MEMORY_REGION2",
            "the memory at \(region.address.hexadecimal) overlaps another region or is beyond the processor's addresses")
    }

    /// KVM_SET_MEMORY_ATTRIBUTES; what was private is also given back to the host, or it would stay allocated twice.
    public func setPrivate(_ addresses: Range<UInt64>, _ isPrivate: Bool) throws(SNPError) {
        let step = "KVM_SET_MEMORY_ATTRIBUTES of \(addresses.lowerBound.hexadecimal)"
        guard let slot = slot(containing: addresses) else { throw SNPError(.guest, step, "no memory region has all of these pages") }
        let attributes = skerry_memory_attributes(
            address: addresses.lowerBound, size: addresses.upperBound - addresses.lowerBound, attributes: isPrivate ? KVMConstants.attributePrivate : 0, flags: 0)
        try control(descriptors.machine, skerry_KVM_SET_MEMORY_ATTRIBUTES, with: attributes, step)
        guard !isPrivate else { return }
        let result = kernel.punchHole(slot.privateSide, offset: addresses.lowerBound - slot.region.address, length: attributes.size)
        guard result >= 0 else { throw SNPError(.kernel(-result), "fallocate of the guest's private memory", "see the kernel's log") }
    }

    /// The region that has every page of a range, whose ends are page-aligned.
    func slot(containing addresses: Range<UInt64>) -> Slot? {
        guard !addresses.isEmpty, addresses.lowerBound % PageSize.small == 0, addresses.upperBound % PageSize.small == 0 else { return nil }
        return slots.first { $0.region.addresses.contains(addresses.lowerBound) && addresses.upperBound <= $0.region.addresses.upperBound }
    }
}
