import CLinux
import LibraryOS
import Synchronization

internal import Glibc

/// Tells a task's CPU time apart: in the program itself (user), and in the library OS on its behalf (system).
///
/// Cycles of the time stamp counter are counted between the ways into and out of the guest, two reads for each. What is short is CPU time: nobody else had
/// the processor meanwhile. What is long may be anything, and is measured by the host's clock of the thread, which would be too dear for every call. The
/// way into the guest and out belongs to the system's share: it takes as long as the shortest stay in the guest there was.
final class ProcessorTimes: @unchecked Sendable {
    private enum Phase {
        static let outside: UInt32 = 1
        static let inGuest: UInt32 = 2
    }
    /// Cycles from which on a phase is measured by the clock: 100 microseconds.
    private let long: UInt64
    /// Cycles after which the short phases are compared with the clock at the latest.
    private let overdue: UInt64
    /// Nanoseconds of 2^32 cycles.
    private let scale: UInt64

    // Written by the runner, read by anybody:
    private let phase = Atomic<UInt32>(Phase.outside)
    /// Cycles of short phases since the clock was read.
    private let shortGuest = Atomic<UInt64>(0)
    private let shortOutside = Atomic<UInt64>(0)
    /// Cycles the service thread has answered calls for, while the program waited in its guest.
    private let served = Atomic<UInt64>(0)

    // The runner's own:
    private var phaseStart: UInt64 = 0
    /// Cycles of the shortest stay in the guest, which is hardly more than the way in and out. It begins with what is more than any way.
    private var shortestStay: UInt64 = 60_000
    private var clockRead: Int64 = 0

    private let lock = Lock(.leaf)
    // Under `lock`:
    /// What is settled, in nanoseconds.
    private var settled: (user: Int64, system: Int64) = (0, 0)
    /// What was said last.
    private var said: (user: Int64, system: Int64) = (0, 0)

    /// `frequency`: ticks a second of the time stamp counter; nil: unknown, and the clock corrects a guess.
    init(frequency: UInt64?) {
        let frequency = max(1_000_000, min(frequency ?? 2_500_000_000, 1 << 36))
        long = frequency / 10_000
        overdue = frequency / 10
        scale = (1_000_000_000 << 32) / frequency
    }

    private func nanoseconds(_ cycles: UInt64) -> Int64 {
        let product = cycles.multipliedFullWidth(by: scale)
        return Int64(clamping: product.high << 32 | product.low >> 32)
    }

    // MARK: The runner's thread

    /// The runner begins.
    func begin() {
        clockRead = Self.clock
        resume()
    }
    /// It wakes up.
    func resume() { phaseStart = skerry_rdtsc() }
    /// It ends, or goes to sleep.
    func pause() { endOutside() }
    /// The guest is about to be entered.
    @inline(__always)
    func enterGuest() {
        endOutside()
        phase.store(Phase.inGuest, ordering: .relaxed)
    }
    /// The guest was left; `byItself`: by an instruction of its own, so that it has really been entered.
    @inline(__always)
    func leaveGuest(byItself: Bool) {
        let now = skerry_rdtsc()
        let cycles = now &- phaseStart
        phaseStart = now
        phase.store(Phase.outside, ordering: .relaxed)
        if byItself, cycles < shortestStay { shortestStay = cycles }
        let way = min(cycles, shortestStay)
        add(way, to: shortOutside)
        if cycles < long { add(cycles &- way, to: shortGuest) } else { settle(longInGuest: true) }
    }

    @inline(__always)
    private func endOutside() {
        let now = skerry_rdtsc()
        let cycles = now &- phaseStart
        phaseStart = now
        if cycles < long { add(cycles, to: shortOutside) } else { settle(longInGuest: false) }
    }

    @inline(__always)
    private func add(_ cycles: UInt64, to counter: borrowing Atomic<UInt64>) {
        // One thread writes: no need for an atomic addition.
        let sum = counter.load(ordering: .relaxed) &+ cycles
        counter.store(sum, ordering: .relaxed)
        if sum > overdue { settle(longInGuest: false) }
    }

    /// Reads the clock: what has passed beside the short phases is the long one's.
    private func settle(longInGuest: Bool) {
        let now = Self.clock
        let passed = max(0, now &- clockRead)
        clockRead = now
        lock.withLock {
            var (user, system) = (nanoseconds(shortGuest.load(ordering: .relaxed)), nanoseconds(shortOutside.load(ordering: .relaxed)))
            let rest = passed &- user &- system
            if rest < 0 {
                user = Self.share(UInt64(passed), of: UInt64(max(0, user)), in: UInt64(max(0, user &+ system)))
                system = passed &- user
            } else if longInGuest {
                user = user &+ rest
            } else {
                system = system &+ rest
            }
            settled = (settled.user &+ user, settled.system &+ system)
            shortGuest.store(0, ordering: .relaxed)
            shortOutside.store(0, ordering: .relaxed)
        }
    }

    private static var clock: Int64 { HostSystemCalls.clock(CLOCK_THREAD_CPUTIME_ID) }

    // MARK: Other threads

    /// A call was answered in place in so many cycles. The service thread only.
    func noteServed(_ cycles: UInt64) { served.store(served.load(ordering: .relaxed) &+ cycles, ordering: .relaxed) }

    /// Divides the CPU time used so far; neither part is ever less than it was. Any thread.
    func divide(_ total: Int64) -> (user: Int64, system: Int64) {
        lock.withLock {
            let total = max(total, said.user &+ said.system)
            var user = settled.user &+ nanoseconds(shortGuest.load(ordering: .relaxed))
            let system = settled.system &+ nanoseconds(shortOutside.load(ordering: .relaxed))
            // What is not counted yet is the present phase's.
            let rest = total &- user &- system
            if rest > 0, phase.load(ordering: .relaxed) == Phase.inGuest { user = user &+ rest }
            user = max(0, user &- nanoseconds(served.load(ordering: .relaxed)))
            said.user = min(max(said.user, user), total &- said.system)
            said.system = total &- said.user
            return said
        }
    }

    /// `total` times `part` by `whole`, rounded down; all of it when nothing was counted.
    static func share(_ total: UInt64, of part: UInt64, in whole: UInt64) -> Int64 {
        guard whole > 0, part < whole else { return Int64(clamping: total) }
        return Int64(clamping: whole.dividingFullWidth(total.multipliedFullWidth(by: part)).quotient)
    }
}
