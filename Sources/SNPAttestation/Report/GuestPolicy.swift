/// POLICY of a guest (AMD document 56860, section "Guest Policy"): fixed at launch, enforced by the firmware.
///
/// Bits above those named here are kept and shown, not refused: later firmware may define them.
public struct GuestPolicy: RawRepresentable, Sendable, Hashable {
    /// The 64 bits.
    public let rawValue: UInt64
    /// A policy of these bits.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The lowest version of the firmware's ABI that the guest may run under: ABI_MAJOR and ABI_MINOR.
    public var abi: ABIVersion { ABIVersion(major: UInt8(truncatingIfNeeded: rawValue >> 8), minor: UInt8(truncatingIfNeeded: rawValue)) }
    /// Bit 16: the guest may run with simultaneous multithreading.
    public var allowsSMT: Bool { bit(16) }
    /// Bit 17, which must be 1.
    public var reservedBitIsSet: Bool { bit(17) }
    /// Bit 18: the guest may be associated with a migration agent.
    public var allowsMigrationAgent: Bool { bit(18) }
    /// Bit 19: the host may debug, that is, read and write, the guest.
    public var allowsDebugging: Bool { bit(19) }
    /// Bit 20: the guest runs on one socket only.
    public var requiresSingleSocket: Bool { bit(20) }
    /// Bit 21: CXL devices may be populated.
    public var allowsCXL: Bool { bit(21) }
    /// Bit 22: memory is encrypted with AES-256 in XTS mode.
    public var requiresAES256XTS: Bool { bit(22) }
    /// Bit 23: running average power limits are off.
    public var requiresRAPLDisabled: Bool { bit(23) }
    /// Bit 24: ciphertext is hidden from the host.
    public var requiresCiphertextHiding: Bool { bit(24) }
    /// Bit 25: guest pages may not be swapped out.
    public var requiresPageSwapDisabled: Bool { bit(25) }
    /// Bits 63 to 26, which had no meaning when this was written.
    public var unknownBits: UInt64 { rawValue & ~0x3FF_FFFF }

    private func bit(_ number: UInt64) -> Bool { rawValue >> number & 1 == 1 }
}

/// A version of the firmware's ABI.
public struct ABIVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The major version.
    public let major: UInt8
    /// The minor version.
    public let minor: UInt8
    /// A version.
    public init(major: UInt8, minor: UInt8) {
        self.major = major
        self.minor = minor
    }
    /// By major, then by minor version.
    public static func < (one: Self, other: Self) -> Bool { (one.major, one.minor) < (other.major, other.minor) }
    /// "1.55".
    public var description: String { "\(major).\(minor)" }
}

/// A version of the SEV-SNP firmware.
public struct FirmwareVersion: Sendable, Hashable, CustomStringConvertible {
    /// The major version of the ABI it serves.
    public let major: UInt8
    /// The minor version of the ABI it serves.
    public let minor: UInt8
    /// The build.
    public let build: UInt8
    /// A version.
    public init(major: UInt8, minor: UInt8, build: UInt8) {
        self.major = major
        self.minor = minor
        self.build = build
    }
    /// "1.55.39".
    public var description: String { "\(major).\(minor).\(build)" }
}
