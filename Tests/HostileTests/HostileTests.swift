import Foundation
import Testing

/// Programs that try to harm the monitor. Whatever they do, `skerry` ends in time, by itself, and never because it failed.
@Suite(.enabled(if: HostilePrograms.canRun), .serialized) struct HostileTests {
    /// A program with arguments, and what may come out of it: its own end, or the signal it has earned.
    struct Attack: Sendable, CustomStringConvertible {
        var program: String
        var arguments: [String] = []
        var options: [String] = []
        var allowed: Set<Int32> = [0]
        /// Rounds of the long run, each with another seed (the first argument when `isSeeded`).
        var rounds = 1
        var isSeeded = false
        var seconds: Double = 60
        var description: String { ([program] + arguments).joined(separator: " ") }
    }

    /// SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGKILL, SIGTERM as statuses.
    private static let faults: Set<Int32> = [139, 135, 132, 136, 133]

    static let attacks: [Attack] =
        [
            Attack(program: "calls", rounds: 3, seconds: 120),
            Attack(program: "fuzz", arguments: ["1", "1500"], allowed: faults.union([0, 137, 143]), rounds: 220, isSeeded: true),
            Attack(program: "memory", arguments: ["1", "60"], rounds: 150, isSeeded: true),
            Attack(program: "truncate", arguments: ["1", "60"], rounds: 120, isSeeded: true),
            Attack(program: "reserve", rounds: 5), Attack(program: "faults", rounds: 5),
            // A forged call may block the signal that would end a forged wait: such a program locks itself up, and the time-out has to end it.
            Attack(program: "gate", options: ["--timeout", "40"], allowed: [0, 124], rounds: 60, isSeeded: true),
            Attack(program: "signals", rounds: 120, isSeeded: true),
            Attack(program: "interprocess", arguments: ["1", "200"], allowed: faults.union([0, 137, 159]), rounds: 120, isSeeded: true),
            Attack(program: "terminals", arguments: ["1", "400"], allowed: [0, 137, 142], rounds: 120, isSeeded: true),
            Attack(program: "exits", allowed: faults.union([0, 137, 143]), rounds: 160, isSeeded: true),
            Attack(program: "forks", arguments: ["1", "30"], rounds: 120, isSeeded: true, seconds: 120),
            Attack(program: "exec", allowed: faults.union([0, 126, 127, 137]), rounds: 150, isSeeded: true),
        ] + (0..<34).map { Attack(program: "faults", arguments: ["\($0)"], allowed: faults.union([0])) }
        + ["memory", "tmpfs", "memfd", "fallocate", "sockets", "watches", "descriptors", "threads", "areas", "watchers", "stack"].map {
            Attack(program: "exhaust", arguments: [$0], options: ["-m", "64m"], allowed: [0, 137, 139], rounds: 2)
        }
        + ["zombies", "allocations", "late", "leaks"].map {
            Attack(program: "bombs", arguments: [$0], options: ["-m", "64m", "--pids", "64", "--nofile", "200"], allowed: [0, 137], rounds: 5)
        }
        + ["forks", "threads", "spins", "blocked"].map {
            Attack(program: "bombs", arguments: [$0], options: ["-m", "64m", "--pids", "64", "--timeout", "2"], allowed: [124], rounds: 5)
        }
        + ["forks", "threads", "blocked"].map {
            Attack(program: "bombs", arguments: [$0], options: ["-m", "64m", "--pids", "64", "--cpus", "1", "--timeout", "2"], allowed: [124], rounds: 5)
        } + (HostilePrograms.isLong ? ["pipes", "mappings"] : []).map { Attack(program: "exhaust", arguments: [$0], options: ["-m", "128m"], allowed: [0, 137], seconds: 240) }

    @Test(arguments: attacks) func survives(_ attack: Attack) throws {
        let rounds = HostilePrograms.isLong ? attack.rounds : 1
        let program = try HostilePrograms.path(attack.program)
        for round in 0..<rounds {
            var arguments = attack.arguments
            if attack.isSeeded {
                if arguments.isEmpty { arguments = ["1"] }
                arguments[0] = "\(round + 1)"
            }
            let result = try Watched.run(HostilePrograms.skerry, ["run", "-q"] + attack.options + ["--", program] + arguments, seconds: attack.seconds)
            expectEnd(of: result, "\(attack.program) \(arguments)", allowed: attack.allowed)
        }
    }

    /// What the library OS keeps for a program counts against its limit: the monitor's own memory stays near it, whatever the program collects.
    @Test(arguments: ["tables", "areas", "nodes", "files", "descriptors", "terminals"]) func theMonitorsOwnMemoryKeepsToTheLimit(_ what: String) throws {
        let program = try HostilePrograms.path("exhaust")
        let result = try Watched.run(HostilePrograms.skerry, ["run", "--stats", "-m", "64m", "--", program, what], seconds: 120)
        #expect([0, 137].contains(result.status), "\(what) ended with \(result.status): \(result.errors)")
        let line = try #require(result.errors.split(separator: "\n").first { $0.contains("peak memory, guest and monitor: ") })
        let peak = try #require(line.split(separator: " ").compactMap { Int($0) }.last)
        // The limit twice (what is estimated may be wrong), and what the monitor itself needs.
        #expect(peak < (2 * 64 + 64) << 10, "\(what): \(line)")
    }

    /// KVM makes 1,024 virtual processors for a machine: those of ended processes serve the next ones, and threads that sleep share them.
    @Test func tenThousandProcessesAndFiveHundredThreads() throws {
        let program = try HostilePrograms.path("recycling")
        for round in 0..<(HostilePrograms.isLong ? 3 : 1) {
            let result = try Watched.run(HostilePrograms.skerry, ["run", "-q", "-m", "256m", "--", program, "10000", "500"], seconds: 600)
            expectEnd(of: result, "recycling \(round)", allowed: [0])
        }
    }

    /// A folder of the host that is granted to the program, and gone afterwards.
    private func withGrant(_ body: (_ folder: String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "skerry-hostile-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    /// Files of the host that shrink under their mappings.
    @Test func filesOfTheHostShrinkUnderTheirMappings() throws { try withGrant(shrink) }

    private func shrink(_ folder: String) throws {
        let program = try HostilePrograms.path("truncate")
        for round in 0..<(HostilePrograms.isLong ? 50 : 2) {
            let result = try Watched.run(
                HostilePrograms.skerry, ["run", "-q", "--rw", folder, "--", program, "\(round)", "60", folder + "/file"], seconds: 60)
            expectEnd(of: result, "shrinking \(round)", allowed: [0])
        }
    }

    /// The monitor may hold 96 descriptors, and the program opens thousands one after the other.
    @Test func whatIsClosedIsClosedOnTheHost() throws { try withGrant(churn) }

    private func churn(_ folder: String) throws {
        let program = try HostilePrograms.path("churn")
        for place in [folder, "/tmp"] {
            let arguments = ["--nofile=96:96", HostilePrograms.skerry, "run", "-q", "--rw", folder, "--", program, place]
            try expectEnd(of: Watched.run("/usr/bin/prlimit", arguments, seconds: 120), "churn \(place)", allowed: [0])
        }
    }

    /// Random calls where files are the host's.
    @Test func randomCallsOnFilesOfTheHost() throws {
        let program = try HostilePrograms.path("fuzz")
        for round in 0..<(HostilePrograms.isLong ? 50 : 2) {
            try withGrant { folder in
                let arguments = ["run", "-q", "--rw", folder + ":/tmp", "-w", "/tmp", "--", program, "\(round + 1000)", "1500"]
                try expectEnd(
                    of: Watched.run(HostilePrograms.skerry, arguments, seconds: 60), "fuzz of files \(round)", allowed: Self.faults.union([0, 137, 143]))
            }
        }
    }

    private func expectEnd(of result: Watched, _ name: String, allowed: Set<Int32>) {
        #expect(!result.timedOut, "\(name) did not end: \(result.errors)")
        #expect(!result.wasKilled || result.timedOut, "a signal ended skerry itself (\(result.status)) in \(name): \(result.errors)")
        #expect(allowed.contains(result.status) || result.timedOut, "\(name) ended with \(result.status): \(result.errors)")
        Rounds.add(name, passed: !result.timedOut && !result.wasKilled && allowed.contains(result.status))
    }
}
