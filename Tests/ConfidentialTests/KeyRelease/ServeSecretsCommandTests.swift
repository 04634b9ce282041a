import Foundation
import SNPAttestation
import Testing

@testable import Confidential
@testable import KeyRelease

/// `skerry snp serve-secrets` as a process.
private final class ServingProcess {
    private let process = Process()
    private let output: String, errors: String

    init(_ words: [String], in scratch: ScratchFolder) throws {
        (output, errors) = (scratch.path("output"), scratch.path("errors"))
        for file in [output, errors] { _ = FileManager.default.createFile(atPath: file, contents: nil) }
        process.executableURL = URL(filePath: SNPCommandLine.program)
        process.arguments = ["snp", "serve-secrets"] + words
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: errors)
        try process.run()
    }

    // Threads of tests may block the other signals, and children inherit that.
    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    var printed: String { (try? String(contentsOfFile: output, encoding: .utf8)) ?? "" }
    var complained: String { (try? String(contentsOfFile: errors, encoding: .utf8)) ?? "" }

    /// Waits until it listens; false when it ended before.
    func listens() -> Bool {
        while process.isRunning {
            if complained.contains("listening at") { return true }
            usleep(20_000)
        }
        return false
    }

    func end() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }
}

@Suite("skerry snp serve-secrets does what it says on the command line", .timeLimit(.minutes(5)))
struct ServeSecretsCommandTests {
    private let scratch: ScratchFolder
    private let launch: SoftwareLaunch
    private let software: SoftwareGuest, endorsement: PlatformEndorsement
    private let secret: String, socket: String

    init() throws {
        scratch = try ScratchFolder()
        launch = try SoftwareLaunch()
        (software, _, endorsement) = try launch.launched()
        secret = try "database=" + scratch.write(Array("correct horse".utf8), "secret")
        socket = scratch.path("socket")
        try FileManager.default.createDirectory(atPath: scratch.path("root"), withIntermediateDirectories: true)
        _ = try scratch.write(endorsement.authority.ark, "root/ark.der")
    }

    private var words: [String] {
        ["--listen", "unix:" + socket, "--secret", secret, "--test-root", scratch.path("root"), "--host-data", launch.plan.hostData.hexadecimal]
    }
    private var measured: [String] { ["--measurement", launch.plan.measurement.bytes.hexadecimal] }

    /// A guest of the launch that asks at the socket, by the stream of a simulated guest.
    private func ask(_ change: (ReleaseGuest) -> Void = { _ in }) throws -> ReleaseGuest {
        let stream = try SocketStream(path: socket)
        let guest = ReleaseGuest(software)
        guest.certificates = endorsement.table.bytes
        change(guest)
        try guest.send(try #require(stream.receive(ReleaseMessage.helloSize)))
        guard stream.send(try guest.receive(ReleaseMessage.evidenceSize + guest.certificates.count)) else { return guest }
        let header = try #require(stream.receive(ReleaseMessage.headerSize))
        guard header != ReleaseMessage.refusal() else {
            try guest.send(header)
            return guest
        }
        try guest.send(header + #require(stream.receive(ReleaseMessage.answerSize - ReleaseMessage.headerSize + ReleaseMessage.sealedSize)))
        #expect(stream.send(try guest.receive(ReleaseMessage.receiptSize)))
        return guest
    }

    @Test func oneGuest() throws {
        let server = try ServingProcess(words + measured + ["--once"], in: scratch)
        try #require(server.listens(), "\(server.complained)")
        #expect(server.complained.contains("NOT AMD'S") && server.complained.contains("WHOEVER HAS THE TEST KEYS") && server.complained.contains("with the secrets database"))
        let mode = try FileManager.default.attributesOfItem(atPath: socket)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try ask().secrets == SecretBundle([("database", Array("correct horse".utf8))]).contents.bytes)
        #expect(server.end() == 0)
        #expect(server.printed.contains("proved that it has the secrets") && server.printed.contains("ok      measurement") && !server.printed.contains("correct horse"))
    }

    @Test func aRefusedGuest() throws {
        let other = [UInt8](repeating: 1, count: 48).hexadecimal
        let server = try ServingProcess(words + ["--measurement", other, "--once", "--json"], in: scratch)
        try #require(server.listens(), "\(server.complained)")
        let guest = try ask()
        #expect(guest.secrets == nil && guest.wasRefused && server.end() == 1)
        let record = try #require(try JSONSerialization.jsonObject(with: Data(server.printed.utf8)) as? [String: Any])
        #expect(record["outcome"] as? String == "refused" && record["released"] as? Bool == false && record["rootIsAMDs"] as? Bool == false)
        let failed = (record["checks"] as? [[String: String]])?.filter { $0["outcome"] == "failed" } ?? []
        #expect(failed.map { $0["name"] } == ["measurement"] && failed.first?["expected"] == other && failed.first?["found"] == launch.plan.measurement.bytes.hexadecimal)
    }

    @Test func twoMeasurementsAndAnIdentity() throws {
        _ = try #require(output(of: "openssl", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-out", scratch.path("identity.pem")]))
        let server = try ServingProcess(
            words + measured + ["--measurement", [UInt8](repeating: 1, count: 48).hexadecimal, "--identity", scratch.path("identity.pem"), "--once"], in: scratch)
        try #require(server.listens(), "\(server.complained)")
        let guest = try ask()
        #expect(guest.secrets != nil && server.end() == 0 && server.complained.contains("identity " + guest.said[0][56..<153].hexadecimal))
    }

    @Test("who says nothing is left alone in the end; beyond --parallel others wait meanwhile")
    func idleConnections() throws {
        let server = try ServingProcess(words + measured + ["--parallel", "1"], in: scratch)
        try #require(server.listens(), "\(server.complained)")
        var idle: SocketStream? = try SocketStream(path: socket)
        #expect(idle?.receive(ReleaseMessage.helloSize) != nil)
        let second = try SocketStream(path: socket)
        #expect(!second.isReadable(milliseconds: 300), "the only conversation is the idle one")
        idle = nil
        #expect(second.receive(ReleaseMessage.helloSize) != nil)
        withExtendedLifetime(server) {}
    }

    @Test func timeIsLimited() throws {
        let server = try ServingProcess(words + measured + ["--once", "--timeout", "1"], in: scratch)
        try #require(server.listens(), "\(server.complained)")
        let idle = try SocketStream(path: socket)
        #expect(server.end() == 2 && server.printed.contains("nothing released: time was up"))
        withExtendedLifetime(idle) {}
    }

    @Test func mistakesEndWith125() throws {
        let policy = try scratch.write(Array(#"{"reportData": "\#([UInt8](repeating: 0, count: 64).hexadecimal)"}"#.utf8), "report-data.json")
        let debug = try scratch.write(Array(#"{"debug": "any"}"#.utf8), "debug.json")
        let listen = ["--listen", "unix:" + socket]
        let mistakes: [(String, [String])] = [
            ("--listen", ["--secret", secret] + measured), ("--secret", listen + measured), ("neither a measurement", listen + ["--secret", secret]),
            ("NAME=FILE", listen + measured + ["--secret", "name"]), ("cannot be read", listen + measured + ["--secret", "a=/nowhere"]),
            ("two secrets", words + measured + ["--secret", secret]), ("only once", listen + measured + ["--secret", "a=-", "--secret", "b=-"]),
            ("either --measurement or --plan", words + measured + ["--plan", "x"]), ("either --host-data or --manifest", words + measured + ["--manifest", "x"]),
            ("48", words + ["--measurement", "00"]), ("reportData", words + measured + ["--policy", policy]), ("debug", words + measured + ["--policy", debug]),
            ("neither HOST:PORT", ["--listen", "nowhere", "--secret", secret] + measured), ("cannot listen", ["--listen", "unix:/nowhere/x", "--secret", secret] + measured),
            ("ark.der", listen + ["--secret", secret, "--test-root", scratch.url.path] + measured), ("P-384", words + measured + ["--identity", scratch.path("secret")]),
            ("1 to 256", words + measured + ["--parallel", "0"]), ("letters", listen + measured + ["--secret", "a b=" + scratch.path("secret")]),
        ]
        for (text, words) in mistakes {
            let server = try ServingProcess(words, in: scratch)
            #expect(server.end() == 125 && server.printed == "" && server.complained.contains(text), "\(words): \(server.complained)")
        }
    }
}
