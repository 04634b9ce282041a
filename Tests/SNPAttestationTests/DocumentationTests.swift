import Foundation
import Testing

@testable import SNPAttestation

@Suite("The page of SNPAttestation")
struct DocumentationTests {
    @Test func listsEveryCheck() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/../../Sources/SNPAttestation/SNPAttestation.docc/SNPAttestation.md"
        let text = try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8)
        for name in Check.Name.allCases { #expect(text.contains("| `\(name.rawValue)` |")) }
    }
}
