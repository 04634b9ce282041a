import Confidential
import ConfidentialABI
import Glibc
import GuestHost
import Synchronization
import Testing

@testable import LibraryOS

/// Clocks, timers and streams as the library OS sees them in a confidential guest.
@Suite struct RingHostTests {
    private static var emptyTree: MemoryTree { MemoryTree(root: MemoryTree.File(.directory, 0o755, number: 1)) }

    private func bed(_ deviations: RingDeviation...) throws -> ImageBed {
        let (bytes, identity) = try image(of: Self.emptyTree)
        return try ImageBed(bytes, identity, deviations: deviations)
    }

    /// Counts its wakes.
    final class Waiter: WaitQueueWaiter, @unchecked Sendable {
        let wakes = Atomic<Int>(0)
        override func wake(from queue: WaitQueue) { wakes.add(1, ordering: .relaxed) }
        var count: Int { wakes.load(ordering: .relaxed) }
    }

    // MARK: Clocks

    @Test func clocksFollowTheCounterAndNeverGoBack() throws {
        let (bytes, identity) = try image(of: Self.emptyTree)
        let ring = try RingBed(root: bytes, frequency: 3_000_000_000)
        let transport = ring.transport
        transport.ticks = 1 << 40
        let host = try RingHost(ring: ring.ring, image: try RootImage(ring.ring, identity, hasher: LibCryptoHasher()))
        #expect(host.now(.monotonic) == 0)
        let start = host.now(.realtime)
        transport.ticks = 1 << 40 + 4_500_000_000
        #expect(host.now(.monotonic) == 1_500_000_000)
        #expect(host.now(.boottime) == 1_500_000_000 && host.now(.monotonicRaw) == 1_500_000_000)
        #expect(host.now(.realtime) == start + 1_500_000_000)
        // The host turns the counter back.
        transport.ticks = 5
        #expect(host.now(.monotonic) == 1_500_000_000)
        #expect(host.now(.realtime) == start + 1_500_000_000)
        transport.ticks = .max
        let end = host.now(.monotonic)
        #expect(end >= 1_500_000_000 && host.now(.realtime) >= start)
        #expect(ring.transport.violations.isEmpty)
    }

    @Test func theDateIsTheHosts() throws {
        let host = try bed().host
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        #expect(abs(host.now(.realtime) / 1_000_000_000 - Int64(time.tv_sec)) < 600)
    }

    @Test(arguments: [RingDeviation.date(0), .date(.max), .date(1 << 63), .frequency(0), .frequency(1), .frequency(.max)])
    func aDateOrFrequencyThatCannotBeIsAViolation(deviation: RingDeviation) throws {
        let (bytes, identity) = try image(of: Self.emptyTree)
        let ring = try RingBed(root: bytes, deviations: [deviation])
        let root = try RootImage(ring.ring, identity, hasher: LibCryptoHasher())
        #expect(errno { _ = try RingHost(ring: ring.ring, image: root) } == .EIO)
        #expect(ring.transport.violations == [.clock])
    }

    @Test func theArmedTimerEndsASleepAndIsTakenOnce() throws {
        let host = try bed().host
        #expect(host.takeExpiredTimer() == nil)
        let due = MonotonicInstant(nanoseconds: host.now(.monotonic) + 3_000_000)
        host.armTimer(at: due)
        #expect(host.nextDeadline == due)
        while host.takeExpiredTimer() == nil { try host.wait(until: nil) }
        #expect(host.now(.monotonic) >= due.nanoseconds)
        #expect(host.nextDeadline == nil && host.takeExpiredTimer() == nil)
        host.armTimer(at: MonotonicInstant(nanoseconds: .max))
        host.armTimer(at: nil)
        #expect(host.nextDeadline == nil)
    }

    @Test func aTaskThatWaitsLessLongEndsTheSleep() throws {
        let host = try bed().host
        host.armTimer(at: MonotonicInstant(nanoseconds: .max))
        try host.wait(until: MonotonicInstant(nanoseconds: host.now(.monotonic) + 2_000_000))
        try host.wait(until: MonotonicInstant(nanoseconds: .min))
    }

    // MARK: Streams

    private func read(_ host: RingHost, _ count: Int, pieces: Int = 1) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        let moved = try buffer.withUnsafeMutableBytes { raw in
            let size = max(1, count / pieces)
            return try host.read(
                host.standardStream(0), into: stride(from: 0, to: count, by: size).map { UnsafeMutableRawBufferPointer(rebasing: raw[$0..<min(count, $0 + size)]) }, at: nil)
        }
        return Array(buffer[..<moved])
    }

    private func write(_ host: RingHost, _ text: [UInt8], to number: UInt64) throws -> Int {
        var text = text
        return try text.withUnsafeMutableBytes { try host.write(host.standardStream(number), from: [$0], at: nil) }
    }

    @Test func standardStreamsArePipes() throws {
        let bed = try bed()
        #expect(try bed.host.attributes(of: bed.host.standardStream(0)).kind == .fifo)
        #expect(try write(bed.host, Array("out".utf8), to: 1) == 3)
        #expect(try write(bed.host, Array("err".utf8), to: 2) == 3)
        #expect(available(bed.ring.output) == Array("out".utf8) && available(bed.ring.error) == Array("err".utf8))
        #expect(errno { _ = try read(bed.host, 5) } == .EAGAIN)
        _ = Glibc.write(bed.ring.input, "input", 5)
        #expect(try read(bed.host, 10, pieces: 5) == Array("input".utf8))
        #expect(errno { _ = try write(bed.host, [1], to: 0) } == .EBADF)
        var argument = [UInt8](repeating: 0, count: 60)
        #expect(errno { try bed.host.terminalControl(bed.host.standardStream(0), request: 0x5401, argument: &argument) } == .ENOTTY)
    }

    @Test func aLargeWriteTakesWhatThePipeTakes() throws {
        let bed = try bed()
        let taken = try write(bed.host, [UInt8](repeating: 0x61, count: 1 << 20), to: 1)
        #expect(taken >= 4096 && taken < 1 << 20)
        #expect(errno { _ = try write(bed.host, [1], to: 1) } == .EAGAIN)
        let watched = bed.host.standardStream(1)
        #expect(bed.host.poll(watched, events: [.output]) == [])
        #expect(available(bed.ring.output).count > 0)
        #expect(bed.host.poll(watched, events: [.output]) == .output)
    }

    @Test func whoWatchesIsWokenOnceAndAgainWhenNothingWasLeft() throws {
        let bed = try bed()
        let (host, queue, waiter) = (bed.host, WaitQueue(), Waiter())
        let stream = host.standardStream(0)
        queue.add(waiter)
        host.watch(stream, waking: queue)
        try host.lookForEvents()
        #expect(waiter.count == 0)
        _ = Glibc.write(bed.ring.input, "ab", 2)
        try host.wait(until: nil)
        #expect(waiter.count == 1)
        // Still readable, but nobody looked: the guest sleeps.
        try host.wait(until: MonotonicInstant(nanoseconds: host.now(.monotonic) + 1_000_000))
        #expect(waiter.count == 1)
        #expect(host.poll(stream, events: .input) == .input)
        #expect(try read(host, 2) == Array("ab".utf8))
        #expect(errno { _ = try read(host, 2) } == .EAGAIN)
        _ = Glibc.write(bed.ring.input, "c", 1)
        try host.wait(until: nil)
        #expect(waiter.count == 2)
        host.unwatch(stream, waking: queue)
        #expect(errno { _ = try read(host, 2) == Array("c".utf8) && read(host, 2).isEmpty } == .EAGAIN)
        _ = Glibc.write(bed.ring.input, "d", 1)
        try host.lookForEvents()
        #expect(waiter.count == 2)
    }

    @Test func theOtherEndsLeavingIsAHangUpOrAnError() throws {
        let bed = try bed()
        let (queue, waiter) = (WaitQueue(), Waiter())
        queue.add(waiter)
        bed.host.watch(bed.host.standardStream(0), waking: queue)
        bed.ring.hangUp(bed.ring.input)
        try bed.host.wait(until: nil)
        #expect(waiter.count == 1)
        #expect(bed.host.poll(bed.host.standardStream(0), events: .input) == [.input, .hangUp])
        #expect(try read(bed.host, 5) == [])
        bed.ring.hangUp(bed.ring.output)
        #expect(bed.host.poll(bed.host.standardStream(1), events: .output) == [.output, .error])
        #expect(errno { _ = try write(bed.host, [1], to: 1) } == .EPIPE)
    }

    @Test func connectedStreamsEndWithTheirLastReference() throws {
        final class Pairs: StreamConnector {
            let ends = Mutex<[Int32]>([])
            func connect(_ name: [UInt8]) -> Int32? {
                var pair: [Int32] = [0, 0]
                guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0 else { return nil }
                ends.withLock { $0.append(pair[1]) }
                return pair[0]
            }
        }
        let (bytes, identity) = try image(of: Self.emptyTree)
        let pairs = Pairs()
        let ring = try RingBed(root: bytes, connector: pairs)
        let host = try RingHost(ring: ring.ring, image: try RootImage(ring.ring, identity, hasher: LibCryptoHasher()))
        var streams = try (0..<61).map { _ in try host.connect(Array("peer".utf8)) }
        #expect(streams.map(\.number) == Array(3...63))
        #expect(errno { _ = try host.connect(Array("peer".utf8)) } == .EMFILE)
        streams.remove(at: 10)
        #expect(try host.connect(Array("peer".utf8)).number == 13)
        let ends = pairs.ends.withLock { $0 }
        #expect(available(ends[10]) == [] && available(ends[61]) == [])
        for end in ends { close(end) }
    }

    // MARK: Messages

    @Test func noticesGoToStandardError() throws {
        let bed = try bed()
        bed.host.notice("one line")
        #expect(available(bed.ring.error) == Array("one line\n".utf8))
    }

    @Test func theProcessorIsDescribedAsCPUIDSays() throws {
        let bed = try bed()
        bed.ring.transport.leaves = [
            0: ProcessorLeaf(eax: 0x10, ebx: 0x6874_7541, ecx: 0x444D_4163, edx: 0x6974_6E65), 1: ProcessorLeaf(eax: 0x00A0_0F11, ebx: 0x0800, ecx: 1 << 30, edx: 1),
            0x8000_0000: ProcessorLeaf(eax: 0x8000_0008), 0x8000_0002: ProcessorLeaf(eax: 0x2044_4D41), 0x8000_0003: ProcessorLeaf(), 0x8000_0004: ProcessorLeaf(),
            0x8000_0008: ProcessorLeaf(eax: 0x3030),
        ]
        let text = String(decoding: bed.host.processorInformation(), as: UTF8.self)
        for line in [
            "vendor_id\t: AuthenticAMD\n", "cpu family\t: 25\n", "model\t\t: 1\n", "model name\t: AMD\n", "flags\t\t: fpu rdrand\n",
            "address sizes\t: 48 bits physical, 48 bits virtual\n",
        ] {
            #expect(text.contains(line))
        }
    }
}
