internal import Confidential
internal import SNPAttestation

/// Verifies a guest's evidence, once, before its program runs, and keeps it for others who want to.
final class EvidenceJudge {
    private let party: RelyingParty
    private let manifest: [UInt8]
    private let folder: String?
    private let certificates: Confidential.CertificateTable?
    /// What speaks against the guest.
    private(set) var complaints: [String] = []

    /// - Parameter folder: where the evidence is kept, accepted or not; nil: nowhere.
    init(_ party: RelyingParty, _ manifest: [UInt8], folder: String?, certificates: Confidential.CertificateTable?) {
        (self.party, self.manifest, self.folder, self.certificates) = (party, manifest, folder, certificates)
    }

    /// Whether the guest may go on.
    func accepts(_ evidence: GuestEvidence) -> Bool {
        if let folder {
            do { try EvidenceFolder(folder).write(evidence, party, manifest, certificates) } catch {
                complaints.append("the evidence cannot be kept in \(folder): \(error)")
                return false
            }
        }
        let verdict = party.verdict(on: evidence)
        complaints += verdict.failures.map { "\($0.name.rawValue): expected \($0.expected), found \($0.found)" }
        return verdict.isAccepted
    }
}
