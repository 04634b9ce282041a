import Glibc

/// What a process holds of the host: descriptors, threads, resident memory.
struct ProcessState: CustomStringConvertible {
    let descriptors: Int
    let threads: Int
    /// Kilobytes.
    let resident: Int

    /// Of this process, or of another one. Nil when it is not there (any more).
    init?(_ process: pid_t? = nil) {
        let place = "/proc/\(process.map { "\($0)" } ?? "self")"
        guard let status = Self.text(place + "/status") else { return nil }
        func number(_ name: String) -> Int? {
            status.split(separator: "\n").first { $0.hasPrefix(name + ":") }.flatMap { line in Int(line.drop { !$0.isNumber }.prefix { $0.isNumber }) }
        }
        // A process that has ended, and that nobody has waited for yet, has none.
        guard let resident = number("VmRSS"), let threads = number("Threads") else { return nil }
        self.resident = resident
        self.threads = threads
        descriptors = Self.count(place + "/fd")
    }

    /// Of this process when it has stopped changing: threads without work stay for two seconds, and what has ended needs a moment.
    static func settled() -> ProcessState? {
        var latest = ProcessState()
        var quiet = 0
        for _ in 0..<400 where quiet < 60 {
            usleep(50_000)
            let next = ProcessState()
            quiet = next?.descriptors == latest?.descriptors && next?.threads == latest?.threads ? quiet + 1 : 0
            latest = next
        }
        return latest
    }

    private static func count(_ folder: String) -> Int {
        guard let list = opendir(folder) else { return 0 }
        defer { closedir(list) }
        var count = 0
        while readdir(list) != nil { count += 1 }
        // The folder itself, the one above, and this look at it.
        return max(0, count - 3)
    }

    private static func text(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = read(descriptor, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
    }

    var description: String { "\(descriptors) descriptors, \(threads) threads, \(resident) KB" }

    /// What one has more than another, if that is more than noise.
    func leak(since earlier: ProcessState, kilobytes: Int) -> String? {
        var found: [String] = []
        if descriptors > earlier.descriptors { found.append("\(descriptors - earlier.descriptors) descriptors") }
        // A pool of the run time may have one more by then; each round would add its own.
        if threads > earlier.threads + 2 { found.append("\(threads - earlier.threads) threads") }
        if resident > earlier.resident + kilobytes { found.append("\(resident - earlier.resident) KB") }
        return found.isEmpty ? nil : found.joined(separator: ", ") + " more than after the warm-up (\(earlier); now \(self))"
    }
}
