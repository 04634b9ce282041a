import Foundation
import Glibc

@testable import SecureWorld

/// The applications that fuzzers load: those of Tests/TrustedApplications, built once with the development kit. The processes that fuzz are told where they are.
enum FuzzApplications {
    static let variable = "SKERRY_FUZZ_APPLICATIONS"
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// Whether a virtual machine can be made and the kit's compiler is there.
    static var canRun: Bool { access("/dev/kvm", R_OK | W_OK) == 0 && access("/usr/bin/gcc", X_OK) == 0 }

    /// A folder with the `UUID.elf` files.
    static let folder: Result<String, any Error> = Result {
        if let known = getenv(variable) { return String(cString: known) }
        return try build()
    }

    /// Ordinary ones, and those that mean no good: what tells them apart, and how they are compiled.
    private static let plain = [
        "hello_world": "01", "properties": "02", "panics": "03", "callers": "04", "crypto": "07", "storage": "08", "cplusplus": "10", "memory_references": "11", "library": "12",
    ]
    /// Variants of `hostile`: instances of their own; one instance for all; loops as an instance is made or destroyed, a session opened or closed.
    enum Hostile: UInt8, CaseIterable, Sendable {
        case plain = 0x50, shared = 0x51, loopsInCreate = 0x52, loopsInDestroy = 0x53, loopsInOpen = 0x54, loopsInClose = 0x55

        var options: [String] {
            let variant = "-DHOSTILE_VARIANT=\(rawValue)"
            // SINGLE_INSTANCE, MULTI_SESSION, INSTANCE_KEEP_ALIVE, CACHE_MAINTENANCE.
            if self == .shared { return [variant, "-DHOSTILE_FLAGS=0x9c"] }
            return rawValue < 0x52 ? [variant] : [variant, "-DHOSTILE_LOOPS_IN=\(rawValue - 0x51)"]
        }
        var uuid: TEEUUID { FuzzApplications.uuid("0050", String(rawValue, radix: 16)) }
    }

    static func uuid(_ name: String) -> TEEUUID { uuid("00\(plain[name] ?? "99")", plain[name] ?? "99") }
    private static func uuid(_ group: String, _ last: String) -> TEEUUID { TEEUUID("5ec0e001-\(group)-4a11-9001-5b65727279\(last)") ?? .null }

    private static func build() throws -> String {
        let folder = root + "/.build/fuzz-applications"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // Other test processes may be at it, too.
        let lock = open(folder + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(lock) }
        while flock(lock, LOCK_EX) != 0 { guard errno == EINTR else { throw CocoaError(.fileLocking) } }
        let kit = newest(in: root + "/guest/ta")
        // Sandboxed clients look for UUID.ta.
        func make(_ sources: [String], _ uuid: TEEUUID, _ options: [String] = []) throws {
            let made = time("\(folder)/\(uuid).ta")
            if let made, made > kit, made > newest(in: root + "/Tests/TrustedApplications"), made > time(#filePath) ?? 0 { return }
            let command = ["env", "SKERRY_TA_CACHE=" + folder + "/runtime", root + "/guest/ta/cc", "-o", "\(folder)/\(uuid).elf"] + options + sources
            let result = try FuzzProcess.run(command, seconds: 120)
            guard result.status == 0 else { throw BuildFailure(text: result.output) }
            try? FileManager.default.removeItem(atPath: "\(folder)/\(uuid).ta")
            try FileManager.default.copyItem(atPath: "\(folder)/\(uuid).elf", toPath: "\(folder)/\(uuid).ta")
        }
        let place = root + "/Tests/TrustedApplications/"
        for name in plain.keys.sorted() {
            let files = try FileManager.default.contentsOfDirectory(atPath: place + name).filter { $0.hasSuffix(".c") || $0.hasSuffix(".cpp") }
            try make(files.sorted().map { place + name + "/" + $0 }, uuid(name))
        }
        // Code that is nothing but random bytes, the same in every run.
        var random = FuzzRandom(seed: 1, round: 0)
        let lines = (0..<4096).map { _ in ".byte " + random.bytes(16).map(String.init).joined(separator: ",") }
        let code = folder + "/code.S"
        try (".section .text.hostile_code,\"ax\"\n.globl hostile_code\nhostile_code:\n" + lines.joined(separator: "\n") + "\n.section .note.GNU-stack,\"\",@progbits\n")
            .write(toFile: code, atomically: true, encoding: .utf8)
        for variant in Hostile.allCases {
            try make([place + "hostile/hostile.c", place + "hostile/calls.c", code], variant.uuid, variant.options + ["-mfsgsbase", "-I", place + "hostile"])
        }
        return folder
    }

    /// When a file was changed last, in seconds since 1970.
    private static func time(_ path: String) -> Double? {
        (try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date)?.timeIntervalSince1970
    }
    private static func newest(in folder: String) -> Double {
        (FileManager.default.enumerator(atPath: folder)?.compactMap { ($0 as? String).flatMap { time(folder + "/" + $0) } } ?? []).max() ?? 0
    }

    struct BuildFailure: Error, CustomStringConvertible {
        let text: String
        var description: String { text }
    }
}
