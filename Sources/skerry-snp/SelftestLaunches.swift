import Confidential
import ConfidentialImage
import ConfidentialRun
import SNPAttestation

/// A launch of the image by KVM on this host's processor.
struct HardwareLaunch {
    let plan: LaunchPlan
    let guest: HardwareGuest
    /// What the firmware has changed in the CPUID page.
    let corrections: [String]
    private let challenge = (0..<32).map { _ in UInt8.random(in: 0...255) }

    init(_ image: GuestImage) throws {
        plan = try image.plan(for: .hardware, cpuid: .ofThisProcessor())
        let backend = KVMBackend()
        corrections = try LaunchSequence(plan).launch(on: backend).cpuidCorrections.map { "\($0)" }
        guest = try HardwareGuest(on: backend, challenge: challenge, ring: nil)
    }

    /// The verdict under AMD's roots.
    func verdict(_ certificates: CertificateBundle) -> Verdict {
        RelyingParty(plan: plan, challenge: challenge, roots: .amd, certificates: certificates).verdict(on: guest.evidence)
    }
}

/// A launch of the image over a secure processor in software, with a test root of its own, and the relying party that believes that root.
struct SimulatedLaunch {
    let plan: LaunchPlan
    let guest: SimulatedGuest
    private let endorsement: PlatformEndorsement
    private let challenge = (0..<32).map { _ in UInt8.random(in: 0...255) }

    init(_ image: GuestImage, _ platform: GuestPlatform, authority: TestAuthority, stream: SocketStream?) throws {
        let processor = PSPPlatform(.genoa)
        endorsement = try authority.endorse(processor)
        let backend = SoftwareBackend(try SoftwarePSP(processor, endorsement: endorsement))
        plan = try image.plan(for: platform, cpuid: .reference(.genoa))
        _ = try LaunchSequence(plan).launch(on: backend)
        var requester = stream.map { GuestRequester($0) }
        requester?.certificates = endorsement.table.bytes
        guest = try SimulatedGuest(plan, on: backend, challenge: challenge, requester: requester)
    }

    func verdict(_ evidence: GuestEvidence) throws -> Verdict {
        var certificates = CertificateBundle()
        certificates.add(endorsement.table.bytes, named: "the simulated host's table")
        let roots = try TrustedRoots(notAMDs: [Certificate(der: endorsement.authority.ark)])
        return RelyingParty(plan: plan, challenge: challenge, roots: roots, certificates: certificates).verdict(on: evidence)
    }
}
