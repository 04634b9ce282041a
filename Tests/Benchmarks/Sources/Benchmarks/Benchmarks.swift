import Foundation

/// Runs the suite: a table on standard output as it goes, and JSON with `--json FILE`. Started by scripts/bench.
@main
enum Benchmarks {
    struct Report: Encodable {
        let date: String
        let host: String
        let processors: Int
        let outcomes: [Outcome]
        let failures: [String]
    }

    static func main() throws {
        var json: String?
        var pairs: Int?
        var only = ""
        var words = CommandLine.arguments.dropFirst()
        while let word = words.popFirst() {
            switch (word, words.popFirst()) {
            case ("--json", let value?): json = value
            case ("--pairs", let value?): pairs = max(1, min(1000, Int(value) ?? 15))
            case ("--only", let value?): only = value
            default:
                FileHandle.standardError.write(Data("usage: scripts/bench [--json FILE] [--pairs N] [--only TEXT]\n".utf8))
                exit(2)
            }
        }
        let environment = ProcessInfo.processInfo.environment
        let programs = environment["PROGRAMS"] ?? "."
        let file = "\(programs)/input"
        try Data(repeating: 0x78, count: 1 << 20).write(to: URL(fileURLWithPath: file))
        let runsc = environment["RUNSC"].flatMap { $0.isEmpty ? nil : $0 }
        let suite = Suite(skerry: environment["SKERRY"] ?? "skerry", programs: programs, runsc: runsc, file: file)
        if runsc == nil { print("start-up against gVisor: skipped, runsc could not be had") }
        var outcomes: [Outcome] = []
        var failures: [String] = []
        print(Outcome.heading)
        for comparison in suite.comparisons where only.isEmpty || comparison.name.contains(only) {
            do {
                let outcome = try comparison.run(pairs: pairs ?? comparison.pairs, spinner: suite.spinner)
                outcomes.append(outcome)
                print(outcome.line)
            } catch {
                failures.append("\(comparison.name): \(error)")
                print("\(comparison.name.padded(36)) failed: \(error)")
            }
            fflush(nil)
        }
        let results = [json, only.isEmpty ? environment["RESULTS"] : nil].compactMap { $0 }
        if !results.isEmpty {
            let report = Report(
                date: Date().ISO8601Format(), host: hostKind(), processors: ProcessInfo.processInfo.activeProcessorCount, outcomes: outcomes, failures: failures)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            for path in results { try encoder.encode(report).write(to: URL(fileURLWithPath: path)) }
        }
        exit(failures.isEmpty ? 0 : 1)
    }

    private static func hostKind() -> String {
        for module in ["kvm_pvm", "kvm_amd", "kvm_intel"] where FileManager.default.fileExists(atPath: "/sys/module/\(module)") { return module }
        return "unknown"
    }
}
