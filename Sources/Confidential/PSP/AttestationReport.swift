/// An attestation report as the software secure processor makes it (AMD 56860, "ATTESTATION_REPORT"): versions 2 to 5, 1,184 bytes.
struct AttestationReport {
    /// Bytes of a report.
    static let size = 0x4A0
    /// What is signed.
    static let signedSize = 0x2A0

    private var bytes = [UInt8](repeating: 0, count: size)

    init(_ guest: GuestContext, _ platform: PSPPlatform, data: [UInt8], level: UInt32, isLoadedKey: Bool) {
        let product = platform.product
        bytes.store(platform.reportVersion, at: 0x00)
        bytes.store(guest.guestSVN, at: 0x04)
        bytes.store(guest.policy.rawValue, at: 0x08)
        bytes.store(guest.familyID, at: 0x10)
        bytes.store(guest.imageID, at: 0x20)
        bytes.store(level, at: 0x30)
        bytes.store(UInt32(1), at: 0x34)
        bytes.store(platform.currentTCB.word(product), at: 0x38)
        bytes.store(platform.information.rawValue, at: 0x40)
        bytes.store(UInt32(guest.usesAuthorKey ? 1 : 0) | (isLoadedKey ? 1 << 2 : 0), at: 0x48)
        bytes.store(data, at: 0x50)
        bytes.store(guest.digest.bytes, at: 0x90)
        bytes.store(guest.hostData, at: 0xC0)
        bytes.store(guest.idKeyDigest, at: 0xE0)
        bytes.store(guest.authorKeyDigest, at: 0x110)
        bytes.store(guest.reportID, at: 0x140)
        // No migration agent.
        bytes.store([UInt8](repeating: 0xFF, count: 32), at: 0x160)
        bytes.store(platform.reportedTCB.word(product), at: 0x180)
        if platform.reportVersion >= 3 {
            let (family, model, stepping) = product.signature
            bytes.store([family, model, stepping], at: 0x188)
        }
        // The loaded key is not the chip's, so the chip is not named.
        if !isLoadedKey && !platform.isChipIDMasked { bytes.store(platform.chipID, at: 0x1A0) }
        bytes.store(platform.committedTCB.word(product), at: 0x1E0)
        for start in [0x1E8, 0x1EC] { bytes.store([platform.build, platform.abi.minor, platform.abi.major], at: start) }
        bytes.store(guest.launchTCB.word(product), at: 0x1F0)
        if platform.reportVersion >= 5 {
            bytes.store(guest.launchMitigations, at: 0x1F8)
            bytes.store(platform.mitigations, at: 0x200)
        }
    }

    /// With the signature of a key: ECDSA P-384 with SHA-384, R and S little-endian.
    func signed(by key: LaunchKey) throws(FirmwareError) -> [UInt8] {
        var report = bytes
        do { report.store(try key.signature(of: Array(report[..<Self.signedSize])), at: Self.signedSize) } catch { throw .hardwareErrorPlatform }
        return report
    }
}
