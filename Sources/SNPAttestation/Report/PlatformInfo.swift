/// PLATFORM_INFO of a report: how the machine is set up. Unknown bits are kept and shown.
public struct PlatformInfo: OptionSet, Sendable, Hashable {
    /// The 64 bits.
    public let rawValue: UInt64
    /// A platform of these bits.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// SMT_EN: simultaneous multithreading is on.
    public static let smt = PlatformInfo(rawValue: 1 << 0)
    /// TSME_EN: all of the memory is encrypted.
    public static let tsme = PlatformInfo(rawValue: 1 << 1)
    /// ECC_EN: memory has error correction.
    public static let ecc = PlatformInfo(rawValue: 1 << 2)
    /// RAPL_DIS: running average power limits are off.
    public static let raplDisabled = PlatformInfo(rawValue: 1 << 3)
    /// CIPHERTEXT_HIDING_DRAM_EN: the host reads no ciphertext.
    public static let ciphertextHiding = PlatformInfo(rawValue: 1 << 4)
    /// ALIAS_CHECK_COMPLETE: since the last reset no two addresses were found to reach the same memory (CVE-2024-21944, "BadRAM").
    public static let aliasCheckComplete = PlatformInfo(rawValue: 1 << 5)
    /// TIO_EN: trusted I/O is on.
    public static let tio = PlatformInfo(rawValue: 1 << 7)

    private static let names: [(PlatformInfo, String)] = [
        (.smt, "SMT"), (.tsme, "TSME"), (.ecc, "ECC"), (.raplDisabled, "RAPL_DIS"), (.ciphertextHiding, "CIPHERTEXT_HIDING"),
        (.aliasCheckComplete, "ALIAS_CHECK_COMPLETE"), (.tio, "TIO"),
    ]

    /// What is set, by AMD's names; bits without a name as a number.
    public var setNames: [String] {
        let rest = Self.names.reduce(rawValue) { $0 & ~$1.0.rawValue }
        return Self.names.filter { contains($0.0) }.map(\.1) + (rest == 0 ? [] : ["unknown " + Hexadecimal.number(rest)])
    }
}

/// The bits at offset 0x48 of a report.
public struct ReportKeyInfo: RawRepresentable, Sendable, Hashable {
    /// The 32 bits.
    public let rawValue: UInt32
    /// Key information of these bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// AUTHOR_KEY_EN: the ID key was certified by an author key, whose digest the report carries.
    public var hasAuthorKey: Bool { rawValue & 1 == 1 }
    /// MASK_CHIP_KEY: the host forbade signing, so that the signature is zero.
    public var masksChipKey: Bool { rawValue >> 1 & 1 == 1 }
    /// SIGNING_KEY, as a number.
    public var signingKeyNumber: UInt32 { rawValue >> 2 & 7 }
    /// SIGNING_KEY; nil when the report is not signed or the number is unknown.
    public var signingKey: EndorsementKeyKind? {
        switch signingKeyNumber {
        case 0: .vcek
        case 1: .vlek
        default: nil
        }
    }
    /// Bits 31 to 5, which had no meaning when this was written.
    public var unknownBits: UInt32 { rawValue & ~0x1F }
}

/// The two kinds of keys that sign reports.
public enum EndorsementKeyKind: String, Sendable, Hashable, CaseIterable {
    /// The versioned chip endorsement key, derived from the chip's secret and its firmware's version.
    case vcek = "VCEK"
    /// The versioned loaded endorsement key, which AMD gives a cloud provider for all of its machines.
    case vlek = "VLEK"
}
