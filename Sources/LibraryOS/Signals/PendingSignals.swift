/// Signals that were sent and not yet taken: of one thread, or of a whole process. Guarded by `ProcessSignals.lock`.
///
/// A standard signal is pending once; of a real-time signal every instance is kept, in order. A signal can be in the set without an entry in
/// the queue, when the queue was full: it is delivered, but nobody knows who sent it.
package struct PendingSignals {
    package private(set) var set = SignalSet()
    private var queue: [SignalInfo] = []

    package init() {}

    /// Instances in the queue, which RLIMIT_SIGPENDING bounds.
    package var count: Int { queue.count }

    package mutating func insert(_ info: SignalInfo, queued: Bool) {
        set.insert(info.number)
        if queued { queue.append(info) }
    }

    /// Takes the next signal of `wanted`: faults first, then the lowest number, the oldest instance of it.
    package mutating func take(from wanted: SignalSet) -> SignalInfo? {
        let available = set.intersection(wanted)
        guard let number = available.intersection(.synchronous).first ?? available.first else { return nil }
        guard let index = queue.firstIndex(where: { $0.number == number }) else {
            set.remove(number)
            return SignalInfo(number)
        }
        let info = queue.remove(at: index)
        if !queue.contains(where: { $0.number == number }) { set.remove(number) }
        return info
    }

    /// Forgets every instance of the signals; returns what was in the queue.
    package mutating func remove(_ discarded: SignalSet) -> [SignalInfo] {
        if set.intersection(discarded).isEmpty { return [] }
        set = set.subtracting(discarded)
        let removed = queue.filter { discarded.contains($0.number) }
        queue.removeAll { discarded.contains($0.number) }
        return removed
    }
}
