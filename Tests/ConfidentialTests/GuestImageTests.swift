import ConfidentialABI
import Foundation
import SNPAttestation
import Testing

@testable import Confidential

@Suite("The measured guest image boots, attests a fresh key and ends", .timeLimit(.minutes(5)))
struct GuestImageTests {
    @Test(arguments: GuestLaunch.platforms)
    func theReportIsThePredictedOne(_ target: GuestPlatform) throws {
        let launch = try GuestLaunch(target)
        let (guest, endorsement) = try launch.launched()
        #expect(try guest.run() == .succeeded)
        let evidence = try #require(guest.evidence)
        #expect(evidence.acceptedPages == 512)
        #expect(Array(evidence.report[0x90..<0xC0]) == launch.plan.measurement.bytes)
        var policy = AttestationPolicy()
        policy.measurements = [launch.plan.measurement.bytes]
        policy.hostData = launch.plan.hostData
        policy.reportData = GuestEvidence.reportData(challenge: GuestLaunch.challenge, publicKey: evidence.publicKey)
        var certificates = CertificateBundle()
        certificates.add(endorsement.table.bytes, named: "the host's table")
        let roots = try TrustedRoots(notAMDs: [Certificate(der: endorsement.authority.ark)])
        let verdict = AttestationVerifier(policy: policy, roots: roots).verdict(on: evidence.report, certificates: certificates, at: Int64(Date().timeIntervalSince1970))
        #expect(verdict.isAccepted, "\(verdict.failures)")
    }

    @Test("the key is a point of P-384 and another each time, as OpenSSL sees it")
    func theKeyIsFresh() throws {
        let scratch = try ScratchFolder()
        var keys: Set<[UInt8]> = []
        for number in 0..<2 {
            let (guest, _) = try GuestLaunch().launched()
            #expect(try guest.run() == .succeeded)
            let key = try #require(guest.evidence).publicKey
            // SubjectPublicKeyInfo of id-ecPublicKey with secp384r1 (RFC 5480).
            let prefix: [UInt8] = [0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00]
            let file = try scratch.write(prefix + key, "\(number).der")
            #expect(output(of: "openssl", ["pkey", "-pubin", "-inform", "DER", "-in", file, "-pubcheck", "-noout"])?.contains("valid") == true)
            keys.insert(key)
        }
        #expect(keys.count == 2)
    }

    @Test func theThreePlatformsAreThreeMeasurements() throws {
        let image = try GuestLaunch.image()
        let plans = try GuestPlatform.allCases.map { try image.plan(for: $0, cpuid: .reference(.genoa)) }
        #expect(Set(plans.map(\.measurement)).count == 3)
        for plan in plans { try plan.validate() }
        // One binary: its pages are the same in all three.
        #expect(Set(plans.map { $0.runs[0].contents }) == [image.bytes])
    }

    @Test func theImageSaysWhatItIsMadeOf() throws {
        let description = try GuestLaunch.image().description
        #expect(description.contains("BearSSL 0.6+dfsg.1-3") && description.contains("libbearssl.a SHA-256 0b30c352") && description.contains("swift-6"))
    }

    @Test func onlyThePlatformBodiesHoldHardwareInstructions() throws {
        let bytes = try GuestLaunch.image().bytes
        func count(_ pattern: [UInt8]) -> Int { (0..<bytes.count - pattern.count).count { Array(bytes[$0..<$0 + pattern.count]) == pattern } }
        #expect(count([0xF3, 0x0F, 0x01, 0xD9]) == 2 && count([0xF2, 0x0F, 0x01, 0xFF]) == 1, "VMGEXIT by the MSR and by the page, PVALIDATE")
    }

    @Test("CPUID raises #VC and is answered from the page; the size of the extended state follows XCR0")
    func cpuid() throws {
        let (guest, _) = try GuestLaunch().launched()
        #expect(try guest.run() == .succeeded)
        let evidence = try #require(guest.evidence)
        let page = CPUIDPage.reference(.genoa)
        func leaf(_ function: UInt32, _ index: UInt32 = 0) throws -> CPUIDPage.Leaf { try #require(page.leaves.first { $0.function == function && $0.index == index }) }
        let answers = evidence.answers
        #expect(try answers[0].eax == leaf(1).eax && answers[0].ecx == leaf(1).ecx | 1 << 27)
        #expect(try answers[1].ebx == leaf(7).ebx && answers[1].ecx == leaf(7).ecx & ~(1 << 4))
        let enabled = evidence.xcr0 & UInt64(try leaf(0xD).eax)
        var (plain, compact): (UInt32, UInt32) = (576, 576)
        for state in page.leaves where state.function == 0xD && state.index >= 2 && enabled >> UInt64(state.index) & 1 == 1 {
            plain = max(plain, state.eax + state.ebx)
            compact += state.eax
        }
        #expect(try answers[2].ebx == plain && answers[2].eax == leaf(0xD).eax && answers[2].ecx == leaf(0xD).ecx)
        #expect(answers[3].ebx == compact)
        #expect(answers[4].ebx & 0x3F == 51)
        #expect(try answers[5].eax == leaf(0x8000_0008).eax, "a leaf without an index does not look at ECX")
    }

    @Test func theSecretsPageIsWiped() throws {
        let (guest, _) = try GuestLaunch().launched()
        #expect(!guest.backend.isBlank(UInt64(SKERRY_GUEST_SECRETS)))
        #expect(try guest.run() == .succeeded)
        #expect(guest.secretsPage.count == 4096 && guest.secretsPage.isZero(0..<4096))
    }

    @Test func whileTheHostIsBusyTheSameCiphertextIsSentAgain() throws {
        var launch = try GuestLaunch()
        launch.hostile = [.busy(3)]
        let (guest, _) = try launch.launched()
        #expect(try guest.run() == .succeeded)
        #expect(guest.requests.count == 5 && Set(guest.requests.prefix(4)).count == 1 && guest.requests[4] != guest.requests[0])
    }
}

extension SoftwareBackend {
    /// Whether the launched page holds nothing but zeros.
    fileprivate func isBlank(_ address: UInt64) -> Bool { (try? launchedPage(address))??.allSatisfy { $0 == 0 } ?? true }
}
