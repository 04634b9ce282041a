import Testing

@testable import SNPAttestation

@Suite("Revocation lists")
struct RevocationTests {
    private func verdict(_ lists: [[UInt8]], policy: AttestationPolicy = AttestationPolicy(), at time: Int64 = TestChain.time) throws -> Verdict {
        try TestChain.shared.verdict(extra: lists, policy: policy, at: time)
    }

    @Test func aListWithoutTheChainIsAccepted() throws {
        let chain = try TestChain.shared
        var policy = AttestationPolicy()
        policy.revocationListRequired = true
        let list = try TestRevocationList(issuer: "ARK-Test", serials: [77]).der(signedBy: chain.rootKey)
        #expect(try verdict([list], policy: policy).isAccepted)
        #expect(try verdict([list])[.revocation]?.outcome == .passed)
    }

    @Test func withoutAListItIsSaidOrRefused() throws {
        var policy = AttestationPolicy()
        #expect(try verdict([])[.revocation]?.outcome == .notDemanded)
        policy.revocationListRequired = true
        #expect(try verdict([], policy: policy).failures.map(\.name) == [.revocation])
    }

    @Test(arguments: [1, 2])
    func aRevokedAuthorityIsRefused(_ serial: Int) throws {
        let list = try TestRevocationList(issuer: "ARK-Test", serials: [5, serial, 77]).der(signedBy: TestChain.shared.rootKey)
        let verdict = try verdict([list])
        #expect(verdict.failures.map(\.name) == [.revocation])
        #expect(try #require(verdict[.revocation]).found.contains("is revoked"))
    }

    @Test func aRevokedVEKIsRefusedByTheListOfItsIssuer() throws {
        let chain = try TestChain.shared
        let ofRoot = try TestRevocationList(issuer: "ARK-Test", serials: [0]).der(signedBy: chain.rootKey)
        #expect(try verdict([ofRoot]).isAccepted, "serial number 0 of another issuer is another certificate")
        let ofIntermediate = try TestRevocationList(issuer: "SEV-Test", serials: [0]).der(signedBy: chain.intermediateKey)
        #expect(try verdict([ofRoot, ofIntermediate]).failures.map(\.name) == [.revocation])
        let clean = try TestRevocationList(issuer: "SEV-Test", serials: [3]).der(signedBy: chain.intermediateKey)
        #expect(try verdict([ofRoot, clean]).isAccepted)
        #expect(try verdict([clean]).failures.map(\.name) == [.revocation], "the root's list is missing")
    }

    @Test func datesAreJudged() throws {
        let chain = try TestChain.shared
        for (this, next) in [(TestChain.time + 1, TestChain.time + 2), (TestChain.time - 2, TestChain.time - 1)] {
            let list = try TestRevocationList(issuer: "ARK-Test", thisUpdate: this, nextUpdate: next).der(signedBy: chain.rootKey)
            #expect(try verdict([list]).failures.map(\.name) == [.revocation])
        }
        let endless = try TestRevocationList(issuer: "ARK-Test", nextUpdate: nil).der(signedBy: chain.rootKey)
        #expect(try verdict([endless]).failures.map(\.name) == [.revocation])
    }

    @Test func aListOfAStrangerIsRefused() throws {
        let chain = try TestChain.shared
        #expect(try verdict([TestRevocationList(issuer: "ARK-Test").der(signedBy: chain.intermediateKey)]).failures.map(\.name) == [.revocation])
        #expect(try verdict([TestRevocationList(issuer: "ARK-Other").der(signedBy: chain.rootKey)]).failures.map(\.name) == [.revocation])
    }

    @Test(arguments: [TestSigning(digest: "SHA256", mask: "SHA256"), TestSigning(salt: 32), TestSigning(isPSS: false)])
    func otherSignatureSchemesAreRefused(_ signing: TestSigning) throws {
        let list = try TestRevocationList(issuer: "ARK-Test", signing: signing).der(signedBy: TestChain.shared.rootKey)
        #expect(try verdict([list]).failures.map(\.name) == [.revocation])
    }

    @Test func listsThatDoNotSayAllAreRefused() throws {
        for identifier in ["2.5.29.27", "2.5.29.28", "1.2.3.4"] {
            let list = try TestRevocationList(issuer: "ARK-Test", criticalExtension: identifier).der(signedBy: TestChain.shared.rootKey)
            #expect(try !verdict([list]).isAccepted, "\(identifier)")
        }
    }
}
