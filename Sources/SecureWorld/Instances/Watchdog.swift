import Synchronization

/// Ends instances whose commands take too long: one thread, while there is something to watch.
final class Watchdog: Sendable {
    static let shared = Watchdog()

    private struct Watched {
        let instance: TAInstance
        let due: Int64
    }
    private struct State {
        var watched: [UInt64: Watched] = [:]
        var next: UInt64 = 1
        var hasThread = false
    }
    private let state = Mutex(State())
    private let signal = ThreadSignal()

    /// One command that is watched; whoever makes it calls `end`.
    struct Watch {
        fileprivate let key: UInt64
        fileprivate let watchdog: Watchdog
        /// The command is over.
        func end() { watchdog.state.withLock { $0.watched[key] = nil } }
    }

    /// Ends the instance in `nanoseconds`, unless the watch has ended before.
    func watch(_ instance: TAInstance, for nanoseconds: Int64) -> Watch {
        let now = instance.world.clock.monotonic()
        let (key, starts) = state.withLock { state in
            let key = state.next
            state.next &+= 1
            state.watched[key] = Watched(instance: instance, due: now.addingReportingOverflow(nanoseconds).partialValue)
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
                return (late.values.map(\.instance), state.watched.values.map(\.due).min())
            }
            for instance in late { instance.kill() }
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
