import Foundation
import Testing

@testable import SNPAttestation

/// The genuine reports and AMD's certificates beside this file; where they are from is in Samples/INDEX.json.
struct GenuineSample: CustomTestStringConvertible {
    let name: String
    let product: String
    let measurement: [UInt8]
    let policy: UInt64
    /// The eight bytes as they lie in the report.
    let reportedTCB: [UInt8]
    let report: [UInt8]
    let vek: [UInt8]
    let ask: [UInt8]
    let ark: [UInt8]

    var testDescription: String { name }
    /// A time at which everything in all samples is valid.
    static let time: Int64 = 1_788_220_800  // 2026-09-01

    static let all: [GenuineSample] = {
        struct Index: Decodable {
            struct Report: Decodable {
                let name, product, measurement, policy, reported_tcb: String
            }
            let reports: [Report]
        }
        guard let index = try? JSONDecoder().decode(Index.self, from: Data(file("INDEX.json"))) else { return [] }
        return index.reports.map { entry in
            GenuineSample(
                name: entry.name, product: entry.product, measurement: Hexadecimal.bytes(entry.measurement.utf8) ?? [],
                policy: UInt64(entry.policy.dropFirst(2), radix: 16) ?? 0, reportedTCB: Hexadecimal.bytes(entry.reported_tcb.utf8) ?? [],
                report: Hexadecimal.bytes(file(entry.name + ".report.hex")) ?? [], vek: der(entry.name + ".vek.pem"), ask: der(entry.product + ".ask.pem"),
                ark: der(entry.product + ".ark.pem"))
        }
    }()

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Samples").path

    static func file(_ name: String) -> [UInt8] { (try? Data(contentsOf: URL(fileURLWithPath: folder + "/" + name))).map { [UInt8]($0) } ?? [] }

    /// The bytes of a PEM file's only block, decoded by Foundation.
    static func der(_ name: String) -> [UInt8] {
        let lines = String(decoding: file(name), as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("-----") }
        return Data(base64Encoded: lines.joined()).map { [UInt8]($0) } ?? []
    }

    func verdict(report: [UInt8]? = nil, certificates: [[UInt8]]? = nil, policy: AttestationPolicy = AttestationPolicy(), at time: Int64 = time) -> Verdict {
        AttestationVerifier(policy: policy).verdict(on: report ?? self.report, certificates: bundle(certificates ?? [vek, ask, ark]), at: time)
    }
}

/// A bundle of files.
func bundle(_ files: [[UInt8]]) -> CertificateBundle {
    var bundle = CertificateBundle()
    for (number, file) in files.enumerated() { bundle.add(file, named: "file \(number)") }
    return bundle
}

/// How many times a test that takes chances does so: more when everything is tested.
func rounds(_ few: Int, all: Int) -> Int { ProcessInfo.processInfo.environment["SKERRY_TEST_ALL"] == "1" ? all : few }

/// Random numbers that are the same every time (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
}

extension Array where Element == UInt8 {
    /// The same with one bit turned over.
    func flipping(bit: Int) -> [UInt8] {
        var bytes = self
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        return bytes
    }
}
