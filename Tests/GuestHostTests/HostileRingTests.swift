import Confidential
import ConfidentialABI
import Glibc
import GuestHost
import LibraryOS
import Testing

/// A host that cheats: each lie is a violation, and nothing is read from the host after it.
@Suite struct HostileRingTests {
    /// Everything a guest asks for, in an order; what a violation ends is told by the transport.
    private func useEverything(_ bed: RingBed) {
        _ = try? bed.ring.blocks(0, 2)
        _ = try? bed.ring.blocks(1, 3)
        _ = try? bed.ring.print(Array("hello".utf8))
        _ = write(bed.input, "typed", 5)
        _ = try? bed.ring.input(5)
        _ = try? bed.ring.wait(for: RingEvents(readable: 1), nanoseconds: 0)
        _ = try? bed.ring.wallClock()
        _ = try? bed.ring.counterFrequency()
    }

    private func violations(_ deviations: RingDeviation...) throws -> [RingViolation] {
        let bed = try RingBed(root: [UInt8](repeating: 7, count: 4 * 4096), deviations: deviations)
        useEverything(bed)
        #expect(!bed.transport.readTwice)
        let exchanges = bed.transport.exchanges
        if !bed.transport.violations.isEmpty {
            #expect(errno { _ = try bed.ring.wallClock() } == .EIO)
            #expect(bed.transport.exchanges == exchanges, "a dead ring asks nothing any more")
        }
        return bed.transport.violations
    }

    @Test func anHonestHostViolatesNothing() throws { #expect(try violations() == []) }

    @Test(arguments: 0..<7) func anotherTagIsAViolation(request: Int) throws { #expect(try violations(.wrongTag(request)) == [.tag]) }

    @Test(arguments: 1..<7) func aResponseOfBeforeIsAViolation(request: Int) throws {
        #expect(try violations(.replay(request)) == [.tag])
        #expect(try violations(.keepSilent(request)) == [.tag])
    }

    @Test(arguments: 0..<7, [6, 7, 0x100, UInt32.max]) func anUnknownStatusIsAViolation(request: Int, status: UInt32) throws {
        #expect(try violations(.status(request, status)) == [.status])
    }

    @Test func aStatusOfAnotherOperationIsAViolation() throws {
        #expect(try violations(.status(0, skerry_ring_would_block.rawValue)) == [.status])
        #expect(try violations(.status(2, skerry_ring_full.rawValue)) == [.status])
        #expect(try violations(.status(3, skerry_ring_broken.rawValue)) == [.status])
        for request in 4...6 { #expect(try violations(.status(request, skerry_ring_would_block.rawValue)) == [.status]) }
    }

    @Test(arguments: 0..<7, [1, 4096, 0x7FFF_FFFF, UInt32.max / 2]) func anOverlongPayloadIsAViolation(request: Int, excess: UInt32) throws {
        #expect(try violations(.overlong(request, by: excess)) == [.length])
    }

    @Test func payloadWithAFailureIsAViolation() throws {
        #expect(try violations(.status(0, skerry_ring_failed.rawValue)) == [.length])
    }

    @Test func fewerBlocksThanAskedForAreAViolation() throws { #expect(try violations(.short(1)) == [.length]) }

    @Test func takingMoreThanWasGivenIsAViolation() throws { #expect(try violations(.takeMore(2)) == [.result]) }

    @Test func eventsNobodyAskedForAreAViolation() throws { #expect(try violations(.foreignEvents(4)) == [.result]) }

    @Test func aPayloadThatOverlapsIsAViolation() throws { #expect(try violations(.overlap(0)) == [.length]) }

    @Test func anEndlessManifestIsAViolation() throws {
        let bed = try RingBed(deviations: [.endlessManifest])
        #expect(errno { _ = try bed.ring.readManifest() } == .EIO)
        #expect(bed.transport.violations == [.length])
        #expect(bed.transport.exchanges <= 18)
    }

    @Test func theRequestThatShouldBeTheLastReturnsToItsCaller() throws {
        let bed = try RingBed(deviations: [.goOnAfterExit])
        bed.ring.exit(status: 1)
        #expect(bed.status.value == .goOn)
    }
}
