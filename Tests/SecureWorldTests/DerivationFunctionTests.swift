import Testing

@testable import SecureWorld

/// Key derivation functions: HKDF (RFC 5869), the concatenation function (SP 800-56A) and PBKDF2 (RFC 8018).
@Suite struct DerivationFunctionTests {
    private func derived(_ operation: KeyDerivation, _ parameters: [TEEAttribute]) throws -> [UInt8] {
        let target = try CryptoObject(type: .genericSecret, maximumKeySize: 4096)
        try operation.derive(parameters, into: target)
        let secret = try #require(target.secret)
        #expect(target.keySize == UInt32(secret.count * 8))
        return secret.bytes
    }

    @Test func hkdfOfOPTEEYieldsTheKnownKeys() throws {
        for (algorithm, _, ikm, salt, info, length, expected) in DerivationVectors.hkdf {
            let key = try CryptoObject.makeSecret(.hkdfIKM, 4096, .hkdfIKM, KeyMaterial.pattern(ikm))
            let parameters: [TEEAttribute] = [
                .buffer(.opteeHKDFSalt, KeyMaterial.pattern(salt)), .buffer(.opteeHKDFInfo, KeyMaterial.pattern(info)),
                .value(.hkdfOKMLength, UInt32(length), 0),
            ]
            #expect(KeyMaterial.hex(try derived(KeyDerivation(algorithm, key: key), parameters)) == expected, "\(algorithm)")
        }
    }

    @Test func hkdfOfTheSpecificationYieldsTheSame() throws {
        for (_, digest, ikm, salt, info, length, expected) in DerivationVectors.hkdf {
            let key = try CryptoObject.makeSecret(.hkdf, 4096, .secretValue, KeyMaterial.pattern(ikm))
            let parameters: [TEEAttribute] = [
                .buffer(.hkdfSalt, KeyMaterial.pattern(salt)), .buffer(.hkdfInfo, KeyMaterial.pattern(info)),
                .value(.hkdfHashAlgorithm, digest.rawValue, 0), .value(.kdfKeySize, UInt32(length), 0),
            ]
            #expect(KeyMaterial.hex(try derived(KeyDerivation(.hkdf, key: key), parameters)) == expected, "\(digest)")
            #expect(throws: TEEResult.badParameters) { try derived(KeyDerivation(.hkdf, key: key), Array(parameters.prefix(3))) }
            #expect(throws: TEEResult.notSupported) {
                try derived(KeyDerivation(.hkdf, key: key), [.value(.hkdfHashAlgorithm, 0x1000_0010, 0), .value(.kdfKeySize, 1, 0)])
            }
        }
    }

    /// RFC 5869, A.1.
    @Test func hkdfYieldsTheKeyOfRFC5869() throws {
        let key = try CryptoObject.makeSecret(.hkdfIKM, 176, .hkdfIKM, [UInt8](repeating: 0x0b, count: 22))
        let okm = try derived(
            KeyDerivation(.hkdfSHA256, key: key),
            [.buffer(.opteeHKDFSalt, Array(0...12)), .buffer(.opteeHKDFInfo, Array(0xf0...0xf9)), .value(.hkdfOKMLength, 42, 0)])
        #expect(KeyMaterial.hex(okm) == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")
    }

    @Test func theConcatenationFunctionYieldsTheKnownKeys() throws {
        for (algorithm, z, info, length, expected) in DerivationVectors.concatKDF {
            let key = try CryptoObject.makeSecret(.concatKDFZ, 4096, .concatKDFZ, KeyMaterial.pattern(z))
            let parameters: [TEEAttribute] = [.buffer(.concatKDFOtherInfo, KeyMaterial.pattern(info)), .value(.concatKDFLength, UInt32(length), 0)]
            #expect(KeyMaterial.hex(try derived(KeyDerivation(algorithm, key: key), parameters)) == expected, "\(algorithm)")
        }
    }

    @Test func passwordsYieldTheKnownKeys() throws {
        for (algorithm, password, salt, iterations, length, expected) in DerivationVectors.pbkdf2 {
            let key = try CryptoObject.makeSecret(.pbkdf2Password, 4096, .pbkdf2Password, KeyMaterial.pattern(password))
            let parameters: [TEEAttribute] = [
                .buffer(.pbkdf2Salt, KeyMaterial.pattern(salt)), .value(.pbkdf2IterationCount, iterations, 0), .value(.pbkdf2Length, UInt32(length), 0),
            ]
            let operation = KeyDerivation(TEEAlgorithm(rawValue: algorithm), key: key)
            #expect(KeyMaterial.hex(try derived(operation, parameters)) == expected, "\(algorithm)")
        }
    }

    /// RFC 6070: "password", "salt", 2 and 4096 iterations.
    @Test(arguments: [(2, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"), (4096, "4b007901b765489abead49d926f721d065a429c1")])
    func passwordsYieldTheKeysOfRFC6070(iterations: UInt32, expected: String) throws {
        let key = try CryptoObject.makeSecret(.pbkdf2Password, 64, .pbkdf2Password, Array("password".utf8))
        let derived = try derived(
            KeyDerivation(.pbkdf2SHA1, key: key),
            [.buffer(.pbkdf2Salt, Array("salt".utf8)), .value(.pbkdf2IterationCount, iterations, 0), .value(.pbkdf2Length, 20, 0)])
        #expect(KeyMaterial.hex(derived) == expected)
    }

    @Test func lengthsThatAreMissingOrTooLargeAreBadParameters() throws {
        let ikm = try CryptoObject.makeSecret(.hkdfIKM, 256, .hkdfIKM, [1])
        let z = try CryptoObject.makeSecret(.concatKDFZ, 256, .concatKDFZ, [1])
        let password = try CryptoObject.makeSecret(.pbkdf2Password, 256, .pbkdf2Password, [1])
        let count = TEEAttribute.value(.pbkdf2IterationCount, 1, 0)
        for (operation, others, length) in [
            (KeyDerivation(.hkdfSHA256, key: ikm), [], TEEAttributeID.hkdfOKMLength), (KeyDerivation(.concatKDFSHA256, key: z), [], .concatKDFLength),
            (KeyDerivation(.pbkdf2SHA1, key: password), [count], .pbkdf2Length),
        ] {
            #expect(throws: TEEResult.badParameters) { try derived(operation, others) }
            #expect(throws: TEEResult.badParameters) { try derived(operation, others + [.value(length, 513, 0)]) }
            #expect(throws: TEEResult.badParameters) { try derived(operation, others + [.value(length, .max, 0)]) }
            #expect(throws: TEEResult.badParameters) { try derived(operation, others + [.value(length, 16, 0), .buffer(.secretValue, [])]) }
            #expect(throws: TEEResult.badParameters) { try derived(operation, others + [.buffer(length, [1])]) }
            #expect(try derived(operation, others + [.value(length, 512, 0)]).count == 512)
            #expect(try derived(operation, others + [.value(length, 0, 0)]).isEmpty)
        }
        #expect(throws: TEEResult.badParameters) {
            try derived(KeyDerivation(.pbkdf2SHA1, key: password), [.value(.pbkdf2IterationCount, 0, 0), .value(.pbkdf2Length, 16, 0)])
        }
        #expect(throws: TEEResult.badParameters) { try derived(KeyDerivation(.hkdfSHA256, key: password), []) }
    }
}
