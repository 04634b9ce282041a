import Foundation
import Glibc

/// A command under a watchdog.
struct Watched: Sendable {
    /// The exit status, or 128 plus the signal that ended the command itself.
    var status: Int32
    /// A signal ended the command itself.
    var wasKilled: Bool
    var timedOut: Bool
    var errors: String

    static func run(_ program: String, _ arguments: [String], seconds: Double) throws -> Watched {
        let errors = NSTemporaryDirectory() + "skerry-hostile-" + UUID().uuidString
        defer { unlink(errors) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        let argv: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        let envp: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=/usr/bin:/bin"), nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var process: pid_t = 0
        let error = posix_spawn(&process, program, &actions, &attributes, argv, envp)
        if error != 0 { throw POSIXError(POSIXErrorCode(rawValue: error) ?? .EIO) }
        let end = ContinuousClock.now + .seconds(seconds)
        var status: Int32 = 0
        var timedOut = false
        while waitpid(process, &status, WNOHANG) == 0 {
            if ContinuousClock.now > end, !timedOut {
                timedOut = true
                kill(-process, SIGKILL)
            }
            usleep(2000)
        }
        let signal = status & 0x7f
        let text = (try? String(contentsOf: URL(fileURLWithPath: errors), encoding: .isoLatin1)) ?? ""
        return Watched(status: signal == 0 ? status >> 8 & 0xff : 128 + signal, wasKilled: signal != 0, timedOut: timedOut, errors: String(text.prefix(2000)))
    }
}
