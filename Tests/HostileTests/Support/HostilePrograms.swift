import Foundation
import Glibc
import Synchronization

/// Where the tests find things, and the programs of `Tests/Programs/hostile`, compiled once.
enum HostilePrograms {
    static let package: String = {
        var path = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { path.deleteLastPathComponent() }
        return path.path
    }()

    /// The command under test: $SKERRY, else the debug build.
    static let skerry = ProcessInfo.processInfo.environment["SKERRY"] ?? package + "/.build/debug/skerry"

    /// There is a command, a compiler, and a virtual machine to be had.
    static let canRun = access(skerry, X_OK) == 0 && access(compiler, X_OK) == 0 && access("/dev/kvm", R_OK | W_OK) == 0

    /// The long run: 1,000 rounds in all.
    static let isLong = ProcessInfo.processInfo.environment["SKERRY_TEST_ALL"] == "1"

    private static let compiler = "/usr/bin/gcc"
    private static let compiled = Mutex<Set<String>>([])

    /// The path of a compiled program.
    static func path(_ name: String) throws -> String {
        let folder = package + "/.build/programs"
        let target = "\(folder)/hostile-\(name)"
        try compiled.withLock { done in
            if !done.insert(name).inserted { return }
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let source = "\(package)/Tests/Programs/hostile/\(name).c"
            let result = try Watched.run("/usr/bin/gcc", ["-O1", "-w", "-static", "-pthread", "-o", target, source], seconds: 60)
            if result.status != 0 { throw CocoaError(.executableLoad, userInfo: ["errors": result.errors]) }
        }
        return target
    }
}
