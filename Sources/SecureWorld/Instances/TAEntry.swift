import LibraryOS
import Monitor

/// The functions of `__ta_entry` (tee.md 1.5; OP-TEE's utee_entry_func).
enum TAFunction: UInt64 {
    case openSession = 0
    case closeSession = 1
    case invokeCommand = 2
    case dumpMemoryStatistics = 3
}

/// How an entry ended.
struct TAEntryResult {
    var result: TEEResult
    var origin: TEEOrigin
}

/// One entry into an application, from its parameters to its result.
///
/// Whoever has claimed the instance has its entry: one thread, or, after it was handed over (`TAStandby`), another.
final class TAEntry: @unchecked Sendable {
    let function: TAFunction
    let session: TASession
    /// As they came, and after the end as they go back.
    var parameters: [TEEParameter]
    let command: UInt32
    let thread: TAThread
    /// What it belongs to, when a client waits for it.
    let request: TEERequest?
    /// Where `place` has put the parameters.
    var placed = PlacedParameters()
    /// The application has been given the registers to begin with.
    var isBegun = false
    /// Whom to tell of the end after it was handed over.
    var completion: (@Sendable () -> Void)?
    private var watch: Watchdog.Watch?
    private var trace: EntryTrace?

    var instance: TAInstance { session.instance }

    init(
        _ function: TAFunction, _ session: TASession, _ parameters: [TEEParameter], command: UInt32, on thread: TAThread, request: TEERequest?,
        completion: (@Sendable () -> Void)? = nil
    ) {
        (self.function, self.session, self.parameters, self.command) = (function, session, parameters, command)
        (self.thread, self.request, self.completion) = (thread, request, completion)
    }

    /// The thread is inside from now on.
    func comeIn() {
        thread.inside.append(instance)
        thread.sessions.append(session)
    }

    /// Lets the next one in.
    func leave() {
        thread.sessions.removeLast()
        thread.inside.removeLast()
        instance.leave()
    }

    /// It is about to begin: it can be cancelled, and its time runs.
    func begin(deadline: Int64?) {
        session.cancellation.begin(deadline: deadline)
        request?.whenCancelled { [session] in session.cancellation.request() }
        // What stands at a breakpoint takes its time.
        watch = instance.world.configuration.timeLimit.flatMap { instance.debuggee == nil ? $0 : nil }.map { Watchdog.shared.watch(instance, for: $0) }
        trace = EntryTrace(function, session, command: command, on: thread)
        trace?.begin(function, parameters)
    }

    /// It has ended.
    func end(_ end: TAEntryResult) {
        trace?.end(end, parameters)
        watch?.end()
        request?.whenCancelled(nil)
    }

    /// What the application begins with.
    var registers: RegisterFile {
        let layout = instance.layout
        var registers = RegisterFile()
        registers.rip = layout.entry
        registers.rdi = function.rawValue
        registers.rsi = UInt64(session.id)
        registers.rdx = layout.parameters
        registers.rcx = UInt64(command)
        // As at the first instruction of a function: the return address that is not there.
        registers.rsp = layout.parameters &- 8
        return registers
    }
}
