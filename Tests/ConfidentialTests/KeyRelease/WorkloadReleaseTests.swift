import Foundation
import GuestHost
import SNPAttestation
import Testing

@testable import Confidential
@testable import KeyRelease

@Suite("A guest that runs programs gets its secrets over the ring, as files", .timeLimit(.minutes(5)))
struct WorkloadReleaseTests {
    private let scratch: ScratchFolder
    init() throws { scratch = try ScratchFolder() }

    private final class Outcome: @unchecked Sendable { var record: ReleaseRecord? }

    /// A run whose manifest names a relying party that expects this launch, changed by `demands`.
    private func run(
        _ file: String, identity: AgreementKey? = nil, pinned: [UInt8] = [], demands: (inout AttestationPolicy) -> Void = { _ in }
    ) throws -> (run: WorkloadRun, end: GuestEnd, record: ReleaseRecord?) {
        let path = scratch.path("relying-party")
        let run = try WorkloadRun(arguments: [file], connector: NamedStreams([Array("owner".utf8): .local(path: path)])) { manifest in
            manifest.secrets = Manifest.Secrets(stream: Array("owner".utf8), provider: pinned)
        }
        let service = try ReleaseFixture.service(run.plan, run.endorsement, identity: identity, change: demands)
        let server = try SecretServer(service, at: .local(path: path))
        let (outcome, done) = (Outcome(), DispatchSemaphore(value: 0))
        Thread.detachNewThread {
            outcome.record = server.serveOne().record
            done.signal()
        }
        let end = try run.guest.run()
        done.wait()
        return (run, end, outcome.record)
    }

    @Test func theProgramReadsThem() throws {
        let (run, end, record) = try run("/run/secrets/database")
        #expect(end == .succeeded && run.guest.exitStatus == 7)
        #expect(run.output == "2 /bin/program\ncorrect horse")
        #expect(record?.outcome == .confirmed)
    }

    @Test func aPinnedRelyingPartyIsKnown() throws {
        let key = try AgreementKey.generate()
        let (run, end, _) = try run("/run/secrets/database", identity: key, pinned: key.point)
        #expect(end == .succeeded && run.output == "2 /bin/program\ncorrect horse")
    }

    @Test("another relying party than the manifest names: the program is not started")
    func aStranger() throws {
        let (run, end, record) = try run("/run/secrets/database", identity: try AgreementKey.generate(), pinned: try AgreementKey.generate().point)
        #expect(end == .succeeded && run.guest.exitStatus == 125)
        #expect(run.output.contains("another one answered than the manifest names"))
        #expect(record?.outcome != .confirmed)
    }

    @Test("a launch that the relying party does not expect: no secrets, and the program is not started")
    func anotherMeasurement() throws {
        let (run, end, record) = try run("/run/secrets/database") { $0.measurements = [[UInt8](repeating: 1, count: 48)] }
        #expect(end == .succeeded && run.guest.exitStatus == 125)
        #expect(run.output.contains("it refused"))
        #expect(record?.outcome == .refused)
    }
}
