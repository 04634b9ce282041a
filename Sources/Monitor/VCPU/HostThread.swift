import CLinux
import LibraryOS

internal import Glibc

/// Host threads that run tasks.
enum HostThread {
    private final class Work {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }

    /// Whoever embeds the monitor may have blocked signals in the thread that starts this one: kicks and faults must come through, everything else goes to
    /// other threads.
    private static func takeOwnSignalsOnly() {
        var mask = sigset_t()
        sigfillset(&mask)
        for signal in [HostParker.kickSignal, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT] { sigdelset(&mask, signal) }
        pthread_sigmask(SIG_SETMASK, &mask, nil)
    }

    /// Starts a thread that begins on another processor than the caller's, which goes on with work of its own. The host's scheduler often puts a new thread
    /// behind its creator although another processor idles.
    static func startElsewhere(_ body: @escaping @Sendable () -> Void) throws(Errno) {
        var usable = skerry_processors()
        var other = skerry_processors()
        guard skerry_other_processor(&usable, &other) == 1 else { return try start(body) }
        let all = usable
        try start(on: other) {
            var set = all
            skerry_run_on(&set)
            body()
        }
    }

    /// Starts a detached thread with a small stack; `EAGAIN` when the host gives none.
    static func start(on processors: skerry_processors? = nil, _ body: @escaping @Sendable () -> Void) throws(Errno) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        if var processors { _ = skerry_begin_on(&attributes, &processors) }
        pthread_attr_setstacksize(&attributes, 512 << 10)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Work(body))
        let result = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                HostThread.takeOwnSignalsOnly()
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, work.toOpaque())
        if result != 0 {
            work.release()
            throw .EAGAIN
        }
    }

    /// The clock that shows the CPU time of the calling thread to all threads while it lives; nil: there is none.
    static func ownClock() -> clockid_t? {
        var clock = clockid_t()
        return pthread_getcpuclockid(pthread_self(), &clock) == 0 ? clock : nil
    }
}
