import Foundation
import Testing

@testable import SNPAttestation

@Suite("Reading what may be anything")
struct ParsingTests {
    @Test func onlyTheRightLengthIsAReport() throws {
        let sample = try #require(GenuineSample.all.first)
        for count in 0..<sample.report.count {
            let verdict = sample.verdict(report: Array(sample.report.prefix(count)), certificates: [])
            #expect(!verdict.isAccepted && verdict.failures.map(\.name) == [.reportLength])
        }
        #expect(sample.verdict(report: sample.report + [0]).failures.map(\.name) == [.reportLength])
    }

    @Test func aCertificateIsReadWholeOrNotAtAll() throws {
        let sample = try #require(GenuineSample.all.first)
        for certificate in [sample.vek, sample.ark] {
            for count in 0..<certificate.count {
                #expect((try? Certificate(der: Array(certificate.prefix(count)))) == nil)
            }
            for trailing in [[0], [0x30, 0], certificate] as [[UInt8]] { #expect((try? Certificate(der: certificate + trailing)) == nil) }
        }
        #expect(sample.verdict(certificates: [sample.vek, sample.ask + [0], sample.ark]).failures.map(\.name) == [.certificates])
        #expect(throws: CertificateError.tooLong(Certificate.longest + 1)) { try Certificate(der: [UInt8](repeating: 0x30, count: Certificate.longest + 1)) }
    }

    @Test func damagedFilesAreNotTakenForMissingOnes() throws {
        let sample = try #require(GenuineSample.all.first)
        for byte in 0..<4 {
            for bit in 0..<8 {
                let verdict = sample.verdict(certificates: [sample.vek, sample.ask, sample.ark.flipping(bit: byte * 8 + bit)])
                #expect(verdict.failures.map(\.name).contains(.certificates))
            }
        }
    }

    @Test func bundlesRecogniseContents() throws {
        let sample = try #require(GenuineSample.all.first)
        var bundle = CertificateBundle()
        #expect(bundle.add(sample.vek, named: "a") == .added)
        #expect(bundle.add(GenuineSample.file("genoa.crl.pem"), named: "b") == .added)
        #expect(bundle.add(Array("Certificates of a machine.\n".utf8), named: "c") == .text)
        #expect(bundle.add(GenuineSample.file("INDEX.json"), named: "c") == .text)
        #expect(bundle.add([], named: "d") == .text)
        #expect(bundle.add(sample.report, named: "e") == .report)
        #expect(bundle.faults.isEmpty)
        #expect(bundle.add([0x30, 0x82, 1, 0xFF, 0], named: "f") == .fault)
        #expect(bundle.add(Array("-----BEGIN CERTIFICATE-----\nAAAA\n".utf8), named: "g") == .fault)
        #expect(bundle.add(Array("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".utf8), named: "h") == .fault)
        #expect(bundle.faults.count == 3)
        #expect(bundle.certificates.map(\.kind) == [.vcek])
        #expect(bundle.revocationLists.count == 1)
        #expect(bundle.add(sample.vek, named: "a") == .added)
        #expect(bundle.certificates.count == 1, "each once")
    }

    @Test func pemIsReadWithCommentsAndAllLineEnds() throws {
        let sample = try #require(GenuineSample.all.first)
        let text = String(decoding: GenuineSample.file(sample.name + ".vek.pem"), as: UTF8.self)
        for variant in ["subject=SEV-VCEK\n" + text, text.replacingOccurrences(of: "\n", with: "\r\n"), text + "\n\n", "\n" + text.dropLast()] {
            #expect(PEM.read(Array(variant.utf8)) == .blocks([PEM.Block(label: "CERTIFICATE", der: sample.vek)]))
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for missing in 0..<lines.count - 1 {
            let damaged = (lines[..<missing] + lines[(missing + 1)...]).joined(separator: "\n")
            #expect(!sample.verdict(certificates: [Array(damaged.utf8), sample.ask, sample.ark]).isAccepted, "without line \(missing + 1)")
        }
    }

    @Test func base64HasOneForm() {
        func block(_ text: String) -> PEM.Contents { PEM.read(Array("-----BEGIN X-----\n\(text)\n-----END X-----\n".utf8)) }
        #expect(block("AAE=") == .blocks([PEM.Block(label: "X", der: [0, 1])]))
        #expect(block("AA==") == .blocks([PEM.Block(label: "X", der: [0])]))
        for text in ["AAF=", "AB==", "AAE", "A===", "AA=A", "A-A=", "", "====", "AAE=AAAA"] {
            guard case .damaged = block(text) else {
                Issue.record("\(text) was read")
                continue
            }
        }
    }

    @Test func seededNoiseIsNeverAccepted() throws {
        var generator = SeededGenerator(seed: 2026)
        let samples = GenuineSample.all
        for _ in 0..<rounds(300, all: 100_000) {
            let sample = try #require(samples.randomElement(using: &generator))
            var report = sample.report, certificates = [sample.vek, sample.ask, sample.ark]
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: report = generator.bytes(Int.random(in: 0..<2400, using: &generator))
            case 1:
                let start = Int.random(in: 0..<1100, using: &generator)
                report.replaceSubrange(start..<start + 64, with: generator.bytes(64))
            case 2:
                let which = Int.random(in: 0..<3, using: &generator), start = Int.random(in: 0..<certificates[which].count - 40, using: &generator)
                certificates[which].replaceSubrange(start..<start + 40, with: generator.bytes(Int.random(in: 0..<80, using: &generator)))
            default: certificates[0] = generator.bytes(Int.random(in: 0..<2000, using: &generator))
            }
            #expect(!sample.verdict(report: report, certificates: certificates).isAccepted)
        }
    }
}

@Suite("Certificate tables")
struct CertificateTableTests {
    private static let vcek: [UInt8] = [0x8D, 0x75, 0xDA, 0x63, 0x64, 0xE6, 0x64, 0x45, 0xAD, 0xC5, 0xF4, 0xB9, 0x3B, 0xE8, 0xAC, 0xCD]

    static func table(_ contents: [[UInt8]], identifier: [UInt8] = vcek, padded: Int = 0) -> [UInt8] {
        var header: [UInt8] = [], offset = (contents.count + 1) * 24
        func number(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
        for content in contents {
            header += identifier + number(offset) + number(content.count)
            offset += content.count
        }
        let bytes = header + [UInt8](repeating: 0, count: 24) + contents.flatMap(\.self)
        return bytes + [UInt8](repeating: 0, count: max(0, padded - bytes.count))
    }

    @Test(arguments: GenuineSample.all)
    func carryAWholeChain(_ sample: GenuineSample) {
        for table in [Self.table([sample.vek, sample.ask, sample.ark]), Self.table([sample.ark, sample.vek], padded: 16384), Self.table([sample.vek])] {
            let verdict = sample.verdict(certificates: [table])
            #expect(verdict.isAccepted, "\(verdict.failures)")
        }
    }

    @Test func whatIsTheHostsOwnIsLeftOut() throws {
        let sample = try #require(GenuineSample.all.first)
        let own = [UInt8](repeating: 0xAB, count: 16)
        var bytes = Self.table([sample.vek, Array("firmware 1.2".utf8)])
        bytes.replaceSubrange(24..<40, with: own)
        #expect(sample.verdict(certificates: [bytes]).isAccepted)
        #expect(!sample.verdict(certificates: [Self.table([Array("firmware 1.2".utf8)], identifier: own)]).isAccepted)
        #expect(!sample.verdict(certificates: [Self.table([sample.vek, Array("firmware 1.2".utf8)])]).isAccepted, "it is called a certificate")
    }

    @Test func mustBeWhole() throws {
        let sample = try #require(GenuineSample.all.first)
        let table = Self.table([sample.vek, sample.ask])
        for count in 0..<table.count { #expect(CertificateTable(bytes: Array(table.prefix(count))) == nil, "\(count) bytes") }
        #expect(CertificateTable(bytes: table) != nil)
        #expect(CertificateTable(bytes: table + [1]) == nil, "what follows is not zero")
    }

    @Test func offsetsAndLengthsAreNotTrusted() throws {
        let table = Self.table([[0x30, 0], [0x30, 1]])
        #expect(CertificateTable(bytes: table) != nil)
        let changes: [(Int, UInt32)] = [
            (16, 0xFFFF_FFFF), (16, 71), (16, 0), (16, 75), (20, 0), (20, 5), (20, 0xFFFF_FFFF), (16, 74), (40, 72), (44, 3), (40, 0x7FFF_FFFF),
        ]
        for (offset, value) in changes {
            var bytes = table
            for index in 0..<4 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt32(index * 8)) }
            #expect(CertificateTable(bytes: bytes) == nil, "\(value) at \(offset)")
        }
        #expect(CertificateTable(bytes: [UInt8](repeating: 0, count: 4096)) == nil)
        #expect(CertificateTable(bytes: [UInt8](repeating: 1, count: 1 << 16)) == nil, "it does not end")
    }

    @Test func seededNoiseIsReadSafely() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<rounds(3000, all: 3_000_000) {
            var bytes = Self.table([generator.bytes(40), generator.bytes(9)], padded: Int.random(in: 0..<200, using: &generator))
            for _ in 0..<Int.random(in: 1..<6, using: &generator) { bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8(truncatingIfNeeded: generator.next()) }
            guard let table = CertificateTable(bytes: bytes) else { continue }
            #expect(table.entries.allSatisfy { !$0.contents.isEmpty && $0.contents.count <= bytes.count })
        }
    }
}
