import Foundation
import Glibc
import Testing

/// The limits of `skerry run`: what the program gets, how the run ends, and what skerry says of it.
@Suite(.enabled(if: Place.canRun)) struct LimitCommandTests {
    private func run(_ options: [String], _ command: [String], seconds: Double = 60) throws -> CommandResult {
        let result = try Command(program: Place.skerry, arguments: ["run"] + options + ["--"] + command, environment: Place.environment, seconds: seconds).run()
        #expect(!result.timedOut)
        Tally.add("ran", "limits \(options) \(command)")
        return result
    }
    private func shell(_ options: [String], _ script: String) throws -> CommandResult {
        guard let busybox = Place.find("busybox") else { throw CommandError(text: "busybox is not installed") }
        return try run(options, [busybox, "sh", "-c", script])
    }
    private func hostile(_ name: String) throws -> String {
        guard let path = try CompiledPrograms.path("hostile/\(name)", .static) else { throw CommandError(text: "there is no compiler") }
        return path
    }
    private func text(_ result: CommandResult) -> String { String(decoding: result.output, as: UTF8.self) }
    private func lines(_ result: CommandResult) -> [String] { result.errors.split(separator: "\n").map(String.init) }

    // MARK: Processes

    @Test func processesAreLimited() throws {
        let result = try shell(["--pids", "6"], "for i in 1 2 3 4 5 6 7 8; do sleep 30 & done; echo never")
        #expect(text(result) == "")
        #expect(result.status != 0 && result.status < 124)
        #expect(lines(result).last == "skerry: the program was refused new processes once (--pids 6)")
        #expect(result.errors.contains("Resource temporarily unavailable"))
    }

    @Test func aRunWithinItsLimitsSaysNothing() throws {
        let result = try shell(["--pids", "6", "--nofile", "32", "-m", "64m", "--timeout", "30"], "sleep 0.1 & wait; cat /sys/fs/cgroup/pids.max")
        #expect(text(result) == "6\n")
        #expect(result.errors.isEmpty)
    }

    @Test func quietRunsSayNothing() throws {
        let result = try shell(["-q", "--pids", "2"], "sleep 1 & sleep 1 & echo never")
        #expect(!result.errors.contains("skerry:"))
    }

    @Test(arguments: [["--pids", "0"], ["--pids", "many"], ["--pids=99999999"], ["--nofile", "0"], ["--nofile=2000000"], ["--cpus", "0"]])
    func limitsThatMakeNoSenseAreRefused(_ options: [String]) throws {
        #expect(try run(options, ["/bin/true"]).status == 125)
    }

    // MARK: Descriptors

    @Test func descriptorsAreLimited() throws {
        let result = try shell(["--nofile", "20"], "ulimit -n; ulimit -Hn; cat /proc/sys/fs/nr_open; ulimit -n 21 2>/dev/null || echo refused")
        #expect(text(result) == "20\n20\n20\nrefused\n")
        let program = try hostile("bombs")
        let leaks = try run(["--nofile", "20"], [program, "leaks"])
        #expect(leaks.status == 0)
        #expect(lines(leaks).last == "skerry: the program was refused new descriptors 32 times (--nofile 20)")
    }

    // MARK: Memory

    @Test func anAllocationLoopInAChildLeavesItsParentAlone() throws {
        let program = try hostile("bombs")
        let result = try run(["-m", "64m"], [program, "allocations"])
        #expect(result.status == 0, "\(result.errors)")
        #expect(lines(result).last == "skerry: 3 processes were killed: the programs used all of their memory (--memory)")
    }

    @Test func theFirstProgramsOwnEndIsSaidOnce() throws {
        let program = try hostile("exhaust")
        let result = try run(["-m", "64m"], [program, "memory"])
        #expect(result.status == 137)
        #expect(lines(result) == ["skerry: the program was killed: it used all of its memory (--memory)"])
    }

    @Test func aFullFileSystemIsAnErrorAndNobodysEnd() throws {
        let program = try hostile("exhaust")
        let result = try run(["-m", "64m"], [program, "tmpfs"])
        #expect(result.status == 0)
        #expect(result.errors.isEmpty)
    }

    @Test func theLimitCanBeSeen() throws {
        let result = try shell(
            ["-m", "64m", "--cpus", "1", "--pids", "50"],
            "cd /sys/fs/cgroup; cat memory.max cpu.max pids.max cpuset.cpus.effective; cat /proc/self/cgroup; grep -c 'cgroup2 ' /proc/self/mountinfo; nproc")
        #expect(text(result) == "67108864\n100000 100000\n50\n0\n0::/\n1\n1\n")
    }

    // MARK: Processors

    /// Twelve spinning threads in four processes.
    @Test func processorsAreLimited() throws {
        let program = try hostile("bombs")
        let result = try run(["--cpus", "1", "--stats", "--timeout", "3"], [program, "spins"])
        #expect(result.status == 124)
        func seconds(_ name: String) -> Double {
            let line = lines(result).first { $0.hasPrefix("skerry: \(name): ") }
            return line?.split(separator: " ").compactMap { Double($0) }.last ?? .infinity
        }
        let (used, passed) = (seconds("user time") + seconds("system time"), seconds("wall time"))
        // More than one processor's worth would be twice as much on an idle host; starting and ending are the monitor's own.
        #expect(used < passed * 1.4 + 0.3, "\(used) s of processor time in \(passed) s")
    }

    @Test func everyThreadGetsItsTurn() throws {
        let result = try shell(["-q", "--cpus", "1"], "i=0; while :; do :; done & while :; do :; done & while [ $i -lt 2000 ]; do i=$((i+1)); done; echo done; kill %1 %2")
        #expect(text(result) == "done\n")
        #expect(result.status == 0)
    }

    // MARK: Time

    @Test(arguments: ["forks", "threads", "spins", "blocked"]) func aTreeEndsWhenItsTimeIsOver(_ what: String) throws {
        let program = try hostile("bombs")
        let result = try run(["--pids", "64", "--timeout", "2"], [program, what], seconds: 30)
        #expect(result.status == 124)
        #expect(lines(result).contains("skerry: the program was ended after 2.0 seconds (--timeout)"))
        #expect(lines(result).filter { $0.contains("--pids") }.count == (what == "forks" || what == "threads" ? 1 : 0))
    }

    @Test(.enabled(if: Place.find("bash") != nil)) func aForkBombTypedAtAShellEndsWithItsTime() throws {
        // Somebody who types: the shell waits for the next line.
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let typed = folder.path + "/typed"
        #expect(mkfifo(typed, 0o600) == 0)
        let keyboard = open(typed, O_RDWR | O_CLOEXEC)
        defer { close(keyboard) }
        let bomb = Array(":(){ :|:& };:\n".utf8)
        #expect(write(keyboard, bomb, bomb.count) == bomb.count)
        let arguments = ["run", "--system", "--pids", "64", "--timeout", "5", "--", "bash"]
        let result = try Command(program: Place.skerry, arguments: arguments, environment: Place.environment, input: typed, seconds: 30).run()
        #expect(!result.timedOut)
        #expect(result.status == 124)
        #expect(lines(result).contains("skerry: the program was ended after 5.0 seconds (--timeout)"))
        #expect(lines(result).filter { $0.contains("--pids 64") }.count == 1)
    }

    @Test(.enabled(if: Place.find("bash") != nil)) func aForkBombEndsWithTheShellThatThrewIt() throws {
        // As natively, this shell is done as soon as it has thrown its bomb; the sandbox ends with it.
        let result = try run(["--system", "--pids", "64", "--timeout", "20"], ["bash", "-c", ":(){ :|:& };:"], seconds: 30)
        #expect(result.status == 0)
    }

    @Test func aStoppedProgramEndsWhenItsTimeIsOver() throws {
        #expect(try shell(["-q", "--timeout", "1"], "kill -STOP $$").status == 124)
    }
}
