internal import CLinux
internal import ConfidentialABI
internal import Glibc

/// The host's descriptors behind a guest's streams. No call but `wait` ever sleeps, and the flags of inherited descriptions are not changed.
final class RingDescriptors {
    /// A descriptor, and how bytes move through it without waiting.
    private struct Entry {
        enum Kind {
            case file, socket, other
        }
        let descriptor: Int32
        let kind: Kind

        init(_ descriptor: Int32) {
            var status = stat()
            let format = fstat(descriptor, &status) == 0 ? status.st_mode & S_IFMT : 0
            self.descriptor = descriptor
            kind = format == S_IFREG ? .file : format == S_IFSOCK ? .socket : .other
        }
    }

    /// By stream number: the console's three are the caller's, the others are closed here.
    private var entries: [UInt64: Entry]
    /// POSIX's promise: a pipe that poll(2) calls writable takes this many bytes at once.
    private static let pipeBuffer = 4096
    /// RWF_NOWAIT.
    private static let noWait: Int32 = 8

    init(console: [Int32]) { entries = Dictionary(uniqueKeysWithValues: console.enumerated().map { (UInt64($0.offset), Entry($0.element)) }) }

    deinit { for (number, entry) in entries where number >= UInt64(SKERRY_RING_FIRST_STREAM) { Glibc.close(entry.descriptor) } }

    func isConnected(_ number: UInt64) -> Bool { number >= UInt64(SKERRY_RING_FIRST_STREAM) && entries[number] != nil }
    func isFree(_ number: UInt64) -> Bool { number >= UInt64(SKERRY_RING_FIRST_STREAM) && number < UInt64(SKERRY_RING_STREAMS) && entries[number] == nil }
    func add(_ number: UInt64, _ descriptor: Int32) { entries[number] = Entry(descriptor) }

    /// Nothing more is sent. A stream that is none of sockets is left as it is: it ends when it is closed.
    func finish(_ number: UInt64) -> Bool {
        guard isConnected(number), let entry = entries[number] else { return false }
        shutdown(entry.descriptor, Int32(SHUT_WR))
        return true
    }

    func close(_ number: UInt64) -> Bool {
        guard isConnected(number), let entry = entries.removeValue(forKey: number) else { return false }
        Glibc.close(entry.descriptor)
        return true
    }

    /// Reads at most so many bytes that are there; none at the end.
    func read(_ number: UInt64, _ capacity: Int) -> RingResponse {
        guard let entry = entries[number], capacity > 0 else { return .failed(skerry_ring_refused) }
        var buffer = [UInt8](repeating: 0, count: capacity)
        let count = buffer.withUnsafeMutableBytes { bytes in Self.move(entry, bytes, isReading: true) }
        if count >= 0 { return .done(payload: Array(buffer.prefix(Int(count)))) }
        switch Int32(truncatingIfNeeded: -count) {
        case EAGAIN, EINTR: return .failed(skerry_ring_would_block)
        case ECONNRESET where number >= UInt64(SKERRY_RING_FIRST_STREAM): return .failed(skerry_ring_broken)
        // A terminal whose other end is gone, a standard stream that was reset: that is the end.
        case EIO, ECONNRESET: return .done()
        default: return .failed(skerry_ring_failed)
        }
    }

    /// Writes what is taken at once.
    func write(_ number: UInt64, _ payload: [UInt8]) -> RingResponse {
        guard let entry = entries[number], !payload.isEmpty else { return .failed(skerry_ring_refused) }
        var payload = payload
        let count = payload.withUnsafeMutableBytes { bytes in Self.move(entry, bytes, isReading: false) }
        if count > 0 { return .done([UInt64(count)]) }
        switch Int32(truncatingIfNeeded: -count) {
        case EAGAIN, EINTR: return .failed(skerry_ring_would_block)
        case EPIPE, ECONNRESET: return .failed(skerry_ring_broken)
        default: return .failed(skerry_ring_failed)
        }
    }

    /// One transfer that does not wait: bytes moved, or -errno. SIGPIPE has to be ignored by the process, as it is meant for the program inside.
    private static func move(_ entry: Entry, _ bytes: UnsafeMutableRawBufferPointer, isReading: Bool) -> Int64 {
        var segment = skerry_segment(base: bytes.baseAddress, length: bytes.count)
        if entry.kind == .socket { return isReading ? skerry_receive(entry.descriptor, &segment, 1) : skerry_send(entry.descriptor, &segment, 1) }
        // A file is never waited for: without its pages in memory the flag would make the guest try for ever.
        let flags = entry.kind == .file ? 0 : noWait
        let call = isReading ? skerry_preadv2 : skerry_pwritev2
        let moved = call(entry.descriptor, &segment, 1, -1, flags)
        if moved != -Int64(EOPNOTSUPP) { return moved }
        // What another process takes between the two calls makes this thread wait for it.
        var ready = skerry_poll_entry(descriptor: entry.descriptor, events: Int16(isReading ? POLLIN : POLLOUT), ready: 0)
        guard skerry_ppoll(&ready, 1, 0, 0) > 0 else { return -Int64(EAGAIN) }
        if !isReading { segment.length = min(segment.length, pipeBuffer) }
        return call(entry.descriptor, &segment, 1, -1, 0)
    }

    /// Sleeps until a stream of the sets is ready or time is up.
    func wait(nanoseconds: UInt64, readable: UInt64, writable: UInt64) -> RingResponse {
        let asked = entries.filter { (readable | writable) >> $0.key & 1 == 1 }.sorted { $0.key < $1.key }
        var list = asked.map { number, entry in
            let events = (readable >> number & 1 == 1 ? POLLIN : 0) | (writable >> number & 1 == 1 ? POLLOUT : 0)
            return skerry_poll_entry(descriptor: entry.descriptor, events: Int16(events), ready: 0)
        }
        // A guest that waits for what is not there would sleep for ever: it is told at once that those are gone.
        let missing = (readable | writable) & ~asked.reduce(0) { $0 | 1 << $1.key }
        let isForever = nanoseconds == UInt64(SKERRY_RING_FOREVER) && missing == 0
        let limit = missing == 0 ? nanoseconds : 0
        let found = skerry_ppoll(&list, list.count, isForever ? -1 : Int64(limit / 1_000_000_000), Int64(limit % 1_000_000_000))
        var (read, write, ended) = (missing & readable, missing & writable, missing)
        for (news, (number, _)) in zip(list, asked) where found > 0 && news.ready != 0 {
            let (events, bit) = (Int32(news.ready), UInt64(1) << number)
            let isOver = events & (POLLHUP | POLLERR | POLLNVAL) != 0
            if events & POLLIN != 0 || isOver { read |= bit & readable }
            if events & POLLOUT != 0 || isOver { write |= bit & writable }
            if isOver { ended |= bit }
        }
        return .done([read, write, ended])
    }
}
