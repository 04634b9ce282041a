internal import LibraryOS

/// Who waits for which stream, and what the host is to be asked for.
///
/// The host is asked for a direction only while it is of interest: from the moment somebody found it not ready, or began to watch, until the host has said that it is ready.
/// Who was woken looks again, and not being served anew makes it of interest again: a stream that stays ready does not keep the guest awake.
final class StreamWatches: @unchecked Sendable {
    private let lock = Lock(.leaf)
    private var queues: [UInt64: [WaitQueue]] = [:]
    private var watched: UInt64 = 0
    private var armed = RingEvents()

    /// Standard output and error are not read from, and standard input is not written to.
    static let readable: UInt64 = ~0b110
    static let writable: UInt64 = ~0b001

    func watch(_ stream: RingStream, waking queue: WaitQueue) {
        lock.withLock {
            queues[stream.number, default: []].append(queue)
            watched |= stream.bit
        }
        arm(readable: stream.bit, writable: stream.bit)
    }

    func unwatch(_ stream: RingStream, waking queue: WaitQueue) {
        lock.withLock {
            var rest = queues[stream.number] ?? []
            if let index = rest.firstIndex(where: { $0 === queue }) { rest.remove(at: index) }
            queues[stream.number] = rest.isEmpty ? nil : rest
            if rest.isEmpty { watched &= ~stream.bit }
        }
    }

    /// These were found not to be ready.
    func arm(readable: UInt64 = 0, writable: UInt64 = 0) {
        lock.withLock {
            armed.readable |= readable & Self.readable
            armed.writable |= writable & Self.writable
        }
    }

    /// What to ask the host for.
    var interest: RingEvents { lock.withLock { RingEvents(readable: armed.readable & watched, writable: armed.writable & watched) } }

    /// Wakes those who watch what is ready, outside the lock.
    func deliver(_ events: RingEvents) {
        let woken = lock.withLock { () -> [(WaitQueue, PollEvents)] in
            armed.readable &= ~(events.readable | events.ended)
            armed.writable &= ~(events.writable | events.ended)
            var woken: [(WaitQueue, PollEvents)] = []
            for (number, waiting) in queues {
                let ready = Self.pollEvents(events, of: number)
                if !ready.isEmpty { woken += waiting.map { ($0, ready) } }
            }
            return woken
        }
        for (queue, ready) in woken { queue.wake(for: ready) }
    }

    /// What poll(2) calls it: a pipe whose readers are gone is in error, one whose writers are gone hangs up.
    static func pollEvents(_ events: RingEvents, of number: UInt64) -> PollEvents {
        var result: PollEvents = []
        if events.readable >> number & 1 == 1 { result.formUnion([.input, .readNormal]) }
        if events.writable >> number & 1 == 1 { result.formUnion([.output, .writeNormal]) }
        if events.ended >> number & 1 == 1 { result.formUnion(number == 1 || number == 2 ? .error : .hangUp) }
        return result
    }
}
