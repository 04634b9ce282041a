import Testing

@testable import SNPAttestation

/// Reports and chains that there are no genuine samples of, made with libcrypto under a root of the tests' own.
@Suite("Generated reports and chains")
struct GeneratedChainTests {
    @Test(arguments: [2, 3, 4, 5] as [UInt32])
    func everyKnownVersionIsAccepted(_ version: UInt32) throws {
        let verdict = try TestChain.shared.verdict(TestReport(version: version))
        #expect(verdict.isAccepted, "\(verdict.failures)")
        #expect(verdict.checks.map(\.name) == Check.Name.allCases)
        #expect(verdict.product == .genoa)
        #expect(!verdict.rootsAreAMDs)
    }

    @Test(arguments: [0, 1, 6, 7, .max] as [UInt32])
    func otherVersionsAreRefused(_ version: UInt32) throws {
        #expect(try TestChain.shared.verdict(TestReport(version: version)).failures.map(\.name) == [.reportVersion])
    }

    @Test(arguments: [0, 1, 2, 3] as [UInt32])
    func theGuestsPrivilegeLevelsAreTold(_ level: UInt32) throws {
        let chain = try TestChain.shared
        #expect(try chain.verdict(TestReport(vmpl: level)).isAccepted)
        var policy = AttestationPolicy()
        policy.vmpls = [1]
        let verdict = try chain.verdict(TestReport(vmpl: level), policy: policy)
        #expect(verdict.failures.map(\.name) == (level == 1 ? [] : [.vmpl]))
        #expect(verdict[.vmpl]?.found == "\(level)")
    }

    @Test(arguments: [4, 0xFFFF_FFFF] as [UInt32])
    func aReportThatNoGuestAskedForIsRefused(_ level: UInt32) throws {
        #expect(try TestChain.shared.verdict(TestReport(vmpl: level)).failures.map(\.name) == [.vmpl])
    }

    @Test func debuggingIsRefused() throws {
        let verdict = try TestChain.shared.verdict(TestReport(policy: 0xB0000))
        #expect(verdict.failures.map(\.name) == [.debug])
        #expect(!verdict.isAccepted)
    }

    @Test func aMigrationAgentIsRefused() throws {
        #expect(try TestChain.shared.verdict(TestReport(policy: 0x70000)).failures.map(\.name) == [.migrationAgent])
    }

    @Test func aPolicyWithoutItsReservedBitIsRefused() throws {
        #expect(try TestChain.shared.verdict(TestReport(policy: 0x10000)).failures.map(\.name) == [.policyReservedBit])
    }

    @Test func unknownBitsAreShownAndRefusedOnlyWhenDemanded() throws {
        let chain = try TestChain.shared
        let report = TestReport(policy: 0x8000_0000_0003_0000, keyInfo: 0x8000_0000, overrides: [(0x29F, [1]), (0x18B, [2])])
        let verdict = try chain.verdict(report)
        #expect(verdict.isAccepted, "\(verdict.failures)")
        #expect(verdict[.reservedBits]?.found == "not zero: byte 0x18b, byte 0x29f, POLICY 0x8000000000000000, key information 0x80000000")
        var policy = AttestationPolicy()
        policy.reservedMustBeZero = true
        #expect(try chain.verdict(report, policy: policy).failures.map(\.name) == [.reservedBits])
        #expect(try chain.verdict(policy: policy).isAccepted)
    }

    @Test(arguments: [("Turin", (0x1A, 0x02, 0)), ("Turin-B1", (0x1A, 0x11, 0))] as [(String, (UInt8, UInt8, UInt8))])
    func turinHasItsOwnLayoutAndShortChips(_ product: String, _ processor: (UInt8, UInt8, UInt8)) throws {
        let chain = try TestChain.shared
        let report = TestReport(version: 5, processor: processor, tcb: 0x0500_0000_0403_0201, chipID: Array(TestReport.chip.prefix(8)))
        let versions: [Int: UInt8] = [9: 1, 1: 2, 2: 3, 3: 4, 8: 5]
        let files = try chain.files(vek: chain.vcek(product: product, chip: Array(TestReport.chip.prefix(8)), versions: versions))
        let verdict = try chain.verdict(report, files: files)
        #expect(verdict.isAccepted, "\(verdict.failures)")
        #expect(verdict.product == .turin)
        #expect(verdict[.reportedTCB]?.found == "fmc 1, bootLoader 2, tee 3, snp 4, microcode 5")
        for component in versions.keys {
            var wrong = versions
            wrong[component, default: 0] += 1
            let files = try chain.files(vek: chain.vcek(product: product, chip: Array(TestReport.chip.prefix(8)), versions: wrong))
            #expect(try chain.verdict(report, files: files).failures.map(\.name) == [.reportedTCB], "component \(component)")
        }
        let long = try chain.files(vek: chain.vcek(product: product, versions: versions))
        #expect(try chain.verdict(report, files: long).failures.map(\.name) == [.chipID])
    }

    private static let kin: [(String, (UInt8, UInt8, UInt8), Product)] = [
        ("Milan-B0", (0x19, 0x01, 1), .milan), ("Siena-B0", (0x19, 0xA0, 2), .genoa), ("Bergamo", (0x19, 0xA0, 1), .genoa),
    ]

    @Test(arguments: kin)
    func kinSharesLayouts(_ name: String, _ processor: (UInt8, UInt8, UInt8), _ product: Product) throws {
        let chain = try TestChain.shared
        let verdict = try chain.verdict(TestReport(processor: processor), files: chain.files(vek: chain.vcek(product: name)))
        #expect(verdict.isAccepted, "\(verdict.failures)")
        #expect(verdict.product == product)
    }

    @Test(arguments: ["Milan-B0", "Turin", "Rome", "", "genoa"])
    func aCertificateOfAnotherProductIsRefused(_ name: String) throws {
        let chain = try TestChain.shared
        let verdict = try chain.verdict(files: chain.files(vek: chain.vcek(product: name)))
        #expect(verdict.failures.map(\.name).contains(.product))
        #expect(verdict.failures.map(\.name).contains(.trustedProduct))
    }

    @Test func aProcessorOfAnotherFamilyIsRefused() throws {
        #expect(try TestChain.shared.verdict(TestReport(processor: (0x17, 0x31, 0))).failures.map(\.name) == [.product, .trustedProduct])
    }

    @Test func loadedKeysSignForNoChip() throws {
        let chain = try TestChain.shared
        let files = try chain.files(vek: chain.vlek())
        let report = TestReport(keyInfo: 1 << 2, chipID: [])
        let verdict = try chain.verdict(report, files: files)
        #expect(verdict.isAccepted, "\(verdict.failures)")
        #expect(verdict[.cspID]?.found == "CN=cloud.example")
        #expect(try chain.verdict(TestReport(keyInfo: 1 << 2), files: files).failures.map(\.name) == [.chipID])
        var policy = AttestationPolicy()
        policy.vlekReportsMayNameChip = true
        #expect(try chain.verdict(TestReport(keyInfo: 1 << 2), files: files, policy: policy).isAccepted)
        policy.cspIDs = ["CN=other.example"]
        #expect(try chain.verdict(report, files: files, policy: policy).failures.map(\.name) == [.cspID])
        policy.cspIDs = []
        policy.signingKeys = [.vcek]
        #expect(try chain.verdict(report, files: files, policy: policy).failures.map(\.name) == [.signingKey])
        #expect(try chain.verdict(report, files: chain.files(vek: chain.vlek(cspID: nil))).failures.map(\.name) == [.cspID])
    }

    @Test func aReportIsVerifiedWithTheKindOfKeyThatItNames() throws {
        let chain = try TestChain.shared
        let verdict = try chain.verdict(TestReport(keyInfo: 1 << 2, chipID: []))
        #expect(verdict[.vekSignature]?.outcome == .failed)
        #expect(try #require(verdict[.vekSignature]).found.contains("the report says that a VLEK signed it"))
        #expect(try !chain.verdict(TestReport(), files: chain.files(vek: chain.vlek())).isAccepted)
    }

    @Test(arguments: [2, 3, 4, 5, 6, 7] as [UInt32])
    func otherKeysAreRefused(_ number: UInt32) throws {
        #expect(try TestChain.shared.verdict(TestReport(keyInfo: number << 2)).failures.map(\.name) == [.signingKey])
    }

    @Test func aMaskedKeyIsRefused() throws {
        #expect(try TestChain.shared.verdict(TestReport(keyInfo: 2)).failures.map(\.name) == [.chipKeyMask])
    }

    @Test func anotherAlgorithmIsRefused() throws {
        #expect(try TestChain.shared.verdict(TestReport(signatureAlgorithm: 2)).failures.map(\.name) == [.signatureAlgorithm])
    }

    @Test func aMaskedChipIsRefused() throws {
        let chain = try TestChain.shared
        #expect(try chain.verdict(TestReport(chipID: [])).failures.map(\.name) == [.chipID])
        let zero = try chain.files(vek: chain.vcek(chip: [UInt8](repeating: 0, count: 64)))
        #expect(try chain.verdict(TestReport(chipID: []), files: zero).failures.map(\.name) == [.chipID])
    }
}
