/// A task that waits for one or several futex words (FUTEX_WAIT, futex_waitv).
final class FutexWait: CallProgress {
    let table: FutexTable
    let words: [FutexWord]
    let waiters: [FutexWaiter]
    let deadline: MonotonicInstant?
    private(set) var isQueued = false
    /// futex_waitv(2): its time-out is an instant, so that the call can be made again as it is.
    private let isVector: Bool

    init(
        table: FutexTable, words: [FutexWord], bitset: UInt32, deadline: MonotonicInstant?, requeueTarget: FutexKey? = nil, isVector: Bool = false
    ) {
        self.isVector = isVector
        self.table = table
        self.words = words
        self.deadline = deadline
        let queue = WaitQueue()
        waiters = words.map { FutexWaiter(key: $0.key, bitset: bitset, queue: queue, requeueTarget: requeueTarget) }
    }

    override func cancel() { _ = leave(passingOn: true) }

    /// One run of the call: the index of the word that was woken, or how to wait.
    func run(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if !isQueued { if let outcome = try queue(task) { return outcome } }
        if wokenIndex == nil, call.wake != .deadline, call.wake != .interrupted {
            return try call.wait(on: waiters.first.map { [$0.queue] } ?? [], until: deadline)
        }
        if let index = leave(passingOn: false) { return .done(Int64(index)) }
        if call.wake == .deadline { throw .ETIMEDOUT }
        if deadline == nil || isVector { throw .ERESTARTSYS }
        // Made again to the same deadline, whatever the program's timeout structure says by then.
        call.progress = self
        task.restartBlock = call
        throw .ERESTART_RESTARTBLOCK
    }

    /// Queues for every word, then compares them. A result when one was woken meanwhile; `EAGAIN` when a word differs.
    private func queue(_ task: Task) throws(Errno) -> Outcome? {
        isQueued = true
        for waiter in waiters { table.enqueue(waiter) }
        do throws(Errno) {
            for word in words where try task.memory.load32(word.address) != word.expected { throw .EAGAIN }
            return nil
        } catch {
            // With several words a wake of one of them is an answer; a single word is as if never queued.
            if words.count > 1, let index = leave(passingOn: false) { return .done(Int64(index)) }
            _ = leave(passingOn: true)
            throw error
        }
    }

    private var wokenIndex: Int? {
        waiters.firstIndex { if case .woken = table.state($0) { true } else { false } }
    }

    /// Leaves all queues; the first word that had been woken. Further wakes, or with `passingOn` all, go to the next waiters.
    func leave(passingOn: Bool) -> Int? {
        isQueued = false
        var result: Int?
        for (index, waiter) in waiters.enumerated() {
            guard case .woken(let bitset) = table.dequeue(waiter) else { continue }
            if result == nil { result = index }
            if passingOn || result != index { do throws(Errno) { try table.wake(waiter.key, count: 1, bitset: bitset) } catch {} }
        }
        return result
    }
}

/// A word to wait for.
struct FutexWord {
    let address: GuestAddress
    let key: FutexKey
    let expected: UInt32

    /// `EINVAL` when it is not aligned.
    init(_ task: Task, _ address: GuestAddress, shared: Bool, expected: UInt32) throws(Errno) {
        self.address = address
        self.expected = expected
        key = try task.futexKey(address, shared: shared)
    }
}

extension Task {
    /// The key of an aligned word; `EINVAL` for others.
    func futexKey(_ address: GuestAddress, shared: Bool) throws(Errno) -> FutexKey {
        if address.value & 3 != 0 { throw .EINVAL }
        return try memory.futexKey(address, shared: shared)
    }
}
