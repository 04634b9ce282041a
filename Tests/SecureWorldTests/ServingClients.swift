import Foundation
import SecureWorld
import Testing

/// A folder that is removed with its last user.
final class ServingFolder: Sendable {
    let path: String
    init() throws {
        path = NSTemporaryDirectory() + "serving-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A server with the test service, which must come to an end whatever its clients have done.
final class ServingFixture {
    let folder: ServingFolder
    let service = ServingTestService()
    let server: TEESocketServer
    var path: String { server.path }

    init(limits: TEEServingLimits = TEEServingLimits()) throws {
        folder = try ServingFolder()
        server = try TEESocketServer(service: service, path: folder.path + "/socket", limits: limits)
    }

    deinit { server.stop() }

    /// Waits until something is so, for a minute at most.
    func eventually(_ condition: () -> Bool) -> Bool {
        for _ in 0..<6000 {
            if condition() { return true }
            usleep(10_000)
        }
        return condition()
    }
}

/// The C programs of Tests/TEEClient, built once with the library of Sources/TEEClient.
enum ServingClients {
    struct Outcome: Equatable {
        let status: Int32
        let output: String
        var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
    private static let built: Result<ServingFolder, any Error> = Result {
        let folder = try ServingFolder()
        // Nothing deinitializes what is static.
        let path = folder.path
        removed.append(path)
        atexit { for path in ServingClients.removed { try? FileManager.default.removeItem(atPath: path) } }
        try build(["make", "-s", "-C", root + "/Sources/TEEClient", "OUT=" + path, "CFLAGS=-O2 -g -Werror"])
        let flags = ["cc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O1", "-g", "-pthread", "-I" + path + "/include"]
        for program in try FileManager.default.contentsOfDirectory(atPath: root + "/Tests/TEEClient") where program.hasSuffix(".c") {
            let source = root + "/Tests/TEEClient/" + program
            let name = path + "/" + program.dropLast(2)
            if program == "fake_device.c" {
                try build(flags + ["-shared", "-fPIC", source, "-o", name + ".so", "-ldl"])
            } else {
                try build(flags + [source, "-o", name, "-L" + path, "-lteec", "-Wl,-rpath," + path])
            }
        }
        return folder
    }
    nonisolated(unsafe) private static var removed: [String] = []

    private static func build(_ command: [String]) throws {
        let outcome = try launch(command, environment: [:])
        guard outcome.status == 0 else { throw BuildFailure(command: command.joined(separator: " "), output: outcome.output) }
    }

    struct BuildFailure: Error {
        let command, output: String
    }

    /// Runs a program to its end; both outputs together.
    static func launch(_ command: [String], environment: [String: String]) throws -> Outcome {
        let ended = try StartedProcess.run(command, environment: ProcessInfo.processInfo.environment.merging(environment) { $1 })
        return Outcome(status: ended.status, output: ended.output)
    }

    /// Where the library and its headers were built.
    static func folder() throws -> String { try built.get().path }

    /// A client of the server at `socket`.
    static func run(_ program: String, _ arguments: String..., socket: String, environment: [String: String] = [:]) throws -> Outcome {
        try launch([try folder() + "/" + program] + arguments, environment: environment.merging(["SKERRY_TEE_SOCKET": socket]) { $1 })
    }

    /// The same client with the device of fake_device.c.
    static func run(_ program: String, _ arguments: String..., capabilities: Int) throws -> Outcome {
        let folder = try folder()
        return try launch(
            [folder + "/" + program] + arguments,
            environment: ["LD_PRELOAD": folder + "/fake_device.so", "FAKE_TEE_CAPABILITIES": String(capabilities), "SKERRY_TEE_SOCKET": ""])
    }
}
