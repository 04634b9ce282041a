import Foundation
import Glibc
import Testing

/// The exit statuses and messages of `skerry run`, as scripts rely on them.
@Suite(.enabled(if: Place.canRun)) struct CommandLineTests {
    private func run(_ arguments: [String]) throws -> CommandResult {
        let result = try Command(program: Place.skerry, arguments: ["run"] + arguments, environment: Place.environment).run()
        #expect(!result.timedOut)
        Tally.add("ran", "command line \(arguments)")
        return result
    }

    private func busybox() throws -> String {
        guard let found = Place.find("busybox") else { throw CommandError(text: "busybox is not installed") }
        return found
    }

    @Test func theStatusIsTheProgramsOwn() throws {
        try #expect(run(["-q", "--", busybox(), "sh", "-c", "exit 41"]).status == 41)
    }

    @Test func aFatalSignalAdds128() throws {
        try #expect(run(["-q", "--", busybox(), "sh", "-c", "kill -TERM $$"]).status == 143)
    }

    @Test func aTimeOutIs124() throws {
        try #expect(run(["-q", "--timeout", "0.3", "--", busybox(), "sleep", "30"]).status == 124)
    }

    @Test(arguments: [["--no-such-option", "--", "true"], [], ["--memory", "little", "--", "true"], ["--ro", "/no/such/path", "--", "true"]])
    func whatSkerryCannotDoIs125(arguments: [String]) throws {
        try #expect(run(arguments).status == 125)
    }

    @Test func whatCannotBeRunIs126() throws { try #expect(run(["-q", "--", "/etc/passwd"]).status == 126) }

    @Test func whatIsMissingIs127() throws { try #expect(run(["-q", "--", "/no/such/program"]).status == 127) }

    @Test func theTraceGoesToTheFileNamedBehindTheOption() throws {
        let file = NSTemporaryDirectory() + "skerry-trace-\(getpid())"
        defer { unlink(file) }
        try #expect(run(["-q", "--trace=\(file)", "--", busybox(), "true"]).status == 0)
        let trace = try String(contentsOfFile: file, encoding: .utf8)
        #expect(trace.hasSuffix("+++ exited with 0 +++\n"))
    }

    @Test func helpIsThereBehindTheCommandToo() throws {
        let result = try run(["--help"])
        #expect(result.status == 0)
        #expect(String(decoding: result.output, as: UTF8.self).contains("--ro"))
    }
}
