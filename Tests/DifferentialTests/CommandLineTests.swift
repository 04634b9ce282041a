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

    /// A shell command with the sandbox's command line in it.
    private func shell(_ text: String) throws -> String {
        let result = try Command(program: "/bin/sh", arguments: ["-c", text], environment: Place.environment).run()
        #expect(!result.timedOut)
        Tally.add("ran", "command line \(text)")
        return String(decoding: result.output, as: UTF8.self)
    }

    @Test func standardStreamsCanBeOpenedByName() throws {
        let sandbox = "\(Place.skerry) run -q -- \(try busybox())"
        let file = NSTemporaryDirectory() + "skerry-streams-\(getpid())"
        defer { unlink(file) }
        try #expect(shell("echo piped | \(sandbox) cat /dev/stdin") == "piped\n")
        try #expect(shell("\(sandbox) sh -c 'echo out >/dev/stdout' | cat") == "out\n")
        try #expect(shell("\(sandbox) cat /dev/stdin </dev/null") == "")
        try #expect(shell("\(sandbox) sh -c 'echo longer; echo out >/dev/stdout' >\(file); cat \(file); \(sandbox) cat /dev/stdin <\(file)") == "out\nout\n")
        // What may only be read here may only be read there.
        try #expect(shell("\(sandbox) sh -c 'echo no >/dev/stdin' <\(file) 2>/dev/null; cat \(file)") == "out\n")
    }

    /// Debug builds assert the order of locks, which a stacked root takes most of.
    @Test(arguments: ["cp -r /tree /copy", "rm -r /tree", "mv /tree/a /moved", "tar cf /all.tar /tree", "sed -i s/1/2/ /tree/a/file", "chmod -R 700 /tree"])
    func aStackedRootIsChangedAndTakenApart(_ change: String) throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try FileManager.default.createDirectory(atPath: folder.path + "/tree/a", withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: folder.path + "/bin", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: busybox(), toPath: folder.path + "/bin/busybox")
        try "1\n".write(toFile: folder.path + "/tree/a/file", atomically: true, encoding: .utf8)
        let result = try run(["-q", "--root", folder.path, "--", "/bin/busybox"] + change.split(separator: " ").map(String.init))
        #expect(result.status == 0)
        // The folder itself is untouched.
        #expect(try String(contentsOfFile: folder.path + "/tree/a/file", encoding: .utf8) == "1\n")
    }

    @Test(.enabled(if: Place.find("script") != nil)) func aTerminalHasANameThatLeadsToIt() throws {
        let sandbox = "\(Place.skerry) run -q -- \(try busybox())"
        func inTerminal(_ arguments: String) throws -> String {
            let quoted = "\(sandbox) \(arguments)".replacingOccurrences(of: "'", with: "'\\''")
            return try shell("script -qec '\(quoted)' /dev/null </dev/null | tr -d '\\r'")
        }
        try #expect(inTerminal("tty") == "/dev/console\n")
        try #expect(inTerminal("readlink /proc/self/fd/0") == "/dev/console\n")
        try #expect(inTerminal("sh -c 'echo by name >/dev/console; test -t 0 </dev/console && echo terminal'") == "by name\nterminal\n")
    }
}
