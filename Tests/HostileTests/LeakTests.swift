import Foundation
import Skerry
import Testing

/// Sandboxes that run one after the other in one process leave nothing behind: no descriptor, no thread, no mapping, no memory.
@Suite(.enabled(if: HostilePrograms.canRun), .serialized) struct LeakTests {
    private static let rounds = HostilePrograms.isLong ? 50 : 5

    private func run(_ program: String, _ arguments: [String], timeout: Double = 20) throws {
        var configuration = SandboxConfiguration(program: program, arguments: arguments)
        configuration.memory = 64 << 20
        configuration.timeout = timeout
        configuration.isQuiet = true
        _ = try Sandbox(configuration).run()
    }

    @Test(arguments: [
        ["exec", "1", "1", "end"], ["exits", "2"], ["exits", "3"], ["exhaust", "descriptors"], ["exhaust", "watchers"], ["exhaust", "memory"], ["exhaust", "tmpfs"],
        ["memory", "5", "10"], ["truncate", "5", "10"],
    ]) func aSandboxLeavesNothingBehind(_ command: [String]) throws {
        let program = try HostilePrograms.path(command[0])
        let arguments = Array(command.dropFirst())
        for _ in 0..<2 { try run(program, arguments) }
        let before = ProcessState.settled()
        for _ in 0..<Self.rounds { try run(program, arguments) }
        let after = ProcessState.settled()
        #expect(after.descriptors <= before.descriptors, "\(before) before, \(after) after")
        #expect(after.threads <= before.threads, "\(before) before, \(after) after")
        // The allocator's arenas and the C library's cache of stacks may grow for a while, but not with every sandbox.
        #expect(after.mappings <= before.mappings + 120, "\(before) before, \(after) after")
        #expect(after.resident <= before.resident + Self.rounds * 100 + 12000, "\(before) before, \(after) after")
    }
}
