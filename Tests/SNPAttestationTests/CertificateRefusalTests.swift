import Testing

@testable import SNPAttestation

/// Chains whose every signature holds, and which are refused for what they say.
@Suite("Certificates that do not fit")
struct CertificateRefusalTests {
    private func failures(vek: TestCertificate? = nil, intermediate: TestCertificate? = nil, root: TestCertificate? = nil) throws -> Set<Check.Name> {
        let chain = try TestChain.shared
        return Set(try chain.verdict(files: chain.files(vek: vek, intermediate: intermediate, root: root)).failures.map(\.name))
    }

    @Test func thisChainWithoutAnythingWrongIsAccepted() throws { #expect(try failures().isEmpty) }

    @Test(arguments: [1, 2, 3, 8])
    func anotherSecurityVersionIsRefused(_ component: Int) throws {
        for change in [-1, 1] {
            var versions: [Int: UInt8] = [1: 9, 2: 7, 3: 0x17, 8: 0x48]
            versions[component] = UInt8(Int(versions[component] ?? 0) + change)
            let chain = try TestChain.shared
            let report = TestReport(tcb: 0x481700_0000000709)
            #expect(try chain.verdict(report, files: chain.files(vek: chain.vcek(versions: versions))).failures.map(\.name) == [.reportedTCB])
        }
    }

    @Test func aSecurityVersionThatIsMissingOrReservedIsRefused() throws {
        let chain = try TestChain.shared
        #expect(try failures(vek: chain.vcek(versions: [1: 9, 2: 0, 3: 0x17])) == [.reportedTCB])
        #expect(try failures(vek: chain.vcek(versions: [1: 9, 2: 0, 3: 0x17, 4: 1, 8: 0x48])) == [.reportedTCB])
    }

    @Test func theCurrentVersionMayBeNewerThanTheReported() throws {
        let report = TestReport(overrides: [(0x38, [10, 1, 0, 0, 0, 0, 0x18, 0x49])])
        #expect(try TestChain.shared.verdict(report).isAccepted)
    }

    @Test func highSecurityVersionsAreReadAsUnsigned() throws {
        let chain = try TestChain.shared
        let files = try chain.files(vek: chain.vcek(versions: [1: 9, 2: 0, 3: 0x17, 8: 0xD9]))
        #expect(try chain.verdict(TestReport(tcb: 0xD91700_0000000009), files: files).isAccepted)
    }

    @Test func anotherChipIsRefused() throws {
        let chain = try TestChain.shared
        #expect(try failures(vek: chain.vcek(chip: TestReport.chip.flipping(bit: 511))) == [.chipID])
        #expect(try failures(vek: chain.vcek(chip: Array(TestReport.chip.prefix(8)))) == [.chipID])
        var without = chain.vcek()
        without.extensions.removeLast()
        #expect(try failures(vek: without) == [.chipID])
    }

    @Test func malformedExtensionsAreRefused() throws {
        let chain = try TestChain.shared
        for value in [[2, 1, 0x80], [2, 2, 0, 9], [2, 1], [4, 1, 9], [2, 1, 9, 0], [2, 2, 1, 0], []] as [[UInt8]] {
            var vek = chain.vcek()
            vek.extensions[2].value = value
            #expect(try failures(vek: vek).contains(.vekProfile), "\(value)")
        }
        var vek = chain.vcek()
        vek.extensions[1].value = [0x16, 0x06] + Array("Genoa".utf8)
        #expect(try failures(vek: vek).contains(.vekProfile))
        vek = chain.vcek()
        vek.extensions.append(vek.extensions[2])
        #expect(try failures(vek: vek).contains(.vekProfile), "the same twice")
    }

    @Test func validityIsJudgedForEachCertificate() throws {
        let chain = try TestChain.shared
        var vek = chain.vcek(), intermediate = chain.intermediate, root = chain.root
        vek.notAfter = TestChain.time - 1
        intermediate.notBefore = TestChain.time + 1
        root.notAfter = TestChain.time - 1
        #expect(try failures(vek: vek) == [.vekValidity])
        #expect(try failures(intermediate: intermediate) == [.intermediateValidity])
        #expect(try failures(root: root) == [.rootValidity])
    }

    @Test(arguments: [
        TestSigning(digest: "SHA256", mask: "SHA256"), TestSigning(digest: "SHA256", mask: "SHA384"), TestSigning(mask: "SHA256"), TestSigning(salt: 32),
        TestSigning(salt: 47), TestSigning(digest: "SHA512", mask: "SHA512"), TestSigning(isPSS: false),
    ])
    func otherSignatureSchemesAreRefused(_ signing: TestSigning) throws {
        let chain = try TestChain.shared
        var vek = chain.vcek(), intermediate = chain.intermediate, root = chain.root
        vek.signing = signing
        intermediate.signing = signing
        root.signing = signing
        #expect(try failures(vek: vek) == [.certificates, .vekSignature, .vekProfile])
        #expect(try failures(intermediate: intermediate).isSuperset(of: [.intermediateSignature, .intermediateProfile]))
        #expect(try failures(root: root).isSuperset(of: [.rootSignature, .rootProfile]))
    }

    @Test func otherKeysAreRefused() throws {
        let chain = try TestChain.shared
        for curve in ["P-256", "P-521", "brainpoolP384r1"] {
            let key = try TestKey.curve(curve)
            var files = try chain.files()
            files[0] = try chain.vcek().der(for: key, signedBy: chain.intermediateKey)
            let verdict = try chain.verdict(files: files)
            #expect(Set(verdict.failures.map(\.name)) == [.vekProfile, .reportSignature], "\(curve)")
        }
        let small = try TestKey.rsa(bits: 2048)
        var files = try chain.files()
        files[0] = try chain.vcek().der(for: chain.chipKey, signedBy: small)
        files[1] = try chain.intermediate.der(for: small, signedBy: chain.rootKey)
        #expect(try chain.verdict(files: files).failures.map(\.name).contains(.intermediateProfile))
        files[0] = try chain.vcek().der(for: small, signedBy: chain.intermediateKey)
        files[1] = try chain.intermediate.der(for: chain.intermediateKey, signedBy: chain.rootKey)
        #expect(try chain.verdict(files: files).failures.map(\.name).contains(.vekProfile))
    }

    @Test func whatIsNoAuthoritySignsNothing() throws {
        let chain = try TestChain.shared
        var intermediate = chain.intermediate
        intermediate.extensions = []
        #expect(try !failures(intermediate: intermediate).isEmpty)
        intermediate.extensions = [("2.5.29.19", true, [0x30, 0x00])]
        #expect(try !failures(intermediate: intermediate).isEmpty)
        intermediate.extensions = [TestChain.authority, ("2.5.29.15", true, [0x03, 0x02, 0x01, 0x02])]
        #expect(try failures(intermediate: intermediate) == [.intermediateProfile], "its key may sign revocation lists only")
        var root = chain.root
        root.extensions[0] = TestChain.lastAuthority
        #expect(try failures(root: root) == [.rootProfile], "no authority may follow it")
        var vek = chain.vcek()
        vek.extensions.append(TestChain.authority)
        #expect(try failures(vek: vek) == [.vekProfile])
    }

    @Test func unknownCriticalExtensionsAndOldVersionsAreRefused() throws {
        let chain = try TestChain.shared
        var vek = chain.vcek()
        vek.extensions.append(("1.2.3.4", true, [5, 0]))
        #expect(try failures(vek: vek) == [.vekProfile])
        vek = chain.vcek()
        vek.extensions.append(("1.2.3.4", false, [5, 0]))
        #expect(try failures(vek: vek).isEmpty)
        vek.version = 0
        #expect(try !failures(vek: vek).isEmpty)
    }

    @Test func anIssuerOfTheSameNameWithAnotherKeyIsRefused() throws {
        let chain = try TestChain.shared
        var files = try chain.files()
        files[0] = try chain.vcek().der(for: chain.chipKey, signedBy: chain.rootKey)
        #expect(try Set(chain.verdict(files: files).failures.map(\.name)) == [.certificates, .vekSignature])
        files = try chain.files()
        files[1] = try chain.intermediate.der(for: chain.intermediateKey, signedBy: chain.intermediateKey)
        #expect(try Set(chain.verdict(files: files).failures.map(\.name)) == [.certificates, .intermediateSignature])
    }

    @Test func aRootThatIsNotPinnedIsRefused() throws {
        let chain = try TestChain.shared
        let verdict = AttestationVerifier().verdict(
            on: try TestReport().bytes(signedBy: chain.chipKey), certificates: bundle(try chain.files()), at: TestChain.time)
        #expect(verdict.failures.map(\.name).contains(.rootPinned))
        #expect(!verdict.isAccepted)
    }

    @Test func aStrangerAmongTheCertificatesIsRefused() throws {
        let chain = try TestChain.shared
        let sample = try #require(GenuineSample.all.first)
        #expect(try chain.verdict(extra: [sample.ark]).failures.map(\.name) == [.certificates])
        #expect(sample.verdict(certificates: [sample.vek, sample.ask, sample.ark] + (try chain.files())).failures.map(\.name) == [.certificates])
    }
}

@Suite("Signatures of reports")
struct ReportSignatureTests {
    @Test func bothValuesOfSAreAccepted() throws {
        let chain = try TestChain.shared
        let signed = TestReport().signedBytes
        let (r, s) = try chain.chipKey.signature(of: signed)
        #expect(try chain.verdict(bytes: TestReport.joined(signed, r, s)).isAccepted)
        #expect(try chain.verdict(bytes: TestReport.joined(signed, r, TestKey.negated(s))).isAccepted)
    }

    @Test func numbersOutOfRangeAreRefused() throws {
        let chain = try TestChain.shared
        let signed = TestReport().signedBytes, zero = [UInt8](repeating: 0, count: 48), ones = [UInt8](repeating: 0xFF, count: 48)
        let (r, s) = try chain.chipKey.signature(of: signed)
        let order = try TestKey.negated(zero)
        for (r, s) in [(zero, s), (r, zero), (zero, zero), (ones, s), (r, ones), (order, s), (r, order)] {
            #expect(try chain.verdict(bytes: TestReport.joined(signed, r, s)).failures.map(\.name) == [.reportSignature])
        }
    }

    @Test func paddingMustBeZero() throws {
        let chain = try TestChain.shared
        let bytes = try TestReport().bytes(signedBy: chain.chipKey)
        for offset in [0x2A0 + 48, 0x2A0 + 71, 0x2A0 + 120, 0x2A0 + 143, 0x2A0 + 144, 0x49F] {
            #expect(try chain.verdict(bytes: bytes.flipping(bit: offset * 8)).failures.map(\.name) == [.signatureEncoding])
        }
    }

    @Test func anotherDigestOrKeyIsRefused() throws {
        let chain = try TestChain.shared
        #expect(try chain.verdict(bytes: TestReport().bytes(signedBy: chain.chipKey, digest: "SHA256")).failures.map(\.name) == [.reportSignature])
        #expect(try chain.verdict(bytes: TestReport().bytes(signedBy: .curve("P-384"))).failures.map(\.name) == [.reportSignature])
    }
}
