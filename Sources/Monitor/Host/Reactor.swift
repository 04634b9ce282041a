import CLinux
import Glibc
import LibraryOS
import Synchronization

/// Turns readiness of host descriptors into wakes of wait queues: one thread, made by the first `watch`.
///
/// Edge-triggered, so that nothing has to be armed again: who is woken looks at the descriptor itself (`Host.poll`), and every change after that look
/// is another edge. The thread keeps the reactor alive until `stop`. A descriptor epoll refuses (`EPERM`: a regular file) is always ready and needs no wake.
final class Reactor: Sendable {
    private struct State {
        var epoll: Int32 = -1
        var interrupt: Int32 = -1
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

    func unwatch(_ file: HostFile) {
        let removed = state.withLock { state in
            guard let watch = state.watches.removeValue(forKey: file.descriptor) else { return nil as HostFile? }
            HostSystemCalls.removeFromEpoll(state.epoll, file.descriptor)
            return watch.file
        }
        // Closed, if this was the last reference, without the lock.
        _ = removed
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
            state.epoll = -1
            state.interrupt = -1
            state.watches = [:]
        }
    }

    /// The thread's body.
    private func run(epoll: Int32, interrupt: Int32) {
        while true {
            for descriptor in HostSystemCalls.waitEpoll(epoll) {
                let (stopped, queues) = state.withLock { ($0.stopped, $0.watches[descriptor].map { Array($0.queues.values) } ?? []) }
                // The event's own first edge says only that it can be written.
                if descriptor == interrupt && stopped { return }
                for queue in queues { queue.wakeAll() }
            }
        }
    }

    private final class Start: Sendable {
        let reactor: Reactor
        let epoll: Int32
        let interrupt: Int32
        init(_ reactor: Reactor, _ epoll: Int32, _ interrupt: Int32) {
            self.reactor = reactor
            self.epoll = epoll
            self.interrupt = interrupt
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
        } catch { return false }
        let start = Unmanaged.passRetained(Start(self, state.epoll, state.interrupt))
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
                start.reactor.run(epoll: start.epoll, interrupt: start.interrupt)
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
