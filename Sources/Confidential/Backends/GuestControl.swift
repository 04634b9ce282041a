internal import Synchronization

/// Whether a guest is to stop: for whoever says so, and for the thread that runs it.
public final class GuestControl: Sendable {
    private let stopped = Atomic<Bool>(false)

    /// A guest that goes on.
    public init() {}

    var isStopped: Bool { stopped.load(ordering: .acquiring) }

    /// The guest ends soon. From any thread.
    public func stop() { stopped.store(true, ordering: .releasing) }
}
