internal import ConfidentialABI

/// Runs the guest image that KVM has launched on SEV-SNP hardware: serves its ring until its program ends, or takes its evidence. It has never run on silicon.
///
/// What the guest shares is in the shared side of its memory. One thread runs a guest, once.
public final class HardwareGuest {
    private let backend: KVMBackend
    private let ring: RingService?
    private let memory: any HostMemory
    private let base: UInt64
    private let exitRequest: ExitRequest
    /// Judges the guest's evidence before it gets anything by the ring: false ends it.
    public var acceptsEvidence: ((GuestEvidence) -> Bool)?
    /// Ends the guest from another thread, whatever it does.
    public let control = GuestControl()
    /// What the guest has said of its program's end.
    public private(set) var exitStatus: UInt8?

    /// A guest that the back end has launched by a plan of `GuestImage`.
    ///
    /// - Parameters:
    ///   - challenge: 32 bytes that the report will bind.
    ///   - ring: Who serves the ring; nil when the guest is to give its evidence and end.
    /// - Throws: `plan` for another guest.
    public init(on backend: KVMBackend, challenge: [UInt8], ring: RingService?) throws(SNPError) {
        let evidence = UInt64(SKERRY_GUEST_EVIDENCE)
        guard challenge.count == 32, let slot = backend.guest?.memory.slot(containing: evidence..<evidence + PageSize.small),
            let exitRequest = backend.guest?.exitRequest(0)
        else {
            throw SNPError(.plan, "the guest", "it has no page for its evidence; use GuestImage.plan")
        }
        (self.backend, self.ring, memory, base, self.exitRequest) = (backend, ring, slot.sharedSide, slot.region.address, exitRequest)
        memory.write(GuestChallenge(nonce: challenge, hasWorkload: ring != nil).page, at: Int(evidence - base))
    }

    /// Runs the guest to its end.
    ///
    /// - Throws: `guest` when it does what is not part of its interface, `kernel` when KVM_RUN fails.
    public func run() throws(SNPError) -> GuestEnd {
        let ticker = Ticker(control, requestExit: { [exitRequest] in exitRequest.make() })
        while exitStatus == nil {
            if control.isStopped { return .stopped }
            ticker.start()
            let event = try backend.enter(0)
            ticker.stop()
            switch event {
            case .portOut(UInt16(SKERRY_RING_PORT), let bytes):
                if try !answer(bytes) { return .distrusted }
            case .terminated(let set, let code): return GuestEnd(terminationRequest: UInt64(set) << 12 | UInt64(code) << 16)
            // The host does not see whether a program runs. The guest takes the interrupt only then, and knows no other: one that comes late takes a moment of a program.
            case .interrupted:
                exitRequest.clear()
                _ = try backend.interrupt(0, UInt8(SKERRY_EVENT_PREEMPTED))
            case .interruptWindow: _ = try backend.interrupt(0, UInt8(SKERRY_EVENT_PREEMPTED))
            case .shutdown: return .crashed
            case let other: throw SNPError(.guest, "the guest", "it left by \(other), which is not part of its interface")
            }
        }
        return .succeeded
    }

    /// What the guest has left for the relying party, once it has ended with success or asks by the ring for the first time.
    public var evidence: GuestEvidence {
        let at = Int(UInt64(SKERRY_GUEST_EVIDENCE) - base)
        return GuestEvidence(ring: memory.read(at..<at + PageSize.bytes))
    }

    /// Serves the ring; false for a guest whose evidence is not accepted, which gets nothing.
    private func answer(_ doorbell: [UInt8]) throws(SNPError) -> Bool {
        guard let ring, doorbell.count == 4, doorbell.number(at: 0, as: UInt32.self) == UInt32(SKERRY_GUEST_RING >> 12) else {
            throw SNPError(.guest, "the ring's doorbell", "the guest names other pages than those of its image, or has nothing to ask for")
        }
        if let judge = acceptsEvidence {
            acceptsEvidence = nil
            guard judge(evidence) else { return false }
        }
        if case .exited(let status) = try ring.serve(RingSide(memory: memory, start: Int(UInt64(SKERRY_GUEST_RING) - base))) { exitStatus = status }
        return true
    }
}

/// The ring's pages in the shared side.
private struct RingSide: RingMemory {
    let memory: any HostMemory
    let start: Int

    private func range(_ offset: Int, _ count: Int) -> Range<Int>? {
        guard offset >= 0, count >= 0, offset + count <= Int(SKERRY_GUEST_RING_PAGES) * PageSize.bytes, start + offset + count <= memory.size else { return nil }
        return start + offset..<start + offset + count
    }

    func read(_ offset: Int, _ count: Int) -> [UInt8]? { range(offset, count).map { memory.read($0) } }

    func write(_ offset: Int, _ bytes: [UInt8]) -> Bool {
        guard let range = range(offset, bytes.count) else { return false }
        memory.write(bytes, at: range.lowerBound)
        return true
    }
}
