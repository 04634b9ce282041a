import ConfidentialABI
import Foundation
import SNPAttestation
import Testing

@testable import Confidential
@testable import KeyRelease

/// A stream between guest and relying party whose carrier alters what it likes.
private final class CarriedStream: GuestStream {
    /// Bytes from the relying party, from the guest, by their place in the stream: what becomes of each piece, and where it ends.
    var heard: [UInt8] = [], said: [UInt8] = []
    var alterHeard: (_ at: Int, [UInt8]) -> [UInt8]? = { $1 }, alterSaid: (_ at: Int, [UInt8]) -> [UInt8]? = { $1 }
    /// What the carrier goes on with when the relying party has ended.
    var replay: [UInt8]?
    private var stream: (any GuestStream)?

    init(_ stream: any GuestStream) { self.stream = stream }

    /// The other side sees the end.
    func close() { stream = nil }

    func send(_ bytes: [UInt8]) -> Bool {
        defer { said += bytes }
        guard let altered = alterSaid(said.count, bytes) else { return false }
        return stream?.send(altered) ?? false
    }

    func receive(_ count: Int) -> [UInt8]? {
        // The carrier may have something to say after the relying party has ended.
        let bytes = stream?.receive(count)
        guard let bytes = bytes ?? replay.map({ Array($0.dropFirst(heard.count).prefix(count)) }), bytes.count == count else { return nil }
        defer { heard += bytes }
        return alterHeard(heard.count, bytes)
    }
}

/// A relying party made by the host, which follows the protocol as far as the host likes.
private final class HostsRelyingParty: GuestStream {
    private let key: AgreementKey, contents: [UInt8]
    private let hello: [UInt8]
    private var inbox: [UInt8]
    private(set) var said: [UInt8] = []

    init(_ contents: [UInt8], hello: [UInt8]? = nil) throws {
        self.contents = contents
        key = try AgreementKey.generate()
        self.hello = hello ?? ReleaseMessage.hello(nonce: [UInt8](repeating: 3, count: 32), identity: nil)
        inbox = self.hello
    }

    func send(_ bytes: [UInt8]) -> Bool {
        said += bytes
        guard said.count == ReleaseMessage.evidenceSize, let evidence = try? Evidence(head: said), let secret = key.secret(with: evidence.publicKey) else { return true }
        let head = ReleaseMessage.answerHead(key: key.point)
        guard
            let keys = try? ReleaseKeys(
                secrets: [secret], nonce: Array(hello[24..<56]), guest: evidence.publicKey, relyingParty: key.point, transcript: hello + said + head),
            let sealed = try? keys.seal(SecretBytes(contents), authenticating: head)
        else { return false }
        inbox += head + sealed
        return true
    }

    func receive(_ count: Int) -> [UInt8]? {
        guard inbox.count >= count else { return nil }
        defer { inbox.removeFirst(count) }
        return Array(inbox.prefix(count))
    }
}

@Suite("The measured guest image asks for its secrets, and takes them from who it asked alone", .timeLimit(.minutes(5)))
struct GuestReleaseTests {
    private let scratch: ScratchFolder
    init() throws { scratch = try ScratchFolder() }

    private struct Outcome {
        let end: GuestEnd
        let evidence: GuestEvidence?
        let record: ReleaseRecord
        let stream: CarriedStream
    }

    /// The image at one end, the code of serve-secrets at the other end of a socket.
    private func run(
        _ target: GuestPlatform = .simulationInUserMode, identity: AgreementKey? = nil, pinned: [UInt8] = [], manifest: [UInt8] = [],
        carry: (CarriedStream) -> Void = { _ in }, launch change: (inout GuestLaunch) -> Void = { _ in }
    ) throws -> Outcome {
        var launch = try GuestLaunch(target)
        let expected = launch.plan
        change(&launch)
        let endorsement = try Authorities.genoa.endorse(launch.platform)
        let service = try ReleaseFixture.service(expected, endorsement, certificates: false, identity: identity) {
            if !manifest.isEmpty { $0.hostData = launch.plan.hostData }
        }
        let path = scratch.path("socket")
        let server = try SecretServer(service, at: .local(path: path))
        let result = Served()
        Thread.detachNewThread { result.record = server.serveOne().record }
        let stream = CarriedStream(try SocketStream(path: path))
        carry(stream)
        var requester = GuestRequester(stream)
        (requester.certificates, requester.manifest, requester.identity) = (endorsement.table.bytes, manifest, pinned)
        let backend = SoftwareBackend(try SoftwarePSP(launch.platform, endorsement: endorsement), deviations: launch.deviations)
        _ = try LaunchSequence(launch.plan).launch(on: backend)
        let guest = try SimulatedGuest(launch.plan, on: backend, challenge: GuestLaunch.challenge, deviations: launch.hostile, requester: requester)
        let end = try guest.run()
        stream.close()
        return Outcome(end: end, evidence: guest.evidence, record: try result.wait(), stream: stream)
    }

    private func proof(_ contents: [UInt8]) -> [UInt8] { SHA512.digest(GuestLaunch.challenge + contents) }

    @Test(arguments: GuestLaunch.platforms)
    func endToEnd(_ target: GuestPlatform) throws {
        let outcome = try run(target)
        let evidence = try #require(outcome.evidence)
        #expect(outcome.end == .succeeded && evidence.release == .released && outcome.record.outcome == .confirmed, "\(outcome.record)")
        #expect(try evidence.secretsProof == proof(SecretBundle(ReleaseFixture.secrets).contents.bytes))
        let clear = outcome.stream.heard + outcome.stream.said
        for secret in ReleaseFixture.secrets where !secret.value.isEmpty { #expect(clear.firstRange(of: secret.value) == nil, "the carrier sees \(secret.name)") }
    }

    @Test func theManifestIsShown() throws {
        let manifest = (0..<5000).map { UInt8(truncatingIfNeeded: $0) }
        let digest = try SecretService.hostData(ofManifest: manifest)
        let outcome = try run(manifest: manifest, launch: { $0.plan.hostData = digest })
        #expect(outcome.record.outcome == .confirmed && outcome.record.manifest == manifest && outcome.evidence?.release == .released)
        // The host shows another one than it launched the guest with.
        let other = try run(manifest: manifest, launch: { $0.plan.hostData = [UInt8](repeating: 1, count: 32) })
        #expect(other.record.failures.map(\.name) == ["manifest"] && other.evidence?.release == .refused)
    }

    @Test func aPinnedRelyingParty() throws {
        let identity = try AgreementKey.generate()
        let outcome = try run(identity: identity, pinned: identity.point)
        #expect(outcome.record.outcome == .confirmed && outcome.evidence?.release == .released)
        for other in [nil, try AgreementKey.generate()] {
            let stranger = try run(identity: other, pinned: identity.point)
            #expect(stranger.evidence?.release == .stranger && !stranger.record.isReleased && stranger.stream.said.isEmpty, "it shows a stranger nothing")
        }
        // The host claims the pinned identity for another relying party, which has not its private half.
        let claimed = try run(pinned: identity.point) { stream in
            stream.alterHeard = { at, bytes in at == 0 ? bytes.replacing(at: 56, identity.point) : bytes }
        }
        #expect(claimed.evidence?.release == .forged && claimed.evidence?.secretsProof == [UInt8](repeating: 0, count: 64))
    }

    // MARK: The host in the middle

    /// What the host changes in what the guest hears, how the guest ends, and what the relying party says failed.
    private static let changes: [(name: String, at: Int, [UInt8], GuestEvidence.ReleaseOutcome, failed: [String]?)] = [
        ("nonce", 24, [1, 2, 3], .refused, ["report-data"]), ("magic", 0, [0], .malformed, nil), ("version", 16, [2], .malformed, nil), ("hello's size", 12, [0], .malformed, nil),
        ("hello's reserved", 20, [1], .malformed, nil), ("identity that is none", 60, [1], .malformed, nil), ("padding", 153, [1], .malformed, nil),
        ("answer's kind", 160 + 8, [4], .malformed, []), ("answer's size, longer", 160 + 12, [0x79, 0x10], .malformed, []),
        ("answer's size, shorter", 160 + 12, [0, 0], .malformed, []),
        ("a point beside the curve", 160 + 60, [0, 0, 0], .malformed, []), ("no point", 160 + 16, [5], .malformed, []), ("answer's padding", 160 + 119, [1], .forged, []),
        ("first sealed byte", 280, [0, 0, 0, 0], .forged, []), ("last sealed byte", 280 + 4092, [0, 0, 0, 0], .forged, []), ("tag", 280 + 4096, [0, 0, 0, 0], .forged, []),
        ("end of the tag", 280 + 4108, [0, 0, 0, 0], .forged, []),
    ]

    @Test(arguments: changes.indices)
    func whatTheGuestHears(_ index: Int) throws {
        let (name, place, bytes, expected, failed) = Self.changes[index]
        let outcome = try run { stream in stream.alterHeard = { at, piece in Self.overlay(piece, at, bytes, place) } }
        #expect(outcome.end == .succeeded && outcome.evidence?.release == expected, "\(name): \(String(describing: outcome.evidence?.release))")
        #expect(outcome.evidence?.secretsProof == [UInt8](repeating: 0, count: 64))
        if let failed { #expect(outcome.record.failures.map(\.name) == failed, "\(name)") }
        #expect(outcome.record.outcome != .confirmed)
    }

    /// `piece`, which begins at `at` of a stream, with `bytes` from `place` of the stream on.
    private static func overlay(_ piece: [UInt8], _ at: Int, _ bytes: [UInt8], _ place: Int) -> [UInt8] {
        var piece = piece
        for (index, byte) in bytes.enumerated() where (at..<at + piece.count).contains(place + index) { piece[place + index - at] = byte }
        return piece
    }

    @Test func aSwappedKeyOfTheRelyingParty() throws {
        let mine = try AgreementKey.generate().point
        let outcome = try run { stream in stream.alterHeard = { at, piece in Self.overlay(piece, at, mine, 160 + 16) } }
        #expect(outcome.record.isReleased && outcome.record.outcome != .confirmed)
        #expect(outcome.evidence?.release == .forged)
        // An identity of the host's is not that of the answer either.
        let other = try run { stream in stream.alterHeard = { at, piece in Self.overlay(piece, at, mine, 56) } }
        #expect(other.evidence?.release == .forged && other.record.outcome != .confirmed)
    }

    @Test func aSwappedKeyOfTheGuest() throws {
        let mine = try AgreementKey.generate().point
        let outcome = try run { stream in stream.alterSaid = { at, piece in Self.overlay(piece, at, mine, 24) } }
        #expect(outcome.record.outcome == .refused && outcome.record.failures.map(\.name) == ["report-data"] && outcome.evidence?.release == .refused)
    }

    @Test(arguments: [0, 100, 160, 170, 279, 280, 2000, 4391])
    func theStreamEnds(_ place: Int) throws {
        let outcome = try run { stream in
            stream.alterHeard = { at, piece in at + piece.count > place ? nil : piece }
        }
        #expect(outcome.end == .succeeded && outcome.evidence?.release == .ended && outcome.record.outcome != .confirmed, "\(outcome)")
    }

    @Test func theGuestIsCutShort() throws {
        let outcome = try run { stream in stream.alterSaid = { at, piece in at >= 1312 ? nil : piece } }
        #expect(outcome.evidence?.release == .ended && !outcome.record.isReleased)
    }

    @Test("the whole of another conversation, replayed: the guest's key is another")
    func aReplay() throws {
        let first = try run().stream.heard
        #expect(first.count == 160 + 120 + 4096 + 16)
        for from in [0, 160] {
            let outcome = try run { stream in
                stream.replay = first
                stream.alterHeard = { at, piece in at >= from ? Array(first[at..<at + piece.count]) : piece }
            }
            #expect(outcome.evidence?.release == .forged)
            #expect(outcome.evidence?.secretsProof == [UInt8](repeating: 0, count: 64) && outcome.record.outcome != .confirmed)
        }
    }

    @Test("half of an answer to one guest, half of that to another")
    func splicedAnswers() throws {
        let first = try run().stream.heard
        let outcome = try run { stream in stream.alterHeard = { at, piece in at >= 280 ? Array(first[at..<at + piece.count]) : piece } }
        #expect(outcome.evidence?.release == .forged, "\(outcome.record)")
    }

    @Test func anotherLaunch() throws {
        let outcome = try run(launch: { $0.deviations = [.flipLaunchedBit(address: UInt64(SKERRY_GUEST_PLATFORM), bit: 8 * 0xFFF)] })
        #expect(outcome.record.failures.map(\.name) == ["measurement"] && outcome.evidence?.release == .refused)
    }

    @Test func otherHostData() throws {
        let outcome = try run(launch: { $0.plan.hostData = [UInt8](repeating: 9, count: 32) })
        #expect(outcome.record.failures.map(\.name) == ["host-data"] && outcome.evidence?.release == .refused)
    }

    @Test("a guest that its host may debug notices it itself, and asks for nothing")
    func debugging() throws {
        let outcome = try run(launch: { $0.plan.policy.insert(.debugging) })
        #expect(outcome.end == .refused(.report) && outcome.stream.said.isEmpty && !outcome.record.isReleased)
    }

    @Test func moreCertificatesThanWereAskedFor() throws { #expect(try run(launch: { $0.hostile = [.overstateStreamCount] }).end == .refused(.stream)) }

    // MARK: A host that is the relying party

    private func run(_ stream: any GuestStream) throws -> GuestEvidence {
        let launch = try GuestLaunch()
        let backend = SoftwareBackend(try SoftwarePSP(launch.platform, endorsement: Authorities.genoa.endorse(launch.platform)))
        _ = try LaunchSequence(launch.plan).launch(on: backend)
        let guest = try SimulatedGuest(launch.plan, on: backend, challenge: GuestLaunch.challenge, requester: GuestRequester(stream))
        #expect(try guest.run() == .succeeded)
        return try #require(guest.evidence)
    }

    private static func contents(_ start: [UInt8]) -> [UInt8] { start + [UInt8](repeating: 0, count: 4096 - start.count) }

    /// Lists of secrets that a relying party could seal; the first three are good ones.
    private static let lists: [[UInt8]] = [
        contents([0, 0]), contents([1, 0, 1, 0, 2, 0, 0x61, 7, 7]), [1, 0, 1, 0, 0xF9, 0x0F, 0x61] + [UInt8](repeating: 1, count: 4089),
        contents([1, 0, 0, 0, 0, 0]), contents([1, 0, 65, 0, 0, 0]), contents([1, 0, 1, 0, 0xFA, 0x0F, 0x61]), contents([1, 0, 1, 0, 0xFF, 0xFF, 0x61]), contents([0xFF, 0xFF]),
        contents([2, 0, 1, 0, 0, 0, 0x61, 1, 0, 0, 0, 0x61]), contents([0, 0, 1]), [0, 0] + [UInt8](repeating: 0, count: 4093) + [1], [UInt8](repeating: 0xFF, count: 4096),
    ]

    @Test(arguments: lists.indices)
    func secretsAsTheHostLikes(_ index: Int) throws {
        let list = Self.lists[index]
        let evidence = try run(HostsRelyingParty(list))
        #expect(evidence.release == (index < 3 ? .released : .malformed))
        #expect(evidence.secretsProof == (index < 3 ? proof(list) : [UInt8](repeating: 0, count: 64)))
    }
}

/// A record that another thread makes.
private final class Served: @unchecked Sendable {
    private let done = DispatchSemaphore(value: 0)
    var record: ReleaseRecord? { didSet { done.signal() } }

    func wait() throws -> ReleaseRecord {
        try #require(done.wait(timeout: .now() + 120) == .success, "the relying party never came to an end")
        return try #require(record)
    }
}
