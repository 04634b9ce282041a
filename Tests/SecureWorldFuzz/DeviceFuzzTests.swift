import Foundation
import Glibc
import Testing

/// Clients in the sandbox that send anything to /dev/tee0 and /dev/teepriv0, map what they get in any way, and disappear when they like.
@Suite(.enabled(if: FuzzApplications.canRun && SandboxedClient.canRun)) struct DeviceFuzzTests {
    private func program(_ name: String) throws -> String {
        let folder = FuzzApplications.root + "/.build/programs"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let target = "\(folder)/tee-\(name)"
        let source = "\(FuzzApplications.root)/Tests/Programs/tee/\(name).c"
        let result = try FuzzProcess.run(["gcc", "-O1", "-Wall", "-Wextra", "-static", "-pthread", "-o", target, source], seconds: 120)
        try #require(result.status == 0, "\(result.output)")
        return target
    }

    private func run(_ program: String, _ arguments: [String], seconds: Double, options: [String] = [], observing: Double? = nil) throws -> FuzzProcess {
        let device = try FuzzFolder()
        let command = [SandboxedClient.skerry, "run", "-q", "--tee", try FuzzApplications.folder.get(), "--tee-unsigned", "--tee-device", device.path] + options
        return try FuzzProcess.run(command + ["--", try self.program(program)] + arguments, seconds: seconds, observing: observing)
    }

    @Test func randomRequestsHarmNobody() throws {
        let seconds = max(2, Int(Fuzzing.seconds))
        let uuids = [FuzzApplications.uuid("hello_world"), FuzzApplications.uuid("memory_references"), FuzzApplications.Hostile.shared.uuid].map { "\($0)" }
        let start = "seed \(Fuzzing.seed), \(seconds) s"
        let result = try run("fuzz", ["\(seconds)", "\(Fuzzing.seed)"] + uuids, seconds: Double(seconds) * 2 + 300, options: ["--tee-timeout", "2"], observing: Double(seconds))
        #expect(!result.hung, "skerry does not go on, \(start): \(result.output.suffix(4000))")
        #expect(!result.wasKilled || result.hung, "signal \(result.status - 128) ended skerry, \(start): \(result.output.suffix(4000))")
        #expect(result.status == 0 || result.wasKilled, "\(result.status), \(start): \(result.output.suffix(4000))")
        for line in result.output.split(separator: "\n") where line.hasPrefix("fuzz: ") { print("deviceFuzz, \(start): \(line.dropFirst(6))") }
        // Clients come and go all the time, so only what adds up is a leak; how many descriptors and threads are there at a moment differs.
        if seconds >= 30, let early = result.early, let late = result.late {
            print("deviceFuzz, \(start): \(early) after the warm-up, \(late) near the end")
            #expect(late.descriptors < early.descriptors + 200 && late.threads < early.threads + 40, "\(early), then \(late)")
            #expect(late.resident < early.resident + (96 << 10), "\(early), then \(late)")
        }
    }

    /// The same requests without a machine, where a service that does nothing answers (SecureWorldTests).
    @Test func randomRequestsHarmNoDevice() throws {
        try Fuzzing.inChild("stormFuzz", filter: "SecureWorldTests.DeviceStormTests", environment: ["SKERRY_STORM_SECONDS": "\(Fuzzing.seconds)"])
    }

    /// A loop and an endless row of waits.
    @Test(arguments: ["3", "4"]) func aClientThatDisappearsInACallLeavesNothing(_ command: String) throws {
        let result = try run("vanish", ["\(FuzzApplications.Hostile.plain.uuid)", command, "4"], seconds: 300, options: ["--tee-timeout", "6"])
        #expect(result.status == 0 && !result.hung, "\(result.status): \(result.output.suffix(4000))")
    }

    /// The one instance that all clients share is busy until its time is over; then others get a new one.
    @Test func aClientThatDisappearsInASharedInstanceLeavesItToOthers() throws {
        let result = try run("vanish", ["\(FuzzApplications.Hostile.shared.uuid)", "3", "2"], seconds: 300, options: ["--tee-timeout", "1"])
        #expect(result.status == 0 && !result.hung, "\(result.status): \(result.output.suffix(4000))")
    }
}

/// Where the sandbox is.
private enum SandboxedClient {
    /// The command under test: $SKERRY, else the debug build.
    static let skerry = ProcessInfo.processInfo.environment["SKERRY"] ?? FuzzApplications.root + "/.build/debug/skerry"
    static var canRun: Bool { access(skerry, X_OK) == 0 }
}
