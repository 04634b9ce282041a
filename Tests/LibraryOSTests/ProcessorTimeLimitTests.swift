import Testing

@testable import LibraryOS

/// A vCPU whose clocks stand where a test puts them.
private final class ClockMachine: TaskMachine, @unchecked Sendable {
    var times: (user: Int64, system: Int64) = (0, 0)
    override func cpuTime() -> Int64 { times.user + times.system }
    override func cpuTimes() -> (user: Int64, system: Int64) { times }
}

/// CPU time: what is counted, and what its limit brings.
@Suite("CPU time") struct ProcessorTimeLimitTests {
    private let sandbox = TestKernel(frames: 256)
    private let task: Task
    private let machine = ClockMachine()
    private static let second: Int64 = 1_000_000_000

    init() throws {
        task = try sandbox.makeTask()
        task.machine = machine
    }

    /// So much time passes, which the process uses.
    private func use(seconds: Double) {
        machine.times.user += Int64(seconds * Double(Self.second))
        sandbox.host.advance(nanoseconds: Int64(seconds * Double(Self.second)))
        sandbox.kernel.timersExpired(now: sandbox.kernel.time.monotonicNow())
    }
    private func limit(soft: UInt64, hard: UInt64) {
        task.group.limits[ResourceLimits.cpu] = ResourceLimits.Limit(soft, hard)
        task.group.watchProcessorTime(sandbox.kernel)
    }
    private var isWarned: Bool { task.group.signals.pending.set.contains(Signal.SIGXCPU) }

    @Test func theSoftLimitWarnsEverySecond() {
        limit(soft: 2, hard: .max)
        use(seconds: 1.5)
        #expect(!isWarned)
        use(seconds: 0.6)
        #expect(isWarned)
        #expect(task.group.limits[ResourceLimits.cpu]?.soft == 3)
        _ = task.takePending(SignalSet(bits: .max))
        use(seconds: 0.5)
        #expect(!isWarned)
        use(seconds: 0.5)
        #expect(isWarned)
    }

    @Test func theHardLimitKills() {
        limit(soft: 1, hard: 2)
        use(seconds: 1.9)
        #expect(!task.group.isExiting)
        use(seconds: 0.2)
        #expect(task.group.exitStatus == Signal.SIGKILL)
    }

    @Test func timeThatPassesUnusedDoesNotCount() {
        limit(soft: 1, hard: 1)
        sandbox.host.advance(nanoseconds: 10 * Self.second)
        sandbox.kernel.timersExpired(now: sandbox.kernel.time.monotonicNow())
        #expect(!isWarned && !task.group.isExiting)
    }

    @Test func userAndSystemTimeAreToldApart() throws {
        machine.times = (3 * Self.second, Self.second / 2)
        let place = task.mapped()
        #expect(task.result(98, 0, place) == 0)
        let usage = ByteReader(try task.bytes(at: place, 32))
        #expect([usage.i64(0), usage.i64(8), usage.i64(16), usage.i64(24)] == [3, 0, 0, 500_000])
        #expect(task.result(100, place) > 0)
        let ticks = ByteReader(try task.bytes(at: place, 32))
        #expect([ticks.i64(0), ticks.i64(8)] == [300, 50])
    }
}
