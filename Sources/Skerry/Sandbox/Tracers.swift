import LibraryOS
import Monitor

/// Several tracers as one.
final class Tracers: CallTracer {
    private let all: [any CallTracer]
    init(_ all: [any CallTracer]) { self.all = all }

    func started(_ task: Task, _ path: [UInt8], _ arguments: [[UInt8]], environment: Int) {
        for tracer in all { tracer.started(task, path, arguments, environment: environment) }
    }
    func entered(_ task: Task, _ call: SyscallCall) { for tracer in all { tracer.entered(task, call) } }
    func returned(_ task: Task, _ call: SyscallCall, result: Int64?) { for tracer in all { tracer.returned(task, call, result: result) } }
    func signal(_ task: Task, _ information: SignalInfo) { for tracer in all { tracer.signal(task, information) } }
    func ended(_ task: Task) { for tracer in all { tracer.ended(task) } }
    func crashed(_ task: Task, _ information: SignalInfo) { for tracer in all { tracer.crashed(task, information) } }
}
