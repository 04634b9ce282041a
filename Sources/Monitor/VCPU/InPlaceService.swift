import CLinux
import GuestABI
import LibraryOS
import Synchronization

internal import Glibc

/// The thread that answers system calls through the mailbox while the program's thread spins in the gate.
///
/// It polls only while calls keep coming, gives up after a short silence, and stays off for a growing time when it finds that it was not running all the
/// time it meant to: then no second core is free, and spinning would cost the programs their own time.
final class InPlaceService: @unchecked Sendable {
    private struct Member {
        let request: InPlaceRequest
        let task: Task
        let times: ProcessorTimes
    }
    private let lock = Lock(.leaf)
    // Under `lock`:
    private var members: [Member] = []
    private var isStarted = false
    private var allowedFrom: UInt64 = 0
    private var pauseLength = InPlaceService.shortestPause

    private let generation = Atomic<UInt32>(0)
    private let stopping = Atomic<Bool>(false)
    private let wake = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
    private let ended = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
    private let statistics: MachineStatistics
    private let processors: Int
    /// Where processors are limited, polling takes one of them.
    private let gate: ProcessorGate?

    /// Cycles without a call after which the thread sleeps.
    private static let silence: UInt64 = 300_000
    /// Cycles between two looks after which the host is asked whether somebody else had the core.
    private static let absence: UInt64 = 150_000
    /// Cycles the service stays off after it was not worth it; doubled each time up to the longest.
    private static let shortestPause: UInt64 = 10_000_000
    private static let longestPause: UInt64 = 4_000_000_000

    init(statistics: MachineStatistics, gate: ProcessorGate? = nil) {
        self.statistics = statistics
        self.gate = gate
        processors = min(Self.usableProcessors(), gate?.places ?? .max)
        wake.initialize(to: 0)
        ended.initialize(to: 0)
    }

    deinit {
        wake.deallocate()
        ended.deallocate()
    }

    private static func usableProcessors() -> Int { Int(skerry_usable_processors()) }

    /// Begins to watch a thread, unless that would not pay now. Called by its runner while the thread is outside.
    func watch(_ request: InPlaceRequest, _ task: Task, _ times: ProcessorTimes) {
        guard processors > 1 else { return }
        let now = skerry_rdtsc()
        let start: Bool? = lock.withLock {
            // A spinning thread and this one need a core each.
            guard now >= allowedFrom, members.count < processors - 1 else { return nil }
            members.append(Member(request: request, task: task, times: times))
            defer { isStarted = true }
            return !isStarted
        }
        guard let start else { return }
        request.offer()
        generation.wrappingAdd(1, ordering: .releasing)
        if start {
            do throws(Errno) {
                // It is of no use behind the thread it answers.
                try HostThread.startElsewhere { [self] in run() }
            } catch {
                unwatch(request)
                lock.withLock { isStarted = false }
            }
        } else if skerry_atomic_exchange32(wake, 1) == 0 {
            skerry_futex_wake(wake)
        }
    }

    /// Stops watching a thread; called by its runner while the thread is outside.
    func unwatch(_ request: InPlaceRequest) {
        request.withdraw()
        lock.withLock { members.removeAll { $0.request === request } }
        generation.wrappingAdd(1, ordering: .releasing)
    }

    /// Ends the thread; returns when it is gone.
    func stop() {
        guard lock.withLock({ isStarted }) else { return }
        stopping.store(true, ordering: .releasing)
        if skerry_atomic_exchange32(wake, 1) == 0 { skerry_futex_wake(wake) }
        while skerry_atomic_load32(ended) == 0 { skerry_futex_wait(ended, 0, 10_000_000) }
    }

    private func run() {
        while !stopping.load(ordering: .acquiring) {
            if let gate, !gate.reserve() {
                giveUp(lock.withLock { members }, worthIt: false, skerry_rdtsc())
            } else {
                poll()
                gate?.unreserve()
            }
            while skerry_atomic_exchange32(wake, 0) == 0 { skerry_futex_wait(wake, 0, -1) }
        }
        _ = skerry_atomic_exchange32(ended, 1)
        skerry_futex_wake(ended)
    }

    /// Looks at the mailboxes until they fall silent or the core is taken away.
    private func poll() {
        var watched: [Member] = []
        var known: UInt32 = .max
        var lastCall = skerry_rdtsc()
        var lastLook = lastCall
        var served = 0
        var absences = 0
        var displaced = HostSystemCalls.involuntarySwitches()
        while !stopping.load(ordering: .relaxed) {
            let current = generation.load(ordering: .acquiring)
            if current != known {
                known = current
                watched = lock.withLock { members }
                if watched.isEmpty { return }
            }
            var answered: ProcessorTimes?
            for member in watched where serve(member) { answered = member.times }
            let now = skerry_rdtsc()
            if let answered {
                answered.noteServed(now &- lastLook)
                served += 1
                lastCall = now
            } else {
                if now &- lastLook > Self.absence {
                    // A hypervisor below may have taken the time as well: that says nothing of this machine's threads.
                    let switches = HostSystemCalls.involuntarySwitches()
                    if switches != displaced { absences += 1 }
                    displaced = switches
                }
                if now &- lastCall > Self.silence || absences > 2 || gate?.isContended == true {
                    giveUp(watched, worthIt: served > 500 && absences <= 2, now)
                    return
                }
                skerry_pause()
            }
            if served & 0xfff == 0xfff { absences = 0 }
            lastLook = now
        }
    }

    private func serve(_ member: Member) -> Bool {
        member.request.serve { mailbox in
            guard !member.task.hasPendingWork, let entry = SyscallTable.shared.entry(mailbox.number), entry.inPlace else { return nil }
            let (a0, a1, a2, a3, a4, a5) = mailbox.arguments
            var call = SyscallCall(number: mailbox.number, a0, a1, a2, a3, a4, a5, inPlace: true)
            guard case .value(let value) = member.task.execute(&call) else { return nil }
            statistics.inPlaceCalls.add()
            // The call may have let a signal through (rt_sigprocmask, SIGPIPE): it is delivered before the call returns.
            return (value, member.task.hasPendingWork)
        }
    }

    /// Nobody is watched any more. After a stretch that did not pay, the next one has to wait.
    private func giveUp(_ watched: [Member], worthIt: Bool, _ now: UInt64) {
        lock.withLock {
            // Only those that are still watched: the mailbox of another may have become something else by now.
            for member in members where watched.contains(where: { $0.request === member.request }) { member.request.stopSpinning() }
            members.removeAll { member in watched.contains { $0.request === member.request } }
            if worthIt {
                pauseLength = Self.shortestPause
                allowedFrom = now
            } else {
                pauseLength = min(pauseLength * 2, Self.longestPause)
                allowedFrom = now &+ pauseLength
            }
        }
    }
}
