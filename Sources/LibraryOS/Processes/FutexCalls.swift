/// The operations of futex(2), without its flags.
private enum FutexOperation: UInt32 {
    case wait = 0, wake = 1, requeue = 3, compareRequeue = 4, wakeOperation = 5, lockPriority = 6, unlockPriority = 7, tryLockPriority = 8
    case waitBitset = 9, wakeBitset = 10, waitRequeuePriority = 11, compareRequeuePriority = 12, lockPriority2 = 13
}

extension Syscalls {
    /// futex(2).
    @Sendable static func futex(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let word = call.uint(1)
        let shared = word & 128 == 0, realtime = word & 256 != 0
        guard let operation = FutexOperation(rawValue: word & ~384) else { throw .ENOSYS }
        if realtime, operation != .waitBitset, operation != .lockPriority2, operation != .waitRequeuePriority { throw .ENOSYS }
        let address = call.address(0), table = task.kernel.futexes
        switch operation {
        case .wait, .waitBitset:
            return try wait(task, &call, shared: shared, realtime: realtime, absolute: operation == .waitBitset)
        case .wake, .wakeBitset:
            let bitset = operation == .wake ? .max : call.uint(5)
            if bitset == 0 { throw .EINVAL }
            // Linux wakes one for a count of zero or less.
            let count = max(1, Int(call.int(2)))
            return .count(try table.wake(task.futexKey(address, shared: shared), count: count, bitset: bitset))
        case .requeue, .compareRequeue:
            let (count, moving) = (Int(call.int(2)), Int(call.int(3)))
            if count < 0 || moving < 0 { throw .EINVAL }
            let (key, target) = (try task.futexKey(address, shared: shared), try task.futexKey(call.address(4), shared: shared))
            let ticket = operation == .compareRequeue ? table.ticket : .max
            if operation == .compareRequeue, try task.memory.load32(address) != call.uint(5) { throw .EAGAIN }
            return .count(try table.requeue(key, wake: count, to: target, moving: moving, ticket: ticket))
        case .wakeOperation: return try wakeOperation(task, &call, shared: shared)
        case .lockPriority, .lockPriority2, .tryLockPriority:
            return try lockPriority(
                task, &call, shared: shared, realtime: operation == .lockPriority || realtime, onlyTry: operation == .tryLockPriority)
        case .waitRequeuePriority: return try waitToOwn(task, &call, shared: shared, realtime: realtime)
        case .compareRequeuePriority: return try requeueToOwner(task, call, shared: shared)
        case .unlockPriority: return try unlockPriority(task, address, shared: shared)
        }
    }

    private static func wait(
        _ task: Task, _ call: inout SyscallCall, shared: Bool, realtime: Bool, absolute: Bool
    ) throws(Errno) -> Outcome {
        let state: FutexWait
        if let known = call.progress as? FutexWait {
            state = known
        } else {
            let bitset = absolute ? call.uint(5) : .max
            if bitset == 0 { throw .EINVAL }
            let deadline = try futexDeadline(task, call.address(3), absolute: absolute, realtime: realtime)
            let word = try FutexWord(task, call.address(0), shared: shared, expected: call.uint(2))
            if call.inPlace {
                if try task.memory.load32(word.address) != word.expected { throw .EAGAIN }
                return .leave
            }
            state = FutexWait(table: task.kernel.futexes, words: [word], bitset: bitset, deadline: deadline)
            call.progress = state
        }
        return try state.run(task, &call)
    }

    /// The instant a timeout ends; nil without one.
    static func futexDeadline(_ task: Task, _ address: GuestAddress, absolute: Bool, realtime: Bool) throws(Errno) -> MonotonicInstant? {
        if address.isNull { return nil }
        let time = ByteReader(try task.memory.readBytes(address, count: 16))
        let value = try nanoseconds(seconds: time.i64(0), fraction: time.i64(8), perSecond: 1_000_000_000)
        let clocks = task.kernel.time
        if !absolute { return clocks.monotonicNow().advanced(byNanoseconds: value) }
        if !realtime { return MonotonicInstant(nanoseconds: value) }
        return clocks.monotonicNow().advanced(byNanoseconds: max(0, value.subtractingReportingOverflow(clocks.realtimeNow()).partialValue))
    }

    /// FUTEX_WAKE_OP: changes the second word, wakes waiters of the first, and of the second when its old value compares as asked.
    private static func wakeOperation(_ task: Task, _ call: inout SyscallCall, shared: Bool) throws(Errno) -> Outcome {
        let (first, second) = (try task.futexKey(call.address(0), shared: shared), try task.futexKey(call.address(4), shared: shared))
        let code = call.uint(5)
        func signed12(_ value: UInt32) -> Int32 { Int32(bitPattern: value << 20) >> 20 }
        var argument = UInt32(bitPattern: signed12(code >> 12))
        // FUTEX_OP_OPARG_SHIFT.
        if code >> 31 != 0 { argument = 1 << (argument & 31) }
        let operation = (code >> 28) & 7, comparison = (code >> 24) & 15, compared = signed12(code)
        guard operation <= 4 else { throw .ENOSYS }
        let old = try exchange(task, call.address(4)) { old in
            switch operation {
            case 0: argument
            case 1: old &+ argument
            case 2: old | argument
            case 3: old & ~argument
            default: old ^ argument
            }
        }
        // The word is changed already, as in the kernel.
        guard comparison <= 5 else { throw .ENOSYS }
        let table = task.kernel.futexes
        var woken = try table.wake(first, count: max(1, Int(call.int(2))))
        let value = Int32(bitPattern: old)
        let holds =
            switch comparison {
            case 0: value == compared
            case 1: value != compared
            case 2: value < compared
            case 3: value <= compared
            case 4: value > compared
            default: value >= compared
            }
        if holds { woken += try table.wake(second, count: max(1, Int(call.int(3)))) }
        return .count(woken)
    }

    /// Changes a word atomically; returns the old value. `EAGAIN` when other threads of the program change it all the time.
    static func exchange(_ task: Task, _ address: GuestAddress, _ change: (UInt32) -> UInt32) throws(Errno) -> UInt32 {
        var old = try task.memory.load32(address)
        for _ in 0..<1024 {
            let found = try task.memory.compareExchange32(address, expected: old, desired: change(old))
            if found == old { return old }
            old = found
        }
        throw .EAGAIN
    }

    /// futex_waitv(2).
    @Sendable static func futex_waitv(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if let state = call.progress as? FutexWait { return try state.run(task, &call) }
        if call.uint(2) != 0 { throw .EINVAL }
        let count = Int(call.uint(1))
        if count == 0 || count > 128 || call.address(0).isNull { throw .EINVAL }
        var deadline: MonotonicInstant?
        if !call.address(3).isNull {
            guard call.int(4) == 0 || call.int(4) == 1 else { throw .EINVAL }
            deadline = try futexDeadline(task, call.address(3), absolute: true, realtime: call.int(4) == 0)
        }
        let vector = ByteReader(try task.memory.readBytes(call.address(0), count: count * 24))
        var words: [FutexWord] = []
        for index in 0..<count {
            let at = index * 24
            let flags = vector.u32(at + 16)
            // 32-bit words, private or not; `__reserved` is zero.
            guard flags & ~128 == 2, vector.u32(at + 20) == 0, vector.u64(at) <= UInt64(UInt32.max) else { throw .EINVAL }
            words.append(try FutexWord(task, GuestAddress(vector.u64(at + 8)), shared: flags & 128 == 0, expected: vector.u32(at)))
        }
        let state = FutexWait(table: task.kernel.futexes, words: words, bitset: .max, deadline: deadline, isVector: true)
        call.progress = state
        return try state.run(task, &call)
    }
}
