internal import Glibc
internal import Synchronization

/// Serves a secure world to clients on this machine through an AF_UNIX socket (`skerry tee serve`), with the protocol of `skerry_tee_protocol.h`.
///
/// Every connection is a TEE context (TEE Client API 1.0, 4.3.2): what is left of its sessions is closed when it ends. Identities for TEEC_LOGIN_USER and
/// TEEC_LOGIN_GROUP are those that the kernel vouches for. A client can do nothing to the others but take its share of `TEEServingLimits`.
/// A server lives until `stop`, whoever refers to it.
public final class TEESocketServer: Sendable {
    private struct State {
        var isStopped = false
        var isAccepting = true
        var connections: [ObjectIdentifier: ClientConnection] = [:]
        var ofUsers: [UInt32: Int] = [:]
        var isOver: Bool { isStopped && !isAccepting && connections.isEmpty }
    }

    /// Where clients connect.
    public let path: String
    private let service: TEEService
    private let limits: TEEServingLimits
    private let budget: DescriptorBudget
    private let listener: OwnedDescriptor
    private let file: (device: dev_t, inode: ino_t)
    private let state = Mutex(State())
    /// A pipe that becomes readable, and stays so, when all is over.
    private let over: (reading: OwnedDescriptor, writing: OwnedDescriptor)

    /// Binds the socket and begins to accept clients.
    ///
    /// A socket file that nobody listens to any more is replaced. `mode` are the permissions of the file: who may write to it may connect.
    /// Throws `badParameters` for a path that does not fit an address (107 octets), `accessConflict` when another server listens there or something else
    /// has that name, `accessDenied` when the folder does not let us, `outOfMemory` when there are no descriptors or threads left.
    public init(service: TEEService, path: String, mode: UInt32 = 0o600, limits: TEEServingLimits = TEEServingLimits()) throws(TEEResult) {
        self.service = service
        self.path = path
        self.limits = limits
        budget = DescriptorBudget(limits)
        guard let over = SocketCalls.makePipe() else { throw .outOfMemory }
        self.over = over
        listener = try ListeningSocket.make(path: path, mode: mode)
        var status = stat()
        guard lstat(path, &status) == 0 else { throw .accessDenied }
        file = (status.st_dev, status.st_ino)
        guard SocketCalls.startThread({ [self] in accept() }) else {
            unlink(path)
            throw .outOfMemory
        }
    }

    /// How many clients are connected.
    public var connectionCount: Int { state.withLock { $0.connections.count } }

    /// Ends all connections and removes the socket's file; returns when every request has ended and every session is closed.
    public func stop() {
        let (isFirst, connections) = state.withLock { state in
            defer { state.isStopped = true }
            return (!state.isStopped, Array(state.connections.values))
        }
        if isFirst {
            var status = stat()
            if lstat(path, &status) == 0, status.st_dev == file.device, status.st_ino == file.inode { unlink(path) }
            shutdown(listener.number, Int32(SHUT_RDWR))
            for connection in connections { connection.shutDown() }
        }
        wait()
    }

    /// Returns when the server has been stopped and every connection has ended.
    public func wait() {
        var readiness = pollfd(fd: over.reading.number, events: Int16(POLLIN), revents: 0)
        while poll(&readiness, 1, -1) < 1 {}
    }

    // MARK: Connections

    private func accept() {
        while !state.withLock({ $0.isStopped }) {
            if let socket = SocketCalls.own(Glibc.accept(listener.number, nil, nil)) {
                admit(socket)
            } else if errno != EINTR && errno != ECONNABORTED {
                // No descriptors left, most likely: clients wait in the listener's queue.
                usleep(10_000)
            }
        }
        change { $0.isAccepting = false }
    }

    private func admit(_ socket: OwnedDescriptor) {
        guard let credentials = SocketCalls.credentials(socket.number) else { return }
        let connection = ClientConnection(socket, credentials, service: service, limits: limits, budget: budget) { [self] in forget($0) }
        let isAdmitted = state.withLock { state in
            let count = state.ofUsers[credentials.user] ?? 0
            guard !state.isStopped, state.connections.count < limits.connections, count < limits.connectionsPerUser else { return false }
            state.connections[ObjectIdentifier(connection)] = connection
            state.ofUsers[credentials.user] = count + 1
            return true
        }
        if isAdmitted, connection.start() { return }
        _ = SocketCalls.send(socket.number, ClientConnection.welcome(.busy, limits), flags: Int32(MSG_DONTWAIT))
        if isAdmitted { forget(connection) }
    }

    private func forget(_ connection: ClientConnection) {
        change { state in
            state.connections[ObjectIdentifier(connection)] = nil
            let count = (state.ofUsers[connection.credentials.user] ?? 1) - 1
            state.ofUsers[connection.credentials.user] = count > 0 ? count : nil
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let isOver = state.withLock { state in
            body(&state)
            return state.isOver
        }
        if isOver { _ = write(over.writing.number, [0], 1) }
    }
}
