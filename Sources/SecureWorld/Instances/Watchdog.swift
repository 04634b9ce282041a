import Synchronization

/// Does something about what takes too long, such as an instance's command: one thread, while there is something to watch.
final class Watchdog: Sendable {
    static let shared = Watchdog()

    private struct Watched {
        let act: @Sendable () -> Void
        let due: Int64
    }
    private struct State {
        var watched: [UInt64: Watched] = [:]
        var next: UInt64 = 1
        var hasThread = false
    }
    private let state = Mutex(State())
    private let signal = ThreadSignal()

    /// Something that is watched; whoever makes it calls `end`.
    struct Watch {
        fileprivate let key: UInt64
        fileprivate let watchdog: Watchdog
        /// It is over.
        func end() { watchdog.state.withLock { $0.watched[key] = nil } }
    }

    /// Ends the instance in `nanoseconds`, unless the watch has ended before.
    func watch(_ instance: TAInstance, for nanoseconds: Int64) -> Watch { watch(for: nanoseconds) { instance.kill() } }

    /// Does `act` in `nanoseconds`, unless the watch has ended before.
    func watch(for nanoseconds: Int64, _ act: @escaping @Sendable () -> Void) -> Watch {
        let now = TEEClock().monotonic()
        let (key, starts) = state.withLock { state in
            let key = state.next
            state.next &+= 1
            state.watched[key] = Watched(act: act, due: now.addingReportingOverflow(nanoseconds).partialValue)
            defer { state.hasThread = true }
            return (key, !state.hasThread)
        }
        if starts, !RequestThreads.start({ [self] in run() }) { state.withLock { $0.hasThread = false } }
        signal.signal()
        return Watch(key: key, watchdog: self)
    }

    private func run() {
        let clock = TEEClock()
        while true {
            let seen = signal.count
            let now = clock.monotonic()
            let (late, next) = state.withLock { state in
                let late = state.watched.filter { $0.value.due <= now }
                for key in late.keys { state.watched[key] = nil }
                return (late.values.map(\.act), state.watched.values.map(\.due).min())
            }
            for act in late { act() }
            if let next {
                signal.wait(after: seen, nanoseconds: max(1, next &- clock.monotonic()))
                continue
            }
            // Not for ever: what is not needed for a second ends.
            signal.wait(after: seen, nanoseconds: TEETime.second)
            let ends = state.withLock { state in
                guard state.watched.isEmpty else { return false }
                state.hasThread = false
                return true
            }
            if ends { return }
        }
    }
}
