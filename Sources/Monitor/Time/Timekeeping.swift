import LibraryOS
import Synchronization

internal import Glibc

/// The part of `LinuxHost` that has to do with time: which parameters clocks are read by, the timer of the library OS, and the synchronisations.
///
/// The reactor's thread serves both alarms. Short programs end before they need it: it is started by the first timer, by the first watch or, for the
/// synchronisations, by whoever waits for a sandbox that has run for a while (`keepTime`).
final class Timekeeping: Sendable {
    private struct State {
        weak var kernel: Kernel?
        var timer: ReactorAlarm?
        var synchronisation: ReactorAlarm?
    }
    private let state = Mutex(State())
    /// Set before the first task starts.
    private nonisolated(unsafe) var parameters: ClockParameters?

    /// From now on clocks are read by these parameters.
    func follow(_ parameters: ClockParameters) { self.parameters = parameters }

    /// The kernel whose timers are served.
    func serve(_ kernel: Kernel) { state.withLock { $0.kernel = kernel } }

    /// The sandbox is over; its kernel is not referred to any more.
    func stop() {
        state.withLock { state in
            state.kernel = nil
            state.timer = nil
            state.synchronisation = nil
        }
    }

    func now(_ clock: HostClock) -> Int64 { parameters?.now(clock) ?? HostSystemCalls.clock(clock.identifier) }

    // MARK: The timer

    func arm(at instant: MonotonicInstant?, on reactor: Reactor) {
        guard let instant else {
            if let timer = state.withLock({ $0.timer }) { reactor.set(timer, at: nil) }
            return
        }
        let timer = state.withLock { state in
            let timer = state.timer ?? ReactorAlarm { [weak self] in self?.timerWentOff() }
            state.timer = timer
            return timer
        }
        // The host's clock and the sandbox's may be displaced; what is early is armed again by the kernel.
        let distance = instant.nanoseconds.subtractingReportingOverflow(now(.monotonic))
        let due = HostSystemCalls.clock(CLOCK_MONOTONIC).addingReportingOverflow(distance.overflow ? .max : max(0, distance.partialValue))
        reactor.set(timer, at: due.overflow ? .max : due.partialValue)
        keepTime(on: reactor)
    }

    private func timerWentOff() {
        state.withLock { $0.kernel }?.timersExpired(now: MonotonicInstant(nanoseconds: now(.monotonic)))
    }

    // MARK: Synchronisations

    /// Begins to synchronise with the host's clocks.
    func keepTime(on reactor: Reactor) {
        guard let parameters else { return }
        let alarm: ReactorAlarm? = state.withLock { state in
            if state.synchronisation != nil { return nil }
            let alarm = ReactorAlarm { [weak self, weak reactor] in
                guard let self, let reactor, let next = parameters.synchronise(), let alarm = self.state.withLock({ $0.synchronisation }) else { return }
                reactor.set(alarm, at: HostSystemCalls.clock(CLOCK_MONOTONIC) &+ next)
            }
            state.synchronisation = alarm
            return alarm
        }
        if let alarm { reactor.set(alarm, at: HostSystemCalls.clock(CLOCK_MONOTONIC) &+ ClockParameters.firstInterval) }
    }
}

extension LinuxHost {
    /// From now on clocks are read by these parameters.
    func follow(_ parameters: ClockParameters) { timekeeping.follow(parameters) }
    /// The kernel whose timers `armTimer` is about.
    func serve(_ kernel: Kernel) { timekeeping.serve(kernel) }
    /// The sandbox runs long enough for its clocks to be synchronised.
    func keepTime() { timekeeping.keepTime(on: reactor) }
}
