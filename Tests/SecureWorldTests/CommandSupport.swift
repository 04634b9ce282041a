import Foundation
import Glibc
import Testing

@testable import SecureWorld

/// `skerry-tee`, as it was built, with a device folder of one test's own.
final class CommandDevice: Sendable {
    /// Files of the test, and the device's folder `device`.
    let folder: ImagesFolder
    let applications: String

    /// What a command did.
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String
        var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
    static let program = ProcessInfo.processInfo.environment["SKERRY_TEE"] ?? root + "/.build/debug/skerry-tee"

    init() throws {
        folder = try ImagesFolder()
        applications = try #require(TrustedApplications.folder)
        try #require(access(Self.program, X_OK) == 0, "\(Self.program) is not there; swift build makes it")
    }

    /// The file of an application of Tests/TrustedApplications.
    func file(_ name: String) -> String { "\(applications)/\(TrustedApplications.uuid(name)).elf" }

    static func sources(_ name: String) -> String { root + "/Tests/TrustedApplications/" + name }
    static var compiler: String { root + "/guest/ta/cc" }

    /// `skerry tee WORDS`, in the folder, with this device.
    func tee(_ command: String, _ words: String...) throws -> Outcome { try run([Self.program, "tee", command, "--device", "device"] + words) }

    /// The same with the applications at hand, unsigned.
    func unsigned(_ command: String, _ words: [String]) throws -> Outcome {
        try run([Self.program, "tee", command, "--device", "device", "--unsigned", "--applications", applications] + words)
    }

    /// `skerry tee run` of commands as JSON.
    func commands(_ text: String, of application: String = "hello_world", _ words: [String] = []) throws -> Outcome {
        try folder.write("commands.json", text)
        return try unsigned("run", ["--commands", "commands.json"] + words + [file(application)])
    }

    /// Any command, in the folder, ended after two minutes.
    func run(_ words: [String]) throws -> Outcome {
        let name = UUID().uuidString
        let (output, errors) = (folder.path + "/.output-" + name, folder.path + "/.errors-" + name)
        defer {
            unlink(output)
            unlink(errors)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT, 0o600)
        var arguments = (["env", "-C", folder.path, "timeout", "120"] + words).map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var process = pid_t()
        guard posix_spawnp(&process, "env", &actions, nil, &arguments, environ) == 0 else { throw ImagesSupport.Failed(description: "cannot start env") }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 { guard errno == EINTR else { throw ImagesSupport.Failed(description: "cannot wait") } }
        func text(_ path: String) throws -> String { String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self) }
        return Outcome(status: status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f, output: try text(output), errors: try text(errors))
    }

    /// The last line that a command printed.
    func printed(_ words: [String]) throws -> String {
        let outcome = try run(words)
        try #require(outcome.status == 0, "\(words): \(outcome.errors)")
        return outcome.output.split(separator: "\n").last.map(String.init) ?? ""
    }
}
