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
    private func guest(_ kernel: GuestKernel, hasWorkload: Bool = true) throws -> HardwareGuest {
        let plan = try Self.plan.get()
        let backend = KVMBackend(kernel: kernel)
        _ = try LaunchSequence(plan).launch(on: backend)
        guard hasWorkload else { return try HardwareGuest(on: backend, challenge: challenge, ring: nil) }
        let ring = RingService(manifest: Array("manifest".utf8), root: try BlockStore(path: "/proc/self/exe"), console: (-1, -1, -1), counterFrequency: 1_000_000_000)
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

    /// The termination request of the GHCB protocol as KVM reports it.
    private static func terminate(_ set: UInt64, _ code: UInt64) -> GuestKernel.Stay {
        { _, run in
            run.store(UInt32(24), at: skerry_run_exit_reason_at)
            run.store(UInt32(6), at: skerry_run_system_event_type_at)
            run.store(UInt32(1), at: skerry_run_system_event_ndata_at)
            run.store(UInt64(0x100) | set << 12 | code << 16, at: skerry_run_system_event_data_at)
        }
    }

    @Test("without a program it is told so, and ends with its evidence; a ring that it asks by all the same is none")
    func evidenceAlone() throws {
        let alone = try guest(
            GuestKernel([
                { shared, run in
                    #expect(shared.load(UInt64.self, at: Self.evidence + 152) == 0)
                    leaveEvidence(shared)
                    Self.terminate(UInt64(SKERRY_TERMINATED_SUCCESS), 0)(shared, run)
                }
            ]), hasWorkload: false)
        #expect(try alone.run() == .succeeded)
        #expect(alone.evidence.report == report && alone.evidence.publicKey.first == 4)
        let asking = try guest(GuestKernel([Self.ask(skerry_ring_manifest_read, capacity: 100)]), hasWorkload: false)
        #expect { _ = try asking.run() } throws: { ($0 as? SNPError)?.kind == .guest }
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

    @Test("a program's time is over: the guest is asked for a moment in which it takes interrupts, and gets its one vector then")
    func preemption() throws {
        var windows: [UInt8] = []
        func exit(_ reason: UInt32, takesInterrupts: Bool) -> GuestKernel.Stay {
            { _, run in
                windows.append(run.load(UInt8.self, at: skerry_run_interrupt_window_at))
                run.store(reason, at: skerry_run_exit_reason_at)
                run.store(UInt8(takesInterrupts ? 1 : 0), at: skerry_run_takes_interrupts_at)
            }
        }
        let kernel = GuestKernel([
            exit(10, takesInterrupts: false), exit(7, takesInterrupts: true), exit(10, takesInterrupts: true),
            { shared, run in
                windows.append(run.load(UInt8.self, at: skerry_run_interrupt_window_at))
                Self.ask(skerry_ring_exit, 3)(shared, run)
            },
        ])
        #expect(try guest(kernel).run() == .succeeded)
        #expect(windows == [0, 1, 0, 0])
        #expect(kernel.interrupts == [UInt32(SKERRY_EVENT_PREEMPTED), UInt32(SKERRY_EVENT_PREEMPTED)])
    }

    @Test("whoever runs too long is taken out: the run structure asks for it, and the ring is answered as if nothing had been")
    func turns() throws {
        var (wasAsked, later): (Bool, [UInt8]) = (false, [])
        // Another turn may just be over at one of them, but not at all.
        let looks: [GuestKernel.Stay] = (0..<5).map { _ in
            { _, run in
                later.append(run.load(UInt8.self, at: skerry_run_immediate_exit_at))
                run.store(UInt32(10), at: skerry_run_exit_reason_at)
            }
        }
        let kernel = GuestKernel(
            [
                { _, run in
                    // The next entry would end at once.
                    for _ in 0..<1000 where !wasAsked {
                        usleep(10_000)
                        wasAsked = run.load(UInt8.self, at: skerry_run_immediate_exit_at) == 1
                    }
                    run.store(UInt32(10), at: skerry_run_exit_reason_at)
                }
            ] + looks + [Self.ask(skerry_ring_exit, 3)])
        #expect(try guest(kernel).run() == .succeeded)
        #expect(wasAsked)
        #expect(later.contains(0))
    }

    @Test("a termination request says why; a stopped guest is not entered again")
    func ends() throws {
        let refusal = try guest(GuestKernel([Self.terminate(UInt64(SKERRY_TERMINATED_REFUSING), UInt64(skerry_refusal_ring.rawValue))]))
        #expect(try refusal.run() == .refused(.ring))
        let stopped = try guest(GuestKernel([]))
        stopped.control.stop()
        #expect(try stopped.run() == .stopped)
    }
}
