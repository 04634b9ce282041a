import Testing

@testable import SNPAttestation

@Suite("Genuine reports")
struct GenuineReportTests {
    @Test func thereAreFour() { #expect(GenuineSample.all.count == 4) }

    @Test(arguments: GenuineSample.all)
    func isAcceptedWithItsExpectedValues(_ sample: GenuineSample) throws {
        var policy = AttestationPolicy()
        policy.measurements = [sample.measurement]
        policy.guestPolicy = sample.policy
        let verdict = sample.verdict(policy: policy)
        #expect(verdict.isAccepted, "\(verdict.failures)")
        #expect(verdict.checks.map(\.name) == Check.Name.allCases)
        #expect(verdict.product == (sample.product == "milan" ? .milan : .genoa))
        let report = try #require(verdict.report)
        #expect((0..<8).map { report.reportedTCB.byte($0) } == sample.reportedTCB)
        #expect(report.nonzeroReservedOffsets.isEmpty)
    }

    @Test(arguments: GenuineSample.all)
    func needsNoMoreThanItsVEK(_ sample: GenuineSample) {
        #expect(sample.verdict(certificates: [sample.vek]).isAccepted)
        #expect(sample.verdict(certificates: [sample.vek, sample.ask]).isAccepted)
        #expect(sample.verdict(certificates: [sample.vek, sample.ark]).isAccepted)
    }

    @Test(arguments: GenuineSample.all)
    func withoutCertificatesEachMissingOneIsNamed(_ sample: GenuineSample) throws {
        let verdict = sample.verdict(certificates: [])
        #expect(!verdict.isAccepted)
        #expect(verdict.checks.map(\.name) == Check.Name.allCases)
        #expect(try #require(verdict[.vekSignature]).found.contains("no VCEK among the certificates"))
        #expect(verdict[.debug]?.outcome == .passed, "what needs no certificate is still checked")
    }

    @Test(arguments: GenuineSample.all)
    func allSamplesCertificatesTogetherDoNoHarm(_ sample: GenuineSample) {
        let everything = GenuineSample.all.flatMap { [$0.vek, $0.ask, $0.ark] }
        #expect(sample.verdict(certificates: everything).isAccepted)
        #expect(sample.verdict(certificates: everything.reversed()).isAccepted)
    }

    @Test func anotherChipsVEKIsRefused() {
        let samples = GenuineSample.all
        for sample in samples {
            for other in samples where other.name != sample.name {
                let verdict = sample.verdict(certificates: [other.vek, other.ask, other.ark])
                #expect(verdict[.reportSignature]?.outcome == .failed)
                #expect(!verdict.isAccepted)
            }
        }
    }

    @Test(arguments: GenuineSample.all)
    func isRefusedOutsideTheValidityOfItsCertificates(_ sample: GenuineSample) throws {
        let vek = try Certificate(der: sample.vek)
        #expect(sample.verdict(at: vek.notBefore).isAccepted)
        #expect(sample.verdict(at: vek.notAfter).isAccepted)
        #expect(sample.verdict(at: vek.notBefore - 1).failures.map(\.name) == [.vekValidity])
        #expect(sample.verdict(at: vek.notAfter + 1).failures.map(\.name) == [.vekValidity])
        #expect(sample.verdict(at: 0).failures.map(\.name) == [.rootValidity, .intermediateValidity, .vekValidity])
        #expect(sample.verdict(at: 4_000_000_000).failures.map(\.name) == [.rootValidity, .intermediateValidity, .vekValidity])
    }

    @Test(arguments: GenuineSample.all)
    func mayOutliveTheCertificateOfItsKeyWhereThatIsAccepted(_ sample: GenuineSample) throws {
        let vek = try Certificate(der: sample.vek)
        var policy = AttestationPolicy()
        policy.refusesExpiredKey = false
        #expect(sample.verdict(policy: policy, at: vek.notAfter + 1).isAccepted)
        #expect(sample.verdict(policy: policy, at: vek.notAfter + 1)[.vekValidity]?.found.hasPrefix("expired") == true)
        #expect(sample.verdict(policy: policy, at: vek.notBefore - 1).failures.map(\.name) == [.vekValidity])
        #expect(sample.verdict(policy: policy, at: 4_000_000_000).failures.map(\.name) == [.rootValidity, .intermediateValidity])
    }

    @Test(arguments: GenuineSample.all)
    func isRefusedUnderARootOfTests(_ sample: GenuineSample) throws {
        let root = try TestChain.shared.rootCertificate()
        let verdict = AttestationVerifier(roots: TrustedRoots(notAMDs: [root])).verdict(
            on: sample.report, certificates: bundle([sample.vek, sample.ask, sample.ark]), at: GenuineSample.time)
        #expect(verdict.failures.map(\.name) == [.certificates, .rootPinned])
        #expect(!verdict.rootsAreAMDs)
    }

    @Test func theRevocationListOfAMDIsUsed() {
        let list = GenuineSample.der("genoa.crl.pem")
        for sample in GenuineSample.all {
            let verdict = sample.verdict(certificates: [sample.vek, list])
            if sample.product == "genoa" {
                #expect(verdict.isAccepted, "\(verdict.failures)")
                #expect(verdict[.revocation]?.outcome == .passed)
            } else {
                #expect(verdict.failures.map(\.name) == [.revocation], "a list of another root says nothing of this one")
            }
        }
    }

    @Test func theRevocationListOfAMDExpires() throws {
        let sample = try #require(GenuineSample.all.first { $0.product == "genoa" })
        let list = try RevocationList(der: GenuineSample.der("genoa.crl.pem"))
        #expect(sample.verdict(certificates: [sample.vek, list.der], at: try #require(list.nextUpdate) + 1).failures.map(\.name) == [.revocation])
        #expect(sample.verdict(certificates: [sample.vek, list.der], at: list.thisUpdate - 1).failures.map(\.name) == [.revocation])
    }
}

@Suite("AMD's built-in certificates")
struct BuiltInCertificateTests {
    @Test func areThoseOfTheSamples() {
        let files = ["milan", "genoa", "turin"].flatMap { product in ["ark", "ask", "asvk"].map { GenuineSample.der("\(product).\($0).pem") } }
        #expect(AMDCertificates.all.map(\.der) == files)
    }

    @Test func rootsHaveThePinnedDigestsAndSignTheOthers() {
        #expect(TrustedRoots.amd.roots.count == 3)
        for root in AMDCertificates.all where root.kind == .root {
            #expect(TrustedRoots.amd.root(of: root)?.name == root.commonName)
            #expect(root.isSigned(by: root))
            let signed = AMDCertificates.all.filter { $0.isSigned(by: root) && $0 != root }
            #expect(signed.count == 2)
            #expect(signed.allSatisfy { $0.profile.faultsAsAuthority(authoritiesBelow: 0).isEmpty && $0.kind == .intermediate })
        }
    }
}
