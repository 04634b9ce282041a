import Foundation
import Synchronization

/// Programs of `Tests/Programs/languages` that invocations name as `built/NAME`: compiled once by their own compilers.
enum BuiltPrograms {
    private static let built = Mutex<[String: String?]>([:])

    /// The path of `built/NAME`; nil for other names, and when the compiler is not installed.
    static func path(_ name: String) throws -> String? {
        guard name.hasPrefix("built/") else { return nil }
        return try built.withLock { known in
            if let path = known[name] { return path }
            let path = try compile(String(name.dropFirst("built/".count)))
            known[name] = path
            return path
        }
    }

    private static func compile(_ name: String) throws -> String? {
        let folder = Place.package + "/.build/programs"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let source = Place.programs + "/languages/"
        let target = "\(folder)/\(name)"
        let home = ProcessInfo.processInfo.environment["HOME"] ?? "/root"
        func compiler(_ names: String...) -> String? { names.lazy.compactMap { Place.find($0) }.first }
        let command: (String, [String])?
        switch name {
        case "pool-rust": command = compiler("rustc", home + "/.cargo/bin/rustc").map { ($0, ["-O", "-o", target, source + "pool.rs"]) }
        case "pool-swift": command = compiler("swiftc", "/opt/swift/usr/bin/swiftc").map { ($0, ["-O", "-parse-as-library", "-o", target, source + "pool.swift"]) }
        case "pool-swift-static":
            command = compiler("swiftc", "/opt/swift/usr/bin/swiftc").map { ($0, ["-O", "-parse-as-library", "-static-stdlib", "-o", target, source + "pool.swift"]) }
        case "pool-go": command = compiler("go").map { ($0, ["build", "-o", target, source + "pool.go"]) }
        case "pool-c++": command = compiler("g++").map { ($0, ["-O1", "-pthread", "-o", target, source + "pool.cc"]) }
        default: command = nil
        }
        guard let (program, arguments) = command else { return nil }
        var environment = ["PATH": Place.standardPath, "HOME": home, "GOCACHE": folder + "/go-cache"]
        environment["RUSTUP_HOME"] = ProcessInfo.processInfo.environment["RUSTUP_HOME"]
        environment["CARGO_HOME"] = ProcessInfo.processInfo.environment["CARGO_HOME"]
        let result = try Command(program: program, arguments: arguments, environment: environment, folder: folder, seconds: 180).run()
        if result.status != 0 { throw CommandError(text: "\(name): \(result.errors)") }
        return target
    }
}
