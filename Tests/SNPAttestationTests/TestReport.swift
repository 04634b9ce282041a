@testable import SNPAttestation

/// A report to be made. What is not said is zero, or as a genuine report has it.
struct TestReport {
    var version: UInt32 = 3
    var guestSVN: UInt32 = 0
    var policy: UInt64 = 0x30000
    var vmpl: UInt32 = 0
    var signatureAlgorithm: UInt32 = 1
    var platformInfo: UInt64 = 0x25
    var keyInfo: UInt32 = 0
    var processor: (UInt8, UInt8, UInt8) = (0x19, 0x11, 1)
    var tcb: UInt64 = 0x481700_0000000009
    var chipID: [UInt8] = TestReport.chip
    var launchMitigations: UInt64 = 0
    var currentMitigations: UInt64 = 0
    /// Bytes by offset, put in last.
    var overrides: [(offset: Int, bytes: [UInt8])] = []

    static let chip: [UInt8] = (1...64).map { UInt8($0) }

    /// The 672 bytes that are signed.
    var signedBytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 0x2A0)
        func put(_ value: some FixedWidthInteger, _ offset: Int) {
            for index in 0..<value.bitWidth / 8 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (index * 8)) }
        }
        put(version, 0)
        put(guestSVN, 4)
        put(policy, 8)
        put(vmpl, 0x30)
        put(signatureAlgorithm, 0x34)
        for offset in [0x38, 0x180, 0x1E0, 0x1F0] { put(tcb, offset) }
        put(platformInfo, 0x40)
        put(keyInfo, 0x48)
        for index in 0..<48 { bytes[0x90 + index] = UInt8(index) }
        if version >= 3 { (bytes[0x188], bytes[0x189], bytes[0x18A]) = processor }
        bytes.replaceSubrange(0x1A0..<0x1E0, with: chipID + [UInt8](repeating: 0, count: 64 - chipID.count))
        if version >= 5 {
            put(launchMitigations, 0x1F8)
            put(currentMitigations, 0x200)
        }
        for (offset, replacement) in overrides { bytes.replaceSubrange(offset..<offset + replacement.count, with: replacement) }
        return bytes
    }

    /// All of it, signed.
    func bytes(signedBy key: TestKey, digest: String = "SHA384") throws -> [UInt8] {
        let signature = try key.signature(of: signedBytes, digest: digest)
        return Self.joined(signedBytes, signature.r, signature.s)
    }

    static func joined(_ signed: [UInt8], _ r: [UInt8], _ s: [UInt8]) -> [UInt8] {
        let gap = [UInt8](repeating: 0, count: 24)
        return signed + r + gap + s + gap + [UInt8](repeating: 0, count: 368)
    }
}
