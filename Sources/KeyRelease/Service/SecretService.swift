public import SNPAttestation

internal import CCrypto
internal import ConfidentialABI
internal import LibCrypto

/// A relying party: it gives its secrets to guests that prove, over a stream that their host carries, to be what it demands.
///
/// ```swift
/// var policy = AttestationPolicy()
/// policy.measurements = [expectedLaunchDigest]
/// policy.hostData = digestOfTheManifest
/// policy.vmpls = [0]
/// let service = try SecretService(SecretBundle([("database", key)]), verifier: AttestationVerifier(policy: policy))
/// let record = service.serve(connection, at: secondsSince1970)
/// ```
public struct SecretService: Sendable {
    /// The bytes of a nonce.
    static let nonceSize = Int(SKERRY_RELEASE_NONCE_SIZE)

    /// Who judges reports. Its `reportData` is not used: each conversation has its own.
    public let verifier: AttestationVerifier
    /// Certificates that the relying party has; those that guests send are added to them.
    public let certificates: CertificateBundle
    /// The key by which guests know this relying party.
    public let identity: AgreementKey?
    private let secrets: SecretBundle

    /// A relying party with its secrets and demands.
    ///
    /// - Parameter identity: The key whose public half is pinned in the guests' manifest. Without one a guest cannot tell its relying party from its host, which can then
    ///   give it secrets of the host's own choice (and never learn the relying party's).
    /// - Throws: `policy` when no measurement is demanded, when hosts may debug the guests, or report data is demanded: anybody would get the secrets, or nobody.
    public init(_ secrets: SecretBundle, verifier: AttestationVerifier, certificates: CertificateBundle = CertificateBundle(), identity: AgreementKey? = nil)
        throws(KeyReleaseError)
    {
        guard !verifier.policy.measurements.isEmpty || !verifier.policy.idKeyDigests.isEmpty else {
            throw KeyReleaseError(.policy, "neither a measurement nor an ID key is demanded: any guest at all would get the secrets. Say which guests may have them")
        }
        guard verifier.policy.debug == .forbidden else {
            throw KeyReleaseError(.policy, "guests that their host may debug are allowed: the host would read the secrets in their memory. Let debug be forbidden")
        }
        guard verifier.policy.reportData == nil else {
            throw KeyReleaseError(.policy, "report data is demanded; it is fresh for each guest here, and none would get the secrets. Leave it out")
        }
        (self.secrets, self.verifier, self.certificates, self.identity) = (secrets, verifier, certificates, identity)
    }

    /// REPORT_DATA of a guest whose fresh public key is this, for that nonce: SHA-512 of the purpose, the nonce and the key.
    ///
    /// - Throws: `system` when libcrypto is out of order.
    public static func reportData(nonce: [UInt8], publicKey: [UInt8]) throws(KeyReleaseError) -> [UInt8] {
        try CryptoContext.digest("SHA512", Array(SKERRY_REPORT_PURPOSE.utf8) + nonce + publicKey)
    }

    /// HOST_DATA of a guest that was launched with this manifest: its SHA-256.
    ///
    /// - Throws: `system` when libcrypto is out of order.
    public static func hostData(ofManifest manifest: [UInt8]) throws(KeyReleaseError) -> [UInt8] { try CryptoContext.digest("SHA256", manifest) }

    /// One conversation with one guest. Every check is made, also after one failed.
    ///
    /// - Parameter time: Seconds since 1970, for the certificates.
    public func serve(_ connection: some ReleaseConnection, at time: Int64) -> ReleaseRecord {
        var record = ReleaseRecord(outcome: .interrupted("nothing happened"))
        do {
            let nonce = try CryptoContext.random(Self.nonceSize)
            let hello = ReleaseMessage.hello(nonce: nonce, identity: identity?.point)
            try connection.send(hello)
            guard let asked = try question(connection, hello, nonce, time, &record) else {
                record.outcome = .refused
                // It makes no difference whether the guest hears of it.
                try? connection.send(ReleaseMessage.refusal())
                return record
            }
            let head = ReleaseMessage.answerHead(key: asked.key.point)
            let keys = try ReleaseKeys(
                secrets: asked.agreed, nonce: nonce, guest: asked.publicKey, relyingParty: asked.key.point, transcript: asked.transcript + head)
            let sealed = try keys.seal(secrets.contents, authenticating: head)
            record.outcome = deliver(connection, head + sealed, keys.proof)
        } catch {
            record.outcome = .interrupted("\(error)")
        }
        return record
    }

    /// What a guest that may have the secrets has shown: its key, and all bytes so far.
    private struct Question {
        let publicKey: [UInt8]
        let transcript: [UInt8]
        let agreed: [SecretBytes]
        let key: AgreementKey
    }

    /// Reads the evidence and judges it; nil when it is refused.
    private func question(_ connection: some ReleaseConnection, _ hello: [UInt8], _ nonce: [UInt8], _ time: Int64, _ record: inout ReleaseRecord) throws -> Question? {
        let head = try connection.receive(ReleaseMessage.evidenceSize)
        let evidence: Evidence
        do throws(Evidence.Fault) { evidence = try Evidence(head: head) } catch {
            guard case .form(let expected, let found) = error else { return nil }
            record.note("message", false, expected: expected, found: found)
            return nil
        }
        record.note("message", true, expected: "a guest's evidence", found: "a guest's evidence")
        let manifest = evidence.manifestSize > 0 ? try connection.receive(evidence.manifestSize) : []
        let table = evidence.certificatesSize > 0 ? try connection.receive(evidence.certificatesSize) : []
        record.manifest = manifest

        let key = try AgreementKey.generate()
        let agreed = [key, identity].compactMap(\.self).map { $0.secret(with: evidence.publicKey) }
        let isPoint = agreed.allSatisfy { $0 != nil }
        record.note("guest-key", isPoint, expected: "a point of P-384", found: isPoint ? Hexadecimal.text(evidence.publicKey) : "no point of P-384")
        try judge(evidence, manifest, table, nonce, time, &record)
        guard record.failures.isEmpty, record.verdict?.isAccepted == true else { return nil }
        return Question(publicKey: evidence.publicKey, transcript: hello + head + manifest + table, agreed: agreed.compactMap(\.self), key: key)
    }

    private func judge(_ evidence: Evidence, _ manifest: [UInt8], _ table: [UInt8], _ nonce: [UInt8], _ time: Int64, _ record: inout ReleaseRecord) throws {
        var verifier = verifier
        verifier.policy.reportData = try Self.reportData(nonce: nonce, publicKey: evidence.publicKey)
        var bundle = certificates
        if !table.isEmpty { bundle.add(table, named: "the guest's certificates") }
        let verdict = verifier.verdict(on: evidence.report, certificates: bundle, at: time)
        let expected = "a manifest whose SHA-256 is HOST_DATA"
        if manifest.isEmpty {
            record.note("manifest", nil, expected: "not demanded", found: "none was sent")
        } else {
            let digest = try Self.hostData(ofManifest: manifest)
            record.note("manifest", digest == verdict.report?.hostData, expected: expected, found: "one of \(manifest.count) bytes with SHA-256 \(Hexadecimal.text(digest))")
        }
        record.verdict = verdict
        record.checks += verdict.checks.map { ReleaseRecord.Item(name: $0.name.rawValue, outcome: $0.outcome, expected: $0.expected, found: $0.found) }
    }

    /// Sends the sealed secrets and waits for the receipt. However much of them was sent when the stream ended, only that guest can open them.
    private func deliver(_ connection: some ReleaseConnection, _ answer: [UInt8], _ proof: SecretBytes) -> ReleaseRecord.Outcome {
        do throws(ReleaseInterruption) {
            try connection.send(answer)
            guard let found = ReleaseMessage.proof(inReceipt: try connection.receive(ReleaseMessage.receiptSize)), CryptoContext.isEqual(found, proof.bytes) else {
                return .unconfirmed("the receipt is not the guest's")
            }
            return .confirmed
        } catch { return .unconfirmed("\(error)") }
    }
}
