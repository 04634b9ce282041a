import Foundation
import Glibc

/// What this process holds of the host: a sandbox that has ended must have given all of it back.
struct ProcessState: CustomStringConvertible {
    let descriptors: Int
    let threads: Int
    let mappings: Int
    /// Kilobytes.
    let resident: Int

    /// As it is now. Threads that have been told to end get a moment for it.
    static func settled(threads expected: Int? = nil) -> ProcessState {
        for _ in 0..<200 {
            if let expected, count("/proc/self/task") > expected { usleep(10_000) } else { break }
        }
        return ProcessState()
    }

    private init() {
        descriptors = Self.count("/proc/self/fd")
        threads = Self.count("/proc/self/task")
        mappings = Self.text("/proc/self/maps").split(separator: "\n").count
        resident = Self.text("/proc/self/status").split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
            .flatMap { Int($0.split(separator: " ", omittingEmptySubsequences: true).dropFirst().first ?? "") } ?? 0
    }

    private static func count(_ folder: String) -> Int { (try? FileManager.default.contentsOfDirectory(atPath: folder).count) ?? 0 }

    private static func text(_ path: String) -> String {
        guard let file = FileHandle(forReadingAtPath: path), let data = try? file.readToEnd() else { return "" }
        return String(decoding: data, as: UTF8.self)
    }

    var description: String { "\(descriptors) descriptors, \(threads) threads, \(mappings) mappings, \(resident) KB" }
}
