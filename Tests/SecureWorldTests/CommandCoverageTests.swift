import Foundation
import Testing

@testable import SecureWorld

/// A clang and the tools that read its profiles.
struct ProfilingTools: Sendable {
    let clang, profdata, cov: String

    /// The clang of $PATH and the tools beside it.
    static let found: ProfilingTools? = {
        for folder in (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":") {
            guard FileManager.default.isExecutableFile(atPath: folder + "/clang") else { continue }
            let clang = URL(fileURLWithPath: folder + "/clang").resolvingSymlinksInPath()
            let beside = clang.deletingLastPathComponent().path
            guard ["llvm-profdata", "llvm-cov"].allSatisfy({ FileManager.default.isExecutableFile(atPath: beside + "/" + $0) }) else { return nil }
            guard let text = try? ImagesSupport.run([clang.path, "-dumpversion"], in: "/tmp"), let version = Int(text.prefix { $0 != "." }), version >= 19 else { return nil }
            return ProfilingTools(clang: folder + "/clang", profdata: beside + "/llvm-profdata", cov: beside + "/llvm-cov")
        }
        return nil
    }()
}

/// `--coverage`: raw profiles of applications that clang has instrumented, read by the llvm-profdata and llvm-cov that belong to that clang.
@Suite(.enabled(if: TrustedApplications.canRun && ProfilingTools.found != nil, "needs a clang with its llvm-profdata and llvm-cov, of LLVM 19 or later"))
struct CommandCoverageTests {
    private let device: CommandDevice
    private let tools: ProfilingTools

    init() throws {
        device = try CommandDevice()
        tools = try #require(ProfilingTools.found)
    }

    private func build(_ name: String) throws -> String {
        let file = "\(TrustedApplications.uuid(name)).elf"
        let cache = try #require(TrustedApplications.folder) + "/clang-runtime"
        let command = ["env", "CC=" + tools.clang, "SKERRY_TA_CACHE=" + cache, CommandDevice.compiler, "-fprofile-instr-generate", "-fcoverage-mapping", "-o", file]
        let built = try device.run(command + [CommandDevice.sources("\(name)/\(name).c")])
        try #require(built.status == 0, "\(built.errors)")
        return file
    }

    /// How often each line of an application's source was run, by its text.
    private func counts(_ file: String, _ name: String) throws -> [String: String] {
        let merged = try device.run([tools.profdata, "merge", "raw", "-o", "merged"])
        try #require(merged.status == 0, "\(merged.errors)")
        let shown = try device.run([tools.cov, "show", file, "-instr-profile", "merged", CommandDevice.sources("\(name)/\(name).c")])
        try #require(shown.status == 0, "\(shown.errors)")
        var counts: [String: String] = [:]
        for line in shown.output.split(separator: "\n") {
            let fields = line.split(separator: "|", maxSplits: 2).map { $0.trimmingCharacters(in: .whitespaces) }
            if fields.count == 3 { counts[fields[2]] = fields[1] }
        }
        return counts
    }

    @Test func linesAreCountedAsOftenAsTheyRan() throws {
        let file = try build("hello_world")
        try device.folder.write(
            "commands.json",
            """
            {"commands": [
              {"invoke": 0, "parameters": [{"type": "value-inout", "a": 41}], "repeat": 3}, {"open": "other"},
              {"invoke": 0, "session": "other", "parameters": [{"type": "value-inout"}]}
            ]}
            """)
        // Each session has an instance, and each instance a profile: four runs of the line in all.
        let outcome = try device.unsigned("run", ["--coverage", "raw", "--commands", "commands.json", file])
        #expect(outcome.status == 0, "\(outcome)")
        let counts = try counts(file, "hello_world")
        #expect(counts["params[0].value.a++;"] == "4")
        #expect(counts["case HELLO_WORLD_GREET:"] == "0")
        #expect(counts["IMSG(\"Goodbye!\");"] == "2")
    }

    @Test func anInstanceThatPanickedHasAProfile() throws {
        let file = try build("panics")
        #expect(try device.unsigned("call", ["--coverage", "raw", file, "1"]).status == 1)
        let counts = try counts(file, "panics")
        #expect(counts["case PANICS_READ_NULL: return *(volatile uint32_t *)(uintptr_t)zero;"] == "1")
        #expect(counts["case PANICS_ABORT: abort();"] == "0")
    }

    @Test func anApplicationThatIsNotInstrumentedHasNone() throws {
        #expect(try device.unsigned("call", ["--coverage", "raw", device.file("hello_world"), "0", "value-inout=1"]).status == 0)
        #expect(try device.folder.read("raw").isEmpty)
    }

    @Test func sectionsOfDamagedFilesAreFoundOrNot() throws {
        let elf = try Array(Data(contentsOf: URL(fileURLWithPath: device.folder.path + "/" + build("hello_world"))))
        let sections = try #require(ProfiledSections(elf))
        #expect(sections.data.count % RawProfile.recordSize == 0)
        #expect(ProfiledSections(Array(elf.prefix(100))) == nil)
        #expect(ProfiledSections([]) == nil)
        var random = ImagesRandom(seed: 4)
        for _ in 0..<2000 {
            var damaged = elf
            for _ in 0..<4 { damaged[Int.random(in: 0..<64, using: &random)] = UInt8.random(in: 0...255, using: &random) }
            for _ in 0..<4 { damaged[Int.random(in: (elf.count - 2000)..<elf.count, using: &random)] = UInt8.random(in: 0...255, using: &random) }
            _ = ProfiledSections(damaged)
        }
    }
}
