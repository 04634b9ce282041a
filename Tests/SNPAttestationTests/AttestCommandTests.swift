import Foundation
import Testing

@testable import SNPAttestation

/// `skerry attest`, as it was built.
@Suite("skerry attest")
struct AttestCommandTests {
    /// Beside the tests.
    private static let program: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = URL(fileURLWithPath: CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? own).deletingLastPathComponent().path + "/skerry-snp"
        return ProcessInfo.processInfo.environment["SKERRY_SNP"] ?? beside
    }()

    private let folder: TestFolder
    private let sample: GenuineSample
    private let report: String

    init() throws {
        folder = try TestFolder()
        sample = try #require(GenuineSample.all.first { $0.name == "v5-genoa-vcek" })
        report = try folder.write("report.bin", sample.report)
    }

    private func attest(_ words: [String], input: [UInt8] = []) throws -> CommandRun {
        try #require(FileManager.default.isExecutableFile(atPath: Self.program), "\(Self.program) is not there; swift build makes it")
        return try CommandRun([Self.program, "attest"] + words, input: input)
    }

    private func verify(_ words: String..., certificates: String? = nil, report: String? = nil, input: [UInt8] = []) throws -> CommandRun {
        let certs = try certificates ?? folder.pem("vek.pem", sample.vek)
        return try attest(["verify", "--report", report ?? self.report, "--certs", certs, "--time", "2026-09-01T00:00:00Z"] + words, input: input)
    }

    @Test func acceptsAndRefuses() throws {
        let good = try verify("--measurement", Hexadecimal.text(sample.measurement))
        #expect(good.status == 0 && good.output.hasPrefix("accepted: "), "\(good.output)")
        let bad = try verify("--measurement", Hexadecimal.text(sample.measurement.flipping(bit: 9)))
        #expect(bad.status == 1 && bad.output.contains("FAILED  measurement"), "\(bad.output)")
        let altered = try verify(report: folder.write("altered", sample.report.flipping(bit: 0x95 * 8)))
        #expect(altered.status == 1)
        #expect(try verify("--vmpl", "1").status == 1)
        #expect(try verify("--vmpl", "1", "--vmpl", "0").status == 0)
        #expect(try verify("--report-data", String(repeating: "00", count: 64)).status == 1)
        #expect(try verify("--host-data", String(repeating: "00", count: 32)).status == 0)
    }

    @Test func takesReportsInHexAndFromStandardInput() throws {
        #expect(try verify(report: folder.write("hex", GenuineSample.file(sample.name + ".report.hex"))).status == 0)
        #expect(try verify(report: "-", input: sample.report).status == 0)
        #expect(try verify(report: "-", input: Array(Hexadecimal.text(sample.report).utf8)).status == 0)
        #expect(try verify(report: "-", input: []).status == 1)
        #expect(try verify(report: folder.write("long", sample.report + [0])).status == 1)
    }

    @Test func takesFoldersAndTables() throws {
        let chain = try TestFolder()
        try chain.write("1", sample.ark)
        try chain.write("2", sample.vek)
        _ = try chain.pem("3", sample.ask)
        try chain.write("report", sample.report)
        try chain.write("README", Array("what this is\n".utf8))
        #expect(try verify(certificates: chain.path).status == 0)
        try chain.write("1", sample.ark.flipping(bit: 0))
        #expect(try verify(certificates: chain.path).status == 1)
        #expect(try verify(certificates: folder.write("table", CertificateTableTests.table([sample.vek, sample.ask]))).status == 0)
        #expect(try verify(certificates: report).status == 125)
    }

    @Test func takesRevocationLists() throws {
        let list = try folder.write("crl", GenuineSample.file("genoa.crl.pem"))
        #expect(try verify("--crl", list).status == 0)
        #expect(try verify("--crl", list, "--time", "2026-12-01T00:00:00Z").status == 1)
    }

    @Test func takesPolicies() throws {
        let good = """
            {"measurement": ["\(Hexadecimal.text(sample.measurement))"], "guestPolicy": "0x30000", "vmpl": 0, "products": ["Genoa"], "minimumABI": "0.0",
             "tcbFloor": {"Genoa": {"bootLoader": 10, "snp": 27}}, "tcbFloorAppliesTo": ["reported", "committed"], "launchMitigations": "0xb", "aliasCheckRequired": true}
            """
        #expect(try verify("--policy", folder.write("good", Array(good.utf8))).status == 0)
        let demanding = [
            #"{"products": ["Turin"]}"#, #"{"tcbFloor": {"Genoa": {"snp": 28}}}"#, #"{"currentMitigations": 16}"#, #"{"smt": "forbidden"}"#,
            #"{"revocationListRequired": true}"#,
        ]
        for refused in demanding {
            #expect(try verify("--policy", folder.write("refused", Array(refused.utf8))).status == 1, "\(refused)")
        }
        let wrong = [
            "", "[]", #"{"mesurement": "00"}"#, #"{"measurement": "00"}"#, #"{"measurement": null}"#, #"{"measurement": []}"#, #"{"vmpl": 4}"#, #"{"products": ["Rome"]}"#,
            #"{"minimumABI": "1"}"#, #"{"tcbFloor": {"Genoa": {"bootloader": 1}}}"#, #"{"tcbFloor": {"Genoa": {"snp": 256}}}"#, #"{"guestPolicy": "30000"}"#, #"{"debug": true}"#,
        ]
        for text in wrong { #expect(try verify("--policy", folder.write("wrong", Array(text.utf8))).status == 125, "\(text)") }
        #expect(try verify("--policy", folder.write("wrong", Array(#"{"mesurement": "00"}"#.utf8))).output.contains("known are measurement, hostData"))
    }

    @Test func aRootOfTestsIsSaidLoudly() throws {
        let chain = try TestChain.shared
        let files = try chain.files()
        let made = try folder.write("made", TestReport().bytes(signedBy: chain.chipKey))
        let certs = try folder.write("chain", CertificateTableTests.table(Array(files.prefix(2))))
        let run = try attest(["verify", "--report", made, "--certs", certs, "--root", folder.pem("root", files[2]), "--time", "\(TestChain.time)"])
        #expect(run.status == 0 && run.output.contains("THE TRUSTED ROOT IS NOT AMD'S"), "\(run.output)")
        #expect(try attest(["verify", "--report", made, "--certs", certs, "--time", "\(TestChain.time)"]).status == 1)
        #expect(try attest(["verify", "--report", made, "--certs", certs, "--root", folder.pem("root", files[1])]).status == 125)
    }

    @Test func printsJSON() throws {
        let run = try verify("--json")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
        #expect(object["accepted"] as? Bool == true)
        #expect((object["checks"] as? [[String: String]])?.map { $0["name"] } == Check.Name.allCases.map(\.rawValue))
        #expect((object["report"] as? [String: String])?["MEASUREMENT"] == Hexadecimal.text(sample.measurement))
    }

    @Test func showsReports() throws {
        let run = try attest(["show", "--report", report])
        #expect(run.status == 0)
        #expect(run.output.contains("MEASUREMENT         \(Hexadecimal.text(sample.measurement))\n"))
        #expect(try attest(["show", "--report", folder.write("short", [1, 2, 3])]).status == 125)
    }

    @Test func mistakesInTheWordsAre125() throws {
        let mistakes = [
            ["verify"], ["verify", "--report", folder.path + "/missing"], ["verify", "--report", report, "--vmpl", "4"], ["nothing"],
            ["verify", "--report", "-", "--certs", "-"],
        ]
        for words in mistakes {
            #expect(try attest(words).status == 125, "\(words)")
        }
        #expect(try verify("--measurement", "12").status == 125)
        #expect(try verify("--time", "yesterday").status == 125)
    }
}
