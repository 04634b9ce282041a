import Foundation
import Glibc

/// A process that is watched: how it ended, what it said, and what it held of the host meanwhile.
struct FuzzProcess {
    /// The exit status, or 128 plus the signal that ended it.
    var status: Int32
    var wasKilled: Bool
    /// It said nothing for too long, or did not end.
    var hung: Bool
    /// Both outputs, at most the last 64 KiB.
    var output: String
    /// What it was doing, if it says.
    var lastRound: UInt64?
    /// What it held at times: after a third of its time, and near the end.
    var early: ProcessState?
    var late: ProcessState?

    /// Where a watched process says what round it begins.
    static let progressDescriptor: Int32 = 198

    /// Runs a command to its end. With `patience` it has to say something on `progressDescriptor` within that many seconds again and again.
    static func run(_ command: [String], environment: [String: String] = [:], seconds: Double, patience: Double? = nil, observing period: Double? = nil) throws -> FuzzProcess {
        let folder = try FuzzFolder()
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw CocoaError(.fileReadUnknown) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        defer { close(ends[0]) }
        let process = try start(command, environment, output: folder.path + "/output", progress: ends[1])
        close(ends[1])
        var result = FuzzProcess(status: 0, wasKilled: false, hung: false, output: "")
        let start = ContinuousClock.now
        var latest = start
        var status: Int32 = 0
        while waitpid(process, &status, WNOHANG) == 0 {
            let now = ContinuousClock.now
            if let round = newest(ends[0]) {
                result.lastRound = round
                latest = now
            }
            if now > start + .seconds(seconds) || patience.map({ now > latest + .seconds($0) }) == true, !result.hung {
                result.hung = true
                kill(-process, SIGKILL)
            }
            if let period {
                if result.early == nil, now > start + .seconds(period / 3) { result.early = ProcessState(process) }
                if now > start + .seconds(period * 0.8) { result.late = ProcessState(process) ?? result.late }
            }
            usleep(20_000)
        }
        result.lastRound = newest(ends[0]) ?? result.lastRound
        result.wasKilled = status & 0x7f != 0
        result.status = result.wasKilled ? 128 + status & 0x7f : status >> 8 & 0xff
        let bytes = (try? Data(contentsOf: URL(fileURLWithPath: folder.path + "/output"))) ?? Data()
        result.output = String(decoding: bytes.suffix(65536), as: UTF8.self)
        return result
    }

    private static func newest(_ descriptor: Int32) -> UInt64? {
        var words = [UInt64](repeating: 0, count: 512)
        var newest: UInt64?
        while true {
            let count = words.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            guard count >= 8 else { return newest }
            newest = words[count / 8 - 1]
        }
    }

    /// Descriptors of tests that run beside this one are none of its business.
    private static func keepDescriptors() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [] {
            if let descriptor = Int32(name), descriptor > 2, descriptor != progressDescriptor { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        }
    }

    private static func start(_ command: [String], _ environment: [String: String], output: String, progress: Int32) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        posix_spawn_file_actions_adddup2(&actions, progress, progressDescriptor)
        keepDescriptors()
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        let argv: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        let all = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let envp: [UnsafeMutablePointer<CChar>?] = all.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var process: pid_t = 0
        let error = posix_spawnp(&process, command[0], &actions, &attributes, argv, envp)
        guard error == 0 else { throw POSIXError(POSIXErrorCode(rawValue: error) ?? .EIO) }
        return process
    }
}
