package import Confidential
internal import Foundation
package import SNPAttestation

/// What somebody who trusts a root, and who knows what ought to run, makes of a guest's evidence.
package struct RelyingParty {
    let plan: LaunchPlan
    /// 32 bytes that the report binds.
    let challenge: [UInt8]
    let roots: TrustedRoots
    let certificates: CertificateBundle

    /// Whoever has made the plan, and believes these roots.
    package init(plan: LaunchPlan, challenge: [UInt8], roots: TrustedRoots, certificates: CertificateBundle) {
        (self.plan, self.challenge, self.roots, self.certificates) = (plan, challenge, roots, certificates)
    }

    /// The verdict of the verifier of `skerry attest verify`: the measurement, the manifest's digest, the guest policy and the guest's key, and the chain to the root.
    package func verdict(on evidence: GuestEvidence) -> Verdict {
        var policy = AttestationPolicy()
        policy.measurements = [plan.measurement.bytes]
        policy.hostData = plan.hostData
        policy.guestPolicy = plan.policy.rawValue
        policy.reportData = GuestEvidence.reportData(challenge: challenge, publicKey: evidence.publicKey)
        policy.vmpls = [0]
        return AttestationVerifier(policy: policy, roots: roots).verdict(on: evidence.report, certificates: certificates, at: Int64(Date().timeIntervalSince1970))
    }
}
