import Testing

@testable import SNPAttestation

@Suite("What a policy demands")
struct AttestationPolicyTests {
    private func failures(_ report: TestReport = TestReport(), _ change: (inout AttestationPolicy) -> Void) throws -> [Check.Name] {
        var policy = AttestationPolicy()
        change(&policy)
        return try TestChain.shared.verdict(report, policy: policy).failures.map(\.name)
    }

    private static let zeros = [UInt8](repeating: 0, count: 64)

    @Test func theGuestsValuesAreCompared() throws {
        let measurement = (0..<48).map { UInt8($0) }
        #expect(try failures { $0.measurements = [Array(Self.zeros.prefix(48)), measurement] }.isEmpty)
        for bit in [0, 200, 383] { #expect(try failures { $0.measurements = [measurement.flipping(bit: bit)] } == [.measurement]) }
        #expect(try failures { $0.measurements = [Array(measurement.prefix(47))] } == [.measurement], "part of it is not it")
        #expect(try failures { $0.hostData = Array(Self.zeros.prefix(32)) }.isEmpty)
        #expect(try failures { $0.hostData = [1] + Array(Self.zeros.prefix(31)) } == [.hostData])
        #expect(try failures { $0.reportData = Self.zeros }.isEmpty)
        #expect(try failures { $0.reportData = Self.zeros.flipping(bit: 511) } == [.reportData])
        #expect(try failures { $0.idKeyDigests = [Self.zeros.flipping(bit: 3)] } == [.idKeyDigest])
        #expect(try failures { $0.familyID = [1] } == [.familyID])
        #expect(try failures { $0.imageID = [1] } == [.imageID])
        #expect(try failures(TestReport(guestSVN: 3)) { $0.minimumGuestSVN = 3 }.isEmpty)
        #expect(try failures(TestReport(guestSVN: 3)) { $0.minimumGuestSVN = 4 } == [.guestSVN])
    }

    @Test func anAuthorKeyMustHaveBeenUsed() throws {
        let digest = [UInt8](repeating: 7, count: 48)
        #expect(try failures(TestReport(keyInfo: 1, overrides: [(0x110, digest)])) { $0.authorKeyDigests = [digest] }.isEmpty)
        #expect(try failures(TestReport(keyInfo: 0, overrides: [(0x110, digest)])) { $0.authorKeyDigests = [digest] } == [.authorKeyDigest])
        #expect(try failures(TestReport(keyInfo: 1)) { $0.authorKeyDigests = [digest] } == [.authorKeyDigest])
    }

    @Test func theGuestsPolicyIsCompared() throws {
        #expect(try failures { $0.guestPolicy = 0x30000 }.isEmpty)
        #expect(try failures { $0.guestPolicy = 0x30001 } == [.guestPolicy])
        #expect(try failures { $0.smt = .forbidden } == [.smt])
        #expect(try failures { $0.smt = .required }.isEmpty)
        #expect(try failures { $0.singleSocket = .required } == [.singleSocket])
        #expect(try failures(TestReport(policy: 0x130000)) { $0.singleSocket = .required }.isEmpty)
        #expect(try failures(TestReport(policy: 0xB0000)) { $0.debug = .any }.isEmpty)
        #expect(try failures(TestReport(policy: 0x30137)) { $0.minimumABI = ABIVersion(major: 1, minor: 55) }.isEmpty)
        #expect(try failures(TestReport(policy: 0x30136)) { $0.minimumABI = ABIVersion(major: 1, minor: 55) } == [.abiVersion])
        #expect(try failures(TestReport(policy: 0x300FF)) { $0.minimumABI = ABIVersion(major: 1, minor: 55) } == [.abiVersion])
        #expect(try failures { $0.vmpls = [] } == [.vmpl])
    }

    @Test(arguments: TCBVersion.Component.allCases)
    func theFloorIsOfEveryComponent(_ component: TCBVersion.Component) throws {
        let report = TestReport()
        guard let value = TCBVersion(rawValue: report.tcb).value(of: component, in: .beforeTurin) else {
            #expect(try failures { $0.tcbFloors = [.genoa: [component: 0]] } == [.tcbFloor], "this product does not have it")
            return
        }
        #expect(try failures { $0.tcbFloors = [.genoa: [component: value]] }.isEmpty)
        #expect(try failures { $0.tcbFloors = [.genoa: [component: value + 1]] } == [.tcbFloor])
        #expect(try failures { $0.tcbFloors = [.milan: [component: value + 1]] }.isEmpty, "that is another product's floor")
        let older = TestReport(overrides: [(0x1E0, Self.zeros.prefix(8).map { $0 })])
        #expect(try failures(older) { $0.tcbFloors = [.genoa: [component: value]] }.isEmpty)
        let committed = try failures(older) {
            $0.tcbFloors = [.genoa: [component: value]]
            $0.tcbFloorsApplyTo = [.reported, .committed]
        }
        #expect(committed == (value == 0 ? [] : [.tcbFloor]))
    }

    @Test func productsMayBeRefused() throws {
        #expect(try failures { $0.products = [.milan, .turin] } == [.trustedProduct])
        let sample = try #require(GenuineSample.all.first { $0.product == "milan" })
        var policy = AttestationPolicy()
        policy.products = [.genoa, .turin]
        #expect(sample.verdict(policy: policy).failures.map(\.name) == [.trustedProduct])
    }

    @Test func mitigationsAreBitsOfVersion5() throws {
        let report = TestReport(version: 5, launchMitigations: 0b1011, currentMitigations: 0b1111)
        #expect(try failures(report) { $0.launchMitigations = 0b0011 }.isEmpty)
        #expect(try failures(report) { $0.launchMitigations = 0b0100 } == [.mitigations])
        #expect(try failures(report) { $0.currentMitigations = 0b0100 }.isEmpty)
        #expect(try failures(report) { $0.currentMitigations = 0b10000 } == [.mitigations])
        #expect(try failures(TestReport(version: 4)) { $0.launchMitigations = 1 } == [.mitigations])
    }

    @Test func thePlatformIsJudged() throws {
        #expect(try failures { $0.aliasCheckRequired = true }.isEmpty)
        #expect(try failures(TestReport(platformInfo: 5)) { $0.aliasCheckRequired = true } == [.aliasCheck])
        #expect(try failures { $0.platformInfoRequired = [.ecc] }.isEmpty)
        #expect(try failures { $0.platformInfoRequired = [.ciphertextHiding] } == [.platformInfo])
        #expect(try failures { $0.platformInfoForbidden = [.smt] } == [.platformInfo])
    }

    @Test func allFailuresAreToldTogether() throws {
        let report = TestReport(policy: 0xC0000, vmpl: 9, tcb: 0)
        let found = try failures(report) {
            $0.measurements = [[1]]
            $0.products = []
        }
        #expect(found == [.trustedProduct, .reportedTCB, .policyReservedBit, .debug, .migrationAgent, .vmpl, .measurement])
    }
}
