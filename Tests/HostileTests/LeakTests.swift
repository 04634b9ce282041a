import Foundation
import Glibc
import Skerry
import Testing

/// Sandboxes that run one after the other in one process leave nothing behind: no descriptor, no thread, no mapping, no memory.
@Suite(.enabled(if: HostilePrograms.canRun), .serialized) struct LeakTests {
    private static let rounds = HostilePrograms.isLong ? 50 : 2

    private func run(_ program: String, _ arguments: [String], timeout: Double = 20) throws {
        var configuration = SandboxConfiguration(program: program, arguments: arguments)
        configuration.memory = 64 << 20
        configuration.timeout = timeout
        configuration.processes = 256
        configuration.isQuiet = true
        _ = try Sandbox(configuration).run()
    }

    private static let commands: [[String]] = [
        ["exec", "%", "1", "end"], ["exits", "%"], ["exhaust", "descriptors"], ["exhaust", "watchers"], ["exhaust", "memory"], ["exhaust", "tmpfs"],
        ["exhaust", "sockets"], ["exhaust", "watches"], ["memory", "%", "10"], ["truncate", "%", "10"], ["gate", "%"], ["signals", "%"], ["forks", "%", "20"],
        ["faults", "all", "20000"],
        ["fuzz", "%", "300"], ["bombs", "zombies"], ["bombs", "allocations"], ["bombs", "leaks"], ["bombs", "forks"], ["bombs", "spins"], ["bombs", "blocked"],
    ]

    /// `%` in the arguments is the number of the round.
    @Test(arguments: commands) func aSandboxLeavesNothingBehind(_ command: [String]) throws {
        let program = try HostilePrograms.path(command[0])
        func round(_ number: Int) throws {
            // A sandbox that does not end, timeout or not, ends the test process, rather than keep it busy for ever.
            alarm(120)
            defer { alarm(0) }
            // What ends by its time-out only.
            let endless = command[0] == "bombs" && ["forks", "spins", "blocked"].contains(command[1])
            try run(program, command.dropFirst().map { $0 == "%" ? "\(number)" : $0 }, timeout: endless ? 1 : 20)
        }
        for number in 1...2 { try round(number) }
        let before = ProcessState.settled()
        for number in 1...Self.rounds { try round(number) }
        let after = ProcessState.settled()
        // The allocator's arenas and the C library's cache of stacks may grow for a while, but not with every sandbox.
        let passed =
            after.descriptors <= before.descriptors && after.threads <= before.threads && after.mappings <= before.mappings + 120
            && after.resident <= before.resident + Self.rounds * 100 + 12000
        #expect(passed, "\(before) before, \(after) after")
        for number in 1...Self.rounds { Rounds.add("leaks \(command.joined(separator: " ")) \(number)", passed: passed) }
    }

    /// The machine is made on a thread of its own, which stays for the program: it goes when there will be none.
    @Test func aSandboxThatRunsNothingLeavesNothingBehind() throws {
        func round() throws {
            _ = try Sandbox(SandboxConfiguration(program: "/bin/true"))
            var missing = SandboxConfiguration(program: "/etc/passwd")
            missing.isQuiet = true
            #expect(throws: SandboxError.self) { try Sandbox(missing) }
            missing.program = "/bin/true"
            missing.grants = [SandboxConfiguration.Grant(host: "/no/such/folder")]
            #expect(throws: SandboxError.self) { try Sandbox(missing) }
        }
        for _ in 1...2 { try round() }
        let before = ProcessState.settled()
        for _ in 1...5 { try round() }
        let after = ProcessState.settled()
        #expect(after.descriptors <= before.descriptors && after.threads <= before.threads && after.mappings <= before.mappings + 120, "\(before) before, \(after) after")
    }
}
