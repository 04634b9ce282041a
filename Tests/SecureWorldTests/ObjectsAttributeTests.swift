import Testing

@testable import SecureWorld

/// Allocation, population, attributes, rights and copies of objects, with OP-TEE's result codes.
@Suite struct ObjectsAttributeTests {
    /// TEE Internal Core API 1.3.1, table 5-9, within OP-TEE's limits: type, sizes that exist, sizes that do not.
    @Test(
        arguments: [
            (TEEObjectType.aes, [128, 192, 256], [0, 64, 127, 129, 320]), (.des, [56, 64], [0, 128, 112]), (.des3, [112, 128, 168, 192], [64, 56, 256]),
            (.sm4, [128], [0, 256]), (.hmacMD5, [64, 512], [56, 520]), (.hmacSHA1, [80, 512], [72]), (.hmacSHA256, [192, 1024], [184, 1032, 193]),
            (.hmacSHA512, [256, 1024], [248]), (.hmacSM3, [80, 1024], [72]), (.genericSecret, [0, 8, 4096], [4, 4104]), (.rsaKeyPair, [256, 1023, 4096], [255, 4097]),
            (.rsaPublicKey, [2048], [0]), (.dsaKeyPair, [512, 1024, 3072], [448, 1025, 3136]), (.dhKeyPair, [256, 2048], [255, 2049]),
            (.ecdsaKeyPair, [192, 256, 521], [191, 522]), (.ecdhPublicKey, [521], [0]), (.sm2DSAKeyPair, [256], [255, 257]), (.ed25519KeyPair, [256], [255, 257]),
            (.x25519PublicKey, [256], [0]), (.x448KeyPair, [448], [456]), (.ed448KeyPair, [448, 456], [256]), (.hkdfIKM, [0, 4096], [4104]), (.data, [0], [8]),
            (TEEObjectType(rawValue: 0xa000_00ff), [], [0, 128]), (.corrupted, [], [0]),
        ] as [(TEEObjectType, [UInt32], [UInt32])])
    func onlySizesOfTheTypeCanBeAllocated(type: TEEObjectType, possible: [UInt32], impossible: [UInt32]) throws {
        for size in possible { #expect(try CryptoObject(type: type, maximumKeySize: size).info.maximumKeySize == size) }
        for size in impossible { #expect(throws: TEEResult.notSupported) { try CryptoObject(type: type, maximumKeySize: size) } }
    }

    @Test func aNewObjectHasAllRightsAndNoAttributes() throws {
        let object = try CryptoObject(type: .aes, maximumKeySize: 256)
        #expect(object.info == TEEObjectInfo(type: .aes, keySize: 0, maximumKeySize: 256, usage: .all, flags: []))
        #expect(throws: TEEResult.badParameters) { try object.attribute(.secretValue) }
        #expect(object.secret == nil)
    }

    @Test func populatedSecretsComeBack() throws {
        let object = try CryptoObject.makeSecret(.aes, 256, .secretValue, KeyMaterial.pattern(16))
        #expect(object.keySize == 128)
        #expect(object.flags == .initialized)
        #expect(try object.attribute(.secretValue) == .buffer(.secretValue, KeyMaterial.pattern(16)))
        #expect(object.secret?.bytes == KeyMaterial.pattern(16))
    }

    @Test func numbersComeBackWithoutLeadingZeros() throws {
        let object = try CryptoObject(type: .rsaPublicKey, maximumKeySize: 256)
        try object.populate([.buffer(.rsaModulus, [UInt8](repeating: 9, count: 32)), .buffer(.rsaPublicExponent, [0, 0, 1, 0, 1])])
        #expect(try object.attribute(.rsaPublicExponent) == .buffer(.rsaPublicExponent, [1, 0, 1]))
        let zero = try CryptoObject(type: .rsaPublicKey, maximumKeySize: 256)
        try zero.populate([.buffer(.rsaModulus, [0]), .buffer(.rsaPublicExponent, [0])])
        #expect(try zero.attribute(.rsaModulus) == .buffer(.rsaModulus, []))
    }

    @Test func protectedAttributesNeedTheRight() throws {
        let object = try CryptoObject.make(.rsaKeyPair, 1536, AsymmetricRSAVectors.key)
        #expect(try object.attribute(.rsaPrivateExponent).bytes?.count ?? 0 > 100)
        object.restrictUsage([.sign, .verify])
        #expect(object.usage == [.sign, .verify])
        #expect(throws: TEEResult.badParameters) { try object.attribute(.rsaPrivateExponent) }
        #expect(try object.attribute(.rsaPublicExponent) == .buffer(.rsaPublicExponent, [1, 0, 1]))
        #expect(throws: TEEResult.itemNotFound) { try object.attribute(.dsaPrime) }
        object.restrictUsage(.all)
        #expect(object.usage == [.sign, .verify])
    }

    @Test func valuesComeBackWithoutTheirSecondNumber() throws {
        let key = try CryptoObject(type: .ecdsaPublicKey, maximumKeySize: 521)
        try key.populate([.value(.eccCurve, 3, 77), .buffer(.eccPublicValueX, [1]), .buffer(.eccPublicValueY, [2])])
        #expect(try key.attribute(.eccCurve) == .value(.eccCurve, 3, 0))
        #expect(key.keySize == 256)
    }

    @Test func listsThatDoNotFitTheTypeAreRefusedAndChangeNothing() throws {
        let all = AsymmetricRSAVectors.key.map { TEEAttribute.buffer($0.0, KeyMaterial.bytes($0.1)) }
        let object = try CryptoObject(type: .rsaKeyPair, maximumKeySize: 1536)
        for list in [[], Array(all.prefix(2)), Array(all.prefix(4)), all + [all[0]], all + [.buffer(.dsaPrime, [1])]] {
            #expect(throws: TEEResult.itemNotFound) { try object.populate(list) }
        }
        #expect(object.info == TEEObjectInfo(type: .rsaKeyPair, keySize: 0, maximumKeySize: 1536, usage: .all, flags: []))
        try object.populate(Array(all.reversed()))
        #expect(object.keySize == 1536)
        #expect(throws: TEEResult.badParameters) { try object.populate(all) }
    }

    @Test func keysThatAreTooLargeAreRefused() throws {
        let aes = try CryptoObject(type: .aes, maximumKeySize: 128)
        #expect(throws: TEEResult.badState) { try aes.populate([.buffer(.secretValue, KeyMaterial.pattern(24))]) }
        #expect(throws: TEEResult.security) { try aes.populate([.buffer(.secretValue, KeyMaterial.pattern(33))]) }
        let rsa = try CryptoObject(type: .rsaPublicKey, maximumKeySize: 512)
        #expect(throws: TEEResult.badState) { try rsa.populate([.buffer(.rsaModulus, KeyMaterial.pattern(65)), .buffer(.rsaPublicExponent, [3])]) }
        #expect(throws: TEEResult.badParameters) { try rsa.populate([.buffer(.rsaModulus, [1]), .buffer(.rsaPublicExponent, KeyMaterial.pattern(513))]) }
        let curve = try CryptoObject(type: .ecdhPublicKey, maximumKeySize: 256)
        let point: [TEEAttribute] = [.buffer(.eccPublicValueX, [1]), .buffer(.eccPublicValueY, [1])]
        #expect(throws: TEEResult.badState) { try curve.populate(point + [.value(.eccCurve, 4, 0)]) }
        #expect(throws: TEEResult.notSupported) { try curve.populate(point + [.value(.eccCurve, 6, 0)]) }
        #expect(throws: TEEResult.badParameters) { try curve.populate(point + [.buffer(.eccCurve, [4, 0, 0, 0, 0, 0, 0, 0])]) }
        let x25519 = try CryptoObject(type: .x25519PublicKey, maximumKeySize: 256)
        for count in [0, 31, 33] {
            #expect(throws: TEEResult.security) { try x25519.populate([.buffer(.x25519PublicValue, KeyMaterial.pattern(count))]) }
        }
        let dsa = try CryptoObject(type: .dsaPublicKey, maximumKeySize: 512)
        let numbers: [TEEAttribute] = [.buffer(.dsaSubprime, KeyMaterial.pattern(20)), .buffer(.dsaBase, [2]), .buffer(.dsaPublicValue, [3])]
        #expect(throws: TEEResult.badState) { try dsa.populate([.buffer(.dsaPrime, KeyMaterial.pattern(65))] + numbers) }
        try dsa.populate([.buffer(.dsaPrime, [0] + KeyMaterial.pattern(64))] + numbers)
        #expect(dsa.keySize == 160)
    }

    @Test func desKeysCountTheirParityBitsOrNot() throws {
        for (type, size, bytes) in [(TEEObjectType.des, 56, 8), (.des, 64, 8), (.des3, 112, 16), (.des3, 168, 24), (.des3, 128, 16), (.des3, 192, 24)] {
            let object = try CryptoObject.makeSecret(type, UInt32(size), .secretValue, KeyMaterial.pattern(bytes))
            #expect(object.keySize == UInt32(size))
            let generated = try CryptoObject.generated(type, UInt32(size))
            #expect(generated.keySize == UInt32(size))
            #expect(generated.secret?.count == bytes)
        }
    }

    @Test func resetForgetsButNotPersistentObjects() throws {
        let object = try CryptoObject.makeSecret(.genericSecret, 128, .secretValue, [1, 2, 3])
        object.restrictUsage([])
        try object.reset()
        #expect(object.info == TEEObjectInfo(type: .genericSecret, keySize: 0, maximumKeySize: 128, usage: .all, flags: []))
        try object.populate([.buffer(.secretValue, [4])])
        object.markPersistent()
        #expect(throws: TEEResult.badParameters) { try object.reset() }
        #expect(throws: TEEResult.badParameters) { try object.populate([.buffer(.secretValue, [5])]) }
        #expect(throws: TEEResult.badState) { try object.generate(size: 128) }
        #expect(object.secret?.bytes == [4])
    }

    @Test func copiesTakeAttributesAndRights() throws {
        let source = try CryptoObject.make(.rsaKeyPair, 1536, AsymmetricRSAVectors.key)
        source.restrictUsage([.verify])
        let twin = try source.publicKey(.rsaKeyPair)
        #expect(twin.usage == [.verify] && twin.keySize == 1536)
        let publicKey = try source.publicKey(.rsaPublicKey)
        #expect(try publicKey.hex(.rsaModulus) == AsymmetricRSAVectors.key[0].1)
        #expect(throws: TEEResult.itemNotFound) { try source.publicKey(.rsaPublicKey).attribute(.dhPrime) }
        #expect(throws: TEEResult.badParameters) { try publicKey.copy(from: source) }
        let empty = try CryptoObject(type: .rsaKeyPair, maximumKeySize: 1536)
        #expect(throws: TEEResult.badParameters) { try empty.copy(from: publicKey) }
        #expect(throws: TEEResult.badParameters) { try empty.publicKey(.rsaPublicKey) }
        let secret = try CryptoObject.makeSecret(.genericSecret, 512, .secretValue, KeyMaterial.pattern(64))
        #expect(throws: TEEResult.badParameters) { try CryptoObject(type: .hmacSHA256, maximumKeySize: 512).copy(from: secret) }
    }

    @Test func dataObjectsHaveNoAttributes() throws {
        let data = try CryptoObject(type: .data, maximumKeySize: 0)
        #expect(throws: TEEResult.notImplemented) { try data.populate([]) }
        #expect(throws: TEEResult.notSupported) { try data.generate(size: 0) }
        try data.markInitializedData()
        #expect(throws: TEEResult.badState) { try data.attribute(TEEAttributeID(rawValue: 0xd000_0130)) }
        #expect(throws: TEEResult.badParameters) { try CryptoObject(type: .aes, maximumKeySize: 128).markInitializedData() }
    }

    @Test func operationsTakeKeysOfTheirTypeOnly() throws {
        let aes = try CryptoObject(type: .aes, maximumKeySize: 128)
        try aes.checkSuitability(for: .aesGCM, mode: .encrypt)
        #expect(throws: TEEResult.badParameters) { try aes.checkSuitability(for: .sm4ECB, mode: .encrypt) }
        let publicKey = try CryptoObject(type: .rsaPublicKey, maximumKeySize: 512)
        try publicKey.checkSuitability(for: .rsaPSSSHA1, mode: .verify)
        #expect(throws: TEEResult.badParameters) { try publicKey.checkSuitability(for: .rsaPSSSHA1, mode: .sign) }
        let ikm = try CryptoObject(type: .hkdfIKM, maximumKeySize: 0)
        try ikm.checkSuitability(for: .hkdfSHA512, mode: .derive)
        #expect(throws: TEEResult.badParameters) { try ikm.checkSuitability(for: .hkdf, mode: .derive) }
        try CryptoObject(type: .hmacSHA3_256, maximumKeySize: 256).checkSuitability(for: .hmacSHA3_256, mode: .mac)
        #expect(throws: TEEResult.badParameters) { try aes.checkSuitability(for: TEEAlgorithm(rawValue: 0x1000_00ff), mode: .encrypt) }
    }
}
