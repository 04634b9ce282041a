/// What a timer's time is measured by.
enum TimerClock {
    case realtime, monotonic, boottime
    /// CPU time of the process, or of one thread.
    case processCPU(ThreadGroup)
    /// The part of a process's CPU time that it spent in the program itself (ITIMER_VIRTUAL).
    case processUser(ThreadGroup)
    case threadCPU(Task)

    /// clockid_t as timer_create(2) takes it: `EINVAL` for an unknown clock, `EOPNOTSUPP` for one without timers.
    init(identifier: Int32, task: Task) throws(Errno) {
        switch identifier {
        case ..<0: try self.init(processorTime: identifier, task)
        // CLOCK_TAI runs as CLOCK_REALTIME: the offset is zero until someone sets it.
        case 0, 11: self = .realtime
        case 1: self = .monotonic
        case 2: self = .processCPU(task.group)
        case 3: self = .threadCPU(task)
        case 7: self = .boottime
        case 4, 5, 6, 8, 9: throw .EOPNOTSUPP
        default: throw .EINVAL
        }
    }

    /// As clock_getcpuclockid(3) makes them: a process of the sandbox, or a thread of the caller's own. `EINVAL` when there is none, `EOPNOTSUPP` for the clock
    /// of a descriptor.
    private init(processorTime identifier: Int32, _ task: Task) throws(Errno) {
        if identifier & 7 == 3 { throw .EOPNOTSUPP }
        let isUserTime = identifier & 3 == 1
        switch ClockIdentifier(identifier) {
        case .thread(let id):
            guard let thread = id.map({ task.kernel.task($0) }) ?? task, thread.group === task.group else { throw .EINVAL }
            self = .threadCPU(thread)
        case .process(let id):
            guard let process = id.map({ task.kernel.group($0) }) ?? task.group else { throw .EINVAL }
            self = isUserTime ? .processUser(process) : .processCPU(process)
        default: throw .EINVAL
        }
    }

    func now(_ kernel: Kernel) -> Int64 {
        switch self {
        case .realtime: kernel.time.realtimeNow()
        case .monotonic: kernel.time.monotonicNow().nanoseconds
        case .boottime: kernel.time.boottimeNow()
        case .processCPU(let group): group.usage.time
        case .processUser(let group): group.usage.user
        case .threadCPU(let task): task.machine?.cpuTime() ?? 0
        }
    }

    /// The earliest that `remaining` of this clock can pass, in real nanoseconds.
    func leastRealTime(_ remaining: Int64, _ kernel: Kernel) -> Int64 {
        switch self {
        case .realtime, .monotonic, .boottime: remaining
        // The clock of what has ended stands still; that of a thread that has not begun yet does not for long.
        case .threadCPU(let task): task.signals.departed ? .max : max(remaining, TimerClock.cpuTick)
        case .processCPU(let group), .processUser(let group):
            group.hasEnded ? .max : max(remaining / Int64(max(1, kernel.configuration.processors)), TimerClock.cpuTick)
        }
    }

    /// How finely CPU clocks are watched: the kernel's tick at HZ=250.
    static let cpuTick: Int64 = 4_000_000
}

/// Time left and interval, in nanoseconds: struct itimerspec or itimerval.
package struct TimerSetting: Equatable, Sendable {
    /// Zero: not armed.
    package var value: Int64 = 0
    /// Zero: once.
    package var interval: Int64 = 0
    package init(value: Int64 = 0, interval: Int64 = 0) {
        self.value = value
        self.interval = interval
    }
}

/// A timer that sends a signal: ITIMER_REAL and its like, or (`PosixTimer`) one of timer_create(2).
///
/// While its signal waits to be taken a periodic timer does not run; when it is taken, the periods that have passed are counted and the timer
/// starts again. So a period of one nanosecond costs the monitor nothing while the program does not take the signals.
package class SignalTimer: KernelTimer, @unchecked Sendable {
    let kernel: Kernel
    let group: ThreadGroup
    let clock: TimerClock
    private let lock = Lock(.signals)
    /// In the clock's own time; nil: not armed.
    private var expiry: Int64?
    private var interval: Int64 = 0
    /// Its signal is queued.
    private var isQueued = false
    /// Periods that passed before the signal now queued was taken; what timer_getoverrun(2) says after that.
    private var overrun: Int64 = 0

    init(kernel: Kernel, group: ThreadGroup, clock: TimerClock) {
        self.kernel = kernel
        self.group = group
        self.clock = clock
    }

    /// Sends the signal.
    func notify() -> PostResult { .dropped }
    /// SIGEV_NONE: never fires, can be asked.
    var isSilent: Bool { false }

    /// The timer's own clock and the one deadlines are kept in, read together and before any lock is taken.
    private struct Now {
        let own: Int64
        let monotonic: MonotonicInstant
    }
    private var now: Now { Now(own: clock.now(kernel), monotonic: kernel.time.monotonicNow()) }

    /// Arms or (value 0) disarms; returns what was set before.
    func set(_ setting: TimerSetting, absolute: Bool) -> TimerSetting {
        let now = now
        let old = lock.withLock {
            let old = remaining(now.own)
            interval = setting.interval
            overrun = 0
            if setting.value == 0 {
                expiry = nil
            } else {
                let (sum, overflow) = now.own.addingReportingOverflow(setting.value)
                expiry = absolute ? setting.value : (overflow ? .max : sum)
            }
            reschedule(now)
            return old
        }
        kernel.timers.announce()
        return old
    }

    /// Time left and interval.
    var setting: TimerSetting {
        let now = clock.now(kernel)
        return lock.withLock { remaining(now) }
    }

    private func remaining(_ now: Int64) -> TimerSetting {
        guard let expiry else { return TimerSetting(value: 0, interval: interval) }
        var left = expiry.subtractingReportingOverflow(now).partialValue
        if left <= 0, interval > 0 { left = interval - (now &- expiry) % interval }
        if left <= 0 { left = isSilent || isQueued ? 0 : 1 }
        return TimerSetting(value: left, interval: interval)
    }

    /// Called with the lock held.
    private func reschedule(_ now: Now, atLeast least: Int64 = 0) {
        guard let expiry, !isSilent else {
            kernel.timers.schedule(self, at: nil)
            return
        }
        let left = expiry > now.own ? expiry.subtractingReportingOverflow(now.own).partialValue : 0
        let delay = max(least, clock.leastRealTime(left, kernel))
        kernel.timers.schedule(self, at: now.monotonic.advanced(byNanoseconds: max(0, delay)))
    }

    package override func fire() {
        let now = now
        let due = lock.withLock {
            guard let expiry else { return false }
            if now.own < expiry {
                reschedule(now)
                return false
            }
            if isQueued { return false }
            isQueued = true
            return true
        }
        guard due else { return }
        // Ignored or already pending: the timer goes on by itself, no faster than the tick.
        if notify() != .queued { lost() }
    }

    /// Nobody will take its signal any more: it was ignored, or forgotten with its thread or action.
    func lost() {
        let now = now
        lock.withLock {
            isQueued = false
            _ = advance(now, atLeast: TimerClock.cpuTick)
        }
        kernel.timers.announce()
    }

    /// Moves the expiry behind `now` and schedules it; returns the periods that have passed besides the one that fired.
    private func advance(_ now: Now, atLeast least: Int64 = 0) -> Int64 {
        guard let expiry, expiry <= now.own else { return 0 }
        if interval <= 0 {
            self.expiry = nil
            return 0
        }
        let missed = (now.own &- expiry) / interval
        self.expiry = expiry.addingReportingOverflow((missed &+ 1).multipliedReportingOverflow(by: interval).partialValue).partialValue
        reschedule(now, atLeast: least)
        return missed
    }

    /// Its signal was taken from the queue: counts what was missed and goes on. Returns `si_overrun`.
    func taken() -> Int32 {
        let now = now
        let result = lock.withLock {
            isQueued = false
            overrun = advance(now)
            return Int32(clamping: overrun)
        }
        kernel.timers.announce()
        return result
    }

    /// timer_getoverrun(2).
    var lastOverrun: Int32 { lock.withLock { Int32(clamping: overrun) } }
}

/// ITIMER_REAL, ITIMER_VIRTUAL or ITIMER_PROF.
final class IntervalTimer: SignalTimer, @unchecked Sendable {
    private let signal: Int32
    init(kernel: Kernel, group: ThreadGroup, clock: TimerClock, signal: Int32) {
        self.signal = signal
        super.init(kernel: kernel, group: group, clock: clock)
    }
    override func notify() -> PostResult {
        var info = SignalInfo(signal, code: SignalInfo.kernel)
        info.timerHandle = self
        return group.post(info, to: nil)
    }
}

/// One of timer_create(2).
final class PosixTimer: SignalTimer, @unchecked Sendable {
    let id: Int32
    private let signal: Int32?
    private let value: UInt64
    /// SIGEV_THREAD_ID.
    private let thread: Task?

    init(kernel: Kernel, group: ThreadGroup, clock: TimerClock, id: Int32, signal: Int32?, value: UInt64, thread: Task?) {
        self.id = id
        self.signal = signal
        self.value = value
        self.thread = thread
        super.init(kernel: kernel, group: group, clock: clock)
    }
    override var isSilent: Bool { signal == nil }
    override func notify() -> PostResult {
        guard let signal else { return .dropped }
        var info = SignalInfo(signal, code: SignalInfo.timer)
        info.timer = id
        info.value = value
        info.timerHandle = self
        return group.post(info, to: thread)
    }
}

/// The timers of a process; gone with it and with execve, but for the interval timers, which stay.
final class ProcessTimers: @unchecked Sendable {
    private let lock = Lock(.leaf)
    private var intervals: [Int32: IntervalTimer] = [:]
    private var posix: [Int32: PosixTimer] = [:]
    private var nextID: Int32 = 0
    private var processorTime: ProcessorTimeLimit?

    init() {}

    /// RLIMIT_CPU has been set: what watches it, made by `make` when there is none yet.
    func watchingProcessorTime(_ make: () -> ProcessorTimeLimit) -> ProcessorTimeLimit {
        lock.withLock {
            let timer = processorTime ?? make()
            processorTime = timer
            return timer
        }
    }

    /// ITIMER_REAL 0, ITIMER_VIRTUAL 1, ITIMER_PROF 2; `EINVAL`.
    func interval(_ which: Int32, of task: Task) throws(Errno) -> IntervalTimer {
        guard (0...2).contains(which) else { throw .EINVAL }
        return lock.withLock {
            if let known = intervals[which] { return known }
            let (clock, signal): (TimerClock, Int32) =
                switch which {
                case 0: (.monotonic, Signal.SIGALRM)
                case 1: (.processUser(task.group), Signal.SIGVTALRM)
                default: (.processCPU(task.group), Signal.SIGPROF)
                }
            let timer = IntervalTimer(kernel: task.kernel, group: task.group, clock: clock, signal: signal)
            intervals[which] = timer
            return timer
        }
    }

    func add(limit: UInt64, _ make: (Int32) -> PosixTimer) throws(Errno) -> PosixTimer {
        lock.lock()
        defer { lock.unlock() }
        if UInt64(posix.count) >= limit { throw .EAGAIN }
        while posix[nextID] != nil { nextID = nextID == .max ? 0 : nextID + 1 }
        let timer = make(nextID)
        posix[nextID] = timer
        nextID = nextID == .max ? 0 : nextID + 1
        return timer
    }

    func posix(_ id: Int32) throws(Errno) -> PosixTimer {
        guard let timer = lock.withLock({ posix[id] }) else { throw .EINVAL }
        return timer
    }

    func remove(_ id: Int32) throws(Errno) {
        guard let timer = lock.withLock({ posix.removeValue(forKey: id) }) else { throw .EINVAL }
        _ = timer.set(TimerSetting(), absolute: false)
    }

    /// execve(2) deletes the POSIX timers, the end of the process all of them.
    func removeAll(keepingIntervals: Bool) {
        var limit: ProcessorTimeLimit?
        let gone: [SignalTimer] = lock.withLock {
            var result = posix.values.map { $0 as SignalTimer }
            posix = [:]
            if !keepingIntervals {
                for timer in intervals.values { result.append(timer) }
                intervals = [:]
                limit = processorTime
                processorTime = nil
            }
            return result
        }
        limit?.end()
        for timer in gone { _ = timer.set(TimerSetting(), absolute: false) }
    }
}
