import Foundation
import Testing
@testable import SecureWorld

/// Keys: PEM files, the development key, and what is derived from the device key.
@Suite struct ImagesKeyTests {
    private func fails(_ pem: String) -> TEEResult? { ImagesSupport.failure { () throws(TAFileError) in _ = try TASigningKey(pem: Array(pem.utf8)) }?.result }

    @Test func modulusAndExponentAreThoseThatOpensslPrints() throws {
        let folder = try ImagesFolder()
        try folder.write("key.pem", ImagesSupport.rootPEM)
        let modulus = try ImagesSupport.run(["openssl", "rsa", "-in", "key.pem", "-noout", "-modulus"], in: folder.path).trimmingCharacters(in: .whitespacesAndNewlines)
        let key = try ImagesSupport.root()
        #expect("Modulus=" + ImagesSupport.hex(key.modulus).uppercased() == modulus)
        #expect(key.exponent == [1, 0, 1])
        #expect(key.bits == 1024)
        #expect(key.isPrivate)
    }

    @Test func keysOfAllPEMFormsAreRead() throws {
        let folder = try ImagesFolder()
        try folder.write("key.pem", ImagesSupport.rootPEM)
        try ImagesSupport.run(["openssl", "rsa", "-in", "key.pem", "-traditional", "-out", "traditional.pem"], in: folder.path)
        try ImagesSupport.run(["openssl", "rsa", "-in", "key.pem", "-pubout", "-out", "public.pem"], in: folder.path)
        let modulus = try ImagesSupport.root().modulus
        #expect(try TASigningKey(pem: folder.read("traditional.pem")).modulus == modulus)
        let publicKey = try TASigningKey(pem: folder.read("public.pem"))
        #expect(publicKey.modulus == modulus)
        #expect(!publicKey.isPrivate)
    }

    @Test func whatIsNoRSAKeyIsRefused() throws {
        let folder = try ImagesFolder()
        try ImagesSupport.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "ec.pem"], in: folder.path)
        try ImagesSupport.run(["openssl", "genrsa", "-aes128", "-passout", "pass:secret", "-out", "locked.pem", "1024"], in: folder.path)
        try ImagesSupport.run(["openssl", "genrsa", "-out", "small.pem", "512"], in: folder.path)
        for name in ["ec.pem", "locked.pem", "small.pem"] { #expect(fails(String(decoding: try folder.read(name), as: UTF8.self)) == .badFormat, "\(name)") }
        #expect(fails("") == .badFormat)
        #expect(fails(String(repeating: "a", count: 100_000)) == .badFormat)
    }

    @Test func developmentKeyIsMadeOnceAndPrivate() throws {
        let folder = try ImagesFolder()
        let path = folder.path + "/keys"
        let first = try TAKeys.developmentKey(in: path, bits: 1024)
        let second = try TAKeys.developmentKey(in: path, bits: 1024)
        #expect(first.isNew)
        #expect(!second.isNew)
        #expect(first.key.modulus == second.key.modulus)
        let attributes = try FileManager.default.attributesOfItem(atPath: path + "/" + TAKeys.developmentKeyName)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: path) == [TAKeys.developmentKeyName])
        #expect(try ImagesSupport.run(["openssl", "rsa", "-in", "keys/" + TAKeys.developmentKeyName, "-check", "-noout"], in: folder.path).contains("RSA key ok"))
    }

    @Test func manyWhoComeFirstUseOneDevelopmentKey() async throws {
        let folder = try ImagesFolder()
        let path = folder.path
        let results = try await withThrowingTaskGroup(of: (modulus: [UInt8], isNew: Bool).self) { group in
            for _ in 0..<6 {
                group.addTask {
                    let made = try TAKeys.developmentKey(in: path, bits: 1024)
                    return (made.key.modulus, made.isNew)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(results.map(\.modulus)).count == 1)
        #expect(results.filter(\.isNew).count == 1)
    }

    @Test func damagedDevelopmentKeyIsNotReplaced() throws {
        let folder = try ImagesFolder()
        try folder.write(TAKeys.developmentKeyName, "rubbish")
        let failure = ImagesSupport.failure { () throws(TAFileError) in _ = try TAKeys.developmentKey(in: folder.path) }
        #expect(failure?.result == .badFormat)
        #expect(failure?.message.contains("delete it") == true)
        #expect(try folder.read(TAKeys.developmentKeyName) == Array("rubbish".utf8))
    }

    @Test func subkeysOfTheDeviceKeyAreHMACsOverTheUsage() throws {
        let folder = try ImagesFolder()
        let deviceKey = SecretBytes((0..<16).map { UInt8($0) })
        for (usage, data) in [(TAKeys.Usage.storage, [UInt8]()), (.fileEncryption, try ImagesSupport.root().modulus)] {
            try folder.write("message", [UInt8(usage.rawValue), 0, 0, 0] + data)
            let output = try ImagesSupport.run(
                ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", "hexkey:000102030405060708090a0b0c0d0e0f", "message"], in: folder.path)
            let code = ImagesSupport.hex(try TAKeys.subkey(of: deviceKey, usage, data: data).bytes)
            #expect(output.contains(code))
            if usage == .fileEncryption {
                let keys = TAKeys(signingKey: try ImagesSupport.root(), deviceKey: deviceKey)
                #expect(ImagesSupport.hex(try keys.encryptionKey(.deviceSpecific).bytes) == code)
            }
        }
    }
}

/// Rollback protection.
@Suite struct ImagesVersionStoreTests {
    private let uuid = ImagesSupport.helloWorld
    private func store(_ folder: ImagesFolder, key: UInt8 = 1) throws -> TAVersionStore { try TAVersionStore(folder: folder.path, key: SecretBytes([key])) }

    @Test func versionsOutliveTheStore() throws {
        let folder = try ImagesFolder()
        try store(folder).admit([.init(.application, uuid, 4), .init(.subkey, uuid, 9)])
        let again = try store(folder)
        #expect(try again.version(.application, uuid) == 4)
        #expect(try again.version(.subkey, uuid) == 9)
        #expect(try again.version(.application, .null) == 0)
    }

    @Test func oneOldClaimHoldsAllBack() throws {
        let folder = try ImagesFolder()
        let store = try store(folder)
        try store.admit([.init(.application, uuid, 4)])
        #expect(
            ImagesSupport.failure { () throws(TAFileError) in try store.admit([.init(.subkey, uuid, 2), .init(.application, uuid, 3)]) }?.result == .accessConflict)
        #expect(try store.version(.subkey, uuid) == 0)
    }

    @Test func everyDamageIsNoticed() throws {
        let folder = try ImagesFolder()
        let store = try store(folder)
        try store.admit([.init(.application, uuid, 4)])
        let bytes = try folder.read(TAVersionStore.fileName)
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            try folder.write(TAVersionStore.fileName, changed)
            #expect(ImagesSupport.failure { () throws(TAFileError) in _ = try store.version(.application, uuid) }?.result == .corruptObject, "byte \(index)")
            try folder.write(TAVersionStore.fileName, Array(bytes.prefix(index)))
            #expect(ImagesSupport.failure { () throws(TAFileError) in try store.admit([.init(.application, uuid, 5)]) }?.result == .corruptObject, "\(index) bytes")
        }
        try folder.write(TAVersionStore.fileName, bytes)
        #expect(try store.version(.application, uuid) == 4)
    }

    @Test func fileOfAnotherDeviceIsRefused() throws {
        let folder = try ImagesFolder()
        try store(folder).admit([.init(.application, uuid, 4)])
        let other = try store(folder, key: 2)
        #expect(ImagesSupport.failure { () throws(TAFileError) in _ = try other.version(.application, uuid) }?.result == .corruptObject)
    }

    @Test func concurrentClaimsAreAllKept() async throws {
        let folder = try ImagesFolder()
        let stores = try (0..<4).map { _ in try store(folder) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, store) in stores.enumerated() {
                group.addTask {
                    for step in 1...5 {
                        guard let own = TEEUUID(bigEndian: [UInt8](repeating: UInt8(number + 1), count: 16)) else { continue }
                        try store.admit([.init(.application, own, UInt32(step))])
                    }
                }
            }
            try await group.waitForAll()
        }
        for number in 0..<4 {
            let own = try #require(TEEUUID(bigEndian: [UInt8](repeating: UInt8(number + 1), count: 16)))
            #expect(try stores[0].version(.application, own) == 5)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["ta_versions", "ta_versions.lock"])
    }

    @Test func folderThatCannotBeMadeIsSaid() {
        let failure = ImagesSupport.failure { () throws(TAFileError) in _ = try TAVersionStore(folder: "/proc/none/there", key: SecretBytes([1])) }
        #expect(failure?.result == .storageNotAvailable)
    }
}
