/// Numbers of `<linux/kvm.h>`, `<asm/kvm.h>` and `<linux/psp-sev.h>` that are enumerators or macros there.
enum KVMConstants {
    /// KVM_CAP_EXIT_HYPERCALL, and KVM_HC_MAP_GPA_RANGE as its bit and as the number of the hypercall.
    static let capabilityExitHypercall: UInt32 = 201
    static let mapGPARange: UInt64 = 12
    /// KVM_MEM_GUEST_MEMFD.
    static let slotGuestMemory: UInt32 = 4
    /// KVM_MEMORY_ATTRIBUTE_PRIVATE.
    static let attributePrivate: UInt64 = 8
    /// The encrypted flag of KVM_HC_MAP_GPA_RANGE's attributes.
    static let mapEncrypted: UInt64 = 0x10
    /// The attributes that are defined: that flag and the preferred page size.
    static let mapDefined: UInt64 = 0x1F
    /// KVM_MEMORY_EXIT_FLAG_PRIVATE.
    static let faultPrivate: UInt64 = 8
    /// KVM_X86_GRP_SEV and its attributes.
    static let groupSEV: UInt32 = 1
    static let attributeVMSAFeatures: UInt64 = 0
    static let attributePolicyBits: UInt64 = 1
    static let attributeCertificates: UInt64 = 2
    /// KVM_SYSTEM_EVENT_SEV_TERM.
    static let eventSEVTerminated: UInt32 = 6
    /// SNP_PLATFORM_STATUS, a command of SEV_ISSUE_CMD.
    static let platformStatus: UInt32 = 9
    /// SEV_RET_NO_FW_CALL.
    static let noFirmwareCall: UInt32 = 0xFFFF_FFFF
}

/// Capabilities of KVM_CHECK_EXTENSION that a launch needs.
enum SNPCapability: UInt64, CaseIterable {
    case exitHypercall = 201
    case userMemory2 = 231
    case memoryFaultInformation = 232
    case memoryAttributes = 233
    case guestMemFD = 234
    case vmTypes = 235
}

/// Commands of KVM_MEMORY_ENCRYPT_OP (`kvm_sev_cmd.id`).
enum SEVCommand: UInt32 {
    case initialize = 22
    case launchStart = 100
    case launchUpdate = 101
    case launchFinish = 102
    case enableCertificateExits = 103

    /// KVM's name.
    var name: String {
        switch self {
        case .initialize: "KVM_SEV_INIT2"
        case .launchStart: "SNP_LAUNCH_START"
        case .launchUpdate: "SNP_LAUNCH_UPDATE"
        case .launchFinish: "SNP_LAUNCH_FINISH"
        case .enableCertificateExits: "SNP_ENABLE_REQ_CERTS"
        }
    }
}

/// `kvm_run.exit_reason`.
enum KVMExitReason: UInt32 {
    case io = 2
    case hypercall = 3
    case halt = 5
    case mmio = 6
    case interruptWindow = 7
    case shutdown = 8
    case failedEntry = 9
    case interrupted = 10
    case internalError = 17
    case systemEvent = 24
    case memoryFault = 39
    case certificates = 43
}
