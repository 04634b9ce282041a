/// struct sembuf: one operation of semop(2).
struct SemaphoreOperation: Sendable {
    let number: Int
    let change: Int32
    let noWait: Bool, undo: Bool
}

/// A set of System V semaphores.
final class SemaphoreSet: IPCObject, @unchecked Sendable {
    struct Semaphore: Sendable {
        var value: Int32 = 0
        /// The process that changed it last (GETPID).
        var process: Int32 = 0
    }
    /// What a caller has to wait for: a semaphore to grow, or to become zero.
    struct Obstacle: Equatable, Sendable {
        let number: Int
        let isZero: Bool
    }

    /// SEMVMX, SEMMSL, SEMOPM.
    static let largest: Int32 = 32767, mostInSet: UInt64 = 32000, mostOperations: UInt64 = 500
    /// SEMMNS.
    static let mostInAll = 1_024_000_000

    var semaphores: [Semaphore]
    var operated: Int64 = 0
    /// Who waits and for what (GETNCNT, GETZCNT).
    var waiting: [ObjectIdentifier: Obstacle] = [:]
    /// SEM_UNDO: what is added to each semaphore when the tasks that share an undo list have ended.
    private var adjustments: [ObjectIdentifier: [Int16]] = [:]
    /// Woken when a value has changed or the set is gone.
    let queue = WaitQueue()
    private let memory: PhysicalMemory
    private var adjustmentCost: Int { 96 &+ semaphores.count &* 2 }

    init(id: Int32, _ permissions: IPCPermissions, kernel: Kernel, count: Int) throws(Errno) {
        memory = kernel.physicalMemory
        semaphores = []
        try super.init(id: id, permissions, kernel: kernel, cost: 512 &+ count &* 8)
        semaphores = Array(repeating: Semaphore(), count: count)
    }
    deinit { memory.refund(adjustments.count &* adjustmentCost) }

    /// Does all operations or none: nil when they are done, else what has to change first. `ERANGE`, `EAGAIN`, `EFBIG`, `ENOMEM`.
    func perform(_ operations: [SemaphoreOperation], process: Int32, undo: SemaphoreUndo?) throws(Errno) -> Obstacle? {
        var values: [Int: Int32] = [:]
        var undone: [Int: Int32] = [:]
        for operation in operations {
            guard operation.number < semaphores.count else { throw .EFBIG }
            let value = values[operation.number] ?? semaphores[operation.number].value
            let result = value &+ operation.change
            if operation.change == 0 ? value != 0 : result < 0 {
                if operation.noWait { throw .EAGAIN }
                return Obstacle(number: operation.number, isZero: operation.change == 0)
            }
            if result > Self.largest { throw .ERANGE }
            values[operation.number] = result
            if operation.undo, let undo {
                let before = undone[operation.number] ?? Int32(adjustments[ObjectIdentifier(undo)]?[operation.number] ?? 0)
                let after = before &- operation.change
                guard after >= -Self.largest &- 1, after <= Self.largest else { throw .ERANGE }
                undone[operation.number] = after
            }
        }
        if let undo, !undone.isEmpty { try record(undone, undo) }
        for operation in operations { semaphores[operation.number].process = process }
        for (number, value) in values { semaphores[number].value = value }
        return nil
    }

    private func record(_ changes: [Int: Int32], _ undo: SemaphoreUndo) throws(Errno) {
        let key = ObjectIdentifier(undo)
        if adjustments[key] == nil {
            guard memory.charge(adjustmentCost) else { throw .ENOMEM }
            adjustments[key] = Array(repeating: 0, count: semaphores.count)
            undo.sets.insert(id)
        }
        for (number, value) in changes { adjustments[key]?[number] = Int16(truncatingIfNeeded: value) }
    }

    /// The tasks that shared an undo list have ended; true when a value has changed.
    func apply(_ undo: SemaphoreUndo, process: Int32) -> Bool {
        guard let changes = adjustments.removeValue(forKey: ObjectIdentifier(undo)) else { return false }
        memory.refund(adjustmentCost)
        var isChanged = false
        for (number, change) in changes.enumerated() where change != 0 && number < semaphores.count {
            semaphores[number].value = min(Self.largest, max(0, semaphores[number].value &+ Int32(change)))
            semaphores[number].process = process
            isChanged = true
        }
        return isChanged
    }

    /// SETVAL and SETALL forget what would have been undone.
    func forgetAdjustments(of number: Int?) {
        for key in Array(adjustments.keys) {
            if let number { adjustments[key]?[number] = 0 } else { adjustments[key] = Array(repeating: 0, count: semaphores.count) }
        }
    }

    /// How many wait for a semaphore.
    func waiters(_ number: Int, forZero: Bool) -> Int { waiting.values.reduce(0) { $0 &+ ($1 == Obstacle(number: number, isZero: forZero) ? 1 : 0) } }

    /// struct semid64_ds.
    var encoded: [UInt8] {
        var writer = ByteWriter(capacity: 104)
        permissions.write(&writer, id: id)
        writer.i64(operated)
        writer.u64(0)
        writer.i64(changed)
        writer.u64(0)
        writer.u64(UInt64(semaphores.count))
        writer.pad(to: 104)
        return writer.bytes
    }
}

/// The undo list of one task, or of all that were made with CLONE_SYSVSEM from one.
final class SemaphoreUndo: @unchecked Sendable {
    let users = ReferenceCount(1)
    /// The sets with an adjustment of this list; under the namespace's lock.
    var sets: Set<Int32> = []
}

extension Task {
    /// The undo list of a new task: this one's with CLONE_SYSVSEM, else none yet.
    func semaphoreUndo(sharing flags: CloneFlags) -> SemaphoreUndo? {
        guard flags.contains(.semaphores) else { return nil }
        let list = ownSemaphoreUndo
        list.users.increment()
        return list
    }

    /// Made when it is first needed.
    var ownSemaphoreUndo: SemaphoreUndo {
        if let list = semaphoreUndo { return list }
        let list = SemaphoreUndo()
        semaphoreUndo = list
        return list
    }

    /// One user of the undo list less; the last one takes its changes back.
    func leaveSemaphoreUndo() {
        guard let list = semaphoreUndo else { return }
        semaphoreUndo = nil
        guard list.users.decrement() else { return }
        let namespace = kernel.interprocess
        let now = IPCNamespace.seconds(kernel)
        let changed: [SemaphoreSet] = namespace.lock.withLock {
            list.sets.compactMap { id in
                guard let set = namespace.semaphores.existing(id), set.apply(list, process: group.id) else { return nil }
                set.operated = now
                return set
            }
        }
        for set in changed { set.queue.wakeAll() }
    }
}

/// A call of semop(2) between its runs.
final class SemaphoreWait: CallProgress {
    let namespace: IPCNamespace
    let set: SemaphoreSet
    let operations: [SemaphoreOperation]
    let deadline: MonotonicInstant?

    init(_ namespace: IPCNamespace, _ set: SemaphoreSet, _ operations: [SemaphoreOperation], deadline: MonotonicInstant?) {
        self.namespace = namespace
        self.set = set
        self.operations = operations
        self.deadline = deadline
    }
    override func cancel() { _ = namespace.lock.withLock { set.waiting.removeValue(forKey: ObjectIdentifier(self)) } }
}
