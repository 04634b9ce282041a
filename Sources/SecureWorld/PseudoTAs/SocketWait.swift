internal import Glibc

/// Waiting for a descriptor of the host on behalf of an application: for some time, until somebody cancels what the application does, or until it is ended.
struct SocketWait {
    let clock: TEEClock
    /// In nanoseconds of CLOCK_MONOTONIC; nil: for ever.
    let deadline: Int64?
    let cancellation: Cancellation?
    /// When the caller gives the command up, whether or not it listens to cancellation itself.
    let cancellationDeadline: Int64?
    /// Who waits.
    let instance: TAInstance?

    /// What is waited for.
    enum Readiness {
        case readable
        case writable
        fileprivate var events: Int16 { Int16(self == .readable ? POLLIN : POLLOUT) }
    }

    /// PTA_SOCKET_TIMEOUT_BLOCKING, TEE_TIMEOUT_INFINITE.
    static let infinite: UInt32 = 0xffff_ffff

    /// `milliseconds` from now, or for ever.
    init(_ session: PseudoSession, milliseconds: UInt32) {
        clock = session.world.clock
        deadline = milliseconds == Self.infinite ? nil : clock.monotonic() &+ Int64(milliseconds) &* 1_000_000
        cancellation = session.cancellation
        cancellationDeadline = session.deadline
        instance = session.caller
    }

    /// Returns when the descriptor is ready, which includes that it is of no more use.
    ///
    /// Errors: `socketTimeout`; `cancel` when the application listens to cancellation and there is one, or the time is over that it gave the command; `targetDead` when it was ended; `socketOutOfResources`.
    func wait(until readiness: Readiness, _ descriptor: HostDescriptor) throws(TEEResult) {
        if Self.poll(descriptor, readiness, nil, milliseconds: 0) { return }
        let (bell, string) = try HostDescriptor.pair()
        cancellation?.whenRequested { string.signal() }
        instance?.whenEnded { string.signal() }
        defer {
            cancellation?.whenRequested(nil)
            instance?.whenEnded(nil)
        }
        while true {
            let now = clock.monotonic()
            if let cancellation, cancellation.isEffective(now: now) { throw .cancel }
            if let cancellationDeadline, cancellationDeadline <= now { throw .cancel }
            if let instance, instance.isDead { throw .targetDead }
            if let deadline, deadline <= now { throw .socketTimeout }
            let until = [deadline, cancellation?.deadline, cancellationDeadline].compactMap { $0 }.min()
            if Self.poll(descriptor, readiness, bell, milliseconds: until.map { Self.milliseconds(now, $0) } ?? -1) { return }
            bell.drain()
        }
    }

    private static func milliseconds(_ now: Int64, _ end: Int64) -> Int32 { Int32(clamping: (max(0, end &- now) &+ 999_999) / 1_000_000) }

    /// Whether the descriptor is ready; the bell only ends the waiting.
    private static func poll(_ descriptor: HostDescriptor, _ readiness: Readiness, _ bell: HostDescriptor?, milliseconds: Int32) -> Bool {
        var entries = [pollfd(fd: descriptor.number, events: readiness.events, revents: 0)]
        if let bell { entries.append(pollfd(fd: bell.number, events: Int16(POLLIN), revents: 0)) }
        // An interruption is found out by the caller, which looks at the clock.
        guard Glibc.poll(&entries, nfds_t(entries.count), milliseconds) > 0 else { return false }
        return entries[0].revents != 0
    }
}
