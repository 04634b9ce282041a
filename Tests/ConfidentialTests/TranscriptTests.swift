import Foundation
import Testing

@testable import Confidential

/// The sections of Transcripts/launches.txt, which Transcripts/make-transcripts packs from the kernel's tables.
struct TranscriptBook: Sendable {
    struct Section: Sendable, CustomTestStringConvertible {
        let name: String
        let calls: [Substring]
        let expects: [Substring]
        var testDescription: String { name }
        var text: String { calls.joined(separator: "\n") }
    }

    let sections: [Section]

    static let launches: TranscriptBook = {
        do { return try TranscriptBook(text: TestFiles.text("Transcripts/launches.txt")) } catch { fatalError("Transcripts/launches.txt cannot be read: \(error)") }
    }()

    init(text: String) {
        var known: [Substring: [Substring]] = [:]
        sections = text.components(separatedBy: "== ").dropFirst().map { part in
            let lines = part.split(separator: "\n")
            let words = lines[0].split(separator: " ")
            var calls = Array(lines.dropFirst())
            if words[1] == "after", let count = Int(words[2]), let other = known[words[3]] { calls = other.prefix(count) + calls }
            known[words[0]] = calls
            let expects = words.firstIndex(of: "expects").map { Array(words[($0 + 1)...]) } ?? []
            return Section(name: String(words[0]), calls: calls, expects: expects)
        }
    }

    func section(_ name: String) throws -> Section { try #require(sections.first { $0.name == name }) }
}

/// Gives the certificates of a test one answer after the other.
final class ScriptedCertificates: CertificateSource {
    var answers: [CertificateAnswer]
    init(_ answers: [CertificateAnswer]) { self.answers = answers }
    func currentCertificates() -> CertificateAnswer { answers.isEmpty ? .failed : answers.removeFirst() }
}

@Suite("The KVM back end asks the kernel what a launch has to ask, byte for byte")
struct TranscriptTests {
    private static let leaves = [
        CPUIDPage.Leaf(function: 0, eax: 0x10, ebx: 0x6874_7541, ecx: 0x444D_4163, edx: 0x6974_6E65),
        CPUIDPage.Leaf(function: 0xD, index: 1, xcr0: 7, eax: 0xF, ebx: 0x340, ecx: 0x1800), CPUIDPage.Leaf(function: 0xD, index: 1, xcr0: 3, eax: 0xF, ebx: 0x240, ecx: 0x1800),
    ]

    /// The plan of Transcripts/make-transcripts.
    func plan(_ name: String) throws -> LaunchPlan {
        var plan = LaunchPlan()
        plan.runs = [
            try LaunchRun(.normal, at: 0x100000, contents: [UInt8](repeating: 0xF4, count: 4096) + (0..<16).flatMap { _ in [UInt8](0...255) }),
            try LaunchRun(.zero, at: 0x102000, pageCount: 1), try LaunchRun(.unmeasured, at: 0x103000, contents: [UInt8](repeating: 0x5A, count: 4096)),
            try LaunchRun(.secrets, at: 0x104000, pageCount: 1), try LaunchRun(.cpuid, at: 0x105000, contents: CPUIDPage(Self.leaves).page),
        ]
        plan.processors = [.registers(.longMode(rip: 0x100000, rsp: 0x102000, cr3: 0x110000 | 1 << 51, gdt: 0x101000, idt: 0x101800))]
        plan.hostData = Array(0..<32)
        plan.visibleWorkarounds = Array(0xA0..<0xB0)
        if name.hasPrefix("identity") || name.hasPrefix("finish-0") {
            let start: [UInt8] = name == "identity-author" ? [1, 0, 0, 0, 1] : [1, 0, 0, 0, 0]
            let page = try #require(IDAuthentication(bytes: start + [UInt8](repeating: 0, count: 4091)))
            plan.identity = try LaunchIdentity(block: Array(0..<96), authentication: page)
            plan.isChipKeyDisabled = name == "identity-author"
        }
        if name.hasPrefix("features") { plan.features = .secureTSC }
        switch name {
        case "xcr0", "xcr0-refused":
            guard case .registers(var profile) = plan.processors[0] else { return plan }
            profile.xcr0 = 7
            plan.processors = [.registers(profile)]
        case "untouched": plan.processors = [.registers(.untouched)]
        case "register-page": plan.processors = [.page([UInt8](repeating: 0, count: 4096))]
        case "no-cpuid":
            plan.memory = plan.effectiveMemory
            plan.runs.removeLast()
        default: break
        }
        return plan
    }

    private func certificates(_ name: String) -> ScriptedCertificates? {
        guard name.hasPrefix("certificates") else { return nil }
        let table = CertificateTable([(kind: .vcek, der: [1, 2, 3, 4, 5]), (kind: .ask, der: [UInt8](repeating: 0x77, count: 5000))])
        return ScriptedCertificates([.table(table), .table(table), .busy, .failed, .table(table), .table(table)])
    }

    /// Launches, and enters the processor until the transcript has nothing more to say.
    private func replay(_ section: TranscriptBook.Section) throws -> (outcome: Result<LaunchRecord, SNPError>, events: [GuestEvent], kernel: ReplayingKernel) {
        let backend = try RecorderBackend(transcript: section.text)
        backend.machine.certificates = certificates(section.name)
        backend.machine.patience = 5
        let runs = section.calls.count { $0.contains(" 0xae80 ") }
        var events: [GuestEvent] = []
        let outcome: Result<LaunchRecord, SNPError>
        do {
            let record = try LaunchSequence(plan(section.name)).launch(on: backend)
            let closes = section.calls.count { $0.hasPrefix("close") }
            while runs > 0, backend.kernel.mismatch == nil, backend.kernel.answered < section.calls.count - closes { events.append(try backend.machine.enter(0)) }
            outcome = .success(record)
        } catch let error as SNPError {
            outcome = .failure(error)
        }
        return (outcome, events, backend.kernel)
    }

    @Test(arguments: TranscriptBook.launches.sections)
    func whatTheTranscriptSays(_ section: TranscriptBook.Section) throws {
        let (outcome, _, kernel) = try replay(section)
        #expect(kernel.isFinished, "\(kernel.mismatch ?? "only \(kernel.answered) of \(section.calls.count) calls came")")
        switch outcome {
        case .success(let record):
            #expect(section.expects == ["ok"])
            #expect(try record.measurement == plan(section.name).measurement)
        case .failure(let error):
            let kind =
                switch error.kind {
                case .kernel(let number): "kernel:\(number)"
                case .firmware(let code): "firmware:\(code.rawValue.hexadecimal)"
                default: "\(error.kind)"
                }
            #expect(section.expects.first.map(String.init) == kind, "\(error)")
            #expect(error.description.contains(section.expects.dropFirst().joined(separator: " ")), "\(error)")
        }
    }

    @Test func everyStatusOfTheFirmwareIsNamed() {
        let covered = TranscriptBook.launches.sections.filter { $0.name.hasPrefix("update-firmware-") }.compactMap { section in
            UInt32(section.name.dropFirst("update-firmware-0x".count), radix: 16)
        }
        #expect(Set(covered) == Set(FirmwareError.allCases.map(\.rawValue)))
    }

    @Test func aCorrectedCPUIDPageIsToldAndUsed() throws {
        let (outcome, _, _) = try replay(TranscriptBook.launches.section("cpuid-correction"))
        let record = try outcome.get()
        #expect(record.cpuidCorrections == ["CPUID 0xd/0x1 EBX: 0x340 became 0x348"])
        #expect(record.cpuid?.leaves[1].ebx == 0x348)
    }

    @Test func exitsBecomeEvents() throws {
        let expected: [String: [GuestEvent]] = [
            "run-ports": [.portOut(port: 0xFF, bytes: [0x44, 0x33, 0x22, 0x11]), .portIn(port: 0x60, size: 2), .halt], "run-conversions": [.interrupted],
            "run-terminated": [.terminated(set: 3, code: 0x42)], "run-shutdown": [.shutdown], "run-mmio": [.mmio(0xFEE0_0000)], "certificates": [.halt],
        ]
        for (name, events) in expected { #expect(try replay(TranscriptBook.launches.section(name)).events == events, "\(name)") }
    }

    @Test("a transcript notices one other byte anywhere in what the kernel is told")
    func aTranscriptIsExact() throws {
        let section = try TranscriptBook.launches.section("success")
        var noticed = 0
        for (index, call) in section.calls.enumerated() where call.hasPrefix("ioctl") && call.contains("[") {
            // The last digit of the last thing the kernel reads.
            let parts = call.components(separatedBy: " ->")
            guard let end = parts[0].lastIndex(of: "]") else { continue }
            var asked = Array(parts[0])
            let position = parts[0].distance(from: parts[0].startIndex, to: end) - 1
            asked[position] = asked[position] == "0" ? "1" : "0"
            var calls = section.calls
            calls[index] = Substring(String(asked) + " ->" + parts[1])
            let changed = TranscriptBook.Section(name: "success", calls: calls, expects: [])
            #expect(try replay(changed).kernel.mismatch != nil, "call \(index + 1)")
            noticed += 1
        }
        #expect(noticed > 15)
    }

    @Test func aRecordingReplays() throws {
        let section = try TranscriptBook.launches.section("certificates")
        let closes = section.calls.count { $0.hasPrefix("close") }
        func record(_ kernel: any KernelInterface, answered: () -> Int) throws -> String {
            let recording = RecordingKernel(kernel)
            do {
                let backend = KVMBackend(kernel: recording)
                backend.certificates = certificates(section.name)
                _ = try LaunchSequence(plan(section.name)).launch(on: backend)
                while answered() < section.calls.count - closes { _ = try backend.enter(0) }
            }
            return recording.transcript
        }
        let first = try ReplayingKernel(transcript: section.text)
        let recorded = try record(first) { first.answered }
        #expect(first.isFinished)
        let second = try ReplayingKernel(transcript: recorded)
        #expect(try record(second) { second.answered } == recorded)
        #expect(second.isFinished)
    }

    @Test func stepsOutOfOrderAreRefused() throws {
        let backend = KVMBackend(kernel: try ReplayingKernel(transcript: ""))
        #expect(failure { try backend.startLaunch(.standard, visibleWorkarounds: []) }?.kind == .order)
        #expect(failure { _ = try backend.load(LaunchRun(.zero, at: 0, pageCount: 1)) }?.kind == .order)
        #expect(failure { try backend.finishLaunch(LaunchFinish(LaunchPlan())) }?.kind == .order)
        #expect(failure { _ = try backend.enter(0) }?.kind == .order)
    }

    @Test func aTextThatIsNoTranscriptIsRefused() {
        #expect(failure { _ = try ReplayingKernel(transcript: "open /dev/kvm") }?.kind == .plan)
        #expect(failure { _ = try ReplayingKernel(transcript: "ioctl 3 [0x1 zz] -> 0") }?.kind == .plan)
    }
}
