/// The load averages of sysinfo(2) and /proc/loadavg: processors in use, averaged by the kernel's own decay in steps of five seconds.
///
/// Nobody samples: the CPU time used since the last look counts as spread evenly over the steps in between.
package final class LoadAverage: @unchecked Sendable {
    private let lock = Lock(.leaf)
    /// Over 1, 5 and 15 minutes, in units of 1/65536.
    private var values: [UInt64] = [0, 0, 0]
    private var lastStep: Int64?
    private var lastTime: Int64 = 0

    package init() {}

    private static let stepLength: Int64 = 5_000_000_000
    /// EXP_1, EXP_5 and EXP_15 of the kernel, in units of 1/2048.
    private static let decay: [UInt64] = [1884, 2014, 2037]

    /// The three averages now.
    package func read(_ kernel: Kernel) -> [UInt64] {
        let step = kernel.time.monotonicNow().nanoseconds / Self.stepLength
        let used = kernel.host.processCPUTime()
        return lock.withLock {
            let last = lastStep ?? step
            let steps = min(max(0, step - last), 2000)
            if steps > 0 {
                let busy = UInt64(max(0, used - lastTime)) / UInt64(steps)
                let active = min(busy, UInt64(Self.stepLength) * 1024) * 65536 / UInt64(Self.stepLength)
                for index in values.indices {
                    for _ in 0..<steps {
                        values[index] = (values[index] * Self.decay[index] + active * (2048 - Self.decay[index])) / 2048
                    }
                }
            }
            if steps > 0 || lastStep == nil {
                lastStep = step
                lastTime = used
            }
            return values
        }
    }
}
