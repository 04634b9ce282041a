/// The ID block (AMD 56860, SNP_LAUNCH_FINISH, "Structure of the ID block"): what the guest's owner says the guest is. The firmware finishes a launch only when
/// digest and policy are those of the guest.
public struct IDBlock: Sendable, Hashable {
    /// Bytes of the structure.
    public static let size = 96
    /// The version of the structure that this is.
    static let version: UInt32 = 1

    /// The expected launch digest.
    public var digest: LaunchDigest
    /// 16 bytes the owner chooses; reported.
    public var familyID: [UInt8]
    /// 16 bytes the owner chooses; reported.
    public var imageID: [UInt8]
    /// The guest's security version; reported, and a bound for derived keys.
    public var guestSVN: UInt32
    /// The guest policy.
    public var policy: GuestPolicy

    /// A block.
    ///
    /// - Throws: `plan` when an identifier has not 16 bytes.
    public init(
        digest: LaunchDigest, familyID: [UInt8] = [UInt8](repeating: 0, count: 16), imageID: [UInt8] = [UInt8](repeating: 0, count: 16), guestSVN: UInt32 = 0,
        policy: GuestPolicy = .standard
    ) throws(SNPError) {
        for (name, value) in [("family", familyID), ("image", imageID)] where value.count != 16 {
            throw SNPError(.plan, "the ID block", "the \(name) ID has \(value.count) bytes; it needs 16 (32 hexadecimal digits)")
        }
        self.digest = digest
        self.familyID = familyID
        self.imageID = imageID
        self.guestSVN = guestSVN
        self.policy = policy
    }

    /// The 96 bytes that are signed.
    public var bytes: [UInt8] {
        var block = [UInt8](repeating: 0, count: Self.size)
        block.store(digest.bytes, at: 0)
        block.store(familyID, at: 0x30)
        block.store(imageID, at: 0x40)
        block.store(Self.version, at: 0x50)
        block.store(guestSVN, at: 0x54)
        block.store(policy.rawValue, at: 0x58)
        return block
    }

    /// From its bytes; nil for another length or version.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Self.size, bytes.number(at: 0x50, as: UInt32.self) == Self.version, let digest = LaunchDigest(resuming: Array(bytes[..<0x30])) else { return nil }
        self.digest = digest
        familyID = Array(bytes[0x30..<0x40])
        imageID = Array(bytes[0x40..<0x50])
        guestSVN = bytes.number(at: 0x54)
        policy = GuestPolicy(rawValue: bytes.number(at: 0x58))
    }
}
