/// What the guest's owner allows the host (SEV-SNP Firmware ABI Specification, AMD 56860, "Guest policy"): a 64-bit word that the report repeats.
public struct GuestPolicy: OptionSet, Hashable, Sendable, CustomStringConvertible {
    /// The word.
    public let rawValue: UInt64

    /// From the word.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Bit 16: simultaneous multithreading may be on.
    public static let multithreading = GuestPolicy(rawValue: 1 << 16)
    /// Bit 17, which the firmware requires.
    public static let reservedOne = GuestPolicy(rawValue: 1 << 17)
    /// Bit 18: a migration agent may be associated.
    public static let migrationAgent = GuestPolicy(rawValue: 1 << 18)
    /// Bit 19: the host may decrypt and encrypt guest memory. Never for anything confidential.
    public static let debugging = GuestPolicy(rawValue: 1 << 19)
    /// Bit 20: the guest may run on one socket only.
    public static let singleSocket = GuestPolicy(rawValue: 1 << 20)
    /// Bit 21: memory may be populated through CXL.
    public static let cxl = GuestPolicy(rawValue: 1 << 21)
    /// Bit 22: memory has to be encrypted with AES-256-XTS.
    public static let aes256XTS = GuestPolicy(rawValue: 1 << 22)
    /// Bit 23: RAPL has to be disabled.
    public static let raplDisabled = GuestPolicy(rawValue: 1 << 23)
    /// Bit 24: ciphertext hiding has to be enabled.
    public static let ciphertextHiding = GuestPolicy(rawValue: 1 << 24)
    /// Bit 25: the page swap commands are disabled.
    public static let pageSwapDisabled = GuestPolicy(rawValue: 1 << 25)

    /// What is chosen when nothing is said: multithreading allowed, ABI version 0.0.
    public static let standard: GuestPolicy = [.multithreading, .reservedOne]

    /// Bits that no version of the interface up to 1.57 defines.
    static let reserved = GuestPolicy(rawValue: ~0x3FF_FFFF)
    /// Bits that KVM's SNP_LAUNCH_START takes in every version (Linux 6.11 and later).
    static let acceptedByKVM = GuestPolicy(rawValue: 0x1B_FFFF)

    /// The ABI version the firmware has to have at least.
    public var abiVersion: (major: UInt8, minor: UInt8) { (UInt8(truncatingIfNeeded: rawValue >> 8), UInt8(truncatingIfNeeded: rawValue)) }

    /// The same policy with another minimum ABI version.
    public func requiring(abiMajor: UInt8, minor: UInt8) -> GuestPolicy {
        GuestPolicy(rawValue: rawValue & ~0xFFFF | UInt64(abiMajor) << 8 | UInt64(minor))
    }

    /// What makes the firmware refuse this policy anywhere; nil when nothing does.
    public var fault: String? {
        if !contains(.reservedOne) { return "bit 17 of the guest policy \(rawValue.hexadecimal) has to be one" }
        if !isDisjoint(with: .reserved) { return "the guest policy \(rawValue.hexadecimal) sets reserved bits \(intersection(.reserved).rawValue.hexadecimal)" }
        return nil
    }

    /// "0x30000".
    public var description: String { rawValue.hexadecimal }
}
