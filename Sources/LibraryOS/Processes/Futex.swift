/// What a futex word is identified by (futex(2)): (address space, address) when private, (object, offset) when the mapping is shared.
package struct FutexKey: Hashable, Sendable {
    package let owner: ObjectIdentifier
    package let offset: UInt64
    package init(owner: ObjectIdentifier, offset: UInt64) {
        self.owner = owner
        self.offset = offset
    }
}

/// One task's place in the queue of one futex word. All `var`s are guarded by the table's lock.
final class FutexWaiter: @unchecked Sendable {
    enum State {
        case idle, queued
        /// Taken out of the queue by a wake with this bitset; a waiter for ownership has to try again.
        case woken(UInt32)
        /// Taken out to be given the word, and then: its id has been written there.
        case taken, granted
    }
    fileprivate(set) var key: FutexKey
    let bitset: UInt32
    /// Woken when the waiter has been taken out of the queue.
    let queue: WaitQueue
    /// FUTEX_LOCK_PI: who wants to own the word.
    let priorityOwner: Int32?
    /// FUTEX_TRYLOCK_PI: it leaves the queue again at once.
    let onlyTries: Bool
    /// The word, for FUTEX_LOCK_PI.
    let priorityWord: (memory: AddressSpace, address: GuestAddress)?
    /// FUTEX_WAIT_REQUEUE_PI: the word it wants to own once it is told to go on.
    let requeueTarget: FutexKey?
    fileprivate(set) var state = State.idle
    fileprivate var ticket: UInt64 = 0

    init(key: FutexKey, bitset: UInt32 = .max, queue: WaitQueue = WaitQueue(), requeueTarget: FutexKey? = nil) {
        self.key = key
        self.bitset = bitset
        self.queue = queue
        self.requeueTarget = requeueTarget
        priorityOwner = nil
        priorityWord = nil
        onlyTries = false
    }

    /// A waiter for ownership.
    init(key: FutexKey, owner: Int32, memory: AddressSpace, address: GuestAddress, onlyTries: Bool) {
        self.onlyTries = onlyTries
        self.key = key
        bitset = .max
        queue = WaitQueue()
        priorityOwner = owner
        priorityWord = (memory, address)
        requeueTarget = nil
    }
}

/// The futex wait queues of a sandbox.
///
/// The word itself cannot be read under the table's lock, because reading it may take the address space's lock, which comes first. So a waiter
/// queues first and compares the word then: whoever changes the word and wakes afterwards finds it. One that leaves because the
/// word differs passes on a wake that hit it in between, as if it had never queued. Operations that compare the word before they touch
/// waiters (FUTEX_CMP_REQUEUE) take a ticket before they read, and touch only waiters that had queued by then: they act as
/// at the moment of reading. Waking is first come, first served.
package final class FutexTable: @unchecked Sendable {
    private let lock = Lock(.futex)
    private var queues: [FutexKey: [FutexWaiter]] = [:]
    private var nextTicket: UInt64 = 0
    /// Queued waiters for ownership, by the task that waits.
    private var priorityWaiters: [Int32: FutexWaiter] = [:]

    package init() {}

    /// Every waiter that queues after this has a higher ticket.
    var ticket: UInt64 { lock.withLock { nextTicket } }

    func state(_ waiter: FutexWaiter) -> FutexWaiter.State { lock.withLock { waiter.state } }

    /// Queues a waiter that is idle or has to try again; returns how it stands now.
    @discardableResult
    func enqueue(_ waiter: FutexWaiter) -> FutexWaiter.State {
        lock.withLock {
            switch waiter.state {
            case .idle, .woken:
                waiter.state = .queued
                append(waiter)
            case .queued, .taken, .granted: break
            }
            return waiter.state
        }
    }

    private func append(_ waiter: FutexWaiter) {
        waiter.ticket = nextTicket
        nextTicket &+= 1
        queues[waiter.key, default: []].append(waiter)
        if let task = waiter.priorityOwner { priorityWaiters[task] = waiter }
    }

    /// Leaves the queue. Returns how it stood: `.queued` when nobody had woken it. It is idle afterwards.
    @discardableResult
    func dequeue(_ waiter: FutexWaiter) -> FutexWaiter.State {
        lock.withLock {
            let before = waiter.state
            if case .queued = before, let index = queues[waiter.key]?.firstIndex(where: { $0 === waiter }) { _ = remove(waiter.key, at: index) }
            waiter.state = .idle
            return before
        }
    }

    private func remove(_ key: FutexKey, at index: Int) -> FutexWaiter? {
        guard let removed = queues[key]?.remove(at: index) else { return nil }
        if queues[key]?.isEmpty == true { queues[key] = nil }
        if let task = removed.priorityOwner, priorityWaiters[task] === removed { priorityWaiters[task] = nil }
        return removed
    }

    /// Wakes up to `count` waiters whose bitset meets `bitset`; returns how many. `EINVAL` for a word used with FUTEX_LOCK_PI.
    @discardableResult
    func wake(_ key: FutexKey, count: Int, bitset: UInt32 = .max, ticket: UInt64 = .max) throws(Errno) -> Int {
        lock.lock()
        let woken: [FutexWaiter]
        do throws(Errno) { woken = try take(key, count: count, bitset: bitset, ticket: ticket) } catch {
            lock.unlock()
            throw error
        }
        lock.unlock()
        for waiter in woken { waiter.queue.wakeAll() }
        return woken.count
    }

    private func take(_ key: FutexKey, count: Int, bitset: UInt32, ticket: UInt64) throws(Errno) -> [FutexWaiter] {
        guard let queue = queues[key], count > 0 else { return [] }
        if queue.contains(where: { $0.priorityOwner != nil || $0.requeueTarget != nil }) { throw .EINVAL }
        var woken: [FutexWaiter] = []
        let rest = queue.filter { waiter in
            if woken.count >= count || waiter.bitset & bitset == 0 || waiter.ticket >= ticket { return true }
            waiter.state = .woken(bitset)
            woken.append(waiter)
            return false
        }
        queues[key] = rest.isEmpty ? nil : rest
        return woken
    }

    /// Wakes `count` waiters of `key` and moves up to `moving` others to `target`; returns how many were woken or moved.
    func requeue(_ key: FutexKey, wake count: Int, to target: FutexKey, moving: Int, ticket: UInt64) throws(Errno) -> Int {
        lock.lock()
        var woken: [FutexWaiter] = []
        var moved = 0
        do throws(Errno) {
            woken = try take(key, count: count, bitset: .max, ticket: ticket)
            let candidates = queues[key]?.filter { $0.ticket < ticket }.prefix(moving) ?? []
            moved = candidates.count
            if key != target, !candidates.isEmpty {
                let chosen = Set(candidates.map { ObjectIdentifier($0) })
                let rest = queues[key]?.filter { !chosen.contains(ObjectIdentifier($0)) } ?? []
                queues[key] = rest.isEmpty ? nil : rest
                for waiter in candidates {
                    waiter.key = target
                    append(waiter)
                }
            }
        } catch {
            lock.unlock()
            throw error
        }
        lock.unlock()
        for waiter in woken { waiter.queue.wakeAll() }
        return woken.count + moved
    }

    // MARK: Words with an owner (FUTEX_LOCK_PI)

    /// FUTEX_CMP_REQUEUE_PI: tells up to `count` waiters to go on and own the word `target`; returns how many. `EINVAL` for waiters that did not ask for it.
    func requeueToOwner(_ key: FutexKey, count: Int, target: FutexKey, ticket: UInt64) throws(Errno) -> Int {
        lock.lock()
        let told = Array((queues[key] ?? []).filter { $0.ticket < ticket }.prefix(count))
        if told.contains(where: { $0.requeueTarget != target }) {
            lock.unlock()
            throw .EINVAL
        }
        for waiter in told {
            waiter.state = .woken(.max)
            queues[key]?.removeAll { $0 === waiter }
        }
        if queues[key]?.isEmpty == true { queues[key] = nil }
        lock.unlock()
        for waiter in told { waiter.queue.wakeAll() }
        return told.count
    }

    /// Takes the first waiter for the word out of the queue without waking it. `EINVAL` when ordinary waiters are queued.
    func takePriorityWaiter(_ key: FutexKey) throws(Errno) -> FutexWaiter? {
        lock.lock()
        defer { lock.unlock() }
        guard let first = queues[key]?.first else { return nil }
        if first.priorityOwner == nil { throw .EINVAL }
        first.state = .taken
        return remove(key, at: 0)
    }

    /// Wakes a waiter taken by `takePriorityWaiter`: it owns the word, or has to try again. False when it has given up meanwhile.
    func finish(_ waiter: FutexWaiter, granted: Bool) -> Bool {
        let accepted = lock.withLock {
            guard case .taken = waiter.state else { return false }
            waiter.state = granted ? .granted : .woken(.max)
            return true
        }
        if accepted { waiter.queue.wakeAll() }
        return accepted
    }

    /// Lets the first waiter that has not given up try again.
    func retryFirst(_ key: FutexKey) throws(Errno) {
        while let waiter = try takePriorityWaiter(key) {
            if finish(waiter, granted: false) { return }
        }
    }

    /// Whether anyone but `waiter` queues for the word.
    func hasOthers(than waiter: FutexWaiter) -> Bool { lock.withLock { queues[waiter.key]?.contains { $0 !== waiter } ?? false } }

    /// The words that someone waits to own, each as its first waiter sees it; asked when a thread ends that may own one, in whichever process they wait.
    var priorityWords: [FutexPriorityWord] {
        lock.withLock {
            if priorityWaiters.isEmpty { return [] }
            return queues.values.compactMap { queue in
                guard let first = queue.first, let word = first.priorityWord else { return nil }
                return FutexPriorityWord(key: first.key, memory: word.memory, address: word.address)
            }
        }
    }

    /// The word that a task waits to own, if it queued before `waiter` did and does not only try.
    func wordAwaited(by task: Int32, before waiter: FutexWaiter) -> FutexPriorityWord? {
        lock.withLock {
            guard let other = priorityWaiters[task], !other.onlyTries, other.ticket < waiter.ticket, let word = other.priorityWord else { return nil }
            return FutexPriorityWord(key: other.key, memory: word.memory, address: word.address)
        }
    }
}

/// A word used with FUTEX_LOCK_PI, and a place where it can be read and written.
struct FutexPriorityWord {
    let key: FutexKey
    let memory: AddressSpace
    let address: GuestAddress
}
