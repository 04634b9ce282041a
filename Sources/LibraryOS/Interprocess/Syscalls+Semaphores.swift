/// Semaphores of System V (semget(2), semop(2), semctl(2)).
extension Syscalls {
    /// semget(2).
    @Sendable static func semget(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (kernel, count) = (task.kernel, call.int(1))
        if count < 0 || UInt64(count) > SemaphoreSet.mostInSet { throw .EINVAL }
        let namespace = kernel.interprocess
        namespace.lock.lock()
        defer { namespace.lock.unlock() }
        let id = try namespace.semaphores.get(call.int(0), call.uint(2), task.credentials, suits: { $0.semaphores.count >= Int(count) }) {
            id, permissions throws(Errno) in
            if count == 0 { throw .EINVAL }
            return try SemaphoreSet(id: id, permissions, kernel: kernel, count: Int(count))
        }
        return .done(Int64(id))
    }

    /// semop(2).
    @Sendable static func semop(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { try operate(task, &call, timeout: GuestAddress(0)) }
    /// semtimedop(2).
    @Sendable static func semtimedop(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { try operate(task, &call, timeout: call.address(3)) }

    private static func operate(_ task: Task, _ call: inout SyscallCall, timeout: GuestAddress) throws(Errno) -> Outcome {
        let state: SemaphoreWait
        if let known = call.progress as? SemaphoreWait {
            state = known
        } else {
            state = try prepare(task, call, timeout)
            call.progress = state
        }
        var isOver = false
        defer { if isOver { state.cancel() } }
        do throws(Errno) {
            if try attempt(task, state) {
                isOver = true
                state.set.queue.wakeAll()
                return .success
            }
            if call.wake == .deadline { throw .EAGAIN }
            return try call.wait(on: [state.set.queue], until: state.deadline, restart: .EINTR)
        } catch {
            isOver = true
            throw error
        }
    }

    private static func prepare(_ task: Task, _ call: SyscallCall, _ timeout: GuestAddress) throws(Errno) -> SemaphoreWait {
        let (id, count) = (call.int(0), UInt64(call.uint(2)))
        if count < 1 || id < 0 { throw .EINVAL }
        if count > SemaphoreSet.mostOperations { throw .E2BIG }
        let reader = ByteReader(try task.memory.readBytes(call.address(1), count: Int(count) &* 6))
        let operations = (0..<Int(count)).map { index in
            let (at, flags) = (index &* 6, UInt32(reader.u16(index &* 6 &+ 4)))
            return SemaphoreOperation(
                number: Int(reader.u16(at)), change: Int32(Int16(bitPattern: reader.u16(at &+ 2))), noWait: flags & IPCFlags.noWait != 0,
                undo: flags & 0x1000 != 0)
        }
        // A relative time; a bad one is refused before anything else is looked at.
        let deadline = try futexDeadline(task, timeout, absolute: false, realtime: false)
        let namespace = task.kernel.interprocess
        let alters = operations.contains { $0.change != 0 }
        namespace.lock.lock()
        defer { namespace.lock.unlock() }
        let set = try namespace.semaphores.object(id)
        if operations.contains(where: { $0.number >= set.semaphores.count }) { throw .EFBIG }
        try set.permissions.check(alters ? 0o222 : 0o444, task.credentials)
        return SemaphoreWait(namespace, set, operations, deadline: deadline)
    }

    /// True when the operations are done.
    private static func attempt(_ task: Task, _ state: SemaphoreWait) throws(Errno) -> Bool {
        let undo = state.operations.contains { $0.undo && $0.change != 0 } ? task.ownSemaphoreUndo : nil
        let now = IPCNamespace.seconds(task.kernel)
        state.namespace.lock.lock()
        defer { state.namespace.lock.unlock() }
        if state.set.isRemoved { throw .EIDRM }
        if let obstacle = try state.set.perform(state.operations, process: task.group.id, undo: undo) {
            state.set.waiting[ObjectIdentifier(state)] = obstacle
            return false
        }
        state.set.operated = now
        return true
    }

    // MARK: semctl

    private static let getProcess: Int32 = 11, getValue: Int32 = 12, getAll: Int32 = 13, getWaiters: Int32 = 14, getZeroWaiters: Int32 = 15
    private static let setValue: Int32 = 16, setAll: Int32 = 17, statusByPlace: Int32 = 18, totals: Int32 = 19, statusByPlaceForAll: Int32 = 20

    /// semctl(2).
    @Sendable static func semctl(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (id, command, argument) = (call.int(0), call.int(2), call.address(3))
        if id < 0 { throw .EINVAL }
        switch command {
        case IPCCommand.information, totals: return try semaphoreLimits(task, argument, inUse: command == totals)
        case IPCCommand.status, statusByPlace, statusByPlaceForAll: return try semaphoreStatus(task, id, command, argument)
        case getAll, getProcess, getValue, getWaiters, getZeroWaiters: return try readSemaphores(task, id, number: call.int(1), command, argument)
        case setValue:
            let value = call.int(3)
            let set = try changeSet(task, id, permission: 0o222) { set throws(Errno) in
                if call.int(1) < 0 || Int(call.int(1)) >= set.semaphores.count { throw .EINVAL }
                if value < 0 || value > SemaphoreSet.largest { throw .ERANGE }
                set.forgetAdjustments(of: Int(call.int(1)))
                set.semaphores[Int(call.int(1))] = SemaphoreSet.Semaphore(value: value, process: task.group.id)
            }
            set.queue.wakeAll()
        case setAll: try setAllValues(task, id, argument)
        case IPCCommand.set:
            let reader = ByteReader(try task.memory.readBytes(argument, count: 104))
            _ = try changeSet(task, id, permission: nil) { set throws(Errno) in try set.permissions.update(reader) }
        case IPCCommand.remove:
            let set = try changeSet(task, id, permission: nil) { set throws(Errno) in task.kernel.interprocess.semaphores.remove(set) }
            set.queue.wakeAll()
        default: throw .EINVAL
        }
        return .success
    }

    /// Changes a set with the lock held: its owner may, or with `permission` whoever has that.
    private static func changeSet(
        _ task: Task, _ id: Int32, permission: UInt32?, _ change: (SemaphoreSet) throws(Errno) -> Void
    ) throws(Errno) -> SemaphoreSet {
        let namespace = task.kernel.interprocess
        let now = IPCNamespace.seconds(task.kernel)
        namespace.lock.lock()
        defer { namespace.lock.unlock() }
        let set = try namespace.semaphores.object(id)
        if let permission { try set.permissions.check(permission, task.credentials) } else { try set.permissions.checkControl(task.credentials) }
        try change(set)
        set.changed = now
        return set
    }

    private static func setAllValues(_ task: Task, _ id: Int32, _ argument: GuestAddress) throws(Errno) {
        let namespace = task.kernel.interprocess
        let credentials = task.credentials
        let count = try { () throws(Errno) -> Int in
            namespace.lock.lock()
            defer { namespace.lock.unlock() }
            let set = try namespace.semaphores.object(id)
            try set.permissions.check(0o222, credentials)
            return set.semaphores.count
        }()
        let reader = ByteReader(try task.memory.readBytes(argument, count: count &* 2))
        for index in 0..<count where Int32(reader.u16(index &* 2)) > SemaphoreSet.largest { throw .ERANGE }
        let set = try changeSet(task, id, permission: 0o222) { set throws(Errno) in
            // Another set may have the id by now.
            guard set.semaphores.count == count else { throw .EIDRM }
            for index in 0..<count { set.semaphores[index] = SemaphoreSet.Semaphore(value: Int32(reader.u16(index &* 2)), process: task.group.id) }
            set.forgetAdjustments(of: nil)
        }
        set.queue.wakeAll()
    }

    private static func readSemaphores(_ task: Task, _ id: Int32, number: Int32, _ command: Int32, _ argument: GuestAddress) throws(Errno) -> Outcome {
        let namespace = task.kernel.interprocess
        let credentials = task.credentials
        let (all, result) = try { () throws(Errno) -> ([UInt8], Int64) in
            namespace.lock.lock()
            defer { namespace.lock.unlock() }
            let set = try namespace.semaphores.object(id)
            try set.permissions.check(0o444, credentials)
            if command == getAll {
                var writer = ByteWriter(capacity: set.semaphores.count &* 2)
                for semaphore in set.semaphores { writer.u16(UInt16(truncatingIfNeeded: semaphore.value)) }
                return (writer.bytes, 0)
            }
            guard number >= 0, Int(number) < set.semaphores.count else { throw .EINVAL }
            switch command {
            case getProcess: return ([], Int64(set.semaphores[Int(number)].process))
            case getValue: return ([], Int64(set.semaphores[Int(number)].value))
            default: return ([], Int64(set.waiters(Int(number), forZero: command == getZeroWaiters)))
            }
        }()
        try task.memory.writeBytes(all, to: argument)
        return .done(result)
    }

    private static func semaphoreStatus(_ task: Task, _ id: Int32, _ command: Int32, _ argument: GuestAddress) throws(Errno) -> Outcome {
        let namespace = task.kernel.interprocess
        let credentials = task.credentials
        let set = try { () throws(Errno) -> SemaphoreSet in
            namespace.lock.lock()
            defer { namespace.lock.unlock() }
            let set = command == IPCCommand.status ? try namespace.semaphores.object(id) : try namespace.semaphores.object(at: id)
            if command != statusByPlaceForAll { try set.permissions.check(0o444, credentials) }
            return set
        }()
        try task.memory.writeBytes(namespace.lock.withLock { set.encoded }, to: argument)
        return .done(command == IPCCommand.status ? 0 : Int64(set.id))
    }

    /// struct seminfo.
    private static func semaphoreLimits(_ task: Task, _ argument: GuestAddress, inUse: Bool) throws(Errno) -> Outcome {
        let namespace = task.kernel.interprocess
        let (highest, sets, all) = namespace.lock.withLock {
            (namespace.semaphores.highestIndex, namespace.semaphores.objects.count, namespace.semaphores.objects.values.reduce(0) { $0 &+ $1.semaphores.count })
        }
        var writer = ByteWriter(capacity: 40)
        let most = Int32(clamping: SemaphoreSet.mostInAll)
        let last: [Int32] = inUse ? [Int32(clamping: sets), SemaphoreSet.largest, Int32(clamping: all)] : [20, SemaphoreSet.largest, SemaphoreSet.largest]
        for value in [most, IPCNamespace.mostSets, most, most, Int32(SemaphoreSet.mostInSet), Int32(SemaphoreSet.mostOperations), 500] + last { writer.i32(value) }
        try task.memory.writeBytes(writer.bytes, to: argument)
        return .done(Int64(highest))
    }
}
