import Skerry

internal import Glibc

/// Measures a run for `--stats`.
struct RunMeter {
    private let start = Self.now()

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    func report(_ sandbox: Sandbox) {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let counts = sandbox.statistics
        let rows: [(String, String)] = [
            ("exits", "\(counts.exits)"),
            ("calls on the exit path", "\(counts.exitCalls)"),
            ("calls answered in place", "\(counts.inPlaceCalls)"),
            ("page faults", "\(counts.pageFaults)"),
            ("guest memory at the end", "\(counts.residentMemory >> 10) KiB"),
            ("peak memory of the monitor", "\(usage.ru_maxrss) KiB"),
            ("wall time", Self.seconds(Self.now() - start)),
            ("user time", Self.seconds(Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) / 1e6)),
            ("system time", Self.seconds(Double(usage.ru_stime.tv_sec) + Double(usage.ru_stime.tv_usec) / 1e6)),
        ]
        for (name, value) in rows { Console.complain("\(name): \(value)") }
    }

    /// Three decimals without a formatting library.
    private static func seconds(_ value: Double) -> String {
        let milliseconds = Int(value * 1000 + 0.5)
        let fraction = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction) s"
    }
}
