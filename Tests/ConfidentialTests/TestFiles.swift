import Foundation
import Testing

@testable import Confidential

/// Files of this test target, and what several tests need.
enum TestFiles {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()

    static func text(_ name: String) throws -> String { try String(contentsOf: folder.appending(path: name), encoding: .utf8) }

    static func bytes(_ name: String) throws -> [UInt8] { try Array(Data(contentsOf: folder.appending(path: name))) }

    static func path(_ name: String) -> String { folder.appending(path: name).path }

    /// The little-endian words of SplitMix64, as Golden/make-vectors makes contents.
    static func contents(seed: UInt64, count: Int) -> [UInt8] {
        var (state, words) = (seed, [UInt64](repeating: 0, count: count / 8))
        for index in words.indices {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
            words[index] = (z ^ z >> 31).littleEndian
        }
        return words.withUnsafeBytes { Array($0) }
    }
}

/// The error of a body that has to fail.
func failure(_ body: () throws -> Void) -> SNPError? {
    do {
        try body()
        Issue.record("it did not fail")
        return nil
    } catch {
        return error as? SNPError
    }
}

/// What a command prints; nil when it cannot be started or fails.
func output(of command: String, _ arguments: [String]) -> String? {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [command] + arguments
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
}
