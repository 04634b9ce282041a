import Foundation
import Testing

@testable import Confidential

@Suite("The report of a software launch says what was launched")
struct SoftwareReportTests {
    @Test(arguments: ProcessorProduct.allCases, 2...5)
    func forEveryProductAndVersion(_ product: ProcessorProduct, _ version: Int) throws {
        var launch = try SoftwareLaunch(product)
        launch.platform.reportVersion = UInt32(version)
        launch.platform.mitigations = 5
        let (guest, record, _) = try launch.launched()
        let report = try guest.report(level: 2)
        #expect(record.cpuidCorrections.isEmpty)
        #expect(report.number(at: 0, as: UInt32.self) == UInt32(version))
        #expect(report.number(at: 8, as: UInt64.self) == 0x30000)
        #expect(report.number(at: 0x30, as: UInt32.self) == 2)
        #expect(Array(report[0x50..<0x90]) == Array(0..<64))
        #expect(Array(report[0x90..<0xC0]) == record.measurement.bytes)
        #expect(Array(report[0xC0..<0xE0]) == launch.plan.hostData)
        #expect(Array(report[0x1A0..<0x1E0]) == launch.platform.chipID)
        #expect(report.isZero(0xE0..<0x140), "no ID block, no digests of keys")
        #expect(report[0x188] == (version == 2 ? 0 : product.signature.family))
        #expect(report.number(at: 0x1F8, as: UInt64.self) == (version == 5 ? 5 : 0))
        // Bytes 0 to 7 of the TCB version, as the two layouts have them.
        let tcb = Array(report[0x180..<0x188])
        #expect(tcb == (product == .turin ? [1, 10, 1, 27, 0, 0, 0, 0xD9] : [10, 1, 0, 0, 0, 0, 27, 0xD9]))
    }

    @Test func opensslVerifiesSignatureAndChain() throws {
        let scratch = try ScratchFolder()
        let (guest, _, endorsement) = try SoftwareLaunch().launched()
        let report = try guest.report()
        for (name, der) in [("vcek", endorsement.vcek), ("ask", endorsement.authority.ask), ("ark", endorsement.authority.ark)] {
            let file = try scratch.write(der, "\(name).der")
            _ = try #require(output(of: "openssl", ["x509", "-inform", "der", "-in", file, "-out", scratch.path("\(name).pem")]))
        }
        let chain = output(of: "openssl", ["verify", "-CAfile", scratch.path("ark.pem"), "-untrusted", scratch.path("ask.pem"), scratch.path("vcek.pem")])
        #expect(chain?.hasSuffix("vcek.pem: OK\n") == true)
        let text = try #require(output(of: "openssl", ["x509", "-in", scratch.path("vcek.pem"), "-noout", "-text"]))
        #expect(text.contains("Serial Number: 0 (0x0)") && text.contains("rsassaPss") && text.contains("secp384r1") && text.contains("1.3.6.1.4.1.3704.1.4"))
        let key = try #require(output(of: "openssl", ["x509", "-in", scratch.path("vcek.pem"), "-noout", "-pubkey"]))
        let arguments = [
            "dgst", "-sha384", "-verify", try scratch.write(Array(key.utf8), "vcek.pub"), "-signature", try scratch.write(signatureDER(Array(report[0x2A0...])), "signature"),
        ]
        #expect(output(of: "openssl", arguments + [try scratch.write(Array(report[..<0x2A0]), "signed")]) == "Verified OK\n")
        var other = Array(report[..<0x2A0])
        other[0x90] ^= 1
        #expect(output(of: "openssl", arguments + [try scratch.write(other, "altered")]) == nil)
    }

    @Test func aLoadedKeySignsInsteadOfTheChips() throws {
        var launch = try SoftwareLaunch(.milan)
        launch.provider = "a provider"
        let (guest, _, endorsement) = try launch.launched()
        let loaded = try guest.report()
        #expect(loaded[0x48] == 1 << 2 && loaded.isZero(0x1A0..<0x1E0))
        let chip = try guest.report(selection: 1)
        #expect(chip[0x48] == 0 && Array(chip[0x1A0..<0x1E0]) == launch.platform.chipID)
        #expect(endorsement.vlek != nil && endorsement.table.certificates.map(\.kind) == [.vcek, .ask, .ark, .vlek])
    }

    @Test func withoutTheChipsKeyThereIsNoReport() throws {
        var launch = try SoftwareLaunch()
        launch.plan.isChipKeyDisabled = true
        let (guest, _, _) = try launch.launched()
        for selection: UInt32 in 0...2 {
            let answer = try guest.ask(5, guest.reportRequest([UInt8](repeating: 0, count: 64), selection: selection))
            #expect(answer.number(at: 0, as: UInt32.self) == 0x27)
        }
    }

    @Test func anIDBlockIsReported() throws {
        var launch = try SoftwareLaunch()
        let (idKey, authorKey) = (try LaunchKey.generate(), try LaunchKey.generate())
        let block = try IDBlock(digest: launch.plan.measurement, familyID: Array(1...16), imageID: Array(17...32), guestSVN: 3)
        launch.plan.identity = try LaunchIdentity(block: block.bytes, authentication: IDAuthentication(signing: block, idKey: idKey, authorKey: authorKey))
        let report = try launch.launched().guest.report()
        #expect(report.number(at: 4, as: UInt32.self) == 3)
        #expect(Array(report[0x10..<0x30]) == Array(1...32))
        #expect(Array(report[0xE0..<0x110]) == idKey.digest && Array(report[0x110..<0x140]) == authorKey.digest && report[0x48] == 1)
    }

    @Test func platformStatusCountsGuests() throws {
        let platform = PSPPlatform(.genoa)
        let processor = try SoftwarePSP(platform, endorsement: Authorities.genoa.endorse(platform), largestGuestID: 1)
        do {
            let backend = SoftwareBackend(processor)
            try backend.createMachine([])
            #expect(processor.platformStatus[0..<3] == [1, 55, 1] && processor.platformStatus[12] == 1)
            #expect(failure { try SoftwareBackend(processor).createMachine([]) }?.kind == .firmware(.resourceLimit))
        }
        #expect(processor.platformStatus[12] == 0)
        try SoftwareBackend(processor).createMachine([])
    }
}
