extension Syscalls {
    /// alarm(2): whole seconds of ITIMER_REAL; the rest of a second rounds to the nearest, but never to zero.
    @Sendable static func alarm(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let timer = try task.group.signals.timers.interval(0, of: task)
        let old = timer.set(TimerSetting(value: Int64(call.uint(0)) * 1_000_000_000), absolute: false).value
        let seconds = old / 1_000_000_000, rest = old % 1_000_000_000
        return .done(seconds + (rest >= 500_000_000 || (seconds == 0 && rest > 0) ? 1 : 0))
    }

    /// getitimer(2).
    @Sendable static func getitimer(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let timer = try task.group.signals.timers.interval(call.int(0), of: task)
        try task.memory.writeBytes(encode(timer.setting, unitsPerSecond: 1_000_000), to: call.address(1))
        return .success
    }

    /// setitimer(2).
    @Sendable static func setitimer(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        // Linux takes a NULL pointer for zeros.
        let setting = call.address(1).isNull ? TimerSetting() : try readSetting(task, call.address(1), unitsPerSecond: 1_000_000)
        let old = try task.group.signals.timers.interval(call.int(0), of: task).set(setting, absolute: false)
        if !call.address(2).isNull { try task.memory.writeBytes(encode(old, unitsPerSecond: 1_000_000), to: call.address(2)) }
        return .success
    }

    /// timer_create(2).
    @Sendable static func timer_create(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let clock = try TimerClock(identifier: call.int(0), task: task)
        var notify: Int32 = 0
        var number = Signal.SIGALRM
        var value: UInt64?
        var thread: Task?
        if !call.address(1).isNull {
            let event = ByteReader(try task.memory.readBytes(call.address(1), count: 64))
            (value, number, notify) = (event.u64(0), event.i32(8), event.i32(12))
            // SIGEV_SIGNAL, SIGEV_NONE, SIGEV_THREAD (a signal to the kernel), SIGEV_THREAD_ID with SIGEV_SIGNAL.
            guard notify == 0 || notify == 1 || notify == 2 || notify == 4 else { throw .EINVAL }
            if notify == 4 {
                guard let target = task.kernel.task(event.i32(16)), target.group === task.group else { throw .EINVAL }
                thread = target
            }
            if notify != 1, !Signal.isValid(number) { throw .EINVAL }
        }
        let limit = task.group.lock.withLock { task.group.limits[11]?.soft ?? .max }
        let timer = try task.group.signals.timers.add(limit: limit) { id in
            PosixTimer(
                kernel: task.kernel, group: task.group, clock: clock, id: id, signal: notify == 1 ? nil : number,
                value: value ?? UInt64(UInt32(bitPattern: id)), thread: thread)
        }
        do throws(Errno) { try task.memory.writeU32(UInt32(bitPattern: timer.id), to: call.address(2)) } catch {
            try task.group.signals.timers.remove(timer.id)
            throw error
        }
        return .success
    }

    /// timer_settime(2); bit 0 of the flags is TIMER_ABSTIME, others are ignored as Linux does.
    @Sendable static func timer_settime(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if call.address(2).isNull { throw .EINVAL }
        let setting = try readSetting(task, call.address(2), unitsPerSecond: 1_000_000_000)
        let old = try task.group.signals.timers.posix(call.int(0)).set(setting, absolute: call.int(1) & 1 != 0)
        if !call.address(3).isNull { try task.memory.writeBytes(encode(old, unitsPerSecond: 1_000_000_000), to: call.address(3)) }
        return .success
    }

    /// timer_gettime(2).
    @Sendable static func timer_gettime(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let setting = try task.group.signals.timers.posix(call.int(0)).setting
        try task.memory.writeBytes(encode(setting, unitsPerSecond: 1_000_000_000), to: call.address(1))
        return .success
    }

    /// timer_getoverrun(2).
    @Sendable static func timer_getoverrun(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        .done(Int64(try task.group.signals.timers.posix(call.int(0)).lastOverrun))
    }

    /// timer_delete(2).
    @Sendable static func timer_delete(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try task.group.signals.timers.remove(call.int(0))
        return .success
    }

    /// struct itimerspec or itimerval: interval, then value.
    private static func readSetting(_ task: Task, _ address: GuestAddress, unitsPerSecond: Int64) throws(Errno) -> TimerSetting {
        let reader = ByteReader(try task.memory.readBytes(address, count: 32))
        return TimerSetting(
            value: try nanoseconds(seconds: reader.i64(16), fraction: reader.i64(24), perSecond: unitsPerSecond),
            interval: try nanoseconds(seconds: reader.i64(0), fraction: reader.i64(8), perSecond: unitsPerSecond))
    }

    private static func encode(_ setting: TimerSetting, unitsPerSecond: Int64) -> [UInt8] {
        let unit = 1_000_000_000 / unitsPerSecond
        var writer = ByteWriter(capacity: 32)
        for duration in [setting.interval, setting.value] {
            // A timer that still runs never shows as disarmed.
            let rounded = duration > 0 && duration < unit ? unit : duration
            writer.i64(rounded / 1_000_000_000)
            writer.i64(rounded % 1_000_000_000 / unit)
        }
        return writer.bytes
    }
}
