@testable import LibraryOS

/// A stream of a host that a test plays.
final class TestStream: HostFile, @unchecked Sendable {
    private let lock = Lock(.leaf)
    private var arrived: [UInt8] = []
    private var hasEnded = false, isReset = false, isBroken = false
    private var taken: [UInt8] = []
    private var room = Int.max
    private var outputEnded = false
    private var queue: WaitQueue?

    init() { super.init(descriptor: -1) }

    private func changed(_ body: () -> Void) {
        lock.withLock(body)
        lock.withLock { queue }?.wakeAll()
    }

    // MARK: What happens outside

    func arrive(_ bytes: [UInt8]) { changed { arrived += bytes } }
    /// Nothing more comes; `gone`: nor is anything taken.
    func end(gone: Bool = false) {
        changed {
            hasEnded = true
            if gone { isBroken = true }
        }
    }
    func reset() { changed { isReset = true } }
    func stopReading() { changed { isBroken = true } }
    /// How much more is taken.
    func take(_ count: Int) { changed { room = count } }
    var output: [UInt8] { lock.withLock { taken } }
    /// The program has said that nothing more comes.
    var isFinished: Bool { lock.withLock { outputEnded } }
    var isWatched: Bool { lock.withLock { queue != nil } }

    // MARK: What the library OS asks for

    func read(_ segment: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        try lock.withLock { () throws(Errno) -> Int in
            if isReset { throw .EPIPE }
            if arrived.isEmpty {
                if hasEnded { return 0 }
                throw .EAGAIN
            }
            let count = min(segment.count, arrived.count)
            segment.copyBytes(from: arrived[..<count])
            arrived.removeFirst(count)
            return count
        }
    }
    func write(_ segment: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        try lock.withLock { () throws(Errno) -> Int in
            if isReset || isBroken { throw .EPIPE }
            let count = min(segment.count, room)
            if count == 0 { throw .EAGAIN }
            taken += segment[..<count]
            room -= count
            return count
        }
    }
    func endOutput() { lock.withLock { outputEnded = true } }
    func poll() -> PollEvents { lock.withLock { hasEnded && isBroken ? .hangUp : [] } }
    func watch(_ queue: WaitQueue?) { lock.withLock { self.queue = queue } }
}
