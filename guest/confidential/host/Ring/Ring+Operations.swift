internal import ConfidentialABI
public import LibraryOS

extension Ring {
    // MARK: Block stores

    /// Reads blocks of 4 KiB, as many as the buffer has room for (1 to 16). Not verified.
    ///
    /// - Throws: `EIO`, also for a block that the store does not have; `EACCES` when there is no such store.
    public func readBlocks(store: UInt64, first: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(Errno) {
        let blocks = try Self.blocks(buffer.count)
        let answer = try perform(Request(operation: skerry_ring_block_read, arguments: (store, first, blocks, 0)), into: buffer)
        try require(answer.length == buffer.count, .length)
    }

    /// Writes blocks of 4 KiB (1 to 16).
    ///
    /// - Throws: `EIO`, `EACCES` when the store is read-only or is not there, `ENOSPC`.
    public func writeBlocks(store: UInt64, first: UInt64, from buffer: UnsafeRawBufferPointer) throws(Errno) {
        let blocks = try Self.blocks(buffer.count)
        _ = try perform(
            Request(operation: skerry_ring_block_write, arguments: (store, first, blocks, 0), mayAlsoEnd: .full), sending: buffer)
    }

    /// Returns when all that was written to a store is durable, by the host's word.
    ///
    /// - Throws: `EIO`, `EACCES` when the store is read-only or is not there, `ENOSPC`.
    public func flushBlocks(store: UInt64) throws(Errno) {
        _ = try perform(Request(operation: skerry_ring_block_flush, arguments: (store, 0, 0, 0), mayAlsoEnd: .full))
    }

    private static func blocks(_ count: Int) throws(Errno) -> UInt64 {
        if count <= 0 || count > largestTransfer || count % Int(SKERRY_RING_BLOCK) != 0 { throw .EINVAL }
        return UInt64(count / Int(SKERRY_RING_BLOCK))
    }

    // MARK: Console and streams

    /// Writes to standard output (1) or error (2), and says how many bytes the host took; at most 64 KiB at a time.
    ///
    /// - Throws: `EAGAIN` when it takes none now, `EPIPE` when nobody reads them, `EIO`.
    public func writeConsole(_ stream: UInt64, from buffer: UnsafeRawBufferPointer) throws(Errno) -> Int {
        try send(Request(operation: skerry_ring_console_write, arguments: (stream, 0, 0, 0)), buffer)
    }

    /// Reads standard input; 0 is its end.
    ///
    /// - Throws: `EAGAIN` when there is nothing now, `EIO`.
    public func readConsole(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        try receive(Request(operation: skerry_ring_console_read, mayAlsoEnd: .wouldBlock), buffer)
    }

    /// Connects a stream (3 to 63) to what the host knows by this name, of 1 to 255 bytes.
    ///
    /// - Throws: `EACCES` when the host has nothing by this name, or the number is in use; `EIO`.
    public func openStream(_ stream: UInt64, name: [UInt8]) throws(Errno) {
        if name.isEmpty || name.count > Int(SKERRY_RING_NAME_SIZE) || !Self.isStream(stream) { throw .EINVAL }
        _ = try name.withBytes { bytes throws(Errno) in
            try perform(Request(operation: skerry_ring_stream_open, arguments: (stream, 0, 0, 0)), sending: bytes)
        }
    }

    /// Sends bytes, and says how many of them the host took; as `writeConsole`.
    public func send(_ stream: UInt64, from buffer: UnsafeRawBufferPointer) throws(Errno) -> Int {
        if !Self.isStream(stream) { throw .EBADF }
        return try send(Request(operation: skerry_ring_stream_send, arguments: (stream, 0, 0, 0)), buffer)
    }

    /// Receives bytes; 0 is the stream's end.
    ///
    /// - Throws: `EAGAIN` when there is nothing now, `EPIPE` when the stream was reset, `EIO`.
    public func receive(_ stream: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        if !Self.isStream(stream) { throw .EBADF }
        return try receive(Request(operation: skerry_ring_stream_receive, arguments: (stream, 0, 0, 0), mayAlsoEnd: [.wouldBlock, .broken]), buffer)
    }

    /// Nothing more is sent to a stream.
    public func finishStream(_ stream: UInt64) throws(Errno) {
        if !Self.isStream(stream) { throw .EBADF }
        _ = try perform(Request(operation: skerry_ring_stream_finish, arguments: (stream, 0, 0, 0)))
    }

    /// Ends a stream; its number is free again.
    public func closeStream(_ stream: UInt64) throws(Errno) {
        if !Self.isStream(stream) { throw .EBADF }
        _ = try perform(Request(operation: skerry_ring_stream_close, arguments: (stream, 0, 0, 0)))
    }

    private static func isStream(_ stream: UInt64) -> Bool { stream >= UInt64(SKERRY_RING_FIRST_STREAM) && stream < UInt64(SKERRY_RING_STREAMS) }

    private func send(_ request: Request, _ buffer: UnsafeRawBufferPointer) throws(Errno) -> Int {
        if buffer.isEmpty { return 0 }
        let offered = UnsafeRawBufferPointer(rebasing: buffer.prefix(Self.largestTransfer))
        var request = request
        request.mayAlsoEnd = [.wouldBlock, .broken]
        let answer = try perform(request, sending: offered)
        try require(answer.results.0 >= 1 && answer.results.0 <= UInt64(offered.count), .result)
        return Int(answer.results.0)
    }

    private func receive(_ request: Request, _ buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        if buffer.isEmpty { return 0 }
        return try perform(request, into: UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(Self.largestTransfer))).length
    }

    // MARK: Time

    /// Nanoseconds since 1970 as the host tells them: a hint.
    public func wallClock() throws(Errno) -> UInt64 { try perform(Request(operation: skerry_ring_wall_clock)).results.0 }

    /// How often the counter counts in a second as the host tells it: a hint.
    public func counterFrequency() throws(Errno) -> UInt64 { try perform(Request(operation: skerry_ring_counter_frequency)).results.0 }

    /// Sleeps until one of the events has happened or time is up (nil: never). The host may wake the guest early, with no event.
    public func wait(for events: RingEvents, nanoseconds: UInt64?) throws(Errno) -> RingEvents {
        let answer = try perform(
            Request(operation: skerry_ring_wait, arguments: (nanoseconds ?? UInt64(SKERRY_RING_FOREVER), events.readable, events.writable, 0)))
        let found = RingEvents(readable: answer.results.0, writable: answer.results.1, ended: answer.results.2)
        try require(found.readable & ~events.readable == 0 && found.writable & ~events.writable == 0, .result)
        try require(found.ended & ~(events.readable | events.writable) == 0, .result)
        return found
    }

    // MARK: The run

    /// The last request. Returns only when the host enters the guest again, which it should not; the caller ends the guest then.
    public func exit(status: UInt8) { _ = try? perform(Request(operation: skerry_ring_exit, arguments: (UInt64(status), 0, 0, 0))) }

    /// Copies the manifest, of at most 1 MiB, into private memory. Nobody has compared its digest with what was launched yet.
    public func readManifest() throws(Errno) -> [UInt8] {
        var manifest: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: Self.largestTransfer)
        while true {
            let (offset, buffered) = (UInt64(manifest.count), chunk.count)
            let answer = try chunk.withMutableBytes { buffer throws(Errno) in
                try perform(Request(operation: skerry_ring_manifest_read, arguments: (offset, 0, 0, 0)), into: buffer)
            }
            if answer.length == 0 { return manifest }
            try require(manifest.count + answer.length <= Int(SKERRY_RING_MANIFEST_SIZE) && answer.length <= buffered, .length)
            manifest.append(contentsOf: chunk[..<answer.length])
        }
    }

    func require(_ holds: Bool, _ violation: RingViolation) throws(Errno) {
        if holds { return }
        violate(violation)
        throw .EIO
    }
}
