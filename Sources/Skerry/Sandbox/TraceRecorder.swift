import LibraryOS
import Monitor

internal import Glibc

/// Writes what programs do to a file or standard error.
final class TraceRecorder: CallTracer {
    private let printer: TracePrinter

    init(_ format: SandboxConfiguration.Trace, file: String?) throws(SandboxError) {
        var descriptor: Int32 = 2
        if let file {
            descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
            if descriptor < 0 { throw SandboxError(.sandbox, "cannot write the trace to \(file): \(String(cString: strerror(errno)))") }
        }
        let target = descriptor
        printer = TracePrinter(format: format == .json ? .json : .strace) { Self.write($0, to: target) }
    }

    /// Writes one line.
    static func write(_ line: String, to descriptor: Int32) {
        var rest = (Array(line.utf8) + [10])[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written <= 0 { return }
            rest = rest.dropFirst(written)
        }
    }

    func started(_ task: Task, _ path: [UInt8], _ arguments: [[UInt8]], environment: Int) {
        printer.started(task, path, arguments, environment: environment)
    }
    func entered(_ task: Task, _ call: SyscallCall) { printer.entered(task, call) }
    func returned(_ task: Task, _ call: SyscallCall, result: Int64?) { printer.returned(task, call, result: result) }
    func signal(_ task: Task, _ information: SignalInfo) { printer.signal(task, information) }
    func ended(_ task: Task) { printer.ended(task) }
    func crashed(_ task: Task, _ information: SignalInfo) {}
    /// The last line: how the program ended.
    func finish(_ task: Task) { if let status = task.group.exitStatus { printer.exited(task, status: status) } }
}
