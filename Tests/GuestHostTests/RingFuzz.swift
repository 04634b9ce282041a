import Confidential
import ConfidentialABI
import Foundation
import GuestHost
import LibraryOS
import Testing

/// Random numbers that a seed repeats (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}

/// How long a fuzzer goes on: two seconds, or SKERRY_FUZZ_SECONDS.
func fuzz(_ body: (inout SeededGenerator) throws -> Void) rethrows {
    let seconds = ProcessInfo.processInfo.environment["SKERRY_FUZZ_SECONDS"].flatMap(Double.init) ?? 2
    let end = ContinuousClock.now + .seconds(seconds)
    var seed = ProcessInfo.processInfo.environment["SKERRY_FUZZ_SEED"].flatMap(UInt64.init) ?? .random(in: 0...UInt64(UInt32.max))
    while ContinuousClock.now < end {
        var generator = SeededGenerator(state: seed)
        try body(&generator)
        seed += 1
    }
}

/// Random responses: whatever the host writes into its pages, the guest's end writes only where it was told to and comes back.
@Suite struct RingFuzz {
    /// Responses that get past the first checks now and then: the right tag, small numbers, some of the payload.
    private static func respond(_ pages: RingPages, _ generator: inout SeededGenerator) {
        var response = skerry_ring_response()
        withUnsafeMutableBytes(of: &response) { for index in $0.indices { $0[index] = .random(in: 0...255, using: &generator) } }
        if Int.random(in: 0..<16, using: &generator) > 0 { response.tag = pages.bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) } }
        if Bool.random(using: &generator) { response.status = .random(in: 0...7, using: &generator) }
        if Bool.random(using: &generator) { response.length = .random(in: 0...5000, using: &generator) }
        if Bool.random(using: &generator) { response.length = 0 }
        if Bool.random(using: &generator) { response.results = (.random(in: 0...3, using: &generator), .random(in: 0...3, using: &generator), 0, 0) }
        withUnsafeBytes(of: &response) { pages.bytes.replaceSubrange(Int(SKERRY_RING_RESPONSE)..<Int(SKERRY_RING_RESPONSE) + $0.count, with: $0) }
        let place = Int.random(in: 0..<pages.bytes.count - 8, using: &generator)
        if place < Int(SKERRY_RING_RESPONSE) || place >= Int(SKERRY_RING_PAYLOAD) { pages.bytes[place] = .random(in: 0...255, using: &generator) }
    }

    /// A buffer between two fences; `body` gets the buffer. Whether the fences stand.
    private static func fenced(_ count: Int, _ body: (UnsafeMutableRawBufferPointer) -> Int?) -> Bool {
        var bytes = [UInt8](repeating: 0xA5, count: count + 128)
        let written = bytes.withUnsafeMutableBytes { body(UnsafeMutableRawBufferPointer(rebasing: $0[64..<64 + count])) }
        let end = 64 + (written ?? count)
        return bytes[..<64].allSatisfy { $0 == 0xA5 } && bytes[min(end, 64 + count)...].allSatisfy { $0 == 0xA5 } && (written ?? 0) <= count
    }

    @Test func randomResponsesNeverReachOutsideTheBuffers() {
        fuzz { generator in
            var answers = generator
            let transport = LoopTransport { pages in Self.respond(pages, &answers) }
            let ring = Ring(transport)
            for _ in 0..<40 where transport.violations.isEmpty {
                let count = Int.random(in: 1...4096, using: &generator)
                switch Int.random(in: 0..<7, using: &generator) {
                case 0: #expect(Self.fenced(count) { try? ring.readConsole(into: $0) })
                case 1: #expect(Self.fenced(count) { try? ring.receive(5, into: $0) })
                case 2:
                    #expect(
                        Self.fenced(4096 * Int.random(in: 1...2, using: &generator)) { buffer in (try? ring.readBlocks(store: 0, first: 1, into: buffer)).map { buffer.count } })
                case 3:
                    if let taken = try? ring.print([UInt8](repeating: 1, count: count)) { #expect((1...count).contains(taken)) }
                case 4:
                    let asked = RingEvents(readable: generator.next(), writable: generator.next())
                    if let found = try? ring.wait(for: asked, nanoseconds: 5) {
                        #expect(found.readable & ~asked.readable == 0 && found.writable & ~asked.writable == 0 && found.ended & ~(asked.readable | asked.writable) == 0)
                    }
                case 5: if let manifest = try? ring.readManifest() { #expect(manifest.count <= 1 << 20) }
                default: _ = try? ring.closeStream(9)
                }
            }
            #expect(!transport.readTwice)
            #expect(transport.violations.count <= 1)
        }
    }

    /// The other way round: a guest that writes anything into the ring gets an answer, and the monitor lives.
    @Test func randomRequestsAreAnswered() throws {
        let bed = try RingBed(root: [UInt8](repeating: 3, count: 5 * 4096), manifest: [1, 2, 3], sealedBlocks: 8)
        fuzz { generator in
            var request = skerry_ring_request()
            withUnsafeMutableBytes(of: &request) { for index in $0.indices { $0[index] = .random(in: 0...255, using: &generator) } }
            if Int.random(in: 0..<8, using: &generator) > 0 { request.operation = .random(in: 0..<skerry_ring_operations_end.rawValue, using: &generator) }
            // Not for ever.
            if request.operation == skerry_ring_wait.rawValue { request.arguments.0 = .random(in: 0...100_000, using: &generator) }
            if Bool.random(using: &generator) { request.arguments.0 = .random(in: 0...4, using: &generator) }
            if Bool.random(using: &generator) { request.arguments.1 = .random(in: 0...9, using: &generator) }
            if Bool.random(using: &generator) { request.arguments.2 = .random(in: 0...17, using: &generator) }
            if Bool.random(using: &generator) { request.length = .random(in: 0...20, using: &generator) * 4096 }
            if Bool.random(using: &generator) { request.capacity = .random(in: 0...20, using: &generator) * 4096 }
            withUnsafeBytes(of: &request) { bed.transport.pages.bytes.replaceSubrange(0..<$0.count, with: $0) }
            bed.transport.exchange()
            let (tag, status, length) = bed.transport.pages.bytes[Int(SKERRY_RING_RESPONSE)...].withUnsafeBytes {
                ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt32.self), $0.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
            }
            if request.operation != skerry_ring_exit.rawValue || request.length > 65536 || request.capacity > 65536 {
                #expect(tag == request.tag)
                #expect(status < skerry_ring_statuses_end.rawValue && length <= request.capacity)
            }
            // What it wrote is taken away, so that no pipe stays full.
            _ = try? bed.ring.wait(for: RingEvents(), nanoseconds: 0)
        }
    }
}
