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
    }

    /// The report data that binds a key to a challenge of 32 bytes: SHA-512 of the purpose, the challenge and the key.
    public static func reportData(challenge: [UInt8], publicKey: [UInt8]) -> [UInt8] {
        SHA512.digest(Array("skerry confidential guest key 1".utf8) + challenge + publicKey)
    }
}
