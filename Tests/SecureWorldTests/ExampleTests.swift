import Foundation
import Testing

@testable import SecureWorld

/// `skerry tee example` makes an application that runs.
@Suite(.enabled(if: TrustedApplications.canRun)) struct ExampleTests {
    private static let program = CommandDevice.program

    private func run(_ arguments: [String]) throws -> (status: Int32, text: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = ["tee"] + arguments
        var environment = ProcessInfo.processInfo.environment
        environment["SKERRY_TA_CACHE"] = TrustedApplications.folder.map { $0 + "/runtime" }
        process.environment = environment
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: program))) func fromNothingToAnAnswer() throws {
        let place = NSTemporaryDirectory() + "skerry-example-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: place) }
        let device = ["--device", place + "/device"]
        let first = try run(["example"] + device + [place + "/mine"])
        #expect(first.status == 0, "\(first.text)")
        // printf hello | sha256sum
        let digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
        #expect(first.text.contains(digest))
        let file = place + "/mine/9f2a7c34-61d8-4be5-8a03-5de1772c904b.ta"
        #expect(try run(["verify"] + device + [file]).status == 0)
        let empty = try run(["call"] + device + [file, "0", "in=", "out=32"])
        #expect(empty.text.contains("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"), "\(empty.text)")
        #expect(try run(["call"] + device + [file, "0", "in=hello", "out=31"]).text.contains("TEE_ERROR_SHORT_BUFFER"))
        // Two digests have been made, by three instances.
        #expect(try run(["call"] + device + [file, "1", "value-out"]).text.contains("parameter 0: 2, 0"))
        // What is there already is not touched.
        let second = try run(["example"] + device + [place + "/mine"])
        #expect(second.status == 125 && second.text.contains("name another folder"))
    }
}
