import Glibc
import Synchronization
import Testing

@testable import LibraryOS
@testable import Monitor

@Suite struct TimekeepingTests {
    private final class Recorder: Sendable {
        let names = Mutex<[String]>([])
        func add(_ name: String) { names.withLock { $0.append(name) } }
        /// What was recorded once there are `count` names.
        func wait(for count: Int) -> [String] {
            while true {
                let found = names.withLock { $0 }
                if found.count >= count { return found }
                usleep(1000)
            }
        }
    }

    private final class NamedTimer: KernelTimer, @unchecked Sendable {
        private let name: String
        private let recorder: Recorder
        init(_ name: String, _ recorder: Recorder) {
            self.name = name
            self.recorder = recorder
        }
        override func fire() { recorder.add(name) }
    }

    private func makeKernel() throws -> (Kernel, LinuxHost) {
        let host = try LinuxHost(processors: 1, quiet: true)
        let kernel = Kernel(host: host, physicalMemory: PhysicalMemory(), configuration: KernelConfiguration())
        host.serve(kernel)
        return (kernel, host)
    }

    @Test(.timeLimit(.minutes(1))) func timersFireInTheOrderOfTheirDeadlines() throws {
        let (kernel, host) = try makeKernel()
        let recorder = Recorder()
        let start = MonotonicInstant(nanoseconds: host.now(.monotonic))
        for (name, milliseconds) in [("third", 30), ("first", 10), ("second", 20)] as [(String, Int64)] {
            kernel.timers.schedule(NamedTimer(name, recorder), at: start.advanced(byNanoseconds: milliseconds * 1_000_000))
            kernel.timers.announce()
        }
        #expect(recorder.wait(for: 3) == ["first", "second", "third"])
        #expect(host.now(.monotonic) >= start.nanoseconds + 30_000_000)
        host.shutDown()
    }

    @Test(.timeLimit(.minutes(1))) func aTimerTakenBackDoesNotFire() throws {
        let (kernel, host) = try makeKernel()
        let recorder = Recorder()
        let start = MonotonicInstant(nanoseconds: host.now(.monotonic))
        let timer = NamedTimer("taken back", recorder)
        kernel.timers.schedule(timer, at: start.advanced(byNanoseconds: 10_000_000))
        kernel.timers.announce()
        kernel.timers.schedule(timer, at: nil)
        kernel.timers.schedule(NamedTimer("stays", recorder), at: start.advanced(byNanoseconds: 20_000_000))
        kernel.timers.announce()
        #expect(recorder.wait(for: 1) == ["stays"])
        host.shutDown()
    }

    @Test(.timeLimit(.minutes(1))) func aDeadlineInThePastFiresAtOnceAndOneAtTheEndOfTimeNever() throws {
        let (kernel, host) = try makeKernel()
        let recorder = Recorder()
        kernel.timers.schedule(NamedTimer("never", recorder), at: MonotonicInstant(nanoseconds: .max))
        kernel.timers.announce()
        kernel.timers.schedule(NamedTimer("past", recorder), at: MonotonicInstant(nanoseconds: 0))
        kernel.timers.announce()
        #expect(recorder.wait(for: 1) == ["past"])
        host.shutDown()
    }

    @Test func theCPUTimeOfAnotherThreadCanBeRead() throws {
        let clock = Atomic<clockid_t>(0)
        let done = Atomic<Bool>(false)
        try HostThread.start {
            clock.store(HostThread.ownClock() ?? 0, ordering: .sequentiallyConsistent)
            while !done.load(ordering: .relaxed) {}
        }
        while clock.load(ordering: .sequentiallyConsistent) == 0 { usleep(100) }
        let first = HostSystemCalls.clock(clock.load(ordering: .relaxed))
        usleep(50_000)
        #expect(HostSystemCalls.clock(clock.load(ordering: .relaxed)) > first)
        done.store(true, ordering: .relaxed)
    }

    @Test func theHostHasAMemoryBarrier() throws {
        #expect(MemoryBarrier.isAvailable)
        MemoryBarrier.execute()
    }
}
