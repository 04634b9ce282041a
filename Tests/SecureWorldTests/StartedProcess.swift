import Foundation
import Glibc

/// A process that a test started with posix_spawn: Foundation's Process now and then waits for ever when many run at a time.
struct StartedProcess {
    let identifier: pid_t

    struct Failure: Error, CustomStringConvertible {
        let command: [String]
        let number: Int32
        var description: String { "\(command.joined(separator: " ")): \(String(cString: strerror(number)))" }
    }

    /// Starts a command, whose program is looked for in PATH, without input; both outputs go to `output`.
    init(_ command: [String], environment: [String: String] = ProcessInfo.processInfo.environment, output: String = "/dev/null") throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        let words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        let settings: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for word in words + settings { free(word) } }
        var process = pid_t()
        let error = posix_spawnp(&process, command[0], &actions, nil, words, settings)
        guard error == 0 else { throw Failure(command: command, number: error) }
        identifier = process
    }

    /// Waits for its end: the exit status, or 128 plus the signal that ended it.
    @discardableResult func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0 { guard errno == EINTR else { return -1 } }
        return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
    }

    /// Runs a command to its end, which comes after `seconds` at the latest; its status (124 when it had to be ended) and both outputs.
    static func run(
        _ command: [String], environment: [String: String] = ProcessInfo.processInfo.environment, seconds: Int = 120
    ) throws -> (status: Int32, output: String) {
        let output = NSTemporaryDirectory() + "skerry-output-" + UUID().uuidString
        defer { unlink(output) }
        let status = try StartedProcess(["timeout", "-k", "1", "\(seconds)"] + command, environment: environment, output: output).wait()
        return (status, String(decoding: (try? Data(contentsOf: URL(fileURLWithPath: output))) ?? Data(), as: UTF8.self))
    }
}
