import Foundation

@testable import Confidential

/// Test authorities with the keys of Authorities/, which its script make-keys has made: new ones take seconds, in every run.
enum Authorities {
    static let genoa: TestAuthority = {
        do {
            func key(_ name: String) throws -> [UInt8] { try TestFiles.bytes("Authorities/\(name).key.pem") }
            return try TestAuthority(.genoa, keys: (key("ark"), key("ask"), key("asvk")))
        } catch { fatalError("no test authority: \(error)") }
    }()

    static func authority(_ product: ProcessorProduct) throws -> TestAuthority { product == .genoa ? genoa : try genoa.renamed(to: product) }
}
