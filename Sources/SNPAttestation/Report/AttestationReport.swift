/// An attestation report as the SEV-SNP firmware signs it: 1184 bytes, of which the first 672 are signed.
///
/// Source: AMD document 56860, *SEV Secure Nested Paging Firmware ABI Specification*, section MSG_REPORT_RSP, table "ATTESTATION_REPORT Structure". All
/// integers are little-endian.
///
/// Reading a report judges nothing: any 1184 bytes can be read, so that they can be shown. Whether they are genuine, of a version that is understood and
/// acceptable is what ``AttestationVerifier`` says.
public struct AttestationReport: Sendable, Hashable {
    /// The length of a report of versions 2 to 5, in bytes.
    public static let length = 0x4A0
    /// How many bytes, from the first, the signature covers.
    public static let signedLength = 0x2A0
    /// The versions whose layout is known.
    public static let knownVersions: ClosedRange<UInt32> = 2...5

    /// The bytes, as they were read.
    public let bytes: [UInt8]

    /// Reads a report. Throws when there are not exactly 1184 bytes; nothing else is refused here.
    public init(bytes: [UInt8]) throws(AttestationReportError) {
        guard bytes.count == Self.length else { throw .wrongLength(bytes.count) }
        self.bytes = bytes
    }

    /// VERSION: the layout's version. Versions 3 and 4 add the processor's identity, version 5 the mitigation vectors.
    public var version: UInt32 { integer(at: 0x00) }
    /// GUEST_SVN: the guest's security version number, from the ID block; 0 without one.
    public var guestSVN: UInt32 { integer(at: 0x04) }
    /// POLICY: what the guest's owner demanded of the platform at launch.
    public var policy: GuestPolicy { GuestPolicy(rawValue: integer(at: 0x08)) }
    /// FAMILY_ID: 16 bytes from the ID block.
    public var familyID: [UInt8] { field(0x10, 16) }
    /// IMAGE_ID: 16 bytes from the ID block.
    public var imageID: [UInt8] { field(0x20, 16) }
    /// VMPL: the privilege level of whoever asked for the report, 0 to 3; other values mean that no guest asked.
    public var vmpl: UInt32 { integer(at: 0x30) }
    /// SIGNATURE_ALGO: 1 is ECDSA P-384 with SHA-384.
    public var signatureAlgorithm: UInt32 { integer(at: 0x34) }
    /// CURRENT_TCB: the firmware that runs.
    public var currentTCB: TCBVersion { tcb(at: 0x38) }
    /// PLATFORM_INFO: how the machine is set up.
    public var platformInfo: PlatformInfo { PlatformInfo(rawValue: integer(at: 0x40)) }
    /// AUTHOR_KEY_EN, MASK_CHIP_KEY and SIGNING_KEY.
    public var keyInfo: ReportKeyInfo { ReportKeyInfo(rawValue: integer(at: 0x48)) }
    /// REPORT_DATA: 64 bytes the guest chose.
    public var reportData: [UInt8] { field(0x50, 64) }
    /// MEASUREMENT: the launch digest, 48 bytes.
    public var measurement: [UInt8] { field(0x90, 48) }
    /// HOST_DATA: 32 bytes the host chose at launch.
    public var hostData: [UInt8] { field(0xC0, 32) }
    /// ID_KEY_DIGEST: SHA-384 of the key that signed the ID block; zero without one.
    public var idKeyDigest: [UInt8] { field(0xE0, 48) }
    /// AUTHOR_KEY_DIGEST: SHA-384 of the key that certified the ID key; zero without one.
    public var authorKeyDigest: [UInt8] { field(0x110, 48) }
    /// REPORT_ID: 32 random bytes of this guest's launch.
    public var reportID: [UInt8] { field(0x140, 32) }
    /// REPORT_ID_MA: the report id of the migration agent; all ones without one.
    public var migrationAgentReportID: [UInt8] { field(0x160, 32) }
    /// REPORTED_TCB: the firmware version that the signing key was derived for. It may be older than ``currentTCB``.
    public var reportedTCB: TCBVersion { tcb(at: 0x180) }
    /// CPUID_FAM_ID, CPUID_MOD_ID and CPUID_STEP; nil before version 3.
    public var processor: ProcessorIdentity? {
        version >= 3 ? ProcessorIdentity(family: bytes[0x188], model: bytes[0x189], stepping: bytes[0x18A]) : nil
    }
    /// CHIP_ID: 64 bytes; Turin uses the first 8. Zero when the host masks it.
    public var chipID: [UInt8] { field(0x1A0, 64) }
    /// COMMITTED_TCB: the oldest firmware that the machine can still be set back to.
    public var committedTCB: TCBVersion { tcb(at: 0x1E0) }
    /// CURRENT_BUILD, CURRENT_MINOR and CURRENT_MAJOR: the firmware that runs.
    public var currentFirmware: FirmwareVersion { firmware(at: 0x1E8) }
    /// COMMITTED_BUILD, COMMITTED_MINOR and COMMITTED_MAJOR.
    public var committedFirmware: FirmwareVersion { firmware(at: 0x1EC) }
    /// LAUNCH_TCB: CURRENT_TCB at the time the guest was launched or imported.
    public var launchTCB: TCBVersion { tcb(at: 0x1F0) }
    /// LAUNCH_MIT_VECTOR: the mitigations that were in force at launch, a bit each; nil before version 5.
    public var launchMitigations: UInt64? { version >= 5 ? integer(at: 0x1F8) : nil }
    /// CURRENT_MIT_VECTOR: the mitigations in force now; nil before version 5.
    public var currentMitigations: UInt64? { version >= 5 ? integer(at: 0x200) : nil }
    /// SIGNATURE: 512 bytes; r and s, each 72 bytes little-endian, then zeros.
    public var signature: [UInt8] { field(0x2A0, 512) }

    /// The bytes the signature covers.
    public var signedBytes: [UInt8] { field(0, Self.signedLength) }

    /// The product that the processor's identity names; nil before version 3 and for processors that are not known.
    public var product: Product? { processor.flatMap(Product.init(processor:)) }
}

extension AttestationReport {
    // Every offset and length below is a constant of the layout, and the length was checked when the report was read.
    private func field(_ offset: Int, _ count: Int) -> [UInt8] { Array(bytes[offset..<offset + count]) }

    private func integer<Integer: FixedWidthInteger>(at offset: Int) -> Integer {
        var value: Integer = 0
        for byte in bytes[offset..<offset + Integer.bitWidth / 8].reversed() { value = value << 8 | Integer(byte) }
        return value
    }

    private func tcb(at offset: Int) -> TCBVersion { TCBVersion(rawValue: integer(at: offset)) }
    private func firmware(at offset: Int) -> FirmwareVersion { FirmwareVersion(major: bytes[offset + 2], minor: bytes[offset + 1], build: bytes[offset]) }

    /// The bytes that this version's layout calls reserved and that are not zero, by offset. Signed as they are, they are no sign of forgery: later firmware
    /// may have given them a meaning.
    public var nonzeroReservedOffsets: [Int] {
        var ranges: [Range<Int>] = [0x4C..<0x50, 0x18B..<0x1A0, 0x1EB..<0x1EC, 0x1EF..<0x1F0, 0x208..<0x2A0]
        if version < 3 { ranges.append(0x188..<0x18B) }
        if version < 5 { ranges.append(0x1F8..<0x208) }
        return ranges.flatMap { $0.filter { bytes[$0] != 0 } }.sorted()
    }
}

/// Why bytes are not a report.
public enum AttestationReportError: Error, Hashable, CustomStringConvertible {
    /// There are so many bytes instead of 1184.
    case wrongLength(Int)

    /// A sentence.
    public var description: String {
        switch self {
        case .wrongLength(let count): "a report of versions 2 to 5 has \(AttestationReport.length) bytes; these are \(count)"
        }
    }
}
