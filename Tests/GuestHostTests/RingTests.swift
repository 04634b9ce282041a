import Confidential
import ConfidentialABI
import Glibc
import GuestHost
import LibraryOS
import Testing

/// Each operation, over an honest host.
@Suite struct RingTests {
    @Test func aBlockStoreGivesItsBlocks() throws {
        let content = (0..<40 * 4096).map { UInt8(truncatingIfNeeded: $0 / 4096 &* 7 &+ $0) }
        let bed = try RingBed(root: content)
        #expect(try bed.ring.blocks(0, 16) == Array(content[..<65536]))
        #expect(try bed.ring.blocks(39, 1) == Array(content[(39 * 4096)...]))
        #expect(errno { _ = try bed.ring.blocks(39, 2) } == .EIO)
        #expect(errno { _ = try bed.ring.blocks(.max, 1) } == .EIO)
        #expect(errno { _ = try bed.ring.blocks(0, 1, store: 7) } == .EACCES)
        #expect(errno { _ = try bed.ring.blocks(0, 17) } == .EINVAL)
        #expect(bed.transport.violations.isEmpty && !bed.transport.readTwice)
    }

    @Test func aSealedStoreKeepsWhatIsWritten() throws {
        let bed = try RingBed(sealedBlocks: 20)
        let content = (0..<8192).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try content.withUnsafeBytes { try bed.ring.writeBlocks(store: 1, first: 18, from: $0) }
        #expect(try bed.ring.blocks(17, 3, store: 1) == Array(repeating: 0, count: 4096) + content)
        #expect(errno { try content.withUnsafeBytes { try bed.ring.writeBlocks(store: 1, first: 19, from: $0) } } == .EIO)
        try bed.ring.flushBlocks(store: 1)
        #expect(errno { try bed.ring.flushBlocks(store: 0) } == .EACCES)
        #expect(errno { try bed.ring.flushBlocks(store: 2) } == .EACCES)
        #expect(errno { try content.withUnsafeBytes { try bed.ring.writeBlocks(store: 0, first: 0, from: $0) } } == .EACCES)
    }

    @Test func consoleStreamsMoveBytesAndNeverWait() throws {
        let bed = try RingBed()
        #expect(try bed.ring.print(Array("to output".utf8)) == 9)
        #expect(try bed.ring.print(Array("to error".utf8), to: 2) == 8)
        #expect(available(bed.output) == Array("to output".utf8))
        #expect(available(bed.error) == Array("to error".utf8))
        #expect(errno { _ = try bed.ring.input(10) } == .EAGAIN)
        #expect(write(bed.input, "typed", 5) == 5)
        #expect(try bed.ring.input(3) == Array("typ".utf8))
        #expect(try bed.ring.input(10) == Array("ed".utf8))
        bed.hangUp(bed.input)
        #expect(try bed.ring.input(10) == [])
    }

    @Test func aFullPipeTakesAPartAndThenNothing() throws {
        let bed = try RingBed()
        let much = [UInt8](repeating: 0x61, count: 1 << 16)
        var taken = 0
        var end: Errno?
        for _ in 0..<64 where end == nil { end = errno { taken += try bed.ring.print(much) } }
        #expect(end == .EAGAIN && taken >= 1 << 16)
        bed.hangUp(bed.output)
        #expect(errno { _ = try bed.ring.print(much) } == .EPIPE)
    }

    @Test func waitTellsWhatIsReadyAndSleepsNoLonger() throws {
        let bed = try RingBed()
        let all = RingEvents(readable: 1, writable: 0b110)
        #expect(try bed.ring.wait(for: RingEvents(readable: 1), nanoseconds: 1_000_000) == RingEvents())
        #expect(try bed.ring.wait(for: all, nanoseconds: nil) == RingEvents(writable: 0b110))
        _ = write(bed.input, "x", 1)
        #expect(try bed.ring.wait(for: all, nanoseconds: nil) == all)
        #expect(try bed.ring.wait(for: RingEvents(readable: 1), nanoseconds: nil) == RingEvents(readable: 1))
        _ = try bed.ring.input(1)
        bed.hangUp(bed.input)
        #expect(try bed.ring.wait(for: RingEvents(readable: 1), nanoseconds: nil) == RingEvents(readable: 1, ended: 1))
        bed.hangUp(bed.output)
        #expect(try bed.ring.wait(for: RingEvents(writable: 2), nanoseconds: nil) == RingEvents(writable: 2, ended: 2))
        // A stream that is not there does not make the guest sleep for ever.
        #expect(try bed.ring.wait(for: RingEvents(readable: 1 << 40), nanoseconds: nil) == RingEvents(readable: 1 << 40, ended: 1 << 40))
    }

    @Test func streamsLeadWhereTheHostConnectsThem() throws {
        struct Pair: StreamConnector {
            let descriptor: Int32
            func connect(_ name: [UInt8]) -> Int32? { name == Array("owner".utf8) ? descriptor : nil }
        }
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { close(ends[1]) }
        let bed = try RingBed(connector: Pair(descriptor: ends[0]))
        #expect(errno { try bed.ring.openStream(3, name: Array("stranger".utf8)) } == .EACCES)
        #expect(errno { try bed.ring.openStream(2, name: Array("owner".utf8)) } == .EINVAL)
        try bed.ring.openStream(3, name: Array("owner".utf8))
        #expect(errno { try bed.ring.openStream(3, name: Array("owner".utf8)) } == .EACCES)
        #expect(try Array("question".utf8).withUnsafeBytes { try bed.ring.send(3, from: $0) } == 8)
        #expect(available(ends[1]) == Array("question".utf8))
        var buffer = [UInt8](repeating: 0, count: 16)
        #expect(errno { _ = try buffer.withUnsafeMutableBytes { try bed.ring.receive(3, into: $0) } } == .EAGAIN)
        _ = write(ends[1], "answer", 6)
        #expect(try buffer.withUnsafeMutableBytes { try bed.ring.receive(3, into: $0) } == 6)
        #expect(buffer.starts(with: Array("answer".utf8)))
        try bed.ring.closeStream(3)
        #expect(errno { try bed.ring.closeStream(3) } == .EACCES)
        #expect(available(ends[1]) == [])
    }

    @Test func aStreamEndsInOneDirectionOrIsReset() throws {
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        let descriptor = ends[0]
        struct Pair: StreamConnector {
            let descriptor: Int32
            func connect(_ name: [UInt8]) -> Int32? { descriptor }
        }
        let bed = try RingBed(connector: Pair(descriptor: descriptor))
        #expect(errno { try bed.ring.finishStream(3) } == .EACCES)
        #expect(errno { try bed.ring.finishStream(2) } == .EBADF)
        try bed.ring.openStream(3, name: [1])
        #expect(try Array("last".utf8).withUnsafeBytes { try bed.ring.send(3, from: $0) } == 4)
        try bed.ring.finishStream(3)
        var buffer = [UInt8](repeating: 0, count: 16)
        #expect(read(ends[1], &buffer, 16) == 4 && read(ends[1], &buffer, 16) == 0)
        _ = write(ends[1], "answer", 6)
        #expect(try buffer.withUnsafeMutableBytes { try bed.ring.receive(3, into: $0) } == 6)
        try bed.ring.closeStream(3)
        close(ends[1])

        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        let second = try RingBed(connector: Pair(descriptor: ends[0]))
        try second.ring.openStream(3, name: [1])
        #expect(try [1, 2].withUnsafeBytes { try second.ring.send(3, from: UnsafeRawBufferPointer(rebasing: $0[..<2])) } == 2)
        // Linux: who closes with bytes unread resets the connection.
        close(ends[1])
        #expect(errno { _ = try buffer.withUnsafeMutableBytes { try second.ring.receive(3, into: $0) } } == .EPIPE)
        #expect(second.transport.violations == [])
    }

    @Test func theManifestComesInPieces() throws {
        let manifest = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 / 3) }
        #expect(try RingBed(manifest: manifest).ring.readManifest() == manifest)
        #expect(try RingBed().ring.readManifest() == [])
    }

    @Test func exitEndsTheRunWithItsStatus() throws {
        let bed = try RingBed()
        bed.ring.exit(status: 42)
        #expect(bed.status.value == .exited(42))
    }

    @Test func everyRequestHasATagOfItsOwn() throws {
        var tags: Set<UInt64> = []
        let transport = LoopTransport { pages in
            tags.insert(pages.bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
        }
        for _ in 0..<100 { _ = try? Ring(transport).wallClock() }
        #expect(tags.count == 100)
    }
}
