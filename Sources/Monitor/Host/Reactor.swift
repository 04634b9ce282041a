import CLinux
import Glibc
import LibraryOS
import Synchronization

/// Something the reactor's thread does at an instant of the host's CLOCK_MONOTONIC.
final class ReactorAlarm: Sendable {
    let action: @Sendable () -> Void
    init(_ action: @escaping @Sendable () -> Void) { self.action = action }
}

/// Turns readiness of host descriptors into wakes of wait queues, and sets off alarms: one thread, made by the first `watch` or `set`.
///
/// Edge-triggered, so that nothing has to be armed again: who is woken looks at the descriptor itself (`Host.poll`), and every change after that look
/// is another edge. The thread keeps the reactor alive until `stop`. A descriptor epoll refuses (`EPERM`: a regular file) is always ready and needs no wake.
final class Reactor: Sendable {
    private struct State {
        var epoll: Int32 = -1
        var interrupt: Int32 = -1
        var timer: Int32 = -1
        var alarms: [ObjectIdentifier: (alarm: ReactorAlarm, due: Int64)] = [:]
        var thread: pthread_t?
        var stopped = false
        /// The file is kept open while it is watched, so that its number cannot mean another file.
        var watches: [Int32: (file: HostFile, queues: [ObjectIdentifier: WaitQueue])] = [:]
    }
    private let state = Mutex(State())

    func watch(_ file: HostFile, waking queue: WaitQueue) {
        let isNew = state.withLock { state in
            guard !state.stopped, start(&state) else { return false }
            if state.watches[file.descriptor] != nil {
                return state.watches[file.descriptor]?.queues.updateValue(queue, forKey: ObjectIdentifier(queue)) == nil
            }
            do throws(Errno) {
                try HostSystemCalls.addToEpoll(state.epoll, file.descriptor)
            } catch { return true }
            state.watches[file.descriptor] = (file, [ObjectIdentifier(queue): queue])
            return true
        }
        // What became ready before the watch began makes no further edge.
        if isNew { queue.wakeAll() }
    }

    /// Several files of the sandbox may stand for one descriptor: the others' queues stay.
    func unwatch(_ file: HostFile, waking queue: WaitQueue) {
        let removed = state.withLock { state in
            guard var watch = state.watches[file.descriptor] else { return nil as HostFile? }
            watch.queues[ObjectIdentifier(queue)] = nil
            state.watches[file.descriptor] = watch.queues.isEmpty ? nil : watch
            guard watch.queues.isEmpty else { return nil }
            HostSystemCalls.removeFromEpoll(state.epoll, file.descriptor)
            return watch.file
        }
        // Closed, if this was the last reference, without the lock.
        _ = removed
    }

    // MARK: Alarms

    /// Sets the alarm off once, at `due` (nanoseconds of the host's CLOCK_MONOTONIC); replaces what was set before, nil takes it back.
    func set(_ alarm: ReactorAlarm, at due: Int64?) {
        state.withLock { state in
            guard !state.stopped, start(&state) else { return }
            state.alarms[ObjectIdentifier(alarm)] = due.map { (alarm, $0) }
            HostSystemCalls.setTimer(state.timer, at: state.alarms.values.map(\.due).min())
        }
    }

    private func setOffAlarms() {
        let now = HostSystemCalls.clock(CLOCK_MONOTONIC)
        let due = state.withLock { state in
            if state.stopped { return [] as [ReactorAlarm] }
            let due = state.alarms.values.filter { $0.due <= now }.map(\.alarm)
            for alarm in due { state.alarms[ObjectIdentifier(alarm)] = nil }
            HostSystemCalls.setTimer(state.timer, at: state.alarms.values.map(\.due).min())
            return due
        }
        for alarm in due { alarm.action() }
    }

    /// Ends the thread and waits for its end; later watches do nothing.
    func stop() {
        let thread = state.withLock { state in
            state.stopped = true
            defer { state.thread = nil }
            if state.thread != nil { HostSystemCalls.signalEvent(state.interrupt) }
            return state.thread
        }
        if let thread { pthread_join(thread, nil) }
        state.withLock { state in
            if state.epoll >= 0 { HostSystemCalls.close(state.epoll) }
            if state.interrupt >= 0 { HostSystemCalls.close(state.interrupt) }
            if state.timer >= 0 { HostSystemCalls.close(state.timer) }
            state.epoll = -1
            state.interrupt = -1
            state.timer = -1
            state.watches = [:]
            state.alarms = [:]
        }
    }

    /// The thread's body.
    private func run(_ start: Start) {
        while !state.withLock({ $0.stopped }) {
            for descriptor in HostSystemCalls.waitEpoll(start.epoll) {
                if descriptor == start.timer {
                    setOffAlarms()
                    continue
                }
                let queues = state.withLock { $0.watches[descriptor].map { Array($0.queues.values) } ?? [] }
                for queue in queues { queue.wakeAll() }
            }
        }
    }

    private final class Start: Sendable {
        let reactor: Reactor
        let epoll: Int32
        let timer: Int32
        init(_ reactor: Reactor, epoll: Int32, timer: Int32) {
            self.reactor = reactor
            self.epoll = epoll
            self.timer = timer
        }
    }

    /// True when the thread runs.
    private func start(_ state: inout State) -> Bool {
        if state.thread != nil { return true }
        do throws(Errno) {
            if state.epoll < 0 { state.epoll = try HostSystemCalls.makeEpoll() }
            if state.interrupt < 0 {
                state.interrupt = try HostSystemCalls.makeEvent()
                try HostSystemCalls.addToEpoll(state.epoll, state.interrupt)
            }
            if state.timer < 0 {
                state.timer = try HostSystemCalls.makeTimer()
                try HostSystemCalls.addToEpoll(state.epoll, state.timer)
            }
        } catch { return false }
        let start = Unmanaged.passRetained(Start(self, epoll: state.epoll, timer: state.timer))
        var thread = pthread_t()
        // Signals are for the threads that run programs.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let failed = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                skerry_name_thread("skerry-reactor")
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                start.reactor.run(start)
                return nil
            }, start.toOpaque())
        if failed != 0 {
            start.release()
            return false
        }
        state.thread = thread
        return true
    }
}
