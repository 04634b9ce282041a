internal import CLinux
internal import Glibc

/// One thing that an encrypted guest needs of its host.
public struct SNPRequirement: Sendable, Equatable {
    /// What is needed.
    public let name: String
    /// Whether the host has it; nil when another requirement has to be met before it can be told.
    public let isMet: Bool?
    /// What was found.
    public let found: String
    /// What to do when it is not met.
    public let remedy: String
}

/// The requirements of SEV-SNP launches, each found out by itself, so that a host that lacks one is told which.
public struct SNPRequirements {
    /// The oldest kernel with the upstream launch.
    static let kernelFloor = (major: 6, minor: 11)
    /// The oldest firmware interface with which Linux 6.11 launches guests.
    static let firmwareFloor = (major: UInt8(1), minor: UInt8(51))

    private let facts: any HostFacts
    private let kernel: any KernelInterface

    /// The requirements on a host.
    public init(facts: any HostFacts = LinuxHostFacts(), kernel: any KernelInterface = LinuxKernel()) {
        self.facts = facts
        self.kernel = kernel
    }

    /// All of them, in the order in which they are to be seen to.
    public func check() -> [SNPRequirement] {
        [processor, release, parameter] + machines() + firmware()
    }

    private var processor: SNPRequirement {
        let leaf = facts.cpuid(0x8000_0000, 0).eax >= 0x8000_001F ? facts.cpuid(0x8000_001F, 0) : (eax: 0, ebx: 0, ecx: 0, edx: 0)
        let isMet = leaf.eax & 1 << 4 != 0
        let vendor = facts.cpuid(0, 0)
        let name = [vendor.ebx, vendor.edx, vendor.ecx].flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
        return SNPRequirement(
            name: "CPU with SEV-SNP (CPUID 0x8000001F EAX bit 4)", isMet: isMet,
            found: isMet ? "yes, encryption bit \(leaf.ebx & 0x3F)" : "no (\(String(decoding: name, as: UTF8.self)), EAX \(leaf.eax.hexadecimal))",
            remedy: "use a host with an AMD EPYC 7003 (Milan) or later, with SEV-SNP enabled in its firmware set-up; a virtual machine does not do")
    }

    private var release: SNPRequirement {
        let text = facts.kernelRelease
        let numbers = text.split(separator: ".", maxSplits: 2).prefix(2).map { Int($0.prefix { $0.isNumber }) ?? 0 }
        let isMet = numbers.count == 2 && (numbers[0], numbers[1]) >= (Self.kernelFloor.major, Self.kernelFloor.minor)
        return SNPRequirement(
            name: "Linux \(Self.kernelFloor.major).\(Self.kernelFloor.minor) or later", isMet: isMet, found: text.isEmpty ? "unknown" : text,
            remedy: "boot a newer kernel with CONFIG_KVM_AMD_SEV")
    }

    private var parameter: SNPRequirement {
        let value = facts.setting("/sys/module/kvm_amd/parameters/sev_snp")
        return SNPRequirement(
            name: "kvm_amd.sev_snp", isMet: value == "Y" || value == "1", found: value ?? "no such parameter: kvm_amd is not loaded, or has none",
            remedy: "load kvm_amd with sev=1 sev_es=1 sev_snp=1; when it stays N, the kernel's log says why (SEV-SNP and the RMP in the firmware set-up, IOMMU on)")
    }

    private func machines() -> [SNPRequirement] {
        let descriptor = kernel.open("/dev/kvm", O_RDWR | O_CLOEXEC)
        let device = SNPRequirement(
            name: "/dev/kvm for reading and writing", isMet: descriptor >= 0, found: Self.openOutcome(descriptor), remedy: "join the group that owns /dev/kvm, or load kvm_amd")
        guard descriptor >= 0 else {
            return [device] + Self.untold(["KVM machines of the SNP type (KVM_CAP_VM_TYPES bit 4)", "private memory (KVM_CAP_GUEST_MEMFD)"], "needs /dev/kvm")
        }
        defer { kernel.close(descriptor) }
        func capability(_ capability: SNPCapability) -> UInt32 {
            UInt32(max(0, kernel.ioctl(descriptor, UInt32(skerry_KVM_CHECK_EXTENSION), capability.rawValue)))
        }
        let types = capability(.vmTypes)
        let memory = [capability(.guestMemFD), capability(.userMemory2), capability(.memoryFaultInformation)]
        let calls = capability(.exitHypercall)
        return [
            device,
            SNPRequirement(
                name: "KVM machines of the SNP type (KVM_CAP_VM_TYPES bit 4)", isMet: types & 1 << 4 != 0, found: "VM types \(types.hexadecimal)",
                remedy: "the requirements above have to be met first; a KVM that itself runs in a virtual machine has no such type"),
            SNPRequirement(
                name: "private memory (KVM_CAP_GUEST_MEMFD, USER_MEMORY2, MEMORY_FAULT_INFO)", isMet: memory.allSatisfy { $0 != 0 },
                found: memory.map { $0 == 0 ? "no" : "yes" }.joined(separator: ", "), remedy: "boot a newer kernel with CONFIG_KVM_AMD_SEV"),
            SNPRequirement(
                name: "page conversions (KVM_CAP_EXIT_HYPERCALL with MAP_GPA_RANGE)", isMet: calls & 1 << UInt32(KVMConstants.mapGPARange) != 0, found: calls.hexadecimal,
                remedy: "boot a newer kernel"),
        ] + attributes(descriptor)
    }

    /// What KVM says of the features and the policy bits it takes: told, not required.
    private func attributes(_ descriptor: Int32) -> [SNPRequirement] {
        guard let memory = kernel.allocate(PageSize.bytes) else { return [] }
        func attribute(_ number: UInt64) -> UInt64? {
            memory.store(skerry_device_attribute(flags: 0, group: KVMConstants.groupSEV, attr: number, addr: memory.address + 64), at: 0)
            return kernel.ioctl(descriptor, skerry_KVM_GET_DEVICE_ATTR, memory.address) == 0 ? memory.load(UInt64.self, at: 64) : nil
        }
        let features = attribute(KVMConstants.attributeVMSAFeatures)
        let policy = attribute(KVMConstants.attributePolicyBits)
        return [
            SNPRequirement(
                name: "launch features KVM offers (VMSA_FEATURES)", isMet: features.map { _ in true }, found: features?.hexadecimal ?? "not told",
                remedy: "the requirements above have to be met first"),
            SNPRequirement(
                name: "policy bits KVM takes (SNP_POLICY_BITS)", isMet: policy.map { _ in true }, found: policy?.hexadecimal ?? "not told: bits 0 to 17, 19 and 20 at most",
                remedy: "only later kernels tell"),
        ]
    }

    private func firmware() -> [SNPRequirement] {
        let name = "firmware with SEV-SNP ABI \(Self.firmwareFloor.major).\(Self.firmwareFloor.minor) or later, initialised"
        let descriptor = kernel.open("/dev/sev", O_RDWR | O_CLOEXEC)
        let device = SNPRequirement(
            name: "/dev/sev for reading and writing", isMet: descriptor >= 0, found: Self.openOutcome(descriptor),
            remedy: descriptor == -EACCES ? "join the group that owns /dev/sev, or run as root" : "load the ccp module; it needs the secure processor of the CPU")
        guard descriptor >= 0 else { return [device] + Self.untold([name], "needs /dev/sev") }
        defer { kernel.close(descriptor) }
        let remedy = "update the host's firmware, or put amd/amd_sev_fam*.sbin of linux-firmware in place and reload ccp"
        guard let memory = kernel.allocate(PageSize.bytes) else { return [device] + Self.untold([name], "needs memory") }
        memory.store(skerry_sev_issue(cmd: KVMConstants.platformStatus, data: memory.address + 64, error: 0), at: 0)
        let result = kernel.ioctl(descriptor, skerry_SEV_ISSUE_CMD, memory.address)
        guard result == 0 else {
            let error = memory.load(skerry_sev_issue.self, at: 0).error
            let found = "SNP_PLATFORM_STATUS fails with errno \(-result), firmware status \(error.hexadecimal)"
            return [device, SNPRequirement(name: name, isMet: false, found: found, remedy: remedy)]
        }
        let status = memory.load(skerry_snp_status.self, at: 64)
        let isMet = status.state == 1 && (status.api_major, status.api_minor) >= (Self.firmwareFloor.major, Self.firmwareFloor.minor)
        let found =
            "ABI \(status.api_major).\(status.api_minor) build \(status.build_id), \(status.state == 1 ? "initialised" : "not initialised"), "
            + "\(status.guest_count) guests, current TCB \(status.current_tcb.hexadecimal), reported TCB \(status.reported_tcb.hexadecimal)"
        return [device, SNPRequirement(name: name, isMet: isMet, found: found, remedy: remedy)]
    }

    private static func untold(_ names: [String], _ reason: String) -> [SNPRequirement] {
        names.map { SNPRequirement(name: $0, isMet: nil, found: reason, remedy: "the requirement above has to be met first") }
    }

    private static func openOutcome(_ result: Int32) -> String {
        switch -result {
        case _ where result >= 0: "yes"
        case ENOENT: "there is no such device"
        case EACCES, EPERM: "permission denied"
        case EBUSY: "busy"
        default: "errno \(-result)"
        }
    }
}
