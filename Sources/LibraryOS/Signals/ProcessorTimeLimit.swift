/// RLIMIT_CPU of a process (setrlimit(2)): SIGXCPU at the soft limit and every second from then on, SIGKILL at the hard one.
final class ProcessorTimeLimit: KernelTimer, @unchecked Sendable {
    /// Set before anybody else knows the timer.
    private var watched: (kernel: Kernel, group: ThreadGroup)?
    private static let second: Int64 = 1_000_000_000

    convenience init(kernel: Kernel, group: ThreadGroup) {
        self.init()
        watched = (kernel, group)
    }

    package override func fire() { check() }

    /// Looks whether a limit is reached, and schedules the next look. Called without locks.
    func check() {
        guard let (kernel, group) = watched else { return }
        let limit = group.lock.withLock { group.limits[ResourceLimits.cpu] }
        // As in Linux the hard limit alone does nothing.
        guard let limit, limit.soft != .max, !group.isExiting else { return end() }
        let used = group.usage.time
        let (soft, hard) = (Self.nanoseconds(limit.soft), Self.nanoseconds(limit.hard))
        if used >= hard {
            group.exit(status: Signal.SIGKILL)
            return end()
        }
        var next = soft
        if used >= soft {
            let passed = UInt64(max(0, used / Self.second))
            group.lock.withLock { group.limits[ResourceLimits.cpu]?.soft = passed &+ 1 }
            next = Self.nanoseconds(passed &+ 1)
            _ = group.post(SignalInfo(Signal.SIGXCPU, code: SignalInfo.kernel), to: nil)
        }
        let delay = TimerClock.processCPU(group).leastRealTime(min(next, hard) &- used, kernel)
        kernel.timers.schedule(self, at: kernel.time.monotonicNow().advanced(byNanoseconds: delay))
        kernel.timers.announce()
    }

    /// Nothing is to be watched any more.
    func end() { watched?.kernel.timers.schedule(self, at: nil) }

    private static func nanoseconds(_ seconds: UInt64) -> Int64 {
        let (result, overflow) = Int64(clamping: seconds).multipliedReportingOverflow(by: second)
        return overflow ? .max : result
    }
}

extension ThreadGroup {
    /// RLIMIT_CPU has been set or inherited.
    func watchProcessorTime(_ kernel: Kernel) {
        signals.timers.watchingProcessorTime { ProcessorTimeLimit(kernel: kernel, group: self) }.check()
    }
}
