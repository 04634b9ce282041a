import Foundation
import Testing

@testable import SNPAttestation

/// A command that ends; its status and what it printed.
struct CommandRun {
    let status: Int32
    let output: String

    init(_ words: [String], input: [UInt8] = []) throws {
        let process = Process(), output = Pipe(), source = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        process.standardOutput = output
        process.standardError = output
        process.standardInput = source
        try process.run()
        // Shorter than a pipe holds.
        source.fileHandleForWriting.write(Data(input))
        try source.fileHandleForWriting.close()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        status = process.terminationStatus
        self.output = String(decoding: bytes, as: UTF8.self)
    }
}

/// A folder of one test's own.
final class TestFolder {
    let path = NSTemporaryDirectory() + "skerry-attest-" + UUID().uuidString

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name))
        return path + "/" + name
    }

    func pem(_ name: String, _ der: [UInt8]) throws -> String {
        let text = Data(der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        return try write(name, Array("-----BEGIN CERTIFICATE-----\n\(text)\n-----END CERTIFICATE-----\n".utf8))
    }
}

/// What OpenSSL's command says of the same chains and signatures.
@Suite("Agreement with the openssl command")
struct OpenSSLCommandTests {
    @Test(arguments: GenuineSample.all)
    func onGenuineChainsAndReports(_ sample: GenuineSample) throws {
        try agree(on: [sample.vek, sample.ask, sample.ark], report: sample.report, time: GenuineSample.time)
    }

    @Test func onGeneratedChainsAndReports() throws {
        let chain = try TestChain.shared
        try agree(on: chain.files(), report: TestReport().bytes(signedBy: chain.chipKey), time: TestChain.time)
    }

    private func agree(on chain: [[UInt8]], report: [UInt8], time: Int64) throws {
        let folder = try TestFolder()
        let vek = try folder.pem("vek.pem", chain[0]), ask = try folder.pem("ask.pem", chain[1]), ark = try folder.pem("ark.pem", chain[2])
        let verify = ["openssl", "verify", "-ignore_critical", "-attime", "\(time)", "-CAfile", ark, "-untrusted", ask, vek]
        #expect(try CommandRun(verify).status == 0)
        let key = folder.path + "/key.pem"
        #expect(try CommandRun(["openssl", "x509", "-in", vek, "-pubkey", "-noout", "-out", key]).status == 0)
        let read = try AttestationReport(bytes: report)
        let signature = try folder.write("signature", try #require(ReportSignature(read.signature).der))
        let digest = ["openssl", "dgst", "-sha384", "-verify", key, "-signature", signature]
        #expect(try CommandRun(digest + [folder.write("signed", read.signedBytes)]).status == 0)
        #expect(try CommandRun(digest + [folder.write("altered", read.signedBytes.flipping(bit: 77))]).status != 0)
        let other = try folder.pem("other.pem", chain[0].flipping(bit: chain[0].count * 8 - 3))
        #expect(try CommandRun(verify.dropLast() + [other]).status != 0)
        let sum = try CommandRun(["openssl", "dgst", "-sha256", "-r", folder.write("ark.der", chain[2])]).output
        #expect(sum.hasPrefix(Hexadecimal.text(try Certificate(der: chain[2]).sha256)))
    }

    @Test func onTimes() throws {
        for seconds in [0, 951_827_696, 951_868_800, 1_709_164_800, 1_788_220_800, 4_102_444_800, -1] as [Int64] {
            let text = try CommandRun(["date", "-u", "-d", "@\(seconds)", "+%Y-%m-%dT%H:%M:%SZ"]).output
            #expect(UTCTime.text(seconds) + "\n" == text)
        }
    }
}
