import Foundation
import Testing
@testable import SecureWorld

/// What `skerry tee sign`, `encrypt` and sub-key creation write. The digests of whole files are those of files that OP-TEE's `scripts/sign_encrypt.py` made
/// with the same keys; PKCS #1 v1.5 signatures are the same every time.
@Suite struct ImagesSigningTests {
    private let payload = (0..<768).map { UInt8(truncatingIfNeeded: $0) }
    private let uuid = ImagesSupport.helloWorld

    private func signer(_ algorithm: TASignatureAlgorithm = .pkcs1) throws -> TAFile.Signer { TAFile.Signer(try ImagesSupport.root(), algorithm) }

    @Test func signedFileIsByteForByteThatOfSignEncrypt() throws {
        let file = try TAFile.signed(payload, uuid: uuid, version: 7, by: signer())
        #expect(try ImagesSupport.sha256(file) == "a7798658f657546d30083c105321bed64131ed7cb5d09707d24c749e2dea0681")
    }

    @Test func headerHasTheFieldsOfStructShdr() throws {
        let file = try TAFile.signed(payload, uuid: uuid, version: 7, by: signer(.pss))
        #expect(ImagesSupport.hex(file.prefix(20)) == "4853544f" + "01000000" + "00030000" + "30494170" + "2000" + "8000")
        #expect(ImagesSupport.hex(file[180..<200]) == "8aaaf200245011e4abe20002a5d5c51b" + "07000000")
        #expect(Array(file[200...]) == payload)
    }

    @Test func opensslVerifiesSignatures() throws {
        let folder = try ImagesFolder()
        try folder.write("public.pem", ImagesSupport.root().publicPEM())
        for (algorithm, padding) in [(TASignatureAlgorithm.pss, ["rsa_padding_mode:pss", "rsa_pss_saltlen:32", "rsa_mgf1_md:sha256"]), (.pkcs1, ["rsa_padding_mode:pkcs1"])] {
            let file = try TAFile.signed(payload, uuid: uuid, by: signer(algorithm))
            try folder.write("signature", Array(file[52..<180]))
            // What is signed is the digest of header, identity and ELF file.
            try folder.write("contents", Array(file[0..<20]) + file[180...])
            let options = padding.flatMap { ["-sigopt", $0] }
            let output = try ImagesSupport.run(["openssl", "dgst", "-sha256", "-verify", "public.pem", "-signature", "signature"] + options + ["contents"], in: folder.path)
            #expect(output.contains("Verified OK"))
        }
    }

    @Test func encryptedFileIsReadBackWithTheClassKey() throws {
        let key = SecretBytes((0..<32).map { UInt8($0) })
        let file = try TAFile.signed(payload, uuid: uuid, version: 7, by: signer(), encryption: TAEncryption(.classWide, key: key))
        #expect(ImagesSupport.hex(file[200..<212]) == "10080040" + "01000000" + "0c00" + "1000")
        #expect(file.count == 240 + payload.count)
        #expect(!file[240...].elementsEqual(payload))
        let parsed = try TAFile.parse(file, keys: TAKeys(signingKey: ImagesSupport.root(), classKey: key), expecting: uuid)
        #expect(parsed.elf == payload)
        #expect(parsed.form == .encrypted(.classWide))
        #expect(parsed.version == 7)
    }

    @Test func twoEncryptionsOfOneFileDiffer() throws {
        let encryption = TAEncryption(.classWide, key: SecretBytes([UInt8](repeating: 9, count: 32)))
        let files = try (0..<2).map { _ in try TAFile.signed(payload, uuid: uuid, by: signer(), encryption: encryption) }
        #expect(files[0][212..<224] != files[1][212..<224])
    }

    @Test func digestIsSignedElsewhereAndStitched() throws {
        let folder = try ImagesFolder()
        try folder.write("key.pem", ImagesSupport.rootPEM)
        let publicKey = try TASigningKey(pem: ImagesSupport.root().publicPEM())
        let signer = TAFile.Signer(publicKey, .pss)
        try folder.write("digest", TAFile.digest(payload, uuid: uuid, version: 7, by: signer))
        let padding = ["digest:sha256", "rsa_padding_mode:pss", "rsa_pss_saltlen:digest", "rsa_mgf1_md:sha256"].flatMap { ["-pkeyopt", $0] }
        try ImagesSupport.run(["openssl", "pkeyutl", "-sign", "-inkey", "key.pem"] + padding + ["-in", "digest", "-out", "signature"], in: folder.path)
        let file = try TAFile.stitched(payload, uuid: uuid, version: 7, by: signer, signature: folder.read("signature"))
        #expect(try TAFile.parse(file, keys: TAKeys(signingKey: publicKey)).elf == payload)
        var wrong = try folder.read("signature")
        wrong[5] ^= 1
        #expect(
            ImagesSupport.failure { () throws(TAFileError) in _ = try TAFile.stitched(payload, uuid: uuid, version: 7, by: signer, signature: wrong) }?.result == .signatureInvalid)
        #expect(ImagesSupport.failure { () throws(TAFileError) in _ = try TAFile.signed(payload, uuid: uuid, by: signer) }?.result == .badParameters)
    }
}

/// Chains of sub-keys. The UUIDs are those of the example in OP-TEE's documentation (architecture/subkeys.rst).
@Suite struct ImagesSubkeyTests {
    private let payload = (0..<768).map { UInt8(truncatingIfNeeded: $0) }
    private let namespaces = ["f04fa996-148a-453c-b037-1dcfbad120a6", "1a5948c5-1aa0-518c-86f4-be6f6a057b16", "5c206987-16a3-59cc-ab0f-64b9cfc9e758"].map { TEEUUID($0) ?? .null }

    private func top(depth: UInt32 = 4, version: UInt32 = 1) throws -> [UInt8] {
        try TAFile.subkey(
            ImagesSupport.first(), uuid: namespaces[0], version: version, maximumDepth: depth, nameSize: 64, by: TAFile.Signer(ImagesSupport.root(), .pkcs1))
    }

    private func middle(_ top: [UInt8]) throws -> [UInt8] {
        let signer = TAFile.Signer(try ImagesSupport.first(), .pkcs1, chain: top, name: "mid_level_subkey")
        return try TAFile.subkey(ImagesSupport.second(), uuid: namespaces[1], version: 1, nameSize: 64, by: signer)
    }

    private func application(_ chain: [UInt8]) throws -> [UInt8] {
        try TAFile.signed(payload, uuid: namespaces[2], by: TAFile.Signer(ImagesSupport.second(), .pkcs1, chain: chain, name: "subkey1_ta"))
    }

    @Test func namesDeriveTheDocumentedUUIDs() throws {
        #expect(try TAFile.derivedUUID(namespace: namespaces[0], name: "mid_level_subkey".utf8) == namespaces[1])
        #expect(try TAFile.derivedUUID(namespace: namespaces[1], name: "subkey1_ta".utf8) == namespaces[2])
        let top = try top()
        #expect(try TAFile.nextUUID(chain: top, name: "mid_level_subkey") == namespaces[1])
    }

    @Test func chainIsByteForByteThatOfSignEncrypt() throws {
        let top = try top()
        #expect(try ImagesSupport.sha256(top) == "0be91a5a7de4c8a664c266aa25a2a2daba1e6b174380a1016fbae616fd3c8d81")
        let middle = try middle(top)
        #expect(try ImagesSupport.sha256(middle) == "56e7c46f0196d4df6581729f82805556eff650b7a165b418222fcb357852d29a")
        #expect(try ImagesSupport.sha256(application(middle)) == "18b1a237fb0f03b8d4b89eff7402e6a7e16e308c91664591cc7ff1e3b279d5f3")
    }

    @Test func applicationAtTheEndOfAChainIsAccepted() throws {
        let file = try TAFile.parse(application(middle(top())), keys: TAKeys(signingKey: ImagesSupport.root()))
        #expect(file.uuid == namespaces[2])
        #expect(file.subkeys == Array(namespaces[0...1]))
        #expect(file.elf == payload)
    }

    @Test func identitySubkeySignsItsOwnUUIDOnly() throws {
        let chain = try TAFile.subkey(ImagesSupport.first(), uuid: ImagesSupport.helloWorld, nameSize: 0, by: TAFile.Signer(ImagesSupport.root()))
        let signer = TAFile.Signer(try ImagesSupport.first(), chain: chain)
        let file = try TAFile.signed(payload, uuid: ImagesSupport.helloWorld, by: signer)
        #expect(try TAFile.parse(file, keys: TAKeys(signingKey: ImagesSupport.root())).uuid == ImagesSupport.helloWorld)
        #expect(ImagesSupport.failure { () throws(TAFileError) in _ = try TAFile.signed(payload, uuid: namespaces[0], by: signer) }?.result == .badParameters)
    }

    @Test func wrongNameIsOutsideOfTheNamespace() throws {
        var file = try application(middle(top()))
        let name = try #require(Data(file).range(of: Data("subkey1_ta".utf8)))
        file[name.lowerBound] ^= 1
        let keys = TAKeys(signingKey: try ImagesSupport.root())
        #expect(ImagesSupport.failure { () throws(TAFileError) in _ = try TAFile.parse(file, keys: keys) }?.result == .security)
    }

    @Test func depthDecreasesDownTheChain() throws {
        let top = try top(depth: 0)
        let signer = TAFile.Signer(try ImagesSupport.first(), .pkcs1, chain: top, name: "mid_level_subkey")
        #expect(
            ImagesSupport.failure { () throws(TAFileError) in
                _ = try TAFile.subkey(signer.key, uuid: namespaces[1], maximumDepth: 0, nameSize: 64, by: signer)
            }?.result == .badParameters)
        // A chain that was put together nevertheless is refused when it is loaded.
        let loose = try TAFile.subkey(ImagesSupport.second(), uuid: namespaces[1], version: 1, maximumDepth: 0, nameSize: 64, by: TAFile.Signer(ImagesSupport.first(), .pkcs1))
        let name = Array("mid_level_subkey".utf8)
        let file = try application(top + name + [UInt8](repeating: 0, count: 64 - name.count) + loose)
        let keys = TAKeys(signingKey: try ImagesSupport.root())
        let failure = ImagesSupport.failure { () throws(TAFileError) in _ = try TAFile.parse(file, keys: keys) }
        #expect(failure?.result == .security)
        #expect(failure?.message.contains("levels below") == true)
    }

    @Test func subkeyMayNotSignWithAnotherKey() throws {
        let top = try top()
        let signer = TAFile.Signer(try ImagesSupport.second(), .pkcs1, chain: top, name: "mid_level_subkey")
        #expect(ImagesSupport.failure { () throws(TAFileError) in _ = try TAFile.signed(payload, uuid: namespaces[1], by: signer) }?.result == .badParameters)
        let forged = try TAFile.signed(payload, uuid: namespaces[1], by: TAFile.Signer(ImagesSupport.second()))
        let name = Array("mid_level_subkey".utf8)
        let keys = TAKeys(signingKey: try ImagesSupport.root())
        let file = top + name + [UInt8](repeating: 0, count: 64 - name.count) + forged
        #expect(ImagesSupport.failure { () throws(TAFileError) in _ = try TAFile.parse(file, keys: keys) }?.result == .security)
    }

    @Test func olderSubkeyIsRefusedWithSECURITY() throws {
        let folder = try ImagesFolder()
        let versions = try TAVersionStore(folder: folder.path, key: SecretBytes([1, 2, 3]))
        let keys = TAKeys(signingKey: try ImagesSupport.root())
        _ = try TAFile.parse(application(middle(top(version: 5))), keys: keys, versions: versions)
        let older = try application(middle(top(version: 4)))
        #expect(ImagesSupport.failure { () throws(TAFileError) in _ = try TAFile.parse(older, keys: keys, versions: versions) }?.result == .security)
        #expect(try versions.version(.subkey, namespaces[0]) == 5)
        #expect(try versions.version(.subkey, namespaces[1]) == 1)
    }

    @Test func chainWithoutApplicationIsNoTA() throws {
        let (chain, keys) = (try top(), TAKeys(signingKey: try ImagesSupport.root()))
        #expect(ImagesSupport.failure { () throws(TAFileError) in _ = try TAFile.parse(chain, keys: keys) }?.result == .security)
        let report = TAFileReport(chain, keys: keys)
        #expect(report.error == nil)
        #expect(report.description.contains("max_depth:  4"))
    }
}
