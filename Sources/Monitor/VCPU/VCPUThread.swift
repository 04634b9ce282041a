import LibraryOS

/// A host thread that does one piece of work after the other and waits in between, together with the vCPU it last ran.
///
/// KVM is slow to move a vCPU to another thread (before Linux 6.13 by an RCU grace period, which is milliseconds), and a thread costs more to start than to
/// wake: processes that come and go one after the other use one.
final class VCPUThread: @unchecked Sendable {
    private let next = Handover<(@Sendable () -> Void)?>()

    /// Starts the thread with its first piece of work; `elsewhere`: on another processor than the caller's. `EAGAIN` when the host gives none.
    func start(elsewhere: Bool = false, _ work: @escaping @Sendable () -> Void) throws(Errno) {
        next.give(work)
        let body = { @Sendable [self] in loop() }
        if elsewhere { try HostThread.startElsewhere(body) } else { try HostThread.start(body) }
    }

    private func loop() { while let work = next.take() { work() } }

    /// The next piece of work; only for a thread that has said, in the course of the last one, that it will wait.
    func give(_ work: @escaping @Sendable () -> Void) { next.give(work) }

    /// Lets the thread end when it has done what it was given.
    func release() { next.give(nil) }
}
