import Foundation
import Testing

@testable import Confidential

@Suite("The predicted measurement is the one that sev-snp-measure computes")
struct MeasurementTests {
    /// A line of Golden/make-vectors.
    private func plan(_ entries: [Substring]) throws -> LaunchPlan {
        var plan = LaunchPlan()
        for entry in entries {
            let numbers = try entry.dropFirst().split(separator: ",").map { try #require(UInt64($0, radix: 16)) }
            let address = numbers[0] << 12
            switch entry.first {
            case "n": plan.runs.append(try LaunchRun(.normal, at: address, contents: TestFiles.contents(seed: numbers[2], count: Int(numbers[1]) * 4096)))
            case "z": plan.runs.append(try LaunchRun(.zero, at: address, pageCount: numbers[1]))
            case "u": plan.runs.append(try LaunchRun(.unmeasured, at: address, pageCount: numbers[1]))
            case "s": plan.runs.append(try LaunchRun(.secrets, at: address, pageCount: 1))
            case "c": plan.runs.append(try LaunchRun(.cpuid, at: address, pageCount: 1))
            default: plan.processors.append(.page(TestFiles.contents(seed: numbers[0], count: 4096)))
            }
        }
        return plan
    }

    private func check(_ lines: String) throws -> Int {
        var count = 0
        for line in lines.split(separator: "\n") {
            let words = line.split(separator: " ")
            #expect(try plan(Array(words.dropFirst())).measurement.bytes.hexadecimal == words[0])
            count += 1
        }
        return count
    }

    @Test func ofAThousandKnownPlans() throws { #expect(try check(TestFiles.text("Golden/vectors.txt")) == 1000) }

    /// The interpreter that has the package: SKERRY_SNP_PYTHON, or python3.
    private static let python: String? = {
        guard ProcessInfo.processInfo.environment["SKERRY_TEST_ALL"] == "1" else { return nil }
        let python = ProcessInfo.processInfo.environment["SKERRY_SNP_PYTHON"] ?? "python3"
        return output(of: python, ["-c", "import sevsnpmeasure"]) == nil ? nil : python
    }()

    @Test("of a thousand plans that nobody has seen before", .enabled(if: python != nil, "needs SKERRY_TEST_ALL=1 and sev-snp-measure (SKERRY_SNP_PYTHON)"))
    func ofFreshPlans() throws {
        let python = try #require(Self.python)
        let lines = try #require(output(of: python, [TestFiles.path("Golden/make-vectors"), "1000", String(UInt32.random(in: 0...UInt32.max))]))
        #expect(try check(lines) == 1000)
    }

    /// The demonstration of the oracle: all page types and a processor in 64-bit mode.
    private func demonstration() throws -> LaunchPlan {
        var plan = LaunchPlan()
        plan.runs = [
            try LaunchRun(.normal, at: 0x100000, contents: [UInt8](repeating: 0xF4, count: 4096) + (0..<16).flatMap { _ in [UInt8](0...255) }),
            try LaunchRun(.zero, at: 0x102000, pageCount: 1), try LaunchRun(.unmeasured, at: 0x103000, pageCount: 1), try LaunchRun(.secrets, at: 0x104000, pageCount: 1),
            try LaunchRun(.cpuid, at: 0x105000, pageCount: 1),
        ]
        plan.processors = [.registers(.longMode(rip: 0x100000, rsp: 0x1FFFF0, cr3: 0x110000 | 1 << 51, gdt: 0x111000, idt: 0x112000))]
        return plan
    }

    @Test func ofAGuestInLongMode() throws {
        #expect(
            try demonstration().measurement.bytes.hexadecimal
                == "cc4acd46f0379b9d60780cde5b7e585aedeeededd4a3e8b7253a9e4983db588dfadc56bec6b0b783ea7ffc14637023b0")
    }

    @Test func dependsOnTheOrder() throws {
        var plan = try demonstration()
        let expected = plan.measurement
        plan.runs.swapAt(0, 1)
        #expect(plan.measurement != expected)
    }

    @Test func doesNotDependOnWhatIsNotMeasured() throws {
        var plan = try demonstration()
        let expected = plan.measurement
        plan.runs[2] = try LaunchRun(.unmeasured, at: 0x103000, contents: [1, 2, 3])
        plan.runs[4] = try LaunchRun(.cpuid, at: 0x105000, contents: CPUIDPage.reference(.genoa).page)
        plan.hostData = [UInt8](repeating: 9, count: 32)
        #expect(plan.measurement == expected)
    }

    @Test func goesOnFromAPrefix() throws {
        let plan = try demonstration()
        var digest = LaunchDigest()
        for run in plan.runs.prefix(2) { digest.extend(run) }
        var resumed = try #require(LaunchDigest(resuming: digest.bytes))
        for run in plan.runs.dropFirst(2) { resumed.extend(run) }
        for processor in plan.processors { resumed.extendRegisters(processor.page(features: [])) }
        #expect(resumed == plan.measurement)
        #expect(LaunchDigest(resuming: [1]) == nil)
    }
}

@Suite("The register page is the one that KVM measures")
struct VMSATests {
    @Test("of a processor that nobody has touched: the digest that Enarx published for its keeps on hardware")
    func untouched() {
        // enarx/enarx, src/backend/sev/snp/launch/linux.rs, SEV_SNP_VMSA_SHA384.
        let published = "64657e8cbfcb827116bf6e1b2dcc274918e6a217b75997df1645525e71595813f89913c460621db2a2a2e2bc914d985d"
        #expect(SHA384.digest(VMSAProfile.untouched.page()).hexadecimal == published)
    }

    @Test func featuresArePartOfIt() {
        let page = VMSAProfile.untouched.page(features: [.secureTSC])
        #expect(page.number(at: 0x3B0, as: UInt64.self) == 0x201)
    }

    @Test func everyRegisterHasItsPlace() {
        var profile = VMSAProfile.longMode(rip: 0x11, rsp: 0x22, cr3: 0x33, gdt: 0x44, idt: 0x55)
        profile.registers.rax = 1
        profile.registers.rbx = 2
        profile.registers.rcx = 3
        profile.registers.rdx = 4
        profile.registers.rsi = 5
        profile.registers.rdi = 6
        profile.registers.rbp = 7
        profile.registers.numbered = [8, 9, 10, 11, 12, 13, 14, 15]
        profile.xcr0 = 7
        let page = profile.page()
        let places: [(Int, UInt64)] = [
            (0x178, 0x11), (0x1D8, 0x22), (0x150, 0x33), (0x68, 0x44), (0x88, 0x55), (0x1F8, 1), (0x318, 2), (0x308, 3), (0x310, 4), (0x330, 5), (0x338, 6), (0x328, 7),
            (0x340, 8), (0x378, 15), (0x3E8, 7), (0xD0, 0x1D01), (0x148, 0x660), (0x170, 2),
        ]
        for (offset, value) in places { #expect(page.number(at: offset, as: UInt64.self) == value, "at \(offset.hexadecimal)") }
    }
}

@Suite("A plan that no host could launch is refused before any host is asked")
struct LaunchPlanTests {
    private func plan(_ change: (inout LaunchPlan) throws -> Void = { _ in }) throws -> LaunchPlan {
        var plan = LaunchPlan()
        plan.runs = [try LaunchRun(.normal, at: 0x1000, contents: [1]), try LaunchRun(.zero, at: 0x2000, pageCount: 2)]
        plan.processors = [.registers(.realMode())]
        try change(&plan)
        return plan
    }

    @Test func aGoodOneIsNot() throws {
        try plan().validate()
        #expect(try plan().effectiveMemory == [GuestRegion(address: 0x1000, size: 0x3000)])
    }

    @Test func forEachContradiction() throws {
        let changes: [(String, (inout LaunchPlan) throws -> Void)] = [
            ("overlap", { $0.runs.append(try LaunchRun(.zero, at: 0x3000, pageCount: 1)) }), ("no memory region", { $0.memory = [GuestRegion(address: 0x1000, size: 0x1000)] }),
            ("processor", { $0.processors = [] }), ("4096", { $0.processors = [.page([1])] }), ("bit 17", { $0.policy = [.multithreading] }),
            ("reserved bits", { $0.policy.formUnion(GuestPolicy(rawValue: 1 << 40)) }), ("host data", { $0.hostData = [] }), ("bit 0", { $0.features = [.active] }),
            ("more than one", { $0.runs += [try LaunchRun(.secrets, at: 0x8000, pageCount: 1), try LaunchRun(.secrets, at: 0x9000, pageCount: 1)] }),
            ("whole pages", { $0.memory = [GuestRegion(address: 0x10, size: 0x10_0000)] }), ("workarounds", { $0.visibleWorkarounds = [1] }),
            ("overlap", { $0.memory = [GuestRegion(address: 0, size: 0x10000), GuestRegion(address: 0x8000, size: 0x10000)] }),
        ]
        for (text, change) in changes {
            let error = failure { try plan(change).validate() }
            #expect(error?.kind == .plan && error?.description.contains(text) == true, "\(text): \(String(describing: error))")
        }
    }

    @Test func runsThatAreNone() {
        #expect(failure { _ = try LaunchRun(.normal, at: 0x1000, contents: []) }?.kind == .plan)
        #expect(failure { _ = try LaunchRun(.normal, at: 0x1001, contents: [1]) }?.kind == .plan)
        #expect(failure { _ = try LaunchRun(.zero, at: 1 << 52, pageCount: 1) }?.kind == .plan)
        #expect(failure { _ = try LaunchRun(.zero, at: 0, pageCount: .max) }?.kind == .plan)
        #expect(failure { _ = try LaunchRun(.zero, at: (1 << 52) - 4096, pageCount: 2) }?.kind == .plan)
        #expect(failure { _ = try LaunchRun(.cpuid, at: 0, pageCount: 2) }?.kind == .plan)
        #expect(failure { _ = try LaunchRun(.vmsa, at: 0, contents: [1]) }?.kind == .plan)
        #expect(failure { _ = try LaunchRun(.zero, at: 0, contents: [1]) }?.kind == .plan)
    }

    @Test func aPolicyTellsItsVersion() {
        let policy = GuestPolicy.standard.requiring(abiMajor: 1, minor: 55)
        #expect(policy.rawValue == 0x30137)
        #expect(policy.abiVersion == (1, 55))
        #expect(GuestPolicy.standard.rawValue == 0x30000)
    }
}
