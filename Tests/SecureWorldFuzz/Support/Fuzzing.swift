import Foundation
import Glibc
import Testing

/// A run of a fuzzer: in the test process it starts and watches another one, in which the fuzzer then runs.
///
/// `SKERRY_TEST_ALL=1` makes it ten minutes with another seed each time; `SKERRY_FUZZ_SECONDS` and `SKERRY_FUZZ_SEED` say so in particular, `SKERRY_FUZZ_FIRST` which round
/// comes first.
enum Fuzzing {
    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    private static let isLong = variable("SKERRY_TEST_ALL") == "1"
    private static let child = "SKERRY_FUZZ_CHILD"

    static let seconds = variable("SKERRY_FUZZ_SECONDS").flatMap { Double($0) } ?? (isLong ? 600 : 1.5)
    static let seed = variable("SKERRY_FUZZ_SEED").flatMap { UInt64($0) } ?? (isLong ? UInt64(Date().timeIntervalSince1970) : 1)
    private static let first = variable("SKERRY_FUZZ_FIRST").flatMap { UInt64($0) } ?? 0

    /// Whether this is the process of the fuzzer with that name.
    static func isChild(_ name: String) -> Bool { variable(child) == name }

    /// How long a round may take: with nothing but idle time, and where a sanitizer or an emulator is in between, a second is soon over.
    private static let patience = variable("SKERRY_FUZZ_PATIENCE").flatMap { Double($0) } ?? 120
    /// What a process that leaks nothing may grow after its warm-up, in kilobytes: the allocator's own fragments.
    static let mostGrowth = 48 << 10

    /// Runs the test `name` + "Child" of the same suite in a process of its own.
    static func inChild(_ name: String, filter: String? = nil, environment: [String: String] = [:]) throws {
        let start = "seed \(seed), \(seconds) s"
        let command = ["/proc/self/exe", "--testing-library", "swift-testing", "--filter", filter ?? "\(name)Child"]
        let settings = environment.merging([
            child: name, FuzzApplications.variable: try FuzzApplications.folder.get(), "SKERRY_FUZZ_SEED": "\(seed)", "SKERRY_FUZZ_SECONDS": "\(seconds)",
        ]) { $1 }
        let result = try FuzzProcess.run(command, environment: settings, seconds: seconds * 4 + 600, patience: filter == nil ? patience : nil)
        let text = said(result.output)
        let round = result.lastRound.map { ", round \($0) (SKERRY_FUZZ_FIRST)" } ?? ""
        #expect(!result.hung, "\(name) does not go on, \(start)\(round): \(text)")
        #expect(!result.wasKilled || result.hung, "signal \(result.status - 128) ended \(name), \(start)\(round): \(text)")
        #expect(result.status == 0 || result.wasKilled, "\(name) found something, \(start)\(round): \(text)")
        for line in result.output.split(separator: "\n") where line.hasPrefix("fuzz: ") { print("\(name), \(start): \(line.dropFirst(6))") }
    }

    /// What tells most of an output: where a crash begins, otherwise its end.
    private static func said(_ output: String) -> String {
        let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
        guard let crash = lines.firstIndex(where: { $0.contains("Fatal error") || $0.contains("Program crashed") }) else { return String(output.suffix(6000)) }
        let thread = lines[crash...].firstIndex { $0.hasSuffix("crashed:") } ?? crash
        return (lines[crash..<min(crash + 4, lines.count)] + lines[thread..<min(thread + 30, lines.count)]).joined(separator: "\n")
    }

    /// Calls `body` with the numbers of one round after the other until the time is over. `settle` gives back everything that is held, for the time: it is called after the
    /// warm-up and at the end, when the process is to hold no more than before.
    static func rounds(settle: () throws -> Void, _ body: (inout FuzzRandom, UInt64) throws -> Void) throws {
        let start = ContinuousClock.now
        let end = start + .seconds(seconds)
        var warm: ProcessState?
        var round = first
        while ContinuousClock.now < end || round < first + 20 {
            begin(round)
            var random = FuzzRandom(seed: seed, round: round)
            try body(&random, round)
            round += 1
            if warm == nil, ContinuousClock.now > start + .seconds(seconds / 3), round > first + 16 {
                try settle()
                warm = ProcessState.settled()
            }
        }
        try settle()
        let last = ProcessState.settled()
        print("fuzz: \(round - first) rounds; \(warm?.description ?? "") after the warm-up, \(last?.description ?? "") at the end")
        if let warm, let last, let leak = last.leak(since: warm, kilobytes: mostGrowth) { Issue.record("leak: \(leak)") }
    }

    /// Says what round begins. When nobody listens any more the process ends (SIGPIPE).
    private static func begin(_ round: UInt64) {
        var word = round
        if write(FuzzProcess.progressDescriptor, &word, 8) < 0, errno == EPIPE { exit(1) }
    }

    /// A line for whoever started the fuzzer.
    static func say(_ text: String) { print("fuzz: \(text)") }
}
