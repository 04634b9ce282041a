import Testing

@testable import SecureWorld

/// Key generation (TEE Internal Core API 1.3.1, 5.6); what it makes is checked by the openssl command and by use.
@Suite struct ObjectsGenerationTests {
    @Test(
        arguments: [
            (TEEObjectType.aes, 192), (.sm4, 128), (.hmacMD5, 64), (.hmacSHA1, 512), (.hmacSHA224, 112), (.hmacSHA256, 1024), (.hmacSHA384, 256), (.hmacSHA512, 264),
            (.hmacSM3, 80), (.hmacSHA3_224, 192), (.hmacSHA3_512, 1024), (.genericSecret, 4096),
        ] as [(TEEObjectType, UInt32)])
    func secretsHaveTheirSize(type: TEEObjectType, size: UInt32) throws {
        let object = try CryptoObject.generated(type, size)
        #expect(object.keySize == size)
        #expect(object.secret?.count == Int(size / 8))
        #expect(try object.secret?.bytes != CryptoObject.generated(type, size).secret?.bytes)
        #expect(throws: TEEResult.badState) { try object.generate(size: size) }
    }

    @Test func whatCannotBeGeneratedIsToldApart() throws {
        let aes = try CryptoObject(type: .aes, maximumKeySize: 128)
        #expect(throws: TEEResult.notSupported) { try aes.generate(size: 129) }
        #expect(throws: TEEResult.notSupported) { try aes.generate(size: 256) }
        #expect(throws: TEEResult.itemNotFound) { try aes.generate(size: 128, parameters: [.buffer(.secretValue, [])]) }
        #expect(throws: TEEResult.badFormat) { try CryptoObject.generated(.rsaPublicKey, 512) }
        #expect(throws: TEEResult.badFormat) { try CryptoObject.generated(.hkdfIKM, 512) }
        #expect(throws: TEEResult.badFormat) { try CryptoObject.generated(.pbkdf2Password, 512) }
        #expect(throws: TEEResult.itemNotFound) { try CryptoObject.generated(.ecdsaKeyPair, 256) }
        #expect(throws: TEEResult.notSupported) { try CryptoObject.generated(.ecdsaKeyPair, 256, [.value(.eccCurve, 99, 0)]) }
        #expect(throws: TEEResult.badParameters) { try CryptoObject.generated(.ecdsaKeyPair, 521, [.value(.eccCurve, 3, 0)]) }
        #expect(throws: TEEResult.badParameters) { try CryptoObject.generated(.sm2PKEKeyPair, 256, [.value(.eccCurve, 3, 0)]) }
        #expect(throws: TEEResult.itemNotFound) { try CryptoObject.generated(.dhKeyPair, 512, [.buffer(.dhPrime, [7])]) }
    }

    /// `openssl rsa -check` recomputes every number of the key.
    @Test(arguments: [256, 320, 384, 448, 511, 512, 768, 1024, 2048]) func rsaKeysAreRight(size: UInt32) throws {
        let pair = try CryptoObject.generated(.rsaKeyPair, size)
        #expect(try #require(pair.bytes(.rsaModulus)).bitCount == Int(size))
        #expect(try pair.hex(.rsaPublicExponent) == "010001")
        let openssl = try OpenSSLCommand()
        try openssl.writeNumbers(pair, OpenSSLCommand.rsa, "key")
        #expect(try openssl.run("rsa -check -noout -inform DER -in key"))
        let message = KeyMaterial.pattern(20)
        let cipher = try AsymmetricOperation(.rsaNoPad, .encrypt, key: pair).output(message)
        #expect(try AsymmetricOperation(.rsaNoPad, .decrypt, key: pair).output(cipher) == message)
    }

    @Test func rsaExponentsAreThoseOfSP800_56B() throws {
        for exponent in [[1, 0, 3], [1, 0, 0, 0, 0, 0, 0, 0, 0xf]] as [[UInt8]] {
            for size in [384, 1024] as [UInt32] {
                let pair = try CryptoObject.generated(.rsaKeyPair, size, [.buffer(.rsaPublicExponent, exponent)])
                #expect(try pair.attribute(.rsaPublicExponent).bytes == exponent)
            }
        }
        for exponent in [[], [3], [0xff, 0xff], [1, 0, 2], [1] + [UInt8](repeating: 1, count: 32)] as [[UInt8]] {
            #expect(throws: TEEResult.badParameters) { try CryptoObject.generated(.rsaKeyPair, 1024, [.buffer(.rsaPublicExponent, exponent)]) }
        }
    }

    @Test func dsaPairsBelongToTheirGroup() throws {
        for (size, attributes, _) in AsymmetricSignatureVectors.dsa {
            let group = attributes.prefix(3).map { TEEAttribute.buffer($0.0, KeyMaterial.bytes($0.1)) }
            let pair = try CryptoObject.generated(.dsaKeyPair, size, group)
            let openssl = try OpenSSLCommand()
            try openssl.writeNumbers(pair, OpenSSLCommand.dsa, "key")
            #expect(try openssl.run("pkey -check -noout -inform DER -in key"))
            let other = group.map { $0.id == .dsaPrime ? TEEAttribute.buffer($0.id, [9]) : $0 }
            #expect(throws: TEEResult.badParameters) { try CryptoObject.generated(.dsaKeyPair, size, other) }
            #expect(throws: TEEResult.itemNotFound) { try CryptoObject.generated(.dsaKeyPair, size, Array(group.prefix(2))) }
        }
    }

    @Test func dhPairsAgreeAndHaveTheBitsWanted() throws {
        let group: [TEEAttribute] = [.buffer(.dhPrime, KeyMaterial.bytes(DerivationVectors.dh.p)), .buffer(.dhBase, [2])]
        let one = try CryptoObject.generated(.dhKeyPair, 1024, group + [.value(.dhXBits, 160, 0)])
        #expect(try #require(one.bytes(.dhPrivateValue)).bitCount == 160)
        #expect(try one.attribute(.dhXBits) == .value(.dhXBits, 160, 0))
        let other = try CryptoObject.generated(.dhKeyPair, 1024, group + [.buffer(.dhSubprime, [0x7f] + KeyMaterial.pattern(19))])
        #expect(try #require(other.bytes(.dhPrivateValue)).bitCount <= 159)
        var secrets: [[UInt8]?] = []
        for (own, peer) in [(one, other), (other, one)] {
            let target = try CryptoObject(type: .genericSecret, maximumKeySize: 1024)
            try KeyDerivation(.dh, key: own).derive([.buffer(.dhPublicValue, try #require(peer.bytes(.dhPublicValue)).bytes)], into: target)
            secrets.append(target.secret?.bytes)
        }
        #expect(secrets[0] == secrets[1])
        #expect(throws: TEEResult.badParameters) { try CryptoObject.generated(.dhKeyPair, 1024, group + [.value(.dhXBits, 1025, 0)]) }
        #expect(throws: TEEResult.badParameters) { try CryptoObject.generated(.dhKeyPair, 512, [.buffer(.dhPrime, [0x17]), .buffer(.dhBase, [2])]) }
        #expect(throws: TEEResult.badState) { try CryptoObject.generated(.dhKeyPair, 256, group) }
    }

    @Test(arguments: EllipticCurve.allCases) func pairsOnCurvesAreRight(curve: EllipticCurve) throws {
        let types: [TEEObjectType] = curve == .sm2 ? [.sm2DSAKeyPair, .sm2PKEKeyPair, .sm2KEPKeyPair] : [.ecdsaKeyPair, .ecdhKeyPair]
        for type in types {
            let pair = try CryptoObject.generated(type, curve.keySize, [.value(.eccCurve, curve.rawValue, 0)])
            #expect(pair.keySize == curve.keySize)
            #expect(try pair.attribute(.eccCurve) == .value(.eccCurve, curve.rawValue, 0))
            let openssl = try OpenSSLCommand()
            try openssl.writeCurveKey(pair, "key")
            #expect(try openssl.run("pkey -check -noout -inform DER -in key"))
        }
    }

    @Test func pairsOfOctetsAreRight() throws {
        for (type, size, algorithm) in [(TEEObjectType.ed25519KeyPair, 256, TEEAlgorithm.ed25519), (.ed448KeyPair, 448, .ed448), (.ed448KeyPair, 456, .ed448)] {
            let pair = try CryptoObject.generated(type, UInt32(size))
            let signature = try AsymmetricOperation(algorithm, .sign, key: pair).output([1, 2, 3])
            #expect(try AsymmetricOperation(algorithm, .verify, key: pair).isValid([1, 2, 3], signature))
        }
        for (type, size, algorithm, value) in [
            (TEEObjectType.x25519KeyPair, 256, TEEAlgorithm.x25519, TEEAttributeID.x25519PublicValue), (.x448KeyPair, 448, .x448, .x448PublicValue),
        ] {
            let pairs = try (0..<2).map { _ in try CryptoObject.generated(type, UInt32(size)) }
            let secrets = try [(0, 1), (1, 0)].map { own, peer in
                let target = try CryptoObject(type: .genericSecret, maximumKeySize: 512)
                try KeyDerivation(algorithm, key: pairs[own]).derive([try pairs[peer].attribute(value)], into: target)
                return target.secret?.bytes
            }
            #expect(secrets[0] == secrets[1])
        }
    }
}
