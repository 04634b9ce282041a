import Foundation
import Testing

@testable import Confidential
@testable import KeyRelease

@Suite("What both ends derive is ECDH on P-384 and HKDF with SHA-384, as the openssl command computes them")
struct DerivationTests {
    private let scratch: ScratchFolder
    init() throws { scratch = try ScratchFolder() }

    private func newKey(_ name: String) throws -> AgreementKey {
        let file = scratch.path(name)
        _ = try #require(output(of: "openssl", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-out", file]))
        _ = try #require(output(of: "openssl", ["pkey", "-in", file, "-pubout", "-out", file + ".pub"]))
        return try AgreementKey(pem: Array(Data(contentsOf: URL(filePath: file))))
    }

    private func agreed(_ key: String, _ peer: String) throws -> [UInt8] {
        let file = scratch.path("agreed")
        _ = try #require(output(of: "openssl", ["pkeyutl", "-derive", "-inkey", scratch.path(key), "-peerkey", scratch.path(peer) + ".pub", "-out", file]))
        return try Array(Data(contentsOf: URL(filePath: file)))
    }

    @Test(arguments: [false, true])
    func knownAnswer(_ hasIdentity: Bool) throws {
        let (guest, party, identity) = (try newKey("guest"), try newKey("party"), try newKey("identity"))
        let nonce = (0..<32).map { _ in UInt8.random(in: 0...255) }
        let transcript = (0..<2000).map { _ in UInt8.random(in: 0...255) }
        var secrets = [try #require(guest.secret(with: party.point))]
        if hasIdentity { secrets.append(try #require(guest.secret(with: identity.point))) }
        let keys = try ReleaseKeys(secrets: secrets, nonce: nonce, guest: guest.point, relyingParty: party.point, transcript: transcript)

        let input = try agreed("guest", "party") + (hasIdentity ? agreed("guest", "identity") : [])
        #expect(try secrets.flatMap(\.bytes) == input && agreed("party", "guest") == agreed("guest", "party"))
        let digest = try #require(output(of: "openssl", ["dgst", "-sha384", "-r", scratch.write(transcript, "transcript")])).prefix(96)
        let info = Array("skerry key release 1".utf8).hexadecimal + guest.point.hexadecimal + party.point.hexadecimal + digest
        let derived = scratch.path("derived")
        _ = try #require(
            output(
                of: "openssl",
                [
                    "kdf", "-keylen", "76", "-kdfopt", "digest:SHA384", "-kdfopt", "hexkey:" + input.hexadecimal, "-kdfopt", "hexsalt:" + nonce.hexadecimal, "-kdfopt",
                    "hexinfo:" + info, "-binary", "-out", derived, "HKDF",
                ]))
        #expect(try Array(Data(contentsOf: URL(filePath: derived))) == keys.key.bytes + keys.initialization.bytes + keys.proof.bytes)
    }

    @Test func reportDataIsSHA512() throws {
        let (nonce, key) = ([UInt8](1...32), try AgreementKey.generate().point)
        let file = try scratch.write(Array("skerry confidential guest key 1".utf8) + nonce + key, "data")
        let digest = try #require(output(of: "openssl", ["dgst", "-sha512", "-r", file])).prefix(128)
        #expect(try SecretService.reportData(nonce: nonce, publicKey: key).hexadecimal == digest)
        #expect(try SecretService.reportData(nonce: nonce, publicKey: key) == GuestEvidence.reportData(challenge: nonce, publicKey: key))
    }

    @Test("a point of another curve, beside the curve, at infinity or in another form is none")
    func pointsThatAreNone() throws {
        let key = try AgreementKey.generate()
        let good = try AgreementKey.generate().point
        #expect(key.secret(with: good) != nil)
        let zero = [UInt8](repeating: 0, count: 97)
        let others: [[UInt8]] = [
            good.flipping(byte: 96), good.flipping(byte: 1), [2] + good[1...], zero, [4] + zero[1...], [0], [], Array(good.prefix(49)), good + [0],
            [4] + [UInt8](repeating: 0xFF, count: 96),
        ]
        for point in others {
            #expect(key.secret(with: point) == nil, "\(point.count) bytes from \(point.prefix(2))")
        }
    }

    @Test func otherKeysAreNoIdentity() throws {
        let rsa = try TestFiles.bytes("Authorities/ark.key.pem")
        let curve = scratch.path("p256")
        _ = try #require(output(of: "openssl", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", curve]))
        _ = try newKey("one")
        for file in [rsa, [], Array("no key".utf8), try Array(Data(contentsOf: URL(filePath: curve))), try Array(Data(contentsOf: URL(filePath: scratch.path("one.pub"))))] {
            #expect(throws: KeyReleaseError.self) { _ = try AgreementKey(pem: file) }
        }
    }
}

@Suite("Secrets have names and fit in 4,096 bytes")
struct SecretBundleTests {
    @Test func asTheGuestReadsThem() throws {
        let bundle = try SecretBundle([("a", [1, 2, 3]), ("b.c", [])])
        let expected: [UInt8] = [2, 0, 1, 0, 3, 0, 0x61, 1, 2, 3, 3, 0, 0, 0, 0x62, 0x2E, 0x63]
        #expect(bundle.contents.bytes == expected + [UInt8](repeating: 0, count: 4096 - expected.count) && bundle.names == ["a", "b.c"])
    }

    @Test func upToTheLastByte() throws {
        #expect(try SecretBundle([("a", [UInt8](repeating: 9, count: 4096 - 7))]).contents.bytes.last == 9)
        for size in [4090, 4096, 1 << 20] { #expect(throws: KeyReleaseError.self) { _ = try SecretBundle([("a", [UInt8](repeating: 9, count: size))]) } }
        let many = (0..<600).map { (name: "n\($0)", value: [UInt8(1)]) }
        #expect(throws: KeyReleaseError.self) { _ = try SecretBundle(many) }
    }

    @Test(arguments: ["", "a b", "a=b", "ä", "a/b", "\n", String(repeating: "n", count: 65)])
    func namesThatAreNone(_ name: String) { #expect(throws: KeyReleaseError.self) { _ = try SecretBundle([(name, [1])]) } }

    @Test func twiceOrNone() {
        #expect(throws: KeyReleaseError.self) { _ = try SecretBundle([]) }
        #expect(throws: KeyReleaseError.self) { _ = try SecretBundle([("a", [1]), ("a", [1])]) }
    }
}

@Suite("Addresses to listen at")
struct ListeningAddressTests {
    @Test func allForms() throws {
        #expect(try ListeningAddress("unix:/run/x") == .local(path: "/run/x") && ListeningAddress("127.0.0.1:70") == .internet(host: "127.0.0.1", port: 70))
        #expect(try ListeningAddress("[::1]:0") == .internet(host: "::1", port: 0) && ListeningAddress("[::1]:0").description == "[::1]:0")
        #expect(try ListeningAddress("a.example:443").description == "a.example:443" && ListeningAddress("unix:s").description == "unix:s")
    }

    @Test(arguments: ["", "unix:", "host", "host:", "host:65536", ":1", "::1:70", "host:-1", "[]:1", "unix:" + String(repeating: "p", count: 108), "unix:a\0b"])
    func noAddress(_ text: String) { #expect(throws: KeyReleaseError.self) { _ = try ListeningAddress(text) } }
}
