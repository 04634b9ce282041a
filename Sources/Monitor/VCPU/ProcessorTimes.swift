import CLinux
import LibraryOS
import Synchronization

/// Tells a task's CPU time apart: in the program itself (user), and in the library OS on its behalf (system).
///
/// How much time there was in all the host's thread clock says exactly. It is divided as the kernel divides its own where it does not measure each change of
/// mode (`cputime_adjust`): in proportion to what was counted. Counted are cycles of the time stamp counter between the ways into and out of the guest, two
/// reads for each of them. The way itself belongs to the system's share: it takes at least as long as the shortest stay in the guest there was. Cycles in
/// which the host ran others count for whichever side they fell on.
final class ProcessorTimes: @unchecked Sendable {
    private enum Phase {
        static let absent: UInt32 = 0
        static let outside: UInt32 = 1
        static let inGuest: UInt32 = 2
    }
    // Written by the runner, read by anybody:
    private let phase = Atomic<UInt32>(Phase.absent)
    private let phaseStart = Atomic<UInt64>(0)
    private let guest = Atomic<UInt64>(0)
    private let outside = Atomic<UInt64>(0)
    /// Cycles the service thread has answered calls for, while the program waited in its guest.
    private let served = Atomic<UInt64>(0)
    /// The runner's own: cycles of the shortest stay in the guest, which is hardly more than the way in and out. It begins with what is more than any way.
    private var shortestStay: UInt64 = 60_000

    private let lock = Lock(.leaf)
    // Under `lock`: what was said last.
    private var said: (user: Int64, system: Int64) = (0, 0)

    /// Adds the cycles of the phase that ends now, and begins another. The runner's thread only.
    @inline(__always)
    private func change(to next: UInt32, _ count: (UInt64) -> Void) {
        let now = skerry_rdtsc()
        count(now &- phaseStart.load(ordering: .relaxed))
        phaseStart.store(now, ordering: .relaxed)
        phase.store(next, ordering: .relaxed)
    }
    @inline(__always)
    private func add(_ cycles: UInt64, to counter: borrowing Atomic<UInt64>) {
        // One thread writes: no need for an atomic addition.
        counter.store(counter.load(ordering: .relaxed) &+ cycles, ordering: .relaxed)
    }

    /// The runner begins, or wakes up.
    func begin() { change(to: Phase.outside) { _ in } }
    /// The runner ends, or goes to sleep.
    func pause() { change(to: Phase.absent) { add($0, to: outside) } }
    /// The guest is about to be entered.
    @inline(__always)
    func enterGuest() { change(to: Phase.inGuest) { add($0, to: outside) } }
    /// The guest was left; `byItself`: by an instruction of its own, so that it has really been entered.
    @inline(__always)
    func leaveGuest(byItself: Bool) {
        change(to: Phase.outside) { cycles in
            if byItself, cycles < shortestStay { shortestStay = cycles }
            let way = min(cycles, shortestStay)
            add(way, to: outside)
            add(cycles &- way, to: guest)
        }
    }

    /// A call was answered in place in so many cycles. The service thread only.
    func noteServed(_ cycles: UInt64) { add(cycles, to: served) }

    /// Divides the CPU time used so far; neither part is ever less than it was. Any thread.
    func divide(_ total: Int64) -> (user: Int64, system: Int64) {
        var (inside, rest) = (guest.load(ordering: .relaxed), outside.load(ordering: .relaxed))
        let current = skerry_rdtsc() &- phaseStart.load(ordering: .relaxed)
        // A negative distance: the phase began after the counter was read.
        if current < 1 << 62 {
            switch phase.load(ordering: .relaxed) {
            case Phase.inGuest: inside &+= current
            case Phase.outside: rest &+= current
            default: break
            }
        }
        let moved = min(served.load(ordering: .relaxed), inside)
        return lock.withLock {
            let total = max(total, said.user &+ said.system)
            let share = Self.share(UInt64(max(0, total)), of: inside &- moved, in: inside &+ rest)
            said.user = min(max(said.user, share), total &- said.system)
            said.system = total &- said.user
            return said
        }
    }

    /// `total` times `part` by `whole`, rounded down; all of it when nothing was counted.
    static func share(_ total: UInt64, of part: UInt64, in whole: UInt64) -> Int64 {
        guard whole > 0, part < whole else { return Int64(clamping: total) }
        let product = total.multipliedFullWidth(by: part)
        return Int64(clamping: whole.dividingFullWidth(product).quotient)
    }
}
