/// The status codes of the secure processor (SEV-SNP Firmware ABI Specification, AMD 56860, "Status codes"; `sev_ret_code` of `linux/psp-sev.h`).
public enum FirmwareError: UInt32, Error, CaseIterable, Sendable, CustomStringConvertible {
    /// INVALID_PLATFORM_STATE.
    case invalidPlatformState = 0x01
    /// INVALID_GUEST_STATE.
    case invalidGuestState = 0x02
    /// INVALID_CONFIG.
    case invalidConfiguration = 0x03
    /// INVALID_LEN.
    case invalidLength = 0x04
    /// ALREADY_OWNED.
    case alreadyOwned = 0x05
    /// INVALID_CERTIFICATE.
    case invalidCertificate = 0x06
    /// POLICY_FAILURE.
    case policyFailure = 0x07
    /// INACTIVE.
    case inactive = 0x08
    /// INVALID_ADDRESS.
    case invalidAddress = 0x09
    /// BAD_SIGNATURE.
    case badSignature = 0x0A
    /// BAD_MEASUREMENT.
    case badMeasurement = 0x0B
    /// ASID_OWNED.
    case asidOwned = 0x0C
    /// INVALID_ASID.
    case invalidASID = 0x0D
    /// WBINVD_REQUIRED.
    case writeBackRequired = 0x0E
    /// DFFLUSH_REQUIRED.
    case dataFabricFlushRequired = 0x0F
    /// INVALID_GUEST.
    case invalidGuest = 0x10
    /// INVALID_COMMAND.
    case invalidCommand = 0x11
    /// ACTIVE.
    case active = 0x12
    /// HWERROR_PLATFORM.
    case hardwareErrorPlatform = 0x13
    /// HWERROR_UNSAFE.
    case hardwareErrorUnsafe = 0x14
    /// UNSUPPORTED.
    case unsupported = 0x15
    /// INVALID_PARAM.
    case invalidParameter = 0x16
    /// RESOURCE_LIMIT.
    case resourceLimit = 0x17
    /// SECURE_DATA_INVALID.
    case secureDataInvalid = 0x18
    /// INVALID_PAGE_SIZE.
    case invalidPageSize = 0x19
    /// INVALID_PAGE_STATE.
    case invalidPageState = 0x1A
    /// INVALID_MDATA_ENTRY.
    case invalidMetadataEntry = 0x1B
    /// INVALID_PAGE_OWNER.
    case invalidPageOwner = 0x1C
    /// AEAD_OFLOW.
    case sequenceOverflow = 0x1D
    /// RB_MODE_EXITED.
    case ringBufferExited = 0x1F
    /// RMP_INIT_REQUIRED.
    case reverseMapInitRequired = 0x20
    /// BAD_SVN.
    case badSVN = 0x21
    /// BAD_VERSION.
    case badVersion = 0x22
    /// SHUTDOWN_REQUIRED.
    case shutdownRequired = 0x23
    /// UPDATE_FAILED.
    case updateFailed = 0x24
    /// RESTORE_REQUIRED.
    case restoreRequired = 0x25
    /// RMP_INITIALIZATION_FAILED.
    case reverseMapInitFailed = 0x26
    /// INVALID_KEY.
    case invalidKey = 0x27

    /// The name in AMD's document.
    public var name: String {
        switch self {
        case .invalidPlatformState: "INVALID_PLATFORM_STATE"
        case .invalidGuestState: "INVALID_GUEST_STATE"
        case .invalidConfiguration: "INVALID_CONFIG"
        case .invalidLength: "INVALID_LEN"
        case .alreadyOwned: "ALREADY_OWNED"
        case .invalidCertificate: "INVALID_CERTIFICATE"
        case .policyFailure: "POLICY_FAILURE"
        case .inactive: "INACTIVE"
        case .invalidAddress: "INVALID_ADDRESS"
        case .badSignature: "BAD_SIGNATURE"
        case .badMeasurement: "BAD_MEASUREMENT"
        case .asidOwned: "ASID_OWNED"
        case .invalidASID: "INVALID_ASID"
        case .writeBackRequired: "WBINVD_REQUIRED"
        case .dataFabricFlushRequired: "DFFLUSH_REQUIRED"
        case .invalidGuest: "INVALID_GUEST"
        case .invalidCommand: "INVALID_COMMAND"
        case .active: "ACTIVE"
        case .hardwareErrorPlatform: "HWERROR_PLATFORM"
        case .hardwareErrorUnsafe: "HWERROR_UNSAFE"
        case .unsupported: "UNSUPPORTED"
        case .invalidParameter: "INVALID_PARAM"
        case .resourceLimit: "RESOURCE_LIMIT"
        case .secureDataInvalid: "SECURE_DATA_INVALID"
        case .invalidPageSize: "INVALID_PAGE_SIZE"
        case .invalidPageState: "INVALID_PAGE_STATE"
        case .invalidMetadataEntry: "INVALID_MDATA_ENTRY"
        case .invalidPageOwner: "INVALID_PAGE_OWNER"
        case .sequenceOverflow: "AEAD_OFLOW"
        case .ringBufferExited: "RB_MODE_EXITED"
        case .reverseMapInitRequired: "RMP_INIT_REQUIRED"
        case .badSVN: "BAD_SVN"
        case .badVersion: "BAD_VERSION"
        case .shutdownRequired: "SHUTDOWN_REQUIRED"
        case .updateFailed: "UPDATE_FAILED"
        case .restoreRequired: "RESTORE_REQUIRED"
        case .reverseMapInitFailed: "RMP_INITIALIZATION_FAILED"
        case .invalidKey: "INVALID_KEY"
        }
    }

    /// "POLICY_FAILURE (0x7)".
    public var description: String { "\(name) (\(rawValue.hexadecimal))" }

    /// What whoever launches a guest does about it.
    var advice: String {
        switch self {
        case .invalidPlatformState: "the firmware is not initialised for SEV-SNP; load kvm_amd with sev_snp=1 and read the kernel's log for ccp"
        case .invalidGuestState: "the guest is in another state of its launch; a launched guest takes no more pages"
        case .policyFailure: "the host does not fulfil the guest policy; compare its ABI version, SMT and other bits with `skerry snp check`"
        case .badSignature: "a signature of the ID block or of the ID key is wrong; make both anew with `skerry snp id-block`"
        case .badMeasurement: "what was launched is not what the ID block names; compare with `skerry snp measure`"
        case .invalidParameter: "a parameter is not allowed; for a CPUID page, take the values the firmware corrected"
        case .invalidPageState: "the page belongs to the guest already, or is not its own; no page is launched twice"
        case .resourceLimit, .asidOwned, .invalidASID: "no address-space identifier is free; end another encrypted guest"
        case .unsupported: "this firmware does not support it; update the firmware"
        case .sequenceOverflow: "the sequence number was used before or is exhausted; the guest has to be launched anew"
        case .writeBackRequired, .dataFabricFlushRequired: "the host has to flush its caches first; try again"
        case .updateFailed, .restoreRequired, .shutdownRequired: "a firmware update is incomplete; reload the ccp module or boot the host anew"
        default: "see the SEV-SNP Firmware ABI Specification (AMD 56860) for this status code"
        }
    }
}
