import Testing

@testable import SecureWorld

/// DSA, ECDSA (FIPS 186-4) and Edwards-curve signatures (RFC 8032) with OP-TEE's result codes.
@Suite struct AsymmetricSignatureTests {
    /// The digest with one bit changed that no truncation drops.
    private func changed(_ digest: [UInt8]) -> [UInt8] { digest.isEmpty ? [1] : [digest[0] ^ 1] + digest.dropFirst() }

    @Test func knownSignaturesOfDSAVerify() throws {
        for (size, attributes, signatures) in AsymmetricSignatureVectors.dsa {
            let pair = try CryptoObject.make(.dsaKeyPair, size, attributes)
            let publicKey = try pair.publicKey(.dsaPublicKey)
            for (algorithm, count, signature) in signatures {
                let digest = KeyMaterial.pattern(count)
                let operation = AsymmetricOperation(algorithm, .verify, key: publicKey)
                #expect(try operation.isValid(digest, KeyMaterial.bytes(signature)), "\(size) \(algorithm)")
                #expect(try !operation.isValid(changed(digest), KeyMaterial.bytes(signature)))
                let own = try AsymmetricOperation(algorithm, .sign, key: pair).output(digest)
                #expect(own.count == signature.utf8.count / 2)
                #expect(try operation.isValid(digest, own))
            }
        }
    }

    /// RFC 6979, A.2.3 and A.2.5: signatures of "sample", whose digests are `printf sample | openssl sha1` and sha256.
    @Test func signaturesOfRFC6979Verify() throws {
        let p192 = try KeyMaterial.curveKey(
            .ecdsaPublicKey, .nistP192, x: "AC2C77F529F91689FEA0EA5EFEC7F210D8EEA0B9E047ED56", y: "3BC723E57670BD4887EBC732C523063D0A7C957BC97C1C43")
        let sample1 = KeyMaterial.bytes("8151325dcdbae9e0ff95f9f9658432dbedfdb209")
        #expect(
            try AsymmetricOperation(.ecdsaSHA1, .verify, key: p192).isValid(
                sample1,
                KeyMaterial.bytes("98C6BD12B23EAF5E2A2045132086BE3EB8EBD62ABF6698FF57A22B07DEA9530F8DE9471B1DC6624472E8E2844BC25B64")))
        let p256 = try KeyMaterial.curveKey(
            .ecdsaPublicKey, .nistP256, x: "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6",
            y: "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299")
        let sample256 = KeyMaterial.bytes("af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf")
        #expect(
            try AsymmetricOperation(.ecdsaSHA256, .verify, key: p256).isValid(
                sample256,
                KeyMaterial.bytes(
                    "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8")))
    }

    @Test func dsaRefusesWhatOPTEERefuses() throws {
        let (size, attributes, signatures) = AsymmetricSignatureVectors.dsa[0]
        let pair = try CryptoObject.make(.dsaKeyPair, size, attributes)
        let sign = AsymmetricOperation(.dsaSHA256, .sign, key: pair)
        // q has 20 bytes, so of a SHA-256 digest the first 20 are signed, and no other number of them.
        #expect(throws: TEEResult.security) { try sign.output(KeyMaterial.pattern(32)) }
        #expect(throws: TEEResult.security) { try sign.output(KeyMaterial.pattern(19)) }
        #expect(try sign.operate([], KeyMaterial.pattern(20), capacity: 39) == .shortBuffer(40))
        let verify = AsymmetricOperation(.dsaSHA256, .verify, key: pair)
        #expect(throws: TEEResult.badParameters) { try verify.isValid(KeyMaterial.pattern(21), KeyMaterial.bytes(signatures[0].2)) }
        for signature in [[], [UInt8](repeating: 0, count: 40), [UInt8](repeating: 255, count: 40), KeyMaterial.pattern(41)] {
            #expect(try !verify.isValid(KeyMaterial.pattern(20), signature))
        }
    }

    /// An application may write anything into a key: whatever it is, there is an answer, and soon.
    @Test(.timeLimit(.minutes(1))) func nonsenseForAKeyIsAnErrorAndNoMore() throws {
        let prime = AsymmetricSignatureVectors.dsa[0].key[0].1
        let order = AsymmetricSignatureVectors.dsa[0].key[1].1
        for (p, q, g, x) in [
            (prime, "01", "02", "01"), (prime, "02", "02", "01"), (prime, "", "", ""), ("", order, "02", "01"), (prime, order, "02", ""), (prime, order, "01", "05"),
            (order, prime, "02", "01"), ("51", order, "03", "01"), (String(prime.dropLast()) + "0", order, "02", "01"),
        ] {
            let numbers = [(TEEAttributeID.dsaPrime, p), (.dsaSubprime, q), (.dsaBase, g), (.dsaPublicValue, g), (.dsaPrivateValue, x)]
            guard let key = try? CryptoObject.make(.dsaKeyPair, 1024, numbers) else { continue }
            for digest in [[UInt8](repeating: 0, count: 20), [0], []] {
                _ = try? AsymmetricOperation(.dsaSHA1, .sign, key: key).output(digest)
                _ = try? AsymmetricOperation(.dsaSHA1, .verify, key: key).isValid(digest, [UInt8](repeating: 1, count: 40))
            }
            _ = try? CryptoObject.generated(
                .dsaKeyPair, 1024, [.buffer(.dsaPrime, KeyMaterial.bytes(p)), .buffer(.dsaSubprime, KeyMaterial.bytes(q)), .buffer(.dsaBase, KeyMaterial.bytes(g))])
        }
        for (curve, x, y, _, _) in AsymmetricSignatureVectors.ecdsa {
            for (x, y, d) in [(x, y, ""), (x, y, String(repeating: "ff", count: curve.byteCount)), ("", "", "01"), (x, String(repeating: "ff", count: 100), "01")] {
                let key = try KeyMaterial.curveKey(.ecdsaKeyPair, curve, x: x, y: y, d: d)
                for digest in [[UInt8](repeating: 0, count: 32), []] {
                    _ = try? AsymmetricOperation(.ecdsaSHA256, .sign, key: key).output(digest)
                    _ = try? AsymmetricOperation(.ecdsaSHA256, .verify, key: key).isValid(digest, [UInt8](repeating: 1, count: curve.byteCount * 2))
                }
            }
        }
    }

    @Test func knownSignaturesOfECDSAVerifyWhateverTheDigest() throws {
        for (curve, x, y, d, signatures) in AsymmetricSignatureVectors.ecdsa {
            let pair = try KeyMaterial.curveKey(.ecdsaKeyPair, curve, x: x, y: y, d: d)
            let publicKey = try KeyMaterial.curveKey(.ecdsaPublicKey, curve, x: x, y: y)
            for (algorithm, signature) in signatures {
                let digest = KeyMaterial.pattern(try #require(algorithm.digestSize))
                let operation = AsymmetricOperation(algorithm, .verify, key: publicKey)
                #expect(try operation.isValid(digest, KeyMaterial.bytes(signature)), "\(curve) \(algorithm)")
                #expect(try !operation.isValid(changed(digest), KeyMaterial.bytes(signature)))
                let own = try AsymmetricOperation(algorithm, .sign, key: pair).output(digest)
                #expect(own.count == curve.byteCount * 2)
                #expect(try operation.isValid(digest, own))
            }
        }
    }

    @Test func theCurvesOldIdentifiersMeanTheSame() throws {
        let old: [(TEEAlgorithm, Int)] = [(.ecdsaP192, 0), (.ecdsaP224, 1), (.ecdsaP256, 2), (.ecdsaP384, 3), (.ecdsaP521, 4)]
        for (algorithm, index) in old {
            let (curve, x, y, _, signatures) = AsymmetricSignatureVectors.ecdsa[index]
            let key = try KeyMaterial.curveKey(.ecdsaPublicKey, curve, x: x, y: y)
            let digest = KeyMaterial.pattern(try #require(signatures[0].0.digestSize))
            #expect(try AsymmetricOperation(algorithm, .verify, key: key).isValid(digest, KeyMaterial.bytes(signatures[0].1)))
        }
    }

    @Test func ecdsaRefusesWhatOPTEERefuses() throws {
        let (curve, x, y, d, signatures) = AsymmetricSignatureVectors.ecdsa[2]
        let pair = try KeyMaterial.curveKey(.ecdsaKeyPair, curve, x: x, y: y, d: d)
        #expect(try AsymmetricOperation(.ecdsaSHA256, .sign, key: pair).operate([], KeyMaterial.pattern(32), capacity: 63) == .shortBuffer(64))
        let verify = AsymmetricOperation(.ecdsaSHA256, .verify, key: pair)
        #expect(throws: TEEResult.badParameters) { try verify.isValid(KeyMaterial.pattern(32), KeyMaterial.bytes(signatures[0].1) + [0]) }
        for byte in [UInt8(0), 255] { #expect(try !verify.isValid(KeyMaterial.pattern(32), [UInt8](repeating: byte, count: 64))) }
        let off = try KeyMaterial.curveKey(.ecdsaPublicKey, curve, x: x, y: x)
        #expect(try !AsymmetricOperation(.ecdsaSHA256, .verify, key: off).isValid(KeyMaterial.pattern(32), KeyMaterial.bytes(signatures[0].1)))
        let publicKey = try KeyMaterial.curveKey(.ecdsaPublicKey, curve, x: x, y: y)
        #expect(throws: TEEResult.badParameters) { try AsymmetricOperation(.ecdsaSHA256, .sign, key: publicKey).output(KeyMaterial.pattern(32)) }
    }

    private func edwardsKey(_ algorithm: TEEAlgorithm, _ privateValue: String, _ publicValue: String) throws -> CryptoObject {
        algorithm == .ed448
            ? try .make(.ed448KeyPair, 448, [(.ed448PrivateValue, privateValue), (.ed448PublicValue, publicValue)])
            : try .make(.ed25519KeyPair, 256, [(.ed25519PrivateValue, privateValue), (.ed25519PublicValue, publicValue)])
    }

    @Test func signaturesOnEdwardsCurvesAreTheKnownOnes() throws {
        for (algorithm, privateValue, publicValue, count, expected) in AsymmetricSignatureVectors.edwards {
            let pair = try edwardsKey(algorithm, privateValue, publicValue)
            let message = KeyMaterial.pattern(count)
            let signature = try AsymmetricOperation(algorithm, .sign, key: pair).output(message)
            #expect(KeyMaterial.hex(signature) == expected)
            let publicKey = try pair.publicKey(algorithm == .ed448 ? .ed448PublicKey : .ed25519PublicKey)
            let verify = AsymmetricOperation(algorithm, .verify, key: publicKey)
            #expect(try verify.isValid(message, signature))
            #expect(try !verify.isValid(changed(message), signature))
            #expect(try !verify.isValid(message, Array(signature.dropLast())))
            #expect(try AsymmetricOperation(algorithm, .sign, key: pair).operate([], message, capacity: signature.count - 1) == .shortBuffer(signature.count))
        }
    }

    /// RFC 8032, 7.1, tests 1 and 2.
    @Test func signaturesOfRFC8032AreMade() throws {
        let first = try edwardsKey(
            .ed25519, "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
        #expect(
            KeyMaterial.hex(try AsymmetricOperation(.ed25519, .sign, key: first).output([]))
                == "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")
        let second = try edwardsKey(
            .ed25519, "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
        #expect(
            KeyMaterial.hex(try AsymmetricOperation(.ed25519, .sign, key: second).output([0x72]))
                == "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
    }

    /// RFC 8032, 7.2 ("foo", "bar", and another message) and 7.3.
    @Test(arguments: [
        (
            "0305334e381af78f141cb666f6199f57bc3495335a256a95bd2a55bf546663f6", "dfc9425e4f968f7f0c29f0259cf5f9aed6851c2bb4ad8bfb860cfee0ab248292",
            "f726936d19c800494e3fdaff20b276a8", "666f6f", false,
            "55a4cc2f70a54e04288c5f4cd1e45a7bb520b36292911876cada7323198dd87a8b36950b95130022907a7fb7c4e9b2d5f6cca685a587b4b21f4b888e4e7edb0d"
        ),
        (
            "0305334e381af78f141cb666f6199f57bc3495335a256a95bd2a55bf546663f6", "dfc9425e4f968f7f0c29f0259cf5f9aed6851c2bb4ad8bfb860cfee0ab248292",
            "f726936d19c800494e3fdaff20b276a8", "626172", false,
            "fc60d5872fc46b3aa69f8b5b4351d5808f92bcc044606db097abab6dbcb1aee3216c48e8b3b66431b5b186d1d28f8ee15a5ca2df6668346291c2043d4eb3e90d"
        ),
        (
            "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42", "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
            "616263", "", true,
            "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae4131f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406"
        ),
    ])
    func variantsOfEd25519AreThoseOfRFC8032(
        privateValue: String, publicValue: String, message: String, context: String, isPrehashed: Bool, expected: String
    ) throws {
        let pair = try edwardsKey(.ed25519, privateValue, publicValue)
        let parameters: [TEEAttribute] =
            (context.isEmpty ? [] : [.buffer(.eddsaContext, KeyMaterial.bytes(context))]) + (isPrehashed ? [.value(.eddsaPrehash, 1, 0)] : [])
        let message = KeyMaterial.bytes(message)
        let signature = try AsymmetricOperation(.ed25519, .sign, key: pair).output(message, parameters)
        #expect(KeyMaterial.hex(signature) == expected)
        let verify = AsymmetricOperation(.ed25519, .verify, key: pair)
        #expect(try verify.isValid(message, signature, parameters))
        #expect(try !verify.isValid(changed(message), signature, parameters))
        #expect(try !verify.isValid(message, signature))
        #expect(try !verify.isValid(message, signature, [.buffer(.eddsaContext, [9])]))
    }

    @Test func variantsSignWithBothSignsOfTheirPoint() throws {
        let pair = try CryptoObject.generated(.ed25519KeyPair, 256)
        let parameters: [TEEAttribute] = [.buffer(.eddsaContext, [1, 2]), .value(.eddsaPrehash, 1, 0)]
        for count in 0..<6 {
            let message = KeyMaterial.pattern(count)
            let signature = try AsymmetricOperation(.ed25519, .sign, key: pair).output(message, parameters)
            let verify = AsymmetricOperation(.ed25519, .verify, key: pair)
            #expect(try verify.isValid(message, signature, parameters))
            for index in [0, 31, 32, 63] {
                var damaged = signature
                damaged[index] ^= 0x80
                #expect(try !verify.isValid(message, damaged, parameters))
            }
        }
    }

    @Test func variantsOfEd448AreNotSupported() throws {
        let (_, privateValue, publicValue, count, signature) = AsymmetricSignatureVectors.edwards[3]
        let sign = AsymmetricOperation(.ed448, .sign, key: try edwardsKey(.ed448, privateValue, publicValue))
        let message = KeyMaterial.pattern(count)
        #expect(throws: TEEResult.notSupported) { try sign.output(message, [.buffer(.eddsaContext, [1])]) }
        #expect(throws: TEEResult.notSupported) { try sign.output(message, [.value(.eddsaPrehash, 1, 0)]) }
        #expect(KeyMaterial.hex(try sign.output(message, [.value(.eddsaPrehash, 0, 0), .buffer(.eddsaContext, [])])) == signature)
    }

    @Test func attributesThatDoNotBelongToEdwardsCurvesAreRefused() throws {
        let (algorithm, privateValue, publicValue, count, _) = AsymmetricSignatureVectors.edwards[1]
        let pair = try edwardsKey(algorithm, privateValue, publicValue)
        let sign = AsymmetricOperation(algorithm, .sign, key: pair)
        let message = KeyMaterial.pattern(count)
        #expect(throws: TEEResult.badParameters) { try sign.output(message, [.buffer(.eddsaContext, [UInt8](repeating: 0, count: 256))]) }
        #expect(throws: TEEResult.badParameters) { try sign.output(message, [.value(.eddsaPrehash, 0, 0), .value(.eddsaPrehash, 0, 0)]) }
        #expect(throws: TEEResult.badParameters) { try sign.output(message, [.value(.eddsaPrehash, 0, 1)]) }
        #expect(throws: TEEResult.badParameters) { try sign.output(message, [.buffer(.rsaOAEPLabel, [])]) }
        #expect(throws: TEEResult.badParameters) { try AsymmetricOperation(algorithm, .verify, key: pair).output(message) }
    }
}
