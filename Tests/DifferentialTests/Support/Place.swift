import Foundation
import Glibc

/// Where things are.
enum Place {
    static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    static let programs = sources.deletingLastPathComponent().appendingPathComponent("Programs").path
    static let package = sources.deletingLastPathComponent().deletingLastPathComponent().path
    static let standardPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// The command under test: $SKERRY, or what was built beside the tests.
    static let skerry: String = {
        if let named = ProcessInfo.processInfo.environment["SKERRY"] { return named }
        return package + "/.build/debug/skerry"
    }()

    /// The long lists too (`scripts/test --all`).
    static let runsEverything = ProcessInfo.processInfo.environment["SKERRY_TEST_ALL"] != nil
    static let canRun = access("/dev/kvm", R_OK | W_OK) == 0

    /// What a program finds in its environment in the sandbox, for its native twin.
    static let environment = ["PATH": standardPath, "HOME": "/", "TERM": "dumb"]

    /// The file of a command, as a shell would find it.
    static func find(_ name: String) -> String? {
        if name.hasPrefix("/") { return access(name, X_OK) == 0 ? name : nil }
        return standardPath.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }
}
