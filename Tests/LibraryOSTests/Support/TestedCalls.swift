import Foundation
import Synchronization

@testable import LibraryOS

/// The names of the system calls that tests make, one a line in the file that SKERRY_TESTED_CALLS names: input of scripts/check-coverage.
enum TestedCalls {
    private static let seen = Mutex<Set<Int>>([])
    private static let file: Int32 = ProcessInfo.processInfo.environment["SKERRY_TESTED_CALLS"].map { open($0, O_WRONLY | O_CREAT | O_APPEND, 0o644) } ?? -1

    static func record(_ entry: SyscallEntry) {
        guard file >= 0, seen.withLock({ $0.insert(entry.number).inserted }) else { return }
        let line = Array((entry.name + "\n").utf8)
        _ = line.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    }
}
