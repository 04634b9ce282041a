import SNPAttestation
import Testing

@testable import Confidential
@testable import KeyRelease

@Suite("A relying party gives its secrets to the guest that it demands, and to nobody else, whatever the host between them does")
struct ReleaseServiceTests {
    private let launch: SoftwareLaunch
    private let manifest = Array("mode=confidential\n".utf8)

    init() throws {
        var launch = try SoftwareLaunch()
        launch.plan.hostData = try SecretService.hostData(ofManifest: manifest)
        self.launch = launch
    }

    /// One conversation with a guest of this launch.
    private func converse(
        _ launch: SoftwareLaunch? = nil, level: UInt32 = 0, certificates: Bool = true, identity: AgreementKey? = nil,
        change: (ReleaseGuest, PlatformEndorsement) -> Void = { _, _ in },
        demands: (inout AttestationPolicy) -> Void = { _ in }
    ) throws -> (guest: ReleaseGuest, record: ReleaseRecord) {
        let (software, _, endorsement) = try (launch ?? self.launch).launched()
        let guest = ReleaseGuest(software, level: level)
        change(guest, endorsement)
        let service = try ReleaseFixture.service(self.launch.plan, endorsement, certificates: certificates, identity: identity, change: demands)
        return (guest, service.serve(guest, at: ReleaseFixture.now))
    }

    /// What failed, where the guest got nothing but a refusal.
    private func refused(_ outcome: (guest: ReleaseGuest, record: ReleaseRecord), _ location: SourceLocation = #_sourceLocation) -> [String] {
        #expect(outcome.record.outcome == .refused && !outcome.record.isReleased && outcome.guest.secrets == nil && outcome.guest.wasRefused, sourceLocation: location)
        #expect(outcome.guest.said.count == 2 && outcome.guest.said[1] == ReleaseMessage.refusal(), "nothing but the refusal was said", sourceLocation: location)
        return outcome.record.failures.map(\.name)
    }

    @Test(arguments: [false, true])
    func theRightGuest(_ hasIdentity: Bool) throws {
        let (guest, record) = try converse(identity: hasIdentity ? AgreementKey.generate() : nil)
        #expect(record.outcome == .confirmed && record.isReleased && record.failures.isEmpty, "\(record.failures)")
        #expect(try guest.secrets == SecretBundle(ReleaseFixture.secrets).contents.bytes)
        // Each check of the report, and three of the message.
        #expect(record.checks.count == Check.Name.allCases.count + 3 && record.verdict?.isAccepted == true)
    }

    @Test func itsManifestAndCertificatesFromTheStream() throws {
        let (guest, record) = try converse(certificates: false) { guest, endorsement in
            guest.manifest = manifest
            guest.certificates = endorsement.table.bytes
        }
        #expect(record.outcome == .confirmed && guest.secrets != nil && record.manifest == manifest)
        #expect(record.checks.first { $0.name == "manifest" }?.outcome == .passed)
        #expect(try refused(converse(certificates: false)).contains("vek-signature"), "nobody has the certificates")
        #expect(try refused(converse(certificates: false) { guest, _ in guest.certificates = [0x30, 1, 2] }).contains("certificates"))
    }

    @Test func anotherManifest() throws {
        #expect(try refused(converse { guest, _ in guest.manifest = manifest + [0x20] }) == ["manifest"])
        #expect(try refused(converse { guest, _ in guest.manifest = [0] }) == ["manifest"])
    }

    @Test("every conversation has its own nonce and its own key")
    func nothingTwice() throws {
        let (one, other) = (try converse().guest, try converse().guest)
        #expect(one.said[0][24..<56] != other.said[0][24..<56] && one.said[1][16..<113] != other.said[1][16..<113])
        #expect(one.said[1].count == 120 + 4096 + 16, "however long the secrets are")
    }

    // MARK: The host in the middle

    @Test func aChangedNonce() throws { #expect(try refused(converse { guest, _ in guest.alterHeard = { $0.count == 160 ? $0.flipping(byte: 40) : $0 } }) == ["report-data"]) }

    @Test func aChangedKey() throws {
        let mine = try AgreementKey.generate().point
        #expect(try refused(converse { guest, _ in guest.alterEvidence = { $0.replacing(at: 24, mine) } }) == ["report-data"])
        #expect(try refused(converse { guest, _ in guest.alterEvidence = { $0.flipping(byte: 60) } }) == ["guest-key", "report-data"])
    }

    @Test(arguments: [0x50, 0x90, 0xC0, 0x1A0, 0x2A0, 0x2CF])
    func aChangedReport(_ byte: Int) throws {
        #expect(try refused(converse { guest, _ in guest.alterEvidence = { $0.flipping(byte: 128 + byte) } }).contains("report-signature"))
    }

    @Test("evidence of an earlier conversation is about another nonce")
    func replayedEvidence() throws {
        let earlier = try converse().guest.evidence
        #expect(try refused(converse { guest, _ in guest.alterEvidence = { _ in earlier } }).contains("report-data"))
    }

    @Test("a receipt that is not of this conversation proves nothing; the secrets are the guest's all the same")
    func receipts() throws {
        let others: [([UInt8]) -> [UInt8]] = [
            { $0.flipping(byte: 20) }, { $0.flipping(byte: 8) }, { _ in [UInt8](repeating: 0, count: 48) }, { Array($0.prefix(47)) }, { _ in [] },
        ]
        for other in others {
            let record = try converse { guest, _ in guest.alterReceipt = other }.record
            guard case .unconfirmed = record.outcome else {
                Issue.record("\(record.outcome)")
                continue
            }
            #expect(record.isReleased)
        }
    }

    /// Numbers in the head of the evidence: magic, kind, size, manifest, certificates; padding.
    private static let heads: [(Int, [UInt8])] = [
        (0, [0]), (8, [1]), (8, [5]), (12, [0, 0]), (12, [0x11, 5]), (16, [1]), (20, [1]), (16, [0xFF, 0xFF, 0xFF, 0xFF]), (20, [0, 0, 0, 0x80]), (121, [1]), (127, [0x80]),
    ]

    @Test(arguments: heads.indices)
    func malformedEvidence(_ index: Int) throws {
        let (place, bytes) = Self.heads[index]
        #expect(try refused(converse { guest, _ in guest.alterEvidence = { $0.replacing(at: place, bytes) } }) == ["message"])
    }

    @Test("what is too long is refused before a byte of it is read", arguments: [(16, 0x100001), (20, 0x10001)])
    func tooMuch(_ place: Int, _ size: Int) throws {
        let outcome = try converse { guest, _ in
            guest.alterEvidence = { bytes in
                var changed = bytes
                changed.store(UInt32(size), at: place)
                changed.store(UInt32(1296 + size), at: 12)
                return changed + [UInt8](repeating: 0, count: size)
            }
        }
        #expect(refused(outcome) == ["message"])
    }

    @Test(arguments: [0, 15, 16, 1311])
    func truncatedEvidence(_ count: Int) throws {
        let (guest, record) = try converse { guest, _ in guest.alterEvidence = { Array($0.prefix(count)) } }
        #expect(record.outcome == .interrupted("the stream ended") && guest.secrets == nil && guest.said.count == 1)
    }

    // MARK: Other guests

    @Test func anotherMeasurement() throws {
        var other = launch
        other.deviations = [.flipLaunchedBit(address: 0x101000, bit: 9)]
        #expect(try refused(converse(other)) == ["measurement"])
    }

    @Test func debugging() throws {
        var other = launch
        other.plan.policy.insert(.debugging)
        #expect(try refused(converse(other)) == ["debug"])
    }

    @Test func otherHostData() throws {
        var other = launch
        other.plan.hostData = [UInt8](repeating: 7, count: 32)
        #expect(try refused(converse(other)) == ["host-data"])
    }

    @Test func anotherPrivilegeLevel() throws { #expect(try refused(converse(level: 1)) == ["vmpl"]) }

    @Test func anotherRoot() throws {
        let (software, _, endorsement) = try launch.launched()
        let other = try TestAuthority(keys: Authorities.genoa.keys).endorse(launch.platform)
        let guest = ReleaseGuest(software)
        guest.certificates = endorsement.table.bytes
        let record = try ReleaseFixture.service(launch.plan, other, certificates: false).serve(guest, at: ReleaseFixture.now)
        #expect(record.failures.map(\.name).contains("root-pinned") && guest.secrets == nil)
    }

    @Test func demandsOnThePlatform() throws {
        #expect(try refused(converse(demands: { $0.tcbFloors = [.genoa: [.snp: 28]] })) == ["tcb-floor"])
        #expect(try refused(converse(demands: { $0.idKeyDigests = [[UInt8](repeating: 1, count: 48)] })) == ["id-key-digest"])
        #expect(try refused(converse(demands: { $0.products = [.turin] })) == ["trusted-product"])
        #expect(try converse(demands: { $0.tcbFloors = [.genoa: [.snp: 27]] }).record.outcome == .confirmed)
    }

    @Test("demands that would give the secrets to anybody, or to nobody, are no demands")
    func uselessDemands() throws {
        let secrets = try SecretBundle(ReleaseFixture.secrets)
        func fault(_ change: (inout AttestationPolicy) -> Void) -> KeyReleaseError.Kind? {
            var policy = AttestationPolicy()
            policy.measurements = [[UInt8](repeating: 0, count: 48)]
            change(&policy)
            do throws(KeyReleaseError) {
                _ = try SecretService(secrets, verifier: AttestationVerifier(policy: policy))
                return nil
            } catch { return error.kind }
        }
        #expect(fault { _ in } == nil && fault { $0.measurements = [] } == .policy && fault { $0.reportData = [UInt8](repeating: 0, count: 64) } == .policy)
        #expect(fault { $0.debug = .any } == .policy && fault { $0.debug = .required } == .policy)
    }
}
