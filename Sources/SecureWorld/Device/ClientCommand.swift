internal import LibraryOS
internal import Synchronization

/// A request under way whose client waits, until it is over or the client is.
final class ClientCommand: Sendable {
    /// What the service works on.
    let request: TEERequest
    /// Woken when that is done.
    let queue = WaitQueue()

    private enum Stage { case running, finished, abandoned }
    private let stage = Mutex(Stage.running)
    private let whenUnclaimed: @Sendable (TEERequest) -> Void

    /// `whenUnclaimed` is called once the request is done, if nobody is there any more to take the results.
    init(_ request: TEERequest, whenUnclaimed: @escaping @Sendable (TEERequest) -> Void = { _ in }) {
        self.request = request
        self.whenUnclaimed = whenUnclaimed
    }

    /// Waits for the results as long as a quick command takes.
    func waitBriefly(_ moment: BriefWait) { moment.wait { isFinished } }

    /// The results are there.
    var isFinished: Bool { stage.withLock { $0 == .finished } }

    /// The service has done it.
    func finish() {
        let isAbandoned = stage.withLock { stage in
            if stage == .abandoned { return true }
            stage = .finished
            return false
        }
        if isAbandoned { whenUnclaimed(request) } else { queue.wakeAll() }
    }

    /// The client is gone.
    func abandon() {
        let before = stage.withLock { stage in
            defer { stage = .abandoned }
            return stage
        }
        switch before {
        case .running:
            // What is being closed goes on to be closed.
            if case .close = request.kind { return }
            request.cancel()
        case .finished: whenUnclaimed(request)
        case .abandoned: break
        }
    }
}

/// What an ioctl that waits for a command keeps.
final class CommandProgress: CallProgress {
    let command: ClientCommand
    /// Tells the client what came out of it; empty for commands without results.
    let report: () throws(Errno) -> Void

    init(_ command: ClientCommand, report: @escaping () throws(Errno) -> Void = { () throws(Errno) in }) {
        self.command = command
        self.report = report
    }

    /// What the ioctl answers now.
    func outcome() throws(Errno) -> PluggedOutcome {
        guard command.isFinished else { return .waitUntilDeath(command.queue) }
        try report()
        return .done(0)
    }

    override func cancel() { command.abandon() }
}
