import Testing

@testable import SecureWorld

/// The form in which attributes are stored: what was written comes back, and whatever else the storage holds is refused.
@Suite struct ObjectsStorageFormTests {
    private func objects() throws -> [CryptoObject] {
        let curve = AsymmetricSignatureVectors.ecdsa[4]
        let data = try CryptoObject(type: .data, maximumKeySize: 0)
        try data.markInitializedData()
        return [
            data, try .makeSecret(.aes, 256, .secretValue, KeyMaterial.pattern(32)), try .makeSecret(.pbkdf2Password, 64, .pbkdf2Password, []),
            try .make(.rsaKeyPair, 1536, AsymmetricRSAVectors.key), try .make(.rsaKeyPair, 2048, Array(AsymmetricRSAVectors.key.prefix(3))),
            try KeyMaterial.curveKey(.ecdsaKeyPair, curve.curve, x: curve.x, y: curve.y, d: curve.d), try .generated(.x448KeyPair, 448),
            try .make(.dsaKeyPair, 2048, AsymmetricSignatureVectors.dsa[1].key),
            try .generated(.dhKeyPair, 1024, [.buffer(.dhPrime, KeyMaterial.bytes(DerivationVectors.dh.p)), .buffer(.dhBase, [2])]),
        ]
    }

    @Test func objectsComeBackAsTheyWere() throws {
        for object in try objects() {
            object.restrictUsage([.extractable, .sign])
            let again = try CryptoObject(serialized: object.serialized())
            #expect(again.info == object.info)
            for rule in object.rules?.attributes ?? [] {
                #expect((try? again.attribute(rule.id)) == (try? object.attribute(rule.id)), "\(rule.id)")
            }
            #expect(try again.serialized().bytes == object.serialized().bytes)
        }
    }

    @Test func anObjectWithoutAttributesHasNoForm() throws {
        #expect(throws: TEEResult.badParameters) { try CryptoObject(type: .aes, maximumKeySize: 128).serialized() }
    }

    @Test func everyCutIsCorrupt() throws {
        for object in try objects() {
            let bytes = try object.serialized().bytes
            for count in 0..<bytes.count { #expect(throws: TEEResult.corruptObject) { try CryptoObject(serialized: SecretBytes(bytes.prefix(count))) } }
            #expect(throws: TEEResult.corruptObject) { try CryptoObject(serialized: SecretBytes(bytes + [0])) }
        }
    }

    /// A changed byte either is refused or makes another well-formed object; it never stops the program.
    @Test func changedBytesAreRefusedOrWellFormed() throws {
        for object in try objects() {
            let bytes = try object.serialized().bytes
            for index in bytes.indices {
                var changed = bytes
                changed[index] ^= [UInt8(1), 0x80, 0xff][index % 3]
                guard let read = try? CryptoObject(serialized: SecretBytes(changed)) else { continue }
                #expect(try read.serialized().bytes == changed)
            }
        }
    }

    @Test func headersThatNothingWroteAreCorrupt() throws {
        let good = try CryptoObject.makeSecret(.aes, 128, .secretValue, KeyMaterial.pattern(16)).serialized().bytes
        let changes: [(Int, [UInt8])] = [
            (3, [2]), (4, [0xff, 0xff, 0xff, 0xff]), (8, [0xff, 0xff, 0xff, 0xff]), (12, [1, 0, 0, 0]), (20, [2, 0]), (20, [0, 0]), (20, [0xff, 0xff]),
            (22, [1]), (26, [0xff, 0xff, 0xff, 0xff]), (26, [0, 0, 0, 0x80]), (26, [15]), (26, [17]),
        ]
        for (offset, replacement) in changes {
            var bytes = good
            bytes.replaceSubrange(offset..<offset + replacement.count, with: replacement)
            #expect(throws: TEEResult.corruptObject) { try CryptoObject(serialized: SecretBytes(bytes)) }
        }
    }
}
