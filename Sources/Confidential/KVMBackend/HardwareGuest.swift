internal import ConfidentialABI

/// Runs the guest image that KVM has launched on SEV-SNP hardware: serves its ring, until its program ends. It has never run on silicon.
///
/// What the guest shares is in the shared side of its memory. One thread runs a guest, once.
public final class HardwareGuest {
    private let backend: KVMBackend
    private let ring: RingService
    private let memory: any HostMemory
    private let base: UInt64
    /// Judges the guest's evidence before it gets anything by the ring: false ends it.
    public var acceptsEvidence: ((GuestEvidence) -> Bool)?
    /// Ends the guest from another thread; it is seen when the processor comes back, by itself or by a signal.
    public let control = GuestControl()
    /// What the guest has said of its program's end.
    public private(set) var exitStatus: UInt8?

    /// A guest that the back end has launched by a plan of `GuestImage`.
    ///
    /// - Parameter challenge: 32 bytes that the report will bind.
    /// - Throws: `plan` for another guest.
    public init(on backend: KVMBackend, challenge: [UInt8], ring: RingService) throws(SNPError) {
        let evidence = UInt64(SKERRY_GUEST_EVIDENCE)
        guard challenge.count == 32, let slot = backend.guest?.memory.slot(containing: evidence..<evidence + PageSize.small) else {
            throw SNPError(.plan, "the guest", "it has no page for its evidence; use GuestImage.plan")
        }
        (self.backend, self.ring, memory, base) = (backend, ring, slot.sharedSide, slot.region.address)
        memory.write(GuestChallenge(nonce: challenge, hasWorkload: true).page, at: Int(evidence - base))
    }

    /// Runs the guest to its end.
    ///
    /// - Throws: `guest` when it does what is not part of its interface, `kernel` when KVM_RUN fails.
    public func run() throws(SNPError) -> GuestEnd {
        while exitStatus == nil {
            if control.isStopped { return .stopped }
            switch try backend.enter(0) {
            case .portOut(UInt16(SKERRY_RING_PORT), let bytes):
                guard bytes.count == 4, bytes.number(at: 0, as: UInt32.self) == UInt32(SKERRY_GUEST_RING >> 12) else {
                    throw SNPError(.guest, "the ring's doorbell", "the guest names other pages than those of its image")
                }
                if let judge = acceptsEvidence {
                    acceptsEvidence = nil
                    let at = Int(UInt64(SKERRY_GUEST_EVIDENCE) - base)
                    guard judge(GuestEvidence(ring: memory.read(at..<at + PageSize.bytes))) else { return .distrusted }
                }
                if case .exited(let status) = try ring.serve(RingSide(memory: memory, start: Int(UInt64(SKERRY_GUEST_RING) - base))) { exitStatus = status }
            case .terminated(let set, let code): return GuestEnd(terminationRequest: UInt64(set) << 12 | UInt64(code) << 16)
            case .interrupted: continue
            case .shutdown: return .crashed
            case let other: throw SNPError(.guest, "the guest", "it left by \(other), which is not part of its interface")
            }
        }
        return .succeeded
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
