/// One ioctl(2) on a plugged device.
public struct PluggedCall {
    /// Who calls.
    public let caller: PluggedCaller
    /// The request number.
    public let request: UInt32
    /// The third argument: mostly an address in the caller's memory.
    public let argument: UInt64
    /// What the handler keeps from one run to the next while it waits; nil in the first run. Its `cancel()` is called when the wait ends without another run.
    public var progress: CallProgress?
}

/// What the ioctl of a plugged device says when it returns.
public enum PluggedOutcome {
    /// The call is over with this result.
    case done(Int64)
    /// It goes on after a wake of the queue; a signal ends it with `EINTR`, or has it made again (SA_RESTART).
    case wait(WaitQueue)
    /// It goes on after a wake of the queue; only the end of the caller ends it earlier.
    case waitUntilDeath(WaitQueue)
}

/// The descriptor's side of a plugged device.
final class PluggedOpenFile: OpenFile, @unchecked Sendable {
    private let file: PluggedFile

    init(_ file: PluggedFile, flags: OpenFlags, location: PathLocation) {
        self.file = file
        super.init(flags: flags, location: location, readiness: file.readiness)
    }

    override func poll() -> PollEvents { file.poll() }
    override var supportsEpoll: Bool { file.isPollable }
    override func mappingSource() -> MappingSource? { file.mappedMemory?.mappingSource }
    override func release() { file.release() }

    /// The first run of an ioctl. A close by another thread takes effect after the call.
    func control(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        guard retainIfReferenced() else { throw .EBADF }
        return try run(task, &call, PluggedWait(self))
    }

    /// Runs the handler; `wait` holds the reference that `control` took, which ends with the call.
    fileprivate func run(_ task: Task, _ call: inout SyscallCall, _ wait: PluggedWait) throws(Errno) -> Outcome {
        var plugged = PluggedCall(caller: PluggedCaller(task), request: call.uint(1), argument: call.a2, progress: wait.kept)
        let outcome: PluggedOutcome
        do throws(Errno) { outcome = try file.ioctl(&plugged) } catch {
            call.progress = nil
            wait.end()
            throw error
        }
        wait.kept = plugged.progress
        switch outcome {
        case .done(let value):
            call.progress = nil
            wait.end()
            return .done(value)
        case .wait(let queue):
            if call.wake == .interrupted {
                call.progress = nil
                wait.cancel()
                throw .ERESTARTSYS
            }
            call.progress = wait
            return .wait(Wait(queues: [queue], deadline: nil))
        case .waitUntilDeath(let queue):
            call.progress = wait
            return .wait(Wait(queues: [queue], deadline: nil, isKillable: true))
        }
    }
}

/// An ioctl of a plugged device that waits: its file, and what the handler keeps.
final class PluggedWait: CallProgress {
    private var file: PluggedOpenFile?
    fileprivate var kept: CallProgress?

    fileprivate init(_ file: PluggedOpenFile) { self.file = file }

    /// Runs the handler again.
    func resume(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        guard let file else { throw .EBADF }
        return try file.run(task, &call, self)
    }

    /// The call is over.
    fileprivate func end() {
        let held = file
        file = nil
        kept = nil
        held?.drop()
    }

    override func cancel() {
        kept?.cancel()
        end()
    }
}
