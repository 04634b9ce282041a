import Synchronization

/// A session between a client and an instance of a trusted application (TEE Internal Core API 2.1.3).
final class TASession: @unchecked Sendable {
    /// Its number, which clients and the application know it by; never zero.
    let id: UInt32
    /// The application's instance.
    let instance: TAInstance
    /// Who opened it.
    let client: TEEClientIdentity
    /// Asked to give up, and whether the application wants to hear of it.
    let cancellation = Cancellation()

    init(id: UInt32, instance: TAInstance, client: TEEClientIdentity) {
        self.id = id
        self.instance = instance
        self.client = client
    }
}

/// The cancellation flag of a session with its mask (TEE Internal Core API 4.10). Any thread.
final class Cancellation: Sendable {
    private struct State {
        var isRequested = false
        /// The mask is set when a session begins: an application that knows nothing of cancellation is not cancelled. It stays as the application leaves it,
        /// from one entry to the next (OP-TEE: `cancel_mask` of a session).
        var isMasked = true
        /// When the request is cancelled by itself, in nanoseconds of CLOCK_MONOTONIC.
        var deadline: Int64?
        var wake: (@Sendable () -> Void)?
    }
    private let state = Mutex(State())

    /// An entry begins: the flag of an earlier one is gone, the mask is not.
    func begin(deadline: Int64?) {
        state.withLock {
            $0.isRequested = false
            $0.deadline = deadline
        }
    }

    /// TEEC_RequestCancellation, or a caller's time-out.
    func request() {
        let wake = state.withLock {
            $0.isRequested = true
            return $0.isMasked ? nil : $0.wake
        }
        wake?()
    }

    /// TEE_MaskCancellation and TEE_UnmaskCancellation: returns what was set before.
    func setMask(_ masked: Bool) -> Bool {
        state.withLock { state in
            defer { state.isMasked = masked }
            return state.isMasked
        }
    }

    /// TEE_GetCancellationFlag at `now` (nanoseconds of CLOCK_MONOTONIC): never true while masked.
    func isEffective(now: Int64) -> Bool {
        state.withLock { state in
            if let deadline = state.deadline, deadline <= now { state.isRequested = true }
            return state.isRequested && !state.isMasked
        }
    }

    /// When it comes by itself, if it does.
    var deadline: Int64? { state.withLock { $0.isMasked ? nil : $0.deadline } }

    /// Who is told when it comes, while somebody waits; nil: nobody waits any more.
    func whenRequested(_ wake: (@Sendable () -> Void)?) { state.withLock { $0.wake = wake } }
}
