internal import CLinux
internal import Glibc

extension GuestMachine {
    /// `struct kvm_cpuid2` with as many entries as KVM ever reports.
    private static let cpuidEntries: UInt32 = 256

    /// The next processor: KVM_CREATE_VCPU, then CPUID (all that KVM supports unless leaves are given), the registers and XCR0.
    ///
    /// - Throws: `kernel` when KVM refuses the processor or its state.
    package func createProcessor(_ profile: VMSAProfile, cpuid: CPUIDPage?) throws(SNPError) {
        let id = UInt64(processors.count)
        let descriptor = try calls.control(self.descriptor, UInt32(skerry_KVM_CREATE_VCPU), id, "KVM_CREATE_VCPU \(id)", "the host has not so many processors for one guest")
        let size = kernel.ioctl(kvm, UInt32(skerry_KVM_GET_VCPU_MMAP_SIZE), 0)
        guard size >= Int32(MemoryLayout<kvm_run>.size), let run = kernel.map(descriptor, Int(size)) else {
            kernel.close(descriptor)
            throw SNPError(.kernel(size < 0 ? -size : Glibc.ENOMEM), "the run structure of processor \(id)", "free some memory")
        }
        processors.append(Processor(descriptor: descriptor, run: run))
        try setCPUID(descriptor, cpuid)
        guard !profile.isUntouched else { return }
        try setRegisters(descriptor, profile)
    }

    private func setCPUID(_ descriptor: Int32, _ cpuid: CPUIDPage?) throws(SNPError) {
        let page = try calls.argumentPage()
        let address = page.address + UInt64(KernelCalls.Argument.cpuid)
        if let cpuid {
            page.write(cpuid.kernelForm, at: KernelCalls.Argument.cpuid)
        } else {
            page.store(Self.cpuidEntries, at: KernelCalls.Argument.cpuid)
            page.store(UInt32(0), at: KernelCalls.Argument.cpuid + 4)
            try calls.control(kvm, UInt32(skerry_KVM_GET_SUPPORTED_CPUID), address, "KVM_GET_SUPPORTED_CPUID")
        }
        try calls.control(descriptor, UInt32(skerry_KVM_SET_CPUID2), address, "KVM_SET_CPUID2", "KVM refuses the CPUID leaves of the plan")
    }

    private func setRegisters(_ descriptor: Int32, _ profile: VMSAProfile) throws(SNPError) {
        var special = try calls.control(descriptor, UInt32(skerry_KVM_GET_SREGS), with: kvm_sregs(), "KVM_GET_SREGS").structure
        profile.apply(to: &special)
        try calls.control(descriptor, UInt32(skerry_KVM_SET_SREGS), with: special, "KVM_SET_SREGS", "KVM refuses the control registers of the plan")
        try calls.control(descriptor, UInt32(skerry_KVM_SET_REGS), with: profile.generalRegisters, "KVM_SET_REGS")
        guard profile.xcr0 | 1 != 1 else { return }
        var extended = kvm_xcrs()
        extended.nr_xcrs = 1
        extended.xcrs.0.xcr = 0
        extended.xcrs.0.value = profile.xcr0 | 1
        try calls.control(descriptor, UInt32(skerry_KVM_SET_XCRS), with: extended, "KVM_SET_XCRS", "the processor does not have the states XCR0 \(profile.xcr0.hexadecimal) names")
    }
}
