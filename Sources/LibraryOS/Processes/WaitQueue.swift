/// A place where tasks and watchers (epoll) wait to be told that something may have changed.
///
/// Waking is edge-like and may be spurious: who is woken looks again. Queues never hold a waiter past `remove`.
public final class WaitQueue: @unchecked Sendable {
    private let lock = Lock(.waitQueue)
    private var waiters: [ObjectIdentifier: WaitQueueWaiter] = [:]
    /// Of an event only one of them hears, in the order of their coming (EPOLLEXCLUSIVE).
    private var exclusive: [WaitQueueWaiter] = []
    /// Nobody has come since the last wake.
    private var allAreTold = false
    /// True when nothing waits; read without the lock by wakers as a hint only after their own state change is published under a lock
    /// that every waiter takes when it checks again.
    package init() {}

    /// Adds a waiter; adding twice is adding once.
    package func add(_ waiter: WaitQueueWaiter) {
        lock.withLock {
            waiters[ObjectIdentifier(waiter)] = waiter
            allAreTold = false
        }
    }

    /// Adds a waiter of which, among its kind, one at a time is told of an event.
    func add(_ waiter: WaitQueueWaiter, exclusively: Bool) {
        if !exclusively { return add(waiter) }
        lock.withLock { exclusive.append(waiter) }
    }

    /// Removes a waiter; it may still be running its `wake` on another thread when this returns.
    package func remove(_ waiter: WaitQueueWaiter) {
        lock.withLock {
            if waiters.removeValue(forKey: ObjectIdentifier(waiter)) == nil, !exclusive.isEmpty { exclusive.removeAll { $0 === waiter } }
        }
    }

    /// Somebody waits who came after the last wake.
    var hasSleepers: Bool { lock.withLock { !allAreTold && !waiters.isEmpty } }

    private func told() -> (all: [WaitQueueWaiter], one: [WaitQueueWaiter]) {
        lock.withLock {
            allAreTold = true
            return (waiters.isEmpty ? [] : Array(waiters.values), exclusive)
        }
    }

    /// Tells every waiter to look again. Called without any lock of a rank above `.waitQueue` held.
    public func wakeAll() {
        let woken = told()
        for waiter in woken.all { waiter.wake(from: self) }
        for waiter in woken.one { waiter.wake(from: self) }
    }

    /// As `wakeAll`, and says what became ready: a watcher that is not interested in any of it stays quiet (edge-triggered epoll), and of the exclusive
    /// ones the first is told that is interested and asleep, unless something ended, which is for all. An empty set tells tasks to look at deadlines
    /// again, and is no event.
    public func wake(for events: PollEvents) {
        let woken = told()
        for waiter in woken.all { waiter.wake(from: self, events: events) }
        let isForAll = !events.isDisjoint(with: [.hangUp, .error])
        for waiter in woken.one where waiter.wakeExclusively(from: self, events: events) && !isForAll { return }
    }
}

/// Something that can be told by a wait queue to look again: a parked task, or an epoll item.
open class WaitQueueWaiter: @unchecked Sendable {
    /// Makes a waiter.
    public init() {}
    /// Called by any thread, with no library-OS lock held; must be quick and must not wait.
    open func wake(from queue: WaitQueue) {}
    /// As `wake(from:)`, when the waker knows what became ready.
    open func wake(from queue: WaitQueue, events: PollEvents) { wake(from: queue) }
    /// As that, for one that was added exclusively: false when the next of them is to be told as well.
    func wakeExclusively(from queue: WaitQueue, events: PollEvents) -> Bool {
        wake(from: queue, events: events)
        return true
    }
}

/// How the runner of a task sleeps and is woken. Hosted: a futex of the vCPU's host thread. In a confidential guest: the scheduler.
///
/// Contract: `unpark` before `park` makes that `park` return at once; one `park` consumes all earlier `unpark`s.
open class TaskParker: WaitQueueWaiter, @unchecked Sendable {
    /// Sleeps until `unpark`, or until the deadline; returns false when the deadline passed first.
    open func park(until deadline: MonotonicInstant?) -> Bool { false }
    /// Wakes the task from `park`, from any thread.
    open func unpark() {}
    /// Makes the task leave guest code soon and look at its pending signals (a signal to the vCPU's thread plus `immediate_exit`), and wakes it from `park`.
    open func kick() {}
    /// A wait queue's wake is an `unpark`.
    open override func wake(from queue: WaitQueue) { unpark() }
}
