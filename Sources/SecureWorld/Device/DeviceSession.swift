internal import Synchronization

/// A session of a client, with the commands that run in it.
final class DeviceSession: Sendable {
    /// The service's number for it.
    let id: UInt32
    /// Whom it is with.
    let application: TEEUUID
    /// Whether its commands are quick.
    let moment = BriefWait()

    private struct State {
        var running: [ObjectIdentifier: TEERequest] = [:]
        var isClosing = false
        /// What closes it, while commands run.
        var close: (@Sendable () -> Void)?
    }
    private let state = Mutex(State())

    init(_ id: UInt32, with application: TEEUUID) {
        self.id = id
        self.application = application
    }

    /// No command runs.
    var isIdle: Bool { state.withLock { $0.running.isEmpty } }

    /// A command begins; false when the session is about to be closed.
    func begin(_ request: TEERequest) -> Bool {
        state.withLock { state in
            if state.isClosing { return false }
            state.running[ObjectIdentifier(request)] = request
            return true
        }
    }

    /// A command is over.
    func end(_ request: TEERequest) {
        let close: (@Sendable () -> Void)? = state.withLock { state in
            state.running[ObjectIdentifier(request)] = nil
            guard state.running.isEmpty else { return nil }
            defer { state.close = nil }
            return state.close
        }
        close?()
    }

    /// Asks all commands that run to give up, whatever their cancellation identifiers: OP-TEE knows one flag a session (`tee_ta_cancel_command`).
    func cancel() {
        let requests = state.withLock { Array($0.running.values) }
        for request in requests { request.cancel() }
    }

    /// Runs `body`, which closes it, as soon as no command runs any more; none begins from now on.
    func close(_ body: @escaping @Sendable () -> Void) {
        let isIdle = state.withLock { state in
            state.isClosing = true
            if !state.running.isEmpty { state.close = body }
            return state.running.isEmpty
        }
        if isIdle { body() }
    }
}
