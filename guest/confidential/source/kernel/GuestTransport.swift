import GuestHost
import Platform

/// The ring's pages, its doorbell, and the processor, as the ring's guest end needs them.
final class GuestTransport: RingTransport, @unchecked Sendable {
    override func read(_ offset: Int, into buffer: UnsafeMutableRawBufferPointer) {
        guard let start = buffer.baseAddress else { return }
        Shared.read(Layout.ring &+ UInt64(clamping: offset), into: start, buffer.count)
    }

    override func write(_ offset: Int, from buffer: UnsafeRawBufferPointer) {
        guard let start = buffer.baseAddress else { return }
        Shared.write(Layout.ring &+ UInt64(clamping: offset), from: start, buffer.count)
    }

    override func exchange() { HostProtocol.writePort(SKERRY_RING_PORT, UInt32(truncatingIfNeeded: Layout.ring >> 12)) }

    override func counter() -> UInt64 { skerry_counter() }

    override func random(_ buffer: UnsafeMutableRawBufferPointer) { Randomness.fill(buffer) }

    override func processorLeaf(_ function: UInt32, _ index: UInt32) -> ProcessorLeaf {
        let registers = CPUIDTable.answer(function, index)
        return ProcessorLeaf(eax: registers.eax, ebx: registers.ebx, ecx: registers.ecx, edx: registers.edx)
    }

    override func violate(_ violation: RingViolation) {
        switch violation {
        case .image: refuse(skerry_refusal_root)
        case .manifest: refuse(skerry_refusal_manifest)
        case .store: refuse(skerry_refusal_store)
        default: refuse(skerry_refusal_ring)
        }
    }
}

/// SHA-256 of the cryptographic library.
final class GuestHasher: ContentHasher, @unchecked Sendable {
    override func digest(domain: UInt8?, _ bytes: UnsafeRawBufferPointer) -> ContentDigest {
        var digest = ContentDigest()
        var first = domain ?? 0
        digest.withUnsafeMutableBytes { buffer in
            if let start = buffer.baseAddress { skerry_sha256(&first, domain == nil ? 0 : 1, bytes.baseAddress, bytes.count, start) }
        }
        return digest
    }
}

/// Random numbers: a generator of the cryptographic library (HMAC_DRBG with SHA-256) over the processor's, which is asked anew each time. Without the processor's
/// there is no guest.
enum Randomness {
    static func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        guard let start = buffer.baseAddress, buffer.count > 0 else { return }
        var seed: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &seed) { bytes in
            let words = bytes.bindMemory(to: UInt64.self)
            guard let first = words.baseAddress else { refuse(skerry_refusal_random) }
            for index in words.indices where skerry_random(first + index) == 0 { refuse(skerry_refusal_random) }
            skerry_generate(first, 32, start, buffer.count)
            skerry_wipe(first, 32)
        }
    }
}

/// What Swift's run time seeds its hash tables with.
@_cdecl("arc4random_buf")
public func fillRandomly(_ place: UnsafeMutableRawPointer, _ count: Int) { Randomness.fill(UnsafeMutableRawBufferPointer(start: place, count: count)) }
