/// Something that happens at an instant of CLOCK_MONOTONIC. Scheduled at most once at a time in `KernelTimers`.
package class KernelTimer: @unchecked Sendable {
    /// When it is due, guarded by the lock of `KernelTimers`.
    fileprivate var due: MonotonicInstant?
    fileprivate var order: UInt64 = 0

    package init() {}
    /// It was due. Runs on the host's timer thread without any lock; must be quick and may schedule itself again.
    package func fire() {}
}

/// The deadlines of a sandbox in one ordered list, for which the host keeps a single timer.
///
/// `schedule` may be called with locks held, `announce` not: it tells the host about the first deadline.
package final class KernelTimers: @unchecked Sendable {
    private let host: Host
    private let lock = Lock(.leaf)
    /// By (due, order), the next one last.
    private var scheduled: [KernelTimer] = []
    private var nextOrder: UInt64 = 0
    private var announced: MonotonicInstant?

    init(host: Host) { self.host = host }

    /// Schedules or, with nil, takes back.
    package func schedule(_ timer: KernelTimer, at due: MonotonicInstant?) {
        lock.withLock {
            if timer.due != nil {
                let index = position(of: timer)
                if index < scheduled.count, scheduled[index] === timer { scheduled.remove(at: index) }
            }
            timer.due = due
            guard due != nil else { return }
            timer.order = nextOrder
            nextOrder &+= 1
            scheduled.insert(timer, at: position(of: timer))
        }
    }

    /// The index of the first entry that is due no later than `timer`: where it is, or belongs.
    private func position(of timer: KernelTimer) -> Int {
        func isLater(_ other: KernelTimer) -> Bool {
            guard let mine = timer.due, let theirs = other.due else { return false }
            return theirs > mine || (theirs == mine && other.order > timer.order)
        }
        var low = 0
        var high = scheduled.count
        while low < high {
            let middle = (low + high) / 2
            if isLater(scheduled[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Tells the host the first deadline. Of two threads here at once the last to tell looks again, so the host ends with the right one.
    package func announce() {
        while true {
            let (first, changed) = lock.withLock {
                let first = scheduled.last?.due
                let changed = first != announced
                announced = first
                return (first, changed)
            }
            if !changed { return }
            host.armTimer(at: first)
            if lock.withLock({ announced == first }) { continue }
            // Someone told the host another deadline in between: which call came last is not known, so tell it again.
            lock.withLock { announced = nil }
        }
    }

    /// Takes the timers that are due.
    fileprivate func takeExpired(now: MonotonicInstant) -> [KernelTimer] {
        lock.withLock {
            var result: [KernelTimer] = []
            while let last = scheduled.last, let due = last.due, due <= now {
                scheduled.removeLast()
                last.due = nil
                result.append(last)
            }
            announced = nil
            return result
        }
    }
}

extension Kernel {
    /// The instant given to `Host.armTimer` has come. Called by the host's timer thread.
    public func timersExpired(now: MonotonicInstant) {
        for timer in timers.takeExpired(now: now) { timer.fire() }
        timers.announce()
    }
}
