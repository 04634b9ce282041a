import Dispatch
import SecureWorld
import SkerryRun

/// Carries out the commands of a file and says what each came to.
final class CommandRunner {
    private let world: SecureWorld
    /// The application of the command line.
    private let main: TEEUUID
    /// The others, by the names that the file has for them.
    private let applications: [String: TEEUUID]
    private var sessions: [String: UInt32] = [:]
    /// Commands that were as expected.
    private(set) var passed = 0
    /// Commands that were not.
    private(set) var failed = 0

    init(_ world: SecureWorld, _ main: TEEUUID, _ applications: [String: TEEUUID]) {
        self.world = world
        self.main = main
        self.applications = applications
    }

    /// All of them, and at the end the sessions that are open still are closed.
    func run(_ commands: [CommandFile.Step]) {
        for step in commands {
            let (line, problems) = carryOut(step)
            if problems.isEmpty { passed += 1 } else { failed += 1 }
            Console.print("\(problems.isEmpty ? "ok    " : "FAILED") \(line)\n" + problems.map { "       \(step.place.isEmpty ? "" : step.place + ": ")\($0)\n" }.joined())
        }
        for session in sessions.sorted(by: { $0.key < $1.key }) { world.perform(TEERequest(.close(session: session.value))) }
        sessions = [:]
    }

    private func carryOut(_ step: CommandFile.Step) -> (line: String, problems: [String]) {
        switch step.action {
        case .open(let name, let client):
            let uuid = name.flatMap { applications[$0] ?? TEEUUID($0) } ?? main
            let line = "open \(step.session)"
            let outcome = perform(step) { .open(uuid, client) }
            if outcome.request.result == .success { sessions[step.session] = outcome.request.session }
            return (line + outcome.text, outcome.problems)
        case .invoke(let command):
            let line = "invoke \(command)" + (step.session == CommandFile.mainSession ? "" : " in \(step.session)")
            guard let session = sessions[step.session] else { return (line, ["the session \(step.session) was not opened"]) }
            var outcome = perform(step) { .invoke(session: session, command: command) }
            var times = 1
            while times < step.count, outcome.problems.isEmpty {
                outcome = perform(step) { .invoke(session: session, command: command) }
                times += 1
            }
            if step.count > 1, !outcome.problems.isEmpty { outcome.problems.append("this was time \(times) of \(step.count)") }
            return (line + (step.count > 1 ? " (\(times) times)" : "") + outcome.text, outcome.problems)
        case .close:
            guard let session = sessions.removeValue(forKey: step.session) else { return ("close \(step.session)", ["the session \(step.session) was not opened"]) }
            world.perform(TEERequest(.close(session: session)))
            return ("close \(step.session)", [])
        }
    }

    private struct Outcome {
        let request: TEERequest
        let text: String
        var problems: [String]
    }

    private func perform(_ step: CommandFile.Step, _ kind: () -> TEERequest.Kind) -> Outcome {
        let buffers = step.parameters.map { parameter in parameter.bytes.map { CallBuffer($0) } }
        let request = TEERequest(kind(), parameters: zip(step.parameters, buffers).map { $0.parameter($1) })
        let cancellation = DispatchWorkItem { request.cancel() }
        if let milliseconds = step.cancelAfter { DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds), execute: cancellation) }
        world.perform(request)
        cancellation.cancel()
        var text = " = \(request.result) from \(request.origin.text)"
        var problems: [String] = []
        let expectation = step.expectation
        if let wanted = expectation.result, wanted != request.result { problems.append("expected the result \(wanted)") }
        if let wanted = expectation.origin, wanted != request.origin { problems.append("expected it from \(wanted.text)") }
        for (index, parameter) in step.parameters.enumerated() {
            guard let output = ParameterOutput(request.parameters[index], buffers[index]) else { continue }
            text += "; parameter \(index): \(output.text)"
            problems += output.problems(parameter.expectation).map { "parameter \(index): \($0)" }
        }
        return Outcome(request: request, text: text, problems: problems)
    }
}

extension FileParameter {
    /// For a request.
    func parameter(_ buffer: CallBuffer?) -> TEEParameter {
        if kind == .none { return .none }
        return kind.isMemory ? .memory(kind.direction, buffer, size: UInt64(size)) : .value(kind.direction, a: a, b: b)
    }
}

/// An output as it came back.
struct ParameterOutput {
    private enum Contents {
        case value(a: UInt32, b: UInt32)
        /// No bytes: they did not fit, or there was no buffer.
        case memory(size: UInt64, [UInt8]?)
    }
    private let contents: Contents

    /// Nil for an input.
    init?(_ parameter: TEEParameter, _ buffer: CallBuffer?) {
        switch parameter {
        case .value(let direction, let a, let b) where direction.contains(.output): contents = .value(a: a, b: b)
        case .memory(let direction, _, let size) where direction.contains(.output):
            let bytes = buffer.flatMap { buffer in size <= buffer.size ? Array(buffer.bytes.prefix(Int(size))) : nil }
            contents = .memory(size: size, bytes)
        default: return nil
        }
    }

    /// For people.
    var text: String {
        switch contents {
        case .value(let a, let b): "\(a), \(b) (0x\(String(a, radix: 16)), 0x\(String(b, radix: 16)))"
        case .memory(let size, nil): "\(size) bytes are needed"
        case .memory(let size, let bytes?): "\(size) bytes: \(Self.shown(bytes))"
        }
    }

    /// What is not as expected.
    func problems(_ expectation: FileParameter.Expectation) -> [String] {
        var problems: [String] = []
        switch contents {
        case .value(let a, let b):
            if let wanted = expectation.a, wanted != a { problems.append("expected a = \(wanted)") }
            if let wanted = expectation.b, wanted != b { problems.append("expected b = \(wanted)") }
        case .memory(let size, let bytes):
            if let wanted = expectation.size ?? expectation.bytes?.count, UInt64(wanted) != size { problems.append("expected a size of \(wanted) bytes") }
            if let wanted = expectation.bytes, bytes != wanted { problems.append("expected \(Self.shown(wanted))") }
        }
        return problems
    }

    private static let shownBytes = 256

    /// Text in quotes, other bytes in hexadecimal, and not all of very many.
    static func shown(_ bytes: [UInt8]) -> String {
        let text = bytes.last == 0 ? bytes.dropLast() : bytes[...]
        let rest = bytes.count > shownBytes ? "... (\(bytes.count) bytes)" : ""
        if !text.isEmpty, text.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return "\"\(String(decoding: text.prefix(shownBytes), as: UTF8.self))\"\(rest)" }
        return bytes.prefix(shownBytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + rest
    }
}
