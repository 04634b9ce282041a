public import LibraryOS

/// What every guest has from outside, wherever its files are: the processor's counter and random numbers, the three standard streams and those that the host connects,
/// and messages to the person who runs it.
public class StreamHost: Host, @unchecked Sendable {
    let ring: Ring
    let clock: RingClock
    let streams: RingStreams
    /// No notices. Set before programs run.
    public var isQuiet = false
    private let lock = Lock(.leaf)
    private var deadline: MonotonicInstant?

    /// Asks the host once for date and frequency.
    ///
    /// - Throws: `EIO` when the ring is dead.
    init(ring: Ring) throws(Errno) {
        self.ring = ring
        clock = try RingClock(ring)
        streams = RingStreams(ring)
        super.init()
    }

    // MARK: Clocks, randomness, processors

    /// All clocks but CLOCK_REALTIME count from the guest's start.
    public override func now(_ clock: HostClock) -> Int64 { clock == .realtime ? self.clock.realtime() : self.clock.monotonic() }
    /// A guest has one processor and nothing else to do: the time since its start, which is an upper bound.
    public override func processCPUTime() -> Int64 { clock.monotonic() }
    /// Kept for the scheduler, which asks `takeExpiredTimer` before it goes on and `wait` when it has nothing to do.
    public override func armTimer(at instant: MonotonicInstant?) { lock.withLock { deadline = instant } }
    /// Bytes of the processor.
    public override func random(_ buffer: UnsafeMutableRawBufferPointer) { ring.transport.random(buffer) }
    /// As CPUID describes it.
    public override func processorInformation() -> [UInt8] { ProcessorDescription(ring.transport, hertz: clock.hertz).text }

    /// How often the processor's counter counts in a second, as the host has told; not zero.
    public var counterHertz: UInt64 { clock.hertz }

    /// When the timer that was armed last goes off; nil: never.
    public var nextDeadline: MonotonicInstant? { lock.withLock { deadline } }

    /// The time of the timer when it has gone off, once: the scheduler calls `Kernel.timersExpired(now:)` with it.
    public func takeExpiredTimer() -> MonotonicInstant? {
        let now = MonotonicInstant(nanoseconds: clock.monotonic())
        return lock.withLock {
            guard let due = deadline, due <= now else { return nil }
            deadline = nil
            return now
        }
    }

    /// Sleeps until a watched stream is ready, `instant` or the armed timer's has come, and wakes those who wait for the streams: what the scheduler does when every task
    /// waits. The host may end it early.
    ///
    /// - Throws: `EIO` when the ring is dead.
    public func wait(until instant: MonotonicInstant?) throws(Errno) {
        var end = nextDeadline
        if let instant { end = end.map { min($0, instant) } ?? instant }
        let now = clock.monotonic()
        // Neither is negative where they are subtracted.
        let nanoseconds = end.map { $0.nanoseconds > now ? UInt64($0.nanoseconds &- now) : 0 }
        deliver(try ring.wait(for: streams.watches.interest, nanoseconds: nanoseconds))
    }

    /// Looks at the watched streams without sleeping and wakes those who wait for one that is ready; the scheduler does so now and then while tasks run.
    public func lookForEvents() throws(Errno) {
        let interest = streams.watches.interest
        if !interest.isEmpty { deliver(try ring.wait(for: interest, nanoseconds: 0)) }
    }

    /// Wakes those who watch a stream that is ready.
    public func deliver(_ events: RingEvents) { streams.watches.deliver(events) }

    // MARK: Streams as files

    private static func stream(_ file: HostFile) throws(Errno) -> RingStream {
        guard let stream = file as? RingStream else { throw .EBADF }
        return stream
    }

    /// A stream stays the same stream.
    public override func reopen(_ file: HostFile, flags: Int32) throws(Errno) -> HostFile { try Self.stream(file) }
    /// A stream is a pipe.
    public override func attributes(of file: HostFile) throws(Errno) -> FileAttributes {
        _ = try Self.stream(file)
        var result = FileAttributes()
        (result.kind, result.permissions) = (.fifo, 0o600)
        return result
    }
    /// What is there now.
    public override func read(_ file: HostFile, into segments: [UnsafeMutableRawBufferPointer], at offset: Int64?) throws(Errno) -> Int {
        let stream = try Self.stream(file)
        if offset != nil { throw .ESPIPE }
        return try streams.read(stream, segments)
    }
    /// What the host takes now.
    public override func write(_ file: HostFile, from segments: [UnsafeMutableRawBufferPointer], at offset: Int64?) throws(Errno) -> Int {
        let stream = try Self.stream(file)
        if offset != nil { throw .ESPIPE }
        return try streams.write(stream, segments)
    }
    /// A stream has no position.
    public override func seek(_ file: HostFile, offset: Int64, whence: Int32) throws(Errno) -> Int64 {
        _ = try Self.stream(file)
        throw .ESPIPE
    }
    /// Nothing is kept back.
    public override func sync(_ file: HostFile, dataOnly: Bool) throws(Errno) {}

    // MARK: Streams

    /// Standard input (0), output (1) or error (2). The host has a pipe, a terminal or a file there; programs see a pipe.
    public func standardStream(_ number: UInt64) -> RingStream { RingStream(number: min(number, 2), closedBy: nil) }

    /// A stream that the host connects to what it knows by `name`. It ends with the last reference to it.
    ///
    /// - Throws: `EACCES` when the host has nothing by this name, `EMFILE` when all numbers are in use, `EIO`.
    public override func connect(_ name: [UInt8]) throws(Errno) -> RingStream { try streams.connect(name) }
    /// For streams that the host connects.
    public override func endOutput(_ stream: HostFile) throws(Errno) { try ring.finishStream(try Self.stream(stream).number) }

    /// Asks the host at once; files are always ready.
    public override func poll(_ file: HostFile, events: PollEvents) -> PollEvents {
        guard let stream = file as? RingStream else { return events.intersection(.always) }
        return streams.poll(stream, events: events)
    }
    /// Streams only.
    public override func watch(_ file: HostFile, waking queue: WaitQueue) {
        if let stream = file as? RingStream { streams.watches.watch(stream, waking: queue) }
    }
    /// Ends `watch`.
    public override func unwatch(_ file: HostFile, waking queue: WaitQueue) {
        if let stream = file as? RingStream { streams.watches.unwatch(stream, waking: queue) }
    }
    /// There is no terminal: programs see pipes.
    public override func terminalControl(_ file: HostFile, request: UInt32, argument: inout [UInt8]) throws(Errno) { throw .ENOTTY }

    // MARK: Messages

    /// A line on standard error unless `isQuiet`, given up after a second when nobody reads it.
    public override func notice(_ message: String) {
        if isQuiet { return }
        var rest = Array("\(message)\n".utf8)[...]
        for _ in 0..<10 where !rest.isEmpty {
            do throws(Errno) {
                rest = rest.dropFirst(try Array(rest).withBytes { bytes throws(Errno) in try ring.writeConsole(2, from: bytes) })
            } catch {
                if error != .EAGAIN { return }
                do throws(Errno) { _ = try ring.wait(for: RingEvents(writable: 1 << 2), nanoseconds: 100_000_000) } catch { return }
            }
        }
    }
}
