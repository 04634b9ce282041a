internal import Confidential
internal import Foundation

/// What `--evidence DIR` leaves: `report.bin`, `manifest.bin`, `certificates/` in DER, and `policy.json`, which demands of the report what this run demanded. Verified by
/// `skerry attest verify --report DIR/report.bin --certs DIR/certificates --policy DIR/policy.json` (and `--root DIR/certificates/ark.der` when it was simulated).
struct EvidenceFolder {
    private let folder: URL

    /// A folder that may be there already; files of the same names are replaced.
    init(_ path: String) throws {
        folder = URL(filePath: path)
        try FileManager.default.createDirectory(at: folder.appending(path: "certificates"), withIntermediateDirectories: true)
    }

    private struct Policy: Encodable {
        let measurement: [String]
        let hostData: String
        let reportData: String
        let guestPolicy: String
        let vmpl = [0]

        private enum CodingKeys: CodingKey { case measurement, hostData, reportData, guestPolicy, vmpl }
    }

    /// What the relying party has to know beside the report: that the key is bound by the challenge, it computes from these.
    private struct Binding: Encodable {
        let challenge: String
        let publicKey: String
        let reportData: String
    }

    func write(_ evidence: GuestEvidence, _ party: RelyingParty, _ manifest: [UInt8], _ certificates: CertificateTable?) throws {
        let reportData = GuestEvidence.reportData(challenge: party.challenge, publicKey: evidence.publicKey).hexadecimal
        try write(Data(evidence.report), "report.bin")
        try write(Data(manifest), "manifest.bin")
        for (kind, der) in certificates?.certificates ?? [] { try write(Data(der), "certificates/\(kind).der") }
        let policy = Policy(
            measurement: [party.plan.measurement.bytes.hexadecimal], hostData: party.plan.hostData.hexadecimal, reportData: reportData,
            guestPolicy: party.plan.policy.description)
        try write(try json(policy), "policy.json")
        let binding = Binding(challenge: party.challenge.hexadecimal, publicKey: evidence.publicKey.hexadecimal, reportData: reportData)
        try write(try json(binding), "key.json")
    }

    private func write(_ data: Data, _ name: String) throws { try data.write(to: folder.appending(path: name), options: .atomic) }

    private func json(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return try encoder.encode(value)
    }
}
