internal import Glibc

/// Serves the secrets of a relying party at a socket: so many conversations at a time, each for a limited time.
public final class SecretServer: Sendable {
    /// What bounds the work that strangers can make.
    public struct Limits: Sendable, Hashable {
        /// Conversations at a time; whoever comes beyond them waits in the kernel's queue.
        public var parallel = 8
        /// Seconds from the first to the last byte of a conversation.
        public var seconds = 60
        /// 8 conversations, 60 seconds each.
        public init() {}
    }

    private let service: SecretService
    private let limits: Limits
    private let listener: OwnedDescriptor
    /// Where it listens; with the port that the system chose, if it was to.
    public let address: ListeningAddress

    /// Listens from now on.
    ///
    /// - Throws: `address` when that is not possible there.
    public init(_ service: SecretService, at address: ListeningAddress, limits: Limits = Limits()) throws(KeyReleaseError) {
        (self.service, self.limits) = (service, limits)
        listener = try SocketCalls.listen(at: address)
        switch address {
        case .internet(let host, let port): self.address = .internet(host: host, port: SocketCalls.port(of: listener) ?? port)
        case .local: self.address = address
        }
    }

    deinit { if case .local(let path) = address { unlink(path) } }

    /// Waits for the next guest and serves it; `who` is what the kernel says of the other side, which is the guest's host at best.
    public func serveOne() -> (who: String, record: ReleaseRecord) {
        while true {
            guard let socket = SocketCalls.accept(listener) else {
                // Also when the system lacks descriptors: a moment later it may have some.
                if ![EAGAIN, EWOULDBLOCK, EINTR, ECONNABORTED].contains(errno) { usleep(100_000) }
                _ = SocketCalls.wait(listener, for: POLLIN, milliseconds: -1)
                continue
            }
            let record = service.serve(SocketConnection(socket, seconds: limits.seconds), at: Int64(time(nil)))
            return (SocketCalls.peer(of: socket), record)
        }
    }

    /// Serves guests for ever, `limits.parallel` at a time; `note` is called for each, on several threads.
    ///
    /// - Throws: `system` when there are no threads to be had.
    public func serve(_ note: @escaping @Sendable (_ who: String, _ record: ReleaseRecord) -> Void) throws(KeyReleaseError) -> Never {
        for _ in 1..<max(1, limits.parallel) {
            let started = SocketCalls.startThread { [self] in
                while true {
                    let (who, record) = serveOne()
                    note(who, record)
                }
            }
            guard started else { throw KeyReleaseError(.system, "the system has no threads left for \(limits.parallel) conversations; allow fewer") }
        }
        while true {
            let (who, record) = serveOne()
            note(who, record)
        }
    }
}
