import Testing

@testable import SecureWorld

/// Key agreement: Diffie-Hellman, ECDH (SP 800-56A), X25519, X448 (RFC 7748) and SM2's protocol (GB/T 32918.3).
@Suite struct DerivationAgreementTests {
    private func derived(_ operation: KeyDerivation, _ parameters: [TEEAttribute], _ size: UInt32 = 4096) throws -> String {
        let target = try CryptoObject(type: .genericSecret, maximumKeySize: size)
        try operation.derive(parameters, into: target)
        #expect(target.isInitialized)
        return try target.hex(.secretValue)
    }

    @Test func diffieHellmanIsThePowerWithoutLeadingZeros() throws {
        let vector = DerivationVectors.dh
        let key = try CryptoObject.make(.dhKeyPair, 1024, [(.dhPrime, vector.p), (.dhBase, "02"), (.dhPublicValue, vector.y), (.dhPrivateValue, vector.x)])
        let operation = KeyDerivation(.dh, key: key)
        #expect(try derived(operation, [.buffer(.dhPublicValue, KeyMaterial.bytes(vector.peer))]) == vector.secret)
        #expect(try derived(operation, [.buffer(.dhPublicValue, [0, 0] + KeyMaterial.bytes(vector.peer))]) == vector.secret)
        for nonsense in [[], [0], [1], KeyMaterial.bytes(vector.p), [UInt8](repeating: 255, count: 600)] {
            #expect(throws: TEEResult.badParameters) { try derived(operation, [.buffer(.dhPublicValue, nonsense)]) }
        }
        #expect(throws: TEEResult.badParameters) { try derived(operation, []) }
        #expect(throws: TEEResult.badParameters) { try derived(operation, [.buffer(.dhPrime, KeyMaterial.bytes(vector.peer))]) }
    }

    @Test func curveDiffieHellmanIsTheSharedXCoordinate() throws {
        for (curve, d, x, y, peerX, peerY, secret) in DerivationVectors.ecdh {
            let key = try KeyMaterial.curveKey(.ecdhKeyPair, curve, x: x, y: y, d: d)
            let parameters: [TEEAttribute] = [.buffer(.eccPublicValueX, KeyMaterial.bytes(peerX)), .buffer(.eccPublicValueY, KeyMaterial.bytes(peerY))]
            #expect(try derived(KeyDerivation(.ecdh, key: key), parameters) == secret, "\(curve)")
            #expect(try derived(KeyDerivation(.ecdhP256, key: key), parameters) == secret)
            let off: [TEEAttribute] = [.buffer(.eccPublicValueX, KeyMaterial.bytes(peerX)), .buffer(.eccPublicValueY, KeyMaterial.bytes(peerX))]
            #expect(throws: TEEResult.badParameters) { try derived(KeyDerivation(.ecdh, key: key), off) }
            #expect(throws: TEEResult.badParameters) { try derived(KeyDerivation(.ecdh, key: key), parameters.reversed()) }
            #expect(throws: TEEResult.badParameters) { try derived(KeyDerivation(.ecdh, key: key), Array(parameters.prefix(1))) }
        }
    }

    /// RFC 7748, 6.1 and 6.2: Bob's key with Alice's public one.
    @Test func montgomeryCurvesAgreeAsInRFC7748() throws {
        let x25519 = try CryptoObject.make(
            .x25519KeyPair, 256,
            [
                (.x25519PrivateValue, "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"),
                (.x25519PublicValue, "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"),
            ])
        let alice = KeyMaterial.bytes("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")
        #expect(
            try derived(KeyDerivation(.x25519, key: x25519), [.buffer(.x25519PublicValue, alice)], 256)
                == "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")
        let x448 = try CryptoObject.make(
            .x448KeyPair, 448,
            [
                (.x448PrivateValue, "1c306a7ac2a0e2e0990b294470cba339e6453772b075811d8fad0d1d6927c120bb5ee8972b0d3e21374c9c921b09d1b0366f10b65173992d"),
                (.x448PublicValue, "3eb7a829b0cd20f5bcfc0b599b6feccf6da4627107bdb0d4f345b43027d8b972fc3e34fb4232a13ca706dcb57aec3dae07bdc1c67bf33609"),
            ])
        let alice448 = KeyMaterial.bytes(
            "9b08f7cc31b7e3e67d22d5aea121074a273bd2b83de09c63faa73d2c22c5d9bbc836647241d953d40c5b12da88120d53177f80e532c41fa0")
        #expect(
            try derived(KeyDerivation(.x448, key: x448), [.buffer(.x448PublicValue, alice448)], 448)
                == "07fff4181ac6cc95ec1c16a94a0f74d12da232ce40a77552281d282bb60c0b56fd2464c335543936521c24403085d59a449a5037514a879d")
        for nonsense in [[], [UInt8](repeating: 0, count: 32), [UInt8](repeating: 1, count: 33)] {
            #expect(throws: TEEResult.badParameters) { try derived(KeyDerivation(.x25519, key: x25519), [.buffer(.x25519PublicValue, nonsense)]) }
        }
        #expect(throws: TEEResult.badParameters) { try derived(KeyDerivation(.x25519, key: x25519), [.buffer(.x448PublicValue, alice)]) }
    }

    @Test func aTargetMustBeAnEmptySecretThatIsLargeEnough() throws {
        let (curve, d, x, y, peerX, peerY, _) = DerivationVectors.ecdh[4]
        let operation = KeyDerivation(.ecdh, key: try KeyMaterial.curveKey(.ecdhKeyPair, curve, x: x, y: y, d: d))
        let parameters: [TEEAttribute] = [.buffer(.eccPublicValueX, KeyMaterial.bytes(peerX)), .buffer(.eccPublicValueY, KeyMaterial.bytes(peerY))]
        let small = try CryptoObject(type: .aes, maximumKeySize: 256)
        #expect(throws: TEEResult.badParameters) { try operation.derive(parameters, into: small) }
        let full = try CryptoObject.makeSecret(.genericSecret, 4096, .secretValue, [1])
        #expect(throws: TEEResult.badParameters) { try operation.derive(parameters, into: full) }
        let pair = try CryptoObject(type: .ecdhKeyPair, maximumKeySize: 521)
        #expect(throws: TEEResult.badParameters) { try operation.derive(parameters, into: pair) }
        let empty = try CryptoObject(type: .ecdhKeyPair, maximumKeySize: 256)
        #expect(throws: TEEResult.badParameters) { try derived(KeyDerivation(.ecdh, key: empty), parameters) }
        #expect(throws: TEEResult.notSupported) { try derived(KeyDerivation(.ecdsaSHA256, key: operation.key), parameters) }
    }
}
