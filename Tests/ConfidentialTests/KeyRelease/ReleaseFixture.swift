import Foundation
import SNPAttestation
import Testing

@testable import Confidential
@testable import KeyRelease

/// A launch on the software secure processor, and the relying party that expects just this launch.
struct ReleaseFixture {
    static let secrets: [(name: String, value: [UInt8])] = [("database", Array("correct horse".utf8)), ("key.pem", [UInt8](repeating: 0xA5, count: 1200)), ("empty", [])]
    static let now = Int64(Date().timeIntervalSince1970)

    /// What is demanded of a launch of this plan under this endorsement.
    static func service(
        _ plan: LaunchPlan, _ endorsement: PlatformEndorsement, certificates: Bool = true, identity: AgreementKey? = nil, change: (inout AttestationPolicy) -> Void = { _ in }
    ) throws -> SecretService {
        var policy = AttestationPolicy()
        policy.measurements = [plan.measurement.bytes]
        policy.hostData = plan.hostData
        policy.vmpls = [0]
        change(&policy)
        var bundle = CertificateBundle()
        if certificates { bundle.add(endorsement.table.bytes, named: "the relying party's") }
        let roots = try TrustedRoots(notAMDs: [Certificate(der: endorsement.authority.ark)])
        return try SecretService(SecretBundle(secrets), verifier: AttestationVerifier(policy: policy, roots: roots), certificates: bundle, identity: identity)
    }
}

/// A guest in Swift, with libcrypto, at the other end of a relying party's stream; what it says and hears may be altered on the way.
final class ReleaseGuest: ReleaseConnection {
    var manifest: [UInt8] = [], certificates: [UInt8] = []
    /// What the host does to what the relying party says, to the evidence, and to the receipt.
    var alterHeard: ([UInt8]) -> [UInt8] = { $0 }, alterEvidence: ([UInt8]) -> [UInt8] = { $0 }, alterReceipt: ([UInt8]) -> [UInt8] = { $0 }
    /// The secrets as they were sealed; nil unless they could be opened.
    private(set) var secrets: [UInt8]?
    private(set) var wasRefused = false
    /// All that the relying party said, and the evidence, as they were on the way out.
    private(set) var said: [[UInt8]] = [], evidence: [UInt8] = []

    private let guest: SoftwareGuest
    private let level: UInt32
    private var key: AgreementKey?
    private var heard: [[UInt8]] = []
    private var outbox: [UInt8] = []

    init(_ guest: SoftwareGuest, level: UInt32 = 0) { (self.guest, self.level) = (guest, level) }

    func receive(_ count: Int) throws(ReleaseInterruption) -> [UInt8] {
        guard outbox.count >= count else { throw .ended }
        defer { outbox.removeFirst(count) }
        return Array(outbox.prefix(count))
    }

    func send(_ bytes: [UInt8]) throws(ReleaseInterruption) {
        said.append(bytes)
        let bytes = alterHeard(bytes)
        heard.append(bytes)
        do {
            if bytes.count == ReleaseMessage.helloSize { try answerHello(bytes) }
            if bytes.count == ReleaseMessage.answerSize + ReleaseMessage.sealedSize { try open(bytes) }
            if bytes == ReleaseMessage.refusal() { wasRefused = true }
        } catch { throw .failed("\(error)") }
    }

    private func answerHello(_ hello: [UInt8]) throws {
        let key = try AgreementKey.generate()
        self.key = key
        let nonce = Array(hello[24..<56])
        let report = try guest.report(SecretService.reportData(nonce: nonce, publicKey: key.point), level: level)
        var head = [UInt8](repeating: 0, count: ReleaseMessage.evidenceSize)
        head.store(hello[0..<8], at: 0)
        head.store(UInt32(2), at: 8)
        head.store(UInt32(ReleaseMessage.evidenceSize - 16 + manifest.count + certificates.count), at: 12)
        head.store(UInt32(manifest.count), at: 16)
        head.store(UInt32(certificates.count), at: 20)
        head.store(key.point, at: 24)
        head.store(report, at: 128)
        evidence = head + manifest + certificates
        outbox += alterEvidence(evidence)
    }

    private func open(_ answer: [UInt8]) throws {
        let hello = heard[0]
        let (head, sealed) = (Array(answer.prefix(120)), Array(answer.dropFirst(120)))
        let point = Array(head[16..<113])
        guard let key else { return }
        let known = hello[56] == 4 ? Array(hello[56..<153]) : nil
        let shared = [point, known].compactMap(\.self).compactMap { key.secret(with: $0) }
        let keys = try ReleaseKeys(secrets: shared, nonce: Array(hello[24..<56]), guest: key.point, relyingParty: point, transcript: hello + evidence + head)
        secrets = AES256GCM.open(
            Array(sealed.prefix(4096)), tag: Array(sealed.suffix(16)), key: keys.key.bytes, nonce: keys.initialization.bytes, authenticating: head)
        if secrets != nil { outbox += alterReceipt(ReleaseMessage.receipt(proof: keys.proof.bytes)) }
    }
}

extension [UInt8] {
    /// With one bit another.
    func flipping(byte: Int, bit: UInt8 = 0) -> [UInt8] {
        var changed = self
        changed[byte] ^= 1 << bit
        return changed
    }

    /// With other bytes from there on.
    func replacing(at offset: Int, _ bytes: [UInt8]) -> [UInt8] {
        var changed = self
        changed.store(bytes, at: offset)
        return changed
    }
}

extension SocketStream {
    /// Whether there is something to receive before that time is up.
    func isReadable(milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, milliseconds) > 0
    }
}
