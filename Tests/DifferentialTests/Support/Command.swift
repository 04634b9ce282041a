import Foundation
import Glibc

/// What a command did.
struct CommandResult: Sendable {
    var output: Data
    var errors: String
    /// Its exit status; 128 plus the signal that killed it.
    var status: Int32
    /// The watchdog ended it.
    var timedOut = false

    /// The part of the output around the first difference to another's.
    static func firstDifference(_ left: Data, _ right: Data) -> String {
        let leftLines = left.split(separator: 10, omittingEmptySubsequences: false)
        let rightLines = right.split(separator: 10, omittingEmptySubsequences: false)
        func text(_ lines: [Data], _ index: Int) -> String { index < lines.count ? String(decoding: lines[index].prefix(300), as: UTF8.self) : "(end)" }
        var differences: [String] = []
        for index in 0..<max(leftLines.count, rightLines.count) where differences.count < 8 {
            let (one, other) = (text(leftLines, index), text(rightLines, index))
            if index >= leftLines.count || index >= rightLines.count || leftLines[index] != rightLines[index] {
                differences.append("line \(index + 1)\n  natively:   \(one)\n  in sandbox: \(other)")
            }
        }
        return differences.joined(separator: "\n")
    }
}

/// A program with arguments, run to its end under a watchdog.
struct Command: Sendable {
    var program: String
    var arguments: [String] = []
    var environment: [String: String] = [:]
    var folder: String = "/"
    /// A file for standard input.
    var input = "/dev/null"
    var seconds: Double = 30

    func run() throws -> CommandResult {
        let streams = try TemporaryFolder()
        defer { streams.remove() }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, streams.path + "/out", O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, streams.path + "/err", O_WRONLY | O_CREAT, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)

        Self.keepDescriptors()
        // env(1) changes the folder, which posix_spawn itself cannot do for Swift.
        let argv = (["env", "-C", folder, program] + arguments).map { strdup($0) } + [nil]
        let order = ["PATH", "HOME", "TERM"]
        // In the order in which the sandbox sets them, which programs such as env(1) show.
        let names = order.filter { environment[$0] != nil } + environment.keys.filter { !order.contains($0) }.sorted()
        let envp = names.map { strdup("\($0)=\(environment[$0] ?? "")") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var process: pid_t = 0
        let error = posix_spawn(&process, "/usr/bin/env", &actions, &attributes, argv, envp)
        if error != 0 { throw CommandError(text: "\(program): \(String(cString: strerror(error)))") }
        let (status, timedOut) = end(of: process)
        return CommandResult(
            output: try Data(contentsOf: URL(fileURLWithPath: streams.path + "/out")),
            errors: String(decoding: try Data(contentsOf: URL(fileURLWithPath: streams.path + "/err")), as: UTF8.self), status: status, timedOut: timedOut)
    }

    /// Descriptors of the test process are not for the programs.
    private static func keepDescriptors() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [] {
            if let descriptor = Int32(name), descriptor > 2 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        }
    }

    /// Waits for the end; ends the process group when the time is over.
    private func end(of process: pid_t) -> (status: Int32, timedOut: Bool) {
        let end = ContinuousClock.now + .seconds(seconds)
        var status: Int32 = 0
        var timedOut = false
        var pause: UInt32 = 500
        while waitpid(process, &status, WNOHANG) == 0 {
            if ContinuousClock.now > end, !timedOut {
                timedOut = true
                kill(-process, SIGKILL)
            }
            usleep(pause)
            pause = min(pause * 2, 10_000)
        }
        let signal = status & 0x7f
        return (signal == 0 ? status >> 8 & 0xff : 128 + signal, timedOut)
    }
}

struct CommandError: Error, CustomStringConvertible {
    var text: String
    var description: String { text }
}

/// A folder that is there for one test.
struct TemporaryFolder: Sendable {
    let path: String

    init(below parent: String = "/tmp") throws {
        let template = strdup("\(parent)/skerry-test-XXXXXX")
        defer { free(template) }
        guard let template, let made = mkdtemp(template) else { throw CommandError(text: "no temporary folder below \(parent)") }
        path = String(cString: made)
        chmod(path, 0o755)
    }

    func remove() {
        // Tests leave folders without permissions behind.
        _ = try? FileManager.default.removeItem(atPath: path)
    }

    func write(_ name: String, _ text: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name)) }
}
