import Testing

@testable import SecureWorld

/// RSA encryption and signatures (RFC 8017) with OP-TEE's result codes.
@Suite struct AsymmetricRSATests {
    private let pair: CryptoObject
    private let publicKey: CryptoObject

    init() throws {
        pair = try .make(.rsaKeyPair, 1536, AsymmetricRSAVectors.key)
        publicKey = try pair.publicKey(.rsaPublicKey)
    }

    private func digest(_ algorithm: TEEAlgorithm) -> [UInt8] { KeyMaterial.pattern(algorithm.digestSize ?? 50) }

    @Test func signaturesOfPKCS1AreTheKnownOnes() throws {
        for (algorithm, expected) in AsymmetricRSAVectors.signatures {
            let signature = try AsymmetricOperation(algorithm, .sign, key: pair).output(digest(algorithm))
            #expect(KeyMaterial.hex(signature) == expected, "\(algorithm)")
            for key in [pair, publicKey] { #expect(try AsymmetricOperation(algorithm, .verify, key: key).isValid(digest(algorithm), signature)) }
        }
    }

    @Test func aSignatureOfAnotherDigestOrWithAnotherBitIsInvalid() throws {
        for (algorithm, expected) in AsymmetricRSAVectors.signatures + AsymmetricRSAVectors.pssSignatures.filter({ $0.salt != 0 }).map({ ($0.0, $0.2) }) {
            let operation = AsymmetricOperation(algorithm, .verify, key: publicKey)
            var signature = KeyMaterial.bytes(expected)
            var digest = digest(algorithm)
            #expect(try operation.isValid(digest, signature))
            digest[0] ^= 1
            #expect(try !operation.isValid(digest, signature))
            digest[0] ^= 1
            signature[100] ^= 1
            #expect(try !operation.isValid(digest, signature))
            #expect(try !operation.isValid(digest, Array(signature.dropLast())))
            #expect(try !operation.isValid(digest, []))
        }
    }

    @Test func signaturesOfPSSVerifyWithTheirSalt() throws {
        for (algorithm, salt, signature) in AsymmetricRSAVectors.pssSignatures {
            let operation = AsymmetricOperation(algorithm, .verify, key: publicKey)
            let parameters: [TEEAttribute] = [.value(.rsaPSSSaltLength, UInt32(salt), 0)]
            #expect(try operation.isValid(digest(algorithm), KeyMaterial.bytes(signature), parameters), "\(algorithm) \(salt)")
            #expect(try !operation.isValid(digest(algorithm), KeyMaterial.bytes(signature), [.value(.rsaPSSSaltLength, UInt32(salt + 1), 0)]))
        }
    }

    @Test func theSaltIsAsLongAsTheDigestUnlessSaid() throws {
        let signature = try AsymmetricOperation(.rsaPSSSHA256, .sign, key: pair).output(digest(.rsaPSSSHA256))
        let verify = AsymmetricOperation(.rsaPSSSHA256, .verify, key: publicKey)
        #expect(try verify.isValid(digest(.rsaPSSSHA256), signature))
        #expect(try verify.isValid(digest(.rsaPSSSHA256), signature, [.value(.rsaPSSSaltLength, 32, 0)]))
        #expect(try !verify.isValid(digest(.rsaPSSSHA256), signature, [.value(.rsaPSSSaltLength, 20, 0)]))
        #expect(throws: TEEResult.badParameters) {
            try AsymmetricOperation(.rsaPSSSHA256, .sign, key: pair).output(digest(.rsaPSSSHA256), [.value(.rsaPSSSaltLength, 200, 0)])
        }
    }

    @Test func ciphertextsOfOAEPAreUnderstood() throws {
        for (algorithm, label, mask, cipher) in AsymmetricRSAVectors.oaepCiphertexts {
            let maskBytes = withUnsafeBytes(of: mask.rawValue.littleEndian) { Array($0) }
            let parameters: [TEEAttribute] =
                (label == 0 ? [] : [.buffer(.rsaOAEPLabel, KeyMaterial.pattern(label))])
                + (mask == algorithm.digest ? [] : [.buffer(.rsaOAEPMaskHash, maskBytes)])
            let operation = AsymmetricOperation(algorithm, .decrypt, key: pair)
            #expect(try operation.output(KeyMaterial.bytes(cipher), parameters) == KeyMaterial.pattern(20), "\(algorithm)")
            let again = try AsymmetricOperation(algorithm, .encrypt, key: publicKey).output(KeyMaterial.pattern(30), parameters)
            #expect(try operation.output(again, parameters) == KeyMaterial.pattern(30))
            #expect(throws: TEEResult.badParameters) { try operation.output(again, [.buffer(.rsaOAEPLabel, [1])]) }
        }
    }

    @Test func ciphertextsOfPKCS1AreUnderstood() throws {
        let operation = AsymmetricOperation(.rsaesPKCS1, .decrypt, key: pair)
        #expect(try operation.output(KeyMaterial.bytes(AsymmetricRSAVectors.pkcs1Ciphertext)) == KeyMaterial.pattern(20))
        for message in [[], KeyMaterial.pattern(181)] {
            let cipher = try AsymmetricOperation(.rsaesPKCS1, .encrypt, key: publicKey).output(message)
            #expect(try operation.output(cipher) == message)
        }
        #expect(throws: TEEResult.badParameters) { try AsymmetricOperation(.rsaesPKCS1, .encrypt, key: publicKey).output(KeyMaterial.pattern(182)) }
        #expect(throws: TEEResult.badParameters) { try operation.output(KeyMaterial.pattern(192)) }
    }

    @Test func withoutPaddingItIsThePower() throws {
        let power = try AsymmetricOperation(.rsaNoPad, .encrypt, key: publicKey).output(KeyMaterial.pattern(20))
        #expect(KeyMaterial.hex(power) == AsymmetricRSAVectors.power)
        #expect(try AsymmetricOperation(.rsaNoPad, .decrypt, key: pair).output(power) == KeyMaterial.pattern(20))
        #expect(try AsymmetricOperation(.rsaNoPad, .encrypt, key: publicKey).output([0, 0, 1]) == [1])
        #expect(try AsymmetricOperation(.rsaNoPad, .encrypt, key: publicKey).output([0]) == [0])
        #expect(throws: TEEResult.badParameters) { try AsymmetricOperation(.rsaNoPad, .encrypt, key: publicKey).output([UInt8](repeating: 255, count: 192)) }
        #expect(throws: TEEResult.badParameters) { try AsymmetricOperation(.rsaNoPad, .encrypt, key: publicKey).output([UInt8](repeating: 1, count: 193)) }
        #expect(throws: TEEResult.generic) { try AsymmetricOperation(.rsaNoPad, .sign, key: pair).output([1]) }
    }

    @Test func aBufferThatIsTooSmallIsToldItsSize() throws {
        for algorithm in [TEEAlgorithm.rsaPKCS1SHA256, .rsaPSSSHA256] {
            #expect(try AsymmetricOperation(algorithm, .sign, key: pair).operate([], KeyMaterial.pattern(32), capacity: 191) == .shortBuffer(192))
        }
        for algorithm in [TEEAlgorithm.rsaesPKCS1, .rsaOAEPSHA1] {
            #expect(try AsymmetricOperation(algorithm, .encrypt, key: publicKey).operate([], [1], capacity: 191) == .shortBuffer(192))
        }
        let cipher = KeyMaterial.bytes(AsymmetricRSAVectors.pkcs1Ciphertext)
        #expect(try AsymmetricOperation(.rsaesPKCS1, .decrypt, key: pair).operate([], cipher, capacity: 19) == .shortBuffer(20))
        #expect(try AsymmetricOperation(.rsaNoPad, .encrypt, key: publicKey).operate([], [2], capacity: 0) != .output([]))
    }

    @Test func aDigestOfAnotherLengthIsABadParameter() throws {
        for count in [0, 31, 33] {
            let digest = KeyMaterial.pattern(count)
            #expect(throws: TEEResult.badParameters) { try AsymmetricOperation(.rsaPKCS1SHA256, .sign, key: pair).output(digest) }
            #expect(throws: TEEResult.badParameters) {
                try AsymmetricOperation(.rsaPSSSHA256, .verify, key: pair).verify([], digest: digest, signature: KeyMaterial.pattern(192))
            }
        }
        #expect(throws: TEEResult.badParameters) { try AsymmetricOperation(.rsaPKCS1NoASN1, .sign, key: pair).output(KeyMaterial.pattern(182)) }
    }

    @Test func modesThatDoNotFitAreRefused() throws {
        #expect(throws: TEEResult.badParameters) { try AsymmetricOperation(.rsaPKCS1SHA256, .verify, key: pair).output(KeyMaterial.pattern(32)) }
        #expect(throws: TEEResult.badParameters) { try AsymmetricOperation(.rsaesPKCS1, .sign, key: pair).output([1]) }
        #expect(throws: TEEResult.badParameters) { try AsymmetricOperation(.rsaPKCS1SHA256, .sign, key: pair).verify([], digest: [], signature: []) }
        #expect(throws: TEEResult.badParameters) { try AsymmetricOperation(.rsaPKCS1SHA256, .sign, key: publicKey).output(KeyMaterial.pattern(32)) }
        #expect(throws: TEEResult.badParameters) { try AsymmetricOperation(.aesGCM, .encrypt, key: pair).output([1]) }
    }

    @Test func aKeyWithoutAttributesSignsNothing() throws {
        let empty = try CryptoObject(type: .rsaKeyPair, maximumKeySize: 1024)
        #expect(throws: TEEResult.generic) { try AsymmetricOperation(.rsaPKCS1SHA1, .sign, key: empty).output(KeyMaterial.pattern(20)) }
        #expect(throws: TEEResult.badParameters) { try AsymmetricOperation(.rsaPKCS1SHA1, .verify, key: empty).verify([], digest: [], signature: []) }
    }

    @Test func aPairWithoutPrimesSignsTheSame() throws {
        let short = try CryptoObject.make(.rsaKeyPair, 1536, Array(AsymmetricRSAVectors.key.prefix(3)))
        let signature = try AsymmetricOperation(.rsaPKCS1SHA256, .sign, key: short).output(KeyMaterial.pattern(32))
        #expect(try AsymmetricOperation(.rsaPKCS1SHA256, .verify, key: publicKey).isValid(KeyMaterial.pattern(32), signature))
    }

    /// An application may write anything into a key.
    @Test func nonsenseForAKeyIsAnErrorAndNoMore() throws {
        for (n, e, d) in [("00", "00", "00"), ("02", "03", "01"), (String(repeating: "fe", count: 128), "010001", "05"), (String(repeating: "ff", count: 128), "01", "00")] {
            let key = try CryptoObject.make(.rsaKeyPair, 1024, [(.rsaModulus, n), (.rsaPublicExponent, e), (.rsaPrivateExponent, d)])
            for algorithm in [TEEAlgorithm.rsaPKCS1SHA256, .rsaPSSSHA1, .rsaPKCS1NoASN1] {
                _ = try? AsymmetricOperation(algorithm, .sign, key: key).output(digest(algorithm))
                _ = try? AsymmetricOperation(algorithm, .verify, key: key).isValid(digest(algorithm), KeyMaterial.pattern(128))
            }
            for algorithm in [TEEAlgorithm.rsaNoPad, .rsaesPKCS1, .rsaOAEPSHA256] {
                _ = try? AsymmetricOperation(algorithm, .encrypt, key: key).output([1])
                _ = try? AsymmetricOperation(algorithm, .decrypt, key: key).output([1])
            }
        }
    }
}
