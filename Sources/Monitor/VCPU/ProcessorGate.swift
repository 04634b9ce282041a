import CLinux
import LibraryOS
import Synchronization

internal import Glibc

/// Lets at most so many tasks be on a processor at once (`--cpus`), in the guest or in the library OS alike, in the order in which they came.
///
/// A task keeps its place until it sleeps or, when others wait, until its slice is over: then the first of those who wait takes it out of the guest. So
/// calls and faults cost nothing more; only sleeping and waking do. A task whose process ends does not wait: it goes, and takes up no more of a
/// processor than that needs. Nobody waits here with a lock, or without the vCPU that it is going to need.
final class ProcessorGate: @unchecked Sendable {
    /// How many may be inside.
    let places: Int

    private let lock = Lock(.leaf)
    // Under `lock`:
    private var free: Int
    /// Those inside, the longest one first.
    private var holders: [ProcessorSeat] = []
    private var waiting: [ProcessorSeat] = []
    /// Whether `waiting` has anybody.
    private let contended = Atomic<Bool>(false)

    /// How long a task may stay while others wait, in nanoseconds.
    private static let slice: Int64 = 5_000_000

    init(places: Int) {
        self.places = places
        free = places
    }

    /// Somebody waits for a place.
    var isContended: Bool { contended.load(ordering: .relaxed) }

    // MARK: Tasks

    /// Takes a place, waiting for one if need be; returns without one when the task is about to end. Only the runner of the seat's task.
    func enter(_ seat: ProcessorSeat) {
        let granted = lock.withLock {
            if seat.holds { return true }
            if waiting.isEmpty, free > 0 {
                free -= 1
                grant(seat)
                return true
            }
            waiting.append(seat)
            contended.store(true, ordering: .relaxed)
            return false
        }
        if !granted { wait(seat) }
    }

    /// Gives the place back, if the task has one.
    func leave(_ seat: ProcessorSeat) {
        let woken: [ProcessorSeat] = lock.withLock {
            guard seat.holds else { return [] }
            seat.holds = false
            seat.mustLeave.store(false, ordering: .relaxed)
            holders.removeAll { $0 === seat }
            return passOn()
        }
        for other in woken { other.wake() }
    }

    private func grant(_ seat: ProcessorSeat) {
        seat.holds = true
        seat.since = Self.now
        holders.append(seat)
    }

    /// A place has become free: it goes to the first who waits. Returns who has to know, the new first one included, who watches the slices. Lock held.
    private func passOn() -> [ProcessorSeat] {
        guard !waiting.isEmpty else {
            free += 1
            return []
        }
        let next = waiting.removeFirst()
        grant(next)
        contended.store(!waiting.isEmpty, ordering: .relaxed)
        return waiting.first.map { [next, $0] } ?? [next]
    }

    private enum Turn {
        case come
        case sleep(nanoseconds: Int64)
        case interrupt(ProcessorSeat)
        /// The task ends; the new first one has to watch the slices.
        case given(up: ProcessorSeat?)
    }

    private func wait(_ seat: ProcessorSeat) {
        while true {
            // Read before looking: what changes afterwards changes the word, too.
            let seen = seat.wakes
            switch lock.withLock({ turn(of: seat) }) {
            case .come: return
            case .given(let next):
                next?.wake()
                return
            case .sleep(let nanoseconds): seat.sleep(seen, nanoseconds)
            case .interrupt(let holder):
                holder.interrupt()
                seat.sleep(seen, Self.slice)
            }
        }
    }

    /// Lock held.
    private func turn(of seat: ProcessorSeat) -> Turn {
        if seat.holds { return .come }
        if seat.isEnding {
            let wasFirst = waiting.first === seat
            waiting.removeAll { $0 === seat }
            contended.store(!waiting.isEmpty, ordering: .relaxed)
            return .given(up: wasFirst ? waiting.first : nil)
        }
        guard waiting.first === seat else { return .sleep(nanoseconds: -1) }
        guard let oldest = holders.first(where: { !$0.mustLeave.load(ordering: .relaxed) }) else { return .sleep(nanoseconds: Self.slice) }
        let left = oldest.since &+ Self.slice &- Self.now
        if left > 0 { return .sleep(nanoseconds: left) }
        oldest.mustLeave.store(true, ordering: .releasing)
        return .interrupt(oldest)
    }

    private static var now: Int64 { HostSystemCalls.clock(CLOCK_MONOTONIC) }

    // MARK: The service thread

    /// Takes a place that is free and that nobody waits for.
    func reserve() -> Bool {
        lock.withLock {
            guard free > 0, waiting.isEmpty else { return false }
            free -= 1
            return true
        }
    }

    /// Gives back what `reserve` took.
    func unreserve() { for seat in lock.withLock({ passOn() }) { seat.wake() } }
}

/// A task's place in a `ProcessorGate`.
final class ProcessorSeat: @unchecked Sendable {
    private let task: Task
    private weak var parker: HostParker?
    private let word = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
    /// Others wait, and the slice is over.
    fileprivate let mustLeave = Atomic<Bool>(false)
    // Under the gate's lock:
    fileprivate var holds = false
    fileprivate var since: Int64 = 0

    init(_ task: Task, _ parker: HostParker) {
        self.task = task
        self.parker = parker
        word.initialize(to: 0)
    }
    deinit { word.deallocate() }

    /// Others wait, and its slice is over: it has to leave and come again before it enters the guest.
    @inline(__always)
    var isAskedToLeave: Bool { mustLeave.load(ordering: .acquiring) }
    fileprivate var isEnding: Bool { task.group.isExiting || task.isDismissed }
    fileprivate var wakes: UInt32 { skerry_atomic_load32(word) }
    fileprivate func sleep(_ seen: UInt32, _ nanoseconds: Int64) { skerry_futex_wait(word, seen, nanoseconds) }
    fileprivate func interrupt() { parker?.interruptGuest() }

    /// Something has changed for the task: it looks again whether it still waits.
    func wake() {
        skerry_atomic_add32(word, 1)
        skerry_futex_wake(word)
    }
}
