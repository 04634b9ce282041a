import CLinux
import ConfidentialABI
import ConfidentialImage
import Foundation
import GuestHost
import Testing

@testable import Confidential

@Suite("A guest on hardware is served through the pages that it shares")
struct HardwareGuestTests {
    private static let evidence = Int(SKERRY_GUEST_EVIDENCE) - Int(SKERRY_GUEST_BASE), ring = Int(SKERRY_GUEST_RING) - Int(SKERRY_GUEST_BASE)
    private static let plan = Result { try GuestImage.built().plan(for: .hardware, cpuid: .reference(.genoa), ram: 4 << 20) }
    private let challenge = [UInt8](repeating: 0xC5, count: 32)
    private let report = (0..<AttestationReport.size).map { UInt8(truncatingIfNeeded: $0) }

    /// KVM_EXIT_IO, out of 32 bits.
    private static func ring(_ run: PretendedMemory, port: UInt16 = UInt16(SKERRY_RING_PORT), page: UInt32 = UInt32(SKERRY_GUEST_RING >> 12)) {
        run.store(UInt32(2), at: skerry_run_exit_reason_at)
        run.write([1, 4], at: skerry_run_io_at)
        run.store(port, at: skerry_run_io_at + 2)
        run.store(UInt32(1), at: skerry_run_io_at + 4)
        run.store(UInt64(4096), at: skerry_run_io_at + 8)
        run.store(page, at: 4096)
    }

    /// Asks by the ring.
    private static func ask(_ operation: skerry_ring_operation, _ first: UInt64 = 0, capacity: UInt32 = 0, tag: UInt64 = 9) -> GuestKernel.Stay {
        { shared, run in
            var request = skerry_ring_request()
            (request.tag, request.operation, request.capacity, request.arguments.0) = (tag, operation.rawValue, capacity, first)
            shared.store(request, at: ring)
            Self.ring(run)
        }
    }

    private func leaveEvidence(_ shared: PretendedMemory) {
        shared.write([4] + [UInt8](repeating: 7, count: 96), at: Self.evidence)
        shared.write(report, at: Self.evidence + 272)
    }

    /// The guest of a plan of the image, launched on this kernel.
    private func guest(_ kernel: GuestKernel, manifest: [UInt8] = Array("manifest".utf8)) throws -> HardwareGuest {
        let plan = try Self.plan.get()
        let backend = KVMBackend(kernel: kernel)
        _ = try LaunchSequence(plan).launch(on: backend)
        let ring = RingService(manifest: manifest, root: try BlockStore(path: "/proc/self/exe"), console: (-1, -1, -1), counterFrequency: 1_000_000_000)
        return try HardwareGuest(on: backend, challenge: challenge, ring: ring)
    }

    @Test("the challenge lies in the evidence page, the evidence is judged before the manifest is handed out, and the status is the guest's")
    func wholeRun() throws {
        var answer: [UInt8] = []
        let kernel = GuestKernel([
            { shared, run in
                #expect(shared.load(UInt64.self, at: Self.evidence) == UInt64(SKERRY_IMAGE_MAGIC))
                #expect(shared.read(Self.evidence + 8..<Self.evidence + 40) == challenge)
                #expect(shared.load(UInt64.self, at: Self.evidence + 152) == 1)
                leaveEvidence(shared)
                Self.ask(skerry_ring_manifest_read, capacity: 100, tag: 77)(shared, run)
            },
            { shared, run in
                answer = shared.read(Self.ring + Int(SKERRY_RING_RESPONSE)..<Self.ring + Int(SKERRY_RING_RESPONSE) + 48)
                #expect(shared.read(Self.ring + Int(SKERRY_RING_PAYLOAD)..<Self.ring + Int(SKERRY_RING_PAYLOAD) + 8) == Array("manifest".utf8))
                Self.ask(skerry_ring_exit, 42)(shared, run)
            },
        ])
        let guest = try guest(kernel)
        var judged: [GuestEvidence] = []
        guest.acceptsEvidence = {
            judged.append($0)
            return true
        }
        #expect(try guest.run() == .succeeded)
        #expect(guest.exitStatus == 42)
        #expect(judged.count == 1 && judged.first?.report == report && judged.first?.publicKey.first == 4)
        #expect(answer.number(at: 0, as: UInt64.self) == 77 && answer.number(at: 8, as: UInt32.self) == 0 && answer.number(at: 12, as: UInt32.self) == 8)
    }

    @Test("a guest whose evidence is not accepted gets no answer")
    func distrusted() throws {
        let kernel = GuestKernel([Self.ask(skerry_ring_manifest_read, capacity: 100)])
        let guest = try guest(kernel)
        guest.acceptsEvidence = { _ in false }
        #expect(try guest.run() == .distrusted)
        let shared = try #require(kernel.shared)
        #expect(shared.read(Self.ring + Int(SKERRY_RING_RESPONSE)..<Self.ring + Int(SKERRY_RING_RESPONSE) + 48).allSatisfy { $0 == 0 })
    }

    @Test("other pages, other ports and other exits end the run", arguments: [0, 1, 2])
    func foreignExits(_ which: Int) throws {
        let stays: [GuestKernel.Stay] = [
            { _, run in Self.ring(run, page: 5) }, { _, run in Self.ring(run, port: 0x80) }, { _, run in run.store(UInt32(5), at: skerry_run_exit_reason_at) },
        ]
        let guest = try guest(GuestKernel([stays[which]]))
        #expect { _ = try guest.run() } throws: { ($0 as? SNPError)?.kind == .guest }
    }

    @Test("a termination request says why; a stopped guest is not entered again")
    func ends() throws {
        let refusal = try guest(
            GuestKernel([
                { _, run in
                    run.store(UInt32(24), at: skerry_run_exit_reason_at)
                    run.store(UInt32(6), at: skerry_run_system_event_type_at)
                    run.store(UInt32(1), at: skerry_run_system_event_ndata_at)
                    run.store(UInt64(0x100) | UInt64(SKERRY_TERMINATED_REFUSING) << 12 | UInt64(skerry_refusal_ring.rawValue) << 16, at: skerry_run_system_event_data_at)
                }
            ]))
        #expect(try refusal.run() == .refused(.ring))
        let stopped = try guest(GuestKernel([]))
        stopped.control.stop()
        #expect(try stopped.run() == .stopped)
    }
}
