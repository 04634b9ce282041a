import CLinux
import Foundation
import Glibc
import Synchronization
import Testing

@testable import LibraryOS
@testable import Monitor

/// Who may be on a processor (`--cpus`).
@Suite("Processor gate") struct ProcessorGateTests {
    private let sandbox = TestKernel(frames: 64)
    private let gate = ProcessorGate(places: 1)

    /// A task's seat, and what keeps it alive.
    private struct Place {
        let task: LibraryOS.Task
        let parker: HostParker
        let seat: ProcessorSeat
    }
    private func place() throws -> Place {
        let task = try sandbox.makeTask()
        let parker = HostParker(host: sandbox.host)
        return Place(task: task, parker: parker, seat: ProcessorSeat(task, parker))
    }
    /// Enters on a thread of its own; the semaphore says when it is inside.
    private func enterElsewhere(_ place: Place) -> DispatchSemaphore {
        let inside = DispatchSemaphore(value: 0)
        let (gate, seat) = (gate, place.seat)
        Thread.detachNewThread {
            gate.enter(seat)
            inside.signal()
        }
        return inside
    }
    private func waitUntil(_ condition: () -> Bool) {
        for _ in 0..<10000 where !condition() { usleep(1000) }
    }

    @Test func oneMoreThanThereArePlacesWaits() throws {
        let (first, second) = (try place(), try place())
        gate.enter(first.seat)
        #expect(!gate.isContended)
        let inside = enterElsewhere(second)
        waitUntil { gate.isContended }
        #expect(gate.isContended)
        gate.leave(first.seat)
        #expect(inside.wait(timeout: .now() + 20) == .success)
        #expect(!gate.isContended)
    }

    @Test func whoStaysLongIsAskedToLeave() throws {
        let (first, second) = (try place(), try place())
        gate.enter(first.seat)
        #expect(!first.seat.isAskedToLeave)
        let inside = enterElsewhere(second)
        waitUntil { first.seat.isAskedToLeave }
        #expect(first.seat.isAskedToLeave)
        gate.leave(first.seat)
        #expect(!first.seat.isAskedToLeave)
        #expect(inside.wait(timeout: .now() + 20) == .success)
    }

    @Test func placesAreGivenInTheOrderOfComing() throws {
        let places = try (0..<4).map { _ in try place() }
        gate.enter(places[0].seat)
        var waiting: [DispatchSemaphore] = []
        for place in places.dropFirst() {
            waiting.append(enterElsewhere(place))
            // Nobody tells when a thread has begun to wait.
            usleep(50000)
        }
        for (index, inside) in waiting.enumerated() {
            gate.leave(places[index].seat)
            #expect(inside.wait(timeout: .now() + 20) == .success)
        }
    }

    @Test func whoEndsDoesNotWait() throws {
        let (first, second) = (try place(), try place())
        gate.enter(first.seat)
        let inside = enterElsewhere(second)
        waitUntil { gate.isContended }
        second.task.group.exit(status: 9)
        second.seat.wake()
        #expect(inside.wait(timeout: .now() + 20) == .success)
        #expect(!gate.isContended)
        // It never had a place, so it gives none back.
        gate.leave(second.seat)
        #expect(!gate.reserve())
        gate.leave(first.seat)
        #expect(gate.reserve())
    }

    @Test func theServiceThreadTakesOnlyWhatIsLeft() throws {
        let first = try place()
        #expect(gate.reserve())
        #expect(!gate.reserve())
        let inside = enterElsewhere(first)
        waitUntil { gate.isContended }
        gate.unreserve()
        #expect(inside.wait(timeout: .now() + 20) == .success)
        #expect(!gate.reserve())
    }
}

/// How CPU time is divided.
@Suite("Processor times") struct ProcessorTimesTests {
    @Test func theShareIsInProportion() {
        #expect(ProcessorTimes.share(1000, of: 1, in: 4) == 250)
        #expect(ProcessorTimes.share(UInt64(Int64.max), of: UInt64.max / 2, in: .max) > Int64.max / 2 - 2)
        #expect(ProcessorTimes.share(1000, of: 0, in: 0) == 1000)
        #expect(ProcessorTimes.share(1000, of: 0, in: 7) == 0)
    }

    /// Keeps the processor busy for so many milliseconds of its time.
    private func burn(_ milliseconds: Int64) {
        let end = HostSystemCalls.clock(CLOCK_THREAD_CPUTIME_ID) + milliseconds * 1_000_000
        while HostSystemCalls.clock(CLOCK_THREAD_CPUTIME_ID) < end {}
    }

    @Test func longPhasesAreMeasuredByTheClock() {
        let times = ProcessorTimes(frequency: nil)
        times.begin()
        times.enterGuest()
        burn(20)
        times.leaveGuest(byItself: true)
        // Asleep outside: no time of the processor.
        usleep(60000)
        burn(5)
        times.pause()
        let (user, system) = times.divide(25_000_000)
        #expect(user >= 19_000_000 && system >= 4_000_000 && user + system == 25_000_000)
        let more = times.divide(30_000_000)
        #expect(more.user >= user && more.system >= system && more.user + more.system == 30_000_000)
    }

    @Test func whatIsNotCountedYetIsThePresentPhases() {
        let times = ProcessorTimes(frequency: nil)
        times.begin()
        times.enterGuest()
        let before = times.divide(10_000_000)
        #expect(before.user > 9_000_000)
        times.leaveGuest(byItself: false)
        #expect(times.divide(20_000_000).system > 9_000_000)
    }

    @Test func callsAnsweredInPlaceAreTheSystems() {
        let times = ProcessorTimes(frequency: nil)
        times.begin()
        times.enterGuest()
        burn(2)
        times.noteServed(1 << 40)
        times.leaveGuest(byItself: true)
        times.pause()
        #expect(times.divide(1000).system == 1000)
    }
}
