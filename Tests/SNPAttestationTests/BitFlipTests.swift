import Testing

@testable import SNPAttestation

/// No bit of a report or certificate may be turned over unnoticed: also not those that no signature covers.
@Suite("Single-bit flips of genuine reports and certificates")
struct BitFlipTests {
    /// Bits all over, the first and last bytes wholly, and all bits when everything is tested.
    private static func bits(of count: Int, seed: UInt64) -> [Int] {
        let all = count * 8
        if rounds(0, all: 1) == 1 { return Array(0..<all) }
        var generator = SeededGenerator(seed: seed)
        var bits = Set(Array(0..<64) + Array(all - 64..<all))
        while bits.count < 520 { bits.insert(Int.random(in: 0..<all, using: &generator)) }
        return Array(bits)
    }

    @Test(arguments: GenuineSample.all)
    func ofTheReport(_ sample: GenuineSample) {
        let bits = Self.bits(of: sample.report.count, seed: 1)
        #expect(bits.count > 500)
        let accepted = bits.filter { sample.verdict(report: sample.report.flipping(bit: $0)).isAccepted }
        #expect(accepted.isEmpty)
    }

    @Test(arguments: GenuineSample.all)
    func ofTheUncoveredBytesOfTheReport(_ sample: GenuineSample) {
        let stray = (0x2A0..<0x4A0).filter { $0 >= 0x2A0 + 144 || ($0 - 0x2A0) % 72 >= 48 }
        #expect(stray.count == 416)
        for byte in stray where byte % rounds(5, all: 1) == 0 { #expect(!sample.verdict(report: sample.report.flipping(bit: byte * 8 + byte % 8)).isAccepted, "byte \(byte)") }
    }

    @Test(arguments: GenuineSample.all)
    func ofTheVEK(_ sample: GenuineSample) {
        let bits = Self.bits(of: sample.vek.count, seed: 2)
        #expect(bits.filter { sample.verdict(certificates: [sample.vek.flipping(bit: $0), sample.ask, sample.ark]).isAccepted }.isEmpty)
    }

    @Test(arguments: GenuineSample.all.filter { !$0.name.contains("v3") && !$0.name.contains("idblock") })
    func ofTheASK(_ sample: GenuineSample) {
        let bits = Self.bits(of: sample.ask.count, seed: 3)
        #expect(bits.filter { sample.verdict(certificates: [sample.vek, sample.ask.flipping(bit: $0), sample.ark]).isAccepted }.isEmpty)
    }

    @Test(arguments: GenuineSample.all.filter { !$0.name.contains("v3") && !$0.name.contains("idblock") })
    func ofTheARK(_ sample: GenuineSample) {
        let bits = Self.bits(of: sample.ark.count, seed: 4)
        #expect(bits.filter { sample.verdict(certificates: [sample.vek, sample.ask, sample.ark.flipping(bit: $0)]).isAccepted }.isEmpty)
    }

    @Test func ofTheRevocationList() throws {
        let sample = try #require(GenuineSample.all.first { $0.product == "genoa" })
        let list = GenuineSample.der("genoa.crl.pem")
        let bits = Self.bits(of: list.count, seed: 5)
        #expect(bits.filter { sample.verdict(certificates: [sample.vek, sample.ask, sample.ark, list.flipping(bit: $0)]).isAccepted }.isEmpty)
    }

    @Test func ofPEM() throws {
        let sample = try #require(GenuineSample.all.first)
        let text = GenuineSample.file(sample.name + ".vek.pem") + GenuineSample.file(sample.product + ".ask.pem") + GenuineSample.file(sample.product + ".ark.pem")
        #expect(sample.verdict(certificates: [text]).isAccepted)
        let bits = Self.bits(of: text.count, seed: 6)
        #expect(bits.filter { sample.verdict(certificates: [text.flipping(bit: $0)]).isAccepted }.isEmpty)
    }
}
