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
        let memory = Self.memory()
        let counts = sandbox.statistics
        let rows: [(String, String)] = [
            ("exits", "\(counts.exits)"),
            ("calls on the exit path", "\(counts.exitCalls)"),
            ("calls answered in place", "\(counts.inPlaceCalls)"),
            ("page faults", "\(counts.pageFaults)"),
            ("peak memory, guest and monitor", memory["VmHWM"] ?? "unknown"),
            ("guest memory at the end", "\(counts.residentMemory >> 10) KiB"),
            ("monitor's own memory at the end", memory["RssAnon"] ?? "unknown"),
            ("wall time", Self.seconds(Self.now() - start)),
            ("user time", Self.seconds(Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) / 1e6)),
            ("system time", Self.seconds(Double(usage.ru_stime.tv_sec) + Double(usage.ru_stime.tv_usec) / 1e6)),
        ]
        for (name, value) in rows { Console.complain("\(name): \(value)") }
    }

    /// Sizes from /proc/self/status. Not getrusage's peak: that one is inherited from whoever started skerry.
    private static func memory() -> [String: String] {
        let file = open("/proc/self/status", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [:] }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = read(file, &bytes, bytes.count)
        var result: [String: String] = [:]
        for line in bytes.prefix(max(0, count)).split(separator: 10) {
            let words = line.split(whereSeparator: { $0 == 9 || $0 == 32 }).map { String(decoding: $0, as: UTF8.self) }
            if words.count == 3 { result[String(words[0].dropLast())] = "\(words[1]) KiB" }
        }
        return result
    }

    /// Three decimals without a formatting library.
    private static func seconds(_ value: Double) -> String {
        let milliseconds = Int(value * 1000 + 0.5)
        let fraction = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction) s"
    }
}
