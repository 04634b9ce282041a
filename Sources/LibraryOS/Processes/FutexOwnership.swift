/// The bits of a word that FUTEX_LOCK_PI and robust lists work on.
enum FutexOwner {
    static let waiters: UInt32 = 0x8000_0000, died: UInt32 = 0x4000_0000, mask: UInt32 = 0x3fff_ffff
}

/// A task that waits to own a word.
final class FutexLock: CallProgress {
    let table: FutexTable
    let address: GuestAddress
    let waiter: FutexWaiter
    let deadline: MonotonicInstant?
    private let memory: AddressSpace
    private let id: UInt32

    init(task: Task, address: GuestAddress, key: FutexKey, deadline: MonotonicInstant?, onlyTries: Bool = false) {
        table = task.kernel.futexes
        memory = task.memory
        self.address = address
        self.deadline = deadline
        id = UInt32(bitPattern: task.id)
        waiter = FutexWaiter(key: key, owner: task.id, memory: task.memory, address: address, onlyTries: onlyTries)
    }

    override func cancel() { do throws(Errno) { _ = try leave() } catch {} }

    /// Leaves the queue: true when the word has been given to the task after all. A wake that asked to try again goes on to the next waiter; who was
    /// about to give the word finds the waiter gone and gives it to the next.
    func leave() throws(Errno) -> Bool {
        switch table.dequeue(waiter) {
        case .granted: return true
        case .woken: try table.retryFirst(waiter.key)
        case .idle, .queued, .taken: break
        }
        return false
    }

    /// Tries to own the word, with the waiter queued: true when it does. The waiters bit is set while another owns it.
    func attempt(_ task: Task) throws(Errno) -> Bool {
        for _ in 0..<1024 {
            switch table.enqueue(waiter) {
            case .granted: return true
            case .taken: return false
            case .idle, .queued, .woken: break
            }
            let value = try memory.load32(address)
            let owner = value & FutexOwner.mask
            if owner == id {
                // Given to the task since it queued?
                if case .queued = table.state(waiter) { throw .EDEADLK }
                continue
            }
            if owner == 0 {
                let more = table.hasOthers(than: waiter) ? FutexOwner.waiters : 0
                let mine = id | (value & FutexOwner.died) | more
                if try memory.compareExchange32(address, expected: value, desired: mine) == value { return true }
                continue
            }
            guard task.kernel.task(Int32(bitPattern: owner)) != nil else { throw .ESRCH }
            if !waiter.onlyTries, leadsBack(from: owner) { throw .EDEADLK }
            if value & FutexOwner.waiters != 0 { return false }
            if try memory.compareExchange32(address, expected: value, desired: value | FutexOwner.waiters) == value { return false }
        }
        throw .EAGAIN
    }

    /// Whether the owner waits, directly or through the owners of other words, for one that this task owns. Of all who close a circle at the same time
    /// the last one to queue finds it.
    private func leadsBack(from owner: UInt32) -> Bool {
        var owner = owner
        for _ in 0..<1024 {
            guard let word = table.wordAwaited(by: Int32(bitPattern: owner), before: waiter) else { return false }
            guard let value = try? word.memory.load32(word.address) else { return false }
            let next = value & FutexOwner.mask
            if next == id { return true }
            // Nobody's, or just taken by one that has not left the queue yet.
            if next == 0 || next == owner { return false }
            owner = next
        }
        return false
    }
}

extension Syscalls {
    /// FUTEX_LOCK_PI, FUTEX_LOCK_PI2, FUTEX_TRYLOCK_PI. First come, first served: priorities are the host's business.
    static func lockPriority(_ task: Task, _ call: inout SyscallCall, shared: Bool, realtime: Bool, onlyTry: Bool) throws(Errno) -> Outcome {
        if call.inPlace { return .leave }
        let state: FutexLock
        if let known = call.progress as? FutexLock {
            state = known
        } else {
            let deadline = onlyTry ? nil : try futexDeadline(task, call.address(3), absolute: true, realtime: realtime)
            let key = try task.futexKey(call.address(0), shared: shared)
            state = FutexLock(task: task, address: call.address(0), key: key, deadline: deadline, onlyTries: onlyTry)
            call.progress = state
        }
        do throws(Errno) {
            if try state.attempt(task) {
                state.table.dequeue(state.waiter)
                return .success
            }
            if onlyTry { throw .EAGAIN }
            if call.wake == .deadline { throw .ETIMEDOUT }
            return try call.wait(on: [state.waiter.queue], until: state.deadline, restart: .ERESTARTNOINTR)
        } catch {
            if try state.leave() { return .success }
            throw error
        }
    }

    /// FUTEX_UNLOCK_PI: gives the word to the first waiter; `EPERM` unless the caller owns it.
    static func unlockPriority(_ task: Task, _ address: GuestAddress, shared: Bool) throws(Errno) -> Outcome {
        let key = try task.futexKey(address, shared: shared)
        let value = try task.memory.load32(address)
        if value & FutexOwner.mask != UInt32(bitPattern: task.id) { throw .EPERM }
        let word = FutexPriorityWord(key: key, memory: task.memory, address: address)
        try release(word, owner: UInt32(bitPattern: task.id), mark: 0, table: task.kernel.futexes)
        return .success
    }

    /// Hands the word of `owner` over to the first waiter, or clears it. `mark` is FUTEX_OWNER_DIED when the owner ends.
    static func release(_ word: FutexPriorityWord, owner: UInt32, mark: UInt32, table: FutexTable) throws(Errno) {
        let key = word.key
        var owner = owner
        while true {
            let next = try table.takePriorityWaiter(key)
            let heir = next.flatMap { $0.priorityOwner }.map { UInt32(bitPattern: $0) }
            do throws(Errno) {
                // The waiters bit stays set for the new owner: whoever queues just now relies on it.
                try replace(word, owner: owner, by: (heir.map { $0 | FutexOwner.waiters } ?? 0) | mark)
            } catch {
                if let next, !table.finish(next, granted: false) { try table.retryFirst(key) }
                throw error
            }
            guard let next, let heir else {
                // Who has queued since nobody was found, and still saw the old owner, is told to look again.
                return try table.retryFirst(key)
            }
            if table.finish(next, granted: true) { return }
            owner = heir
        }
    }

    private static func replace(_ word: FutexPriorityWord, owner: UInt32, by new: UInt32) throws(Errno) {
        for _ in 0..<1024 {
            let value = try word.memory.load32(word.address)
            if value & FutexOwner.mask != owner { throw .EINVAL }
            if try word.memory.compareExchange32(word.address, expected: value, desired: new) == value { return }
        }
        throw .EAGAIN
    }
}
