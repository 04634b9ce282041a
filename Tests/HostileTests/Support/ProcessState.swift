import Foundation
import Glibc

/// What this process holds of the host: a sandbox that has ended must have given all of it back.
struct ProcessState: CustomStringConvertible {
    let descriptors: Int
    let threads: Int
    let mappings: Int
    /// Kilobytes.
    let resident: Int
    /// What the descriptors refer to and what the threads are called.
    let names: [String]

    /// As it is when it has stopped changing: threads that have been told to end, and the kernel's own of a virtual machine, need a moment for it.
    static func settled() -> ProcessState {
        var latest = ProcessState()
        var quiet = 0
        for _ in 0..<100 where quiet < 5 {
            usleep(20_000)
            let next = ProcessState()
            quiet = next.descriptors == latest.descriptors && next.threads == latest.threads ? quiet + 1 : 0
            latest = next
        }
        return latest
    }

    private init() {
        descriptors = Self.count("/proc/self/fd")
        threads = Self.count("/proc/self/task")
        names =
            (Self.list("/proc/self/fd").map { (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) ?? "" }
            + Self.list("/proc/self/task").map { "thread " + Self.text("/proc/self/task/\($0)/comm").dropLast() + " in " + Self.text("/proc/self/task/\($0)/wchan") }).sorted()
        mappings = Self.text("/proc/self/maps").split(separator: "\n").count
        resident =
            Self.text("/proc/self/status").split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
            .flatMap { Int($0.split(separator: " ", omittingEmptySubsequences: true).dropFirst().first ?? "") } ?? 0
    }

    private static func list(_ folder: String) -> [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] }
    private static func count(_ folder: String) -> Int { list(folder).count }

    private static func text(_ path: String) -> String {
        guard let file = FileHandle(forReadingAtPath: path), let data = try? file.readToEnd() else { return "" }
        return String(decoding: data, as: UTF8.self)
    }

    var description: String { "\(descriptors) descriptors, \(threads) threads, \(mappings) mappings, \(resident) KB: \(names.joined(separator: ", "))" }
}
