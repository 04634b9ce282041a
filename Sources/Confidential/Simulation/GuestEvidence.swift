internal import ConfidentialABI

/// What the guest leaves for the relying party when it ends with success (`struct skerry_evidence`), out of shared memory: nothing of it is believed before the
/// report is verified.
public struct GuestEvidence: Sendable, Equatable {
    /// A P-384 point, uncompressed, 97 bytes.
    public let publicKey: [UInt8]
    /// The attestation report whose data binds the key.
    public let report: [UInt8]
    /// Pages of RAM the guest accepted.
    public let acceptedPages: UInt64
    /// XCR0 in the guest.
    public let xcr0: UInt64
    /// What the CPUID instruction answered in the guest.
    public let answers: [CPUIDPage.Leaf]
    /// How the guest's wish for secrets ended; `none` when there was no relying party to ask.
    public let release: ReleaseOutcome
    /// SHA-512 of the challenge and all secrets as they were sealed, 64 bytes: who has both can tell that the guest had them. Zeros without any.
    public let secretsProof: [UInt8]

    /// How a key release ended for the guest (`enum skerry_release_outcome` of `key_release_abi.h`, where each is explained).
    public enum ReleaseOutcome: UInt64, Sendable, CaseIterable {
        /// None was tried; the secrets are there; the relying party has refused, or the host says so; the stream ended.
        case none, released, refused, ended
        /// What came is no message; the relying party is not the pinned one; the answer is not from who was asked.
        case malformed, stranger, forged
        /// A number that this version does not know.
        case unknown = 0xFFFF_FFFF
    }

    /// From the ring page, 4,096 bytes.
    init(ring: [UInt8]) {
        let answersAt = 128
        let reportAt = answersAt + 6 * 24
        publicKey = Array(ring[0..<97])
        acceptedPages = ring.number(at: 112)
        xcr0 = ring.number(at: 120)
        answers = (0..<6).map { index in
            let at = answersAt + index * 24
            return CPUIDPage.Leaf(
                function: ring.number(at: at), index: ring.number(at: at + 4), eax: ring.number(at: at + 8), ebx: ring.number(at: at + 12), ecx: ring.number(at: at + 16),
                edx: ring.number(at: at + 20))
        }
        report = Array(ring[reportAt..<reportAt + AttestationReport.size])
        release = ReleaseOutcome(rawValue: ring.number(at: reportAt + AttestationReport.size)) ?? .unknown
        secretsProof = Array(ring[reportAt + AttestationReport.size + 8..<reportAt + AttestationReport.size + 72])
    }

    /// The report data that binds a key to a challenge of 32 bytes: SHA-512 of the purpose, the challenge and the key.
    public static func reportData(challenge: [UInt8], publicKey: [UInt8]) -> [UInt8] {
        SHA512.digest(Array(SKERRY_REPORT_PURPOSE.utf8) + challenge + publicKey)
    }
}
