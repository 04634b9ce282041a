import Foundation
import Testing

@testable import Confidential

/// The built `skerry-snp`, or the one that SKERRY_SNP names.
enum SNPCommandLine {
    static let program =
        ProcessInfo.processInfo.environment["SKERRY_SNP"]
        ?? URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(path: ".build/debug/skerry-snp").path

    static func run(_ words: [String]) throws -> (status: Int32, output: String, errors: String) {
        try #require(FileManager.default.isExecutableFile(atPath: program), "\(program) is not there; swift build makes it")
        let scratch = try ScratchFolder()
        let (output, errors) = (scratch.path("output"), scratch.path("errors"))
        for file in [output, errors] { _ = FileManager.default.createFile(atPath: file, contents: nil) }
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = ["snp"] + words
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: errors)
        try process.run()
        process.waitUntilExit()
        return (process.terminationStatus, try String(contentsOfFile: output, encoding: .utf8), try String(contentsOfFile: errors, encoding: .utf8))
    }
}

@Suite("skerry snp does what it says on the command line")
struct CommandTests {
    private let scratch: ScratchFolder
    private let digest = "cc4acd46f0379b9d60780cde5b7e585aedeeededd4a3e8b7253a9e4983db588dfadc56bec6b0b783ea7ffc14637023b0"
    private let key: LaunchKey

    /// The demonstration of the oracle as a manifest, and a key.
    init() throws {
        scratch = try ScratchFolder()
        key = try LaunchKey.generate()
        _ = try scratch.write(key.privatePEM(), "key.pem")
        _ = try scratch.write([UInt8](repeating: 0xF4, count: 4096) + (0..<16).flatMap { _ in [UInt8](0...255) }, "code.bin")
        let manifest = """
            {"pages": [{"type": "normal", "gpa": "0x100000", "file": "code.bin"}, {"type": "zero", "gpa": "0x102000"}, {"type": "unmeasured", "gpa": "0x103000"},
              {"type": "secrets", "gpa": "0x104000"}, {"type": "cpuid", "gpa": "0x105000"},
              {"type": "vmsa", "profile": "long-mode", "rip": "0x100000", "rsp": "0x1ffff0", "cr3": "0x8000000110000", "gdtr": {"base": "0x111000"}, "idtr": {"base": "0x112000"}}],
             "policy": "0x130000"}
            """
        _ = try scratch.write(Array(manifest.utf8), "plan.json")
    }

    @Test func measurePrintsTheDigest() throws {
        let outcome = try SNPCommandLine.run(["measure", scratch.path("plan.json")])
        #expect(outcome == (0, digest + "\n", ""))
        let lines = try SNPCommandLine.run(["measure", "--trace", scratch.path("plan.json")]).output.split(separator: "\n")
        #expect(lines.count == 7 && lines[0].hasPrefix("7a54b43bf2cfa8c9") && lines[4].hasPrefix("442b9c72d6de7895") && lines[6] == digest)
    }

    @Test func aPlanThatCannotBeLaunchedIsMeasuredAndTold() throws {
        let plan = try scratch.write(Array(#"{"pages": [{"type": "zero", "gpa": 0}]}"#.utf8), "none.json")
        let outcome = try SNPCommandLine.run(["measure", plan])
        #expect(outcome.status == 0 && outcome.output.count == 97 && outcome.errors.contains("cannot be launched"))
    }

    @Test func idBlockWritesWhatTheFirmwareTakes() throws {
        let outcome = try SNPCommandLine.run([
            "id-block", "--plan", scratch.path("plan.json"), "--id-key", scratch.path("key.pem"), "--author-key", scratch.path("key.pem"), "--family-id",
            [UInt8](1...16).hexadecimal, "--guest-svn", "7", "--output", scratch.path("guest"),
        ])
        #expect(outcome == (0, "id-key-digest=\(key.digest.hexadecimal)\nauthor-key-digest=\(key.digest.hexadecimal)\n", ""))
        let block = try #require(IDBlock(bytes: Array(Data(contentsOf: scratch.url.appending(path: "guest.id-block.bin")))))
        #expect(block.digest.bytes.hexadecimal == digest && block.familyID == Array(1...16) && block.guestSVN == 7 && block.policy.rawValue == 0x130000)
        let page = try Array(Data(contentsOf: scratch.url.appending(path: "guest.id-auth.bin")))
        try #require(IDAuthentication(bytes: page)).verify(block.bytes, withAuthorKey: true)
        let text = try String(contentsOf: scratch.url.appending(path: "guest.id-auth.b64"), encoding: .utf8)
        #expect(Data(base64Encoded: text.trimmingCharacters(in: .newlines)) == Data(page))
    }

    @Test func idBlockPrintsBase64() throws {
        let lines = try SNPCommandLine.run(["id-block", "--ld", digest, "--id-key", scratch.path("key.pem"), "--policy", "0x30000"]).output.split(separator: "\n")
        #expect(lines.count == 3 && lines[0].hasPrefix("id-block=") && lines[1].hasPrefix("id-auth="))
        #expect(Data(base64Encoded: String(lines[0].dropFirst(9)))?.count == 96)
    }

    @Test func mistakesEndWith125() throws {
        let (plan, key) = (scratch.path("plan.json"), scratch.path("key.pem"))
        let mistakes: [(String, [String])] = [
            ("either --ld or --plan", ["id-block", "--id-key", key]), ("either --ld or --plan", ["id-block", "--ld", digest, "--plan", plan, "--id-key", key]),
            ("96 hexadecimal", ["id-block", "--ld", "00", "--id-key", key]), ("P-384", ["id-block", "--ld", digest, "--id-key", plan]),
            ("cannot be read", ["id-block", "--ld", digest, "--id-key", "/nowhere"]), ("not the policy", ["id-block", "--plan", plan, "--policy", "0x30000", "--id-key", key]),
            ("bit 17", ["id-block", "--ld", digest, "--policy", "0x10000", "--id-key", key]), ("32 hexadecimal", ["id-block", "--ld", digest, "--image-id", "0", "--id-key", key]),
            ("cannot be written", ["id-block", "--ld", digest, "--id-key", key, "--output", "/nowhere/x"]), ("cannot be read", ["measure", "/nowhere"]),
            ("no JSON", ["measure", key]),
        ]
        for (text, words) in mistakes {
            let outcome = try SNPCommandLine.run(words)
            #expect(outcome.status == 125 && outcome.output == "" && outcome.errors.contains(text), "\(words): \(outcome)")
        }
    }

    @Test func checkSaysWhatThisHostLacks() throws {
        let outcome = try SNPCommandLine.run(["check"])
        let isComplete = !outcome.output.contains("MISSING")
        #expect(outcome.status == (isComplete ? 0 : 1) && outcome.output.contains("kvm_amd.sev_snp"))
        let list = try #require(try JSONSerialization.jsonObject(with: Data(SNPCommandLine.run(["check", "--json"]).output.utf8)) as? [[String: Any]])
        #expect(list.count >= 7 && list.allSatisfy { $0["name"] is String && $0["found"] is String })
    }
}
