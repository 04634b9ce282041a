import Testing

@testable import SecureWorld

/// Algorithm identifiers: TEE Internal Core API 1.3.1, table 6-11, and OP-TEE's tee_api_defines_extensions.h and utee_defines.h.
@Suite struct SymmetricAlgorithmTests {
    @Test(
        arguments: [
            (0x1000_0410, "TEE_ALG_AES_XTS", TEEOperationClass.cipher, TEEMainAlgorithm.aes, TEEChainMode.xts),
            (0xf000_0414, "TEE_ALG_SM4_XTS", .cipher, .sm4, .xts), (0x1000_0115, "TEE_ALG_SM4_CBC_PKCS5", .cipher, .sm4, .cbc),
            (0xf000_0613, "TEE_ALG_DES3_CMAC", .mac, .des3, .cmac), (0x3000_0511, "TEE_ALG_DES_CBC_MAC_PKCS5", .mac, .des, .cbcMACPKCS5),
            (0x4000_0810, "TEE_ALG_AES_GCM", .authenticatedEncryption, .aes, .gcm), (0x3000_0007, "TEE_ALG_HMAC_SM3", .mac, .sm3, nil),
            (0x5000_0102, "TEE_ALG_SHAKE256", .digest, .shake256, nil), (0x6000_0045, "TEE_ALG_SM2_KEP", .keyDerivation, .sm2KEP, nil),
            (0x8000_0046, "TEE_ALG_SM2_PKE", .asymmetricCipher, .sm2PKE, nil), (0x7000_6045, "TEE_ALG_SM2_DSA_SM3", .signature, .sm2DSA, nil),
            (0x7000_3042, "TEE_ALG_ECDSA_SHA256", .signature, .ecdsa, nil), (0x7000_3041, "TEE_ALG_ECDSA_P256", .signature, .ecdsa, nil),
            (0x8000_0047, "TEE_ALG_HKDF", .keyDerivation, .hkdf, nil), (0x8000_40c0, "TEE_ALG_HKDF_SHA256_DERIVE_KEY", .keyDerivation, .hkdf, nil),
            (0x8000_0044, "TEE_ALG_X25519", .keyDerivation, .x25519, nil), (0x7000_6044, "TEE_ALG_ED448", .signature, .ed448, nil),
        ] as [(UInt32, String, TEEOperationClass, TEEMainAlgorithm, TEEChainMode?)])
    func identifierTellsItsParts(_ value: UInt32, _ name: String, _ kind: TEEOperationClass, _ main: TEEMainAlgorithm, _ chain: TEEChainMode?) {
        let algorithm = TEEAlgorithm(rawValue: value)
        #expect(algorithm.name == name)
        #expect(TEEAlgorithm(name: name) == algorithm)
        #expect(algorithm.operationClass == kind)
        #expect(algorithm.mainAlgorithm == main)
        #expect(algorithm.chainMode == chain)
    }

    @Test(arguments: [
        (TEEAlgorithm.hmacSHA3_512, TEEAlgorithm.sha3_512), (.rsaPKCS1SHA256, .sha256), (.rsaPKCS1MD5SHA1, .md5SHA1), (.rsaPSSMD5, .md5), (.rsaPSSSHA3_224, .sha3_224),
        (.rsaOAEPMD5, .md5), (.rsaOAEPSHA3_512, .sha3_512), (.rsaOAEPSHA512, .sha512), (.dsaSHA1, .sha1), (.dsaSHA3_384, .sha3_384), (.ecdsaSHA1, .sha1),
        (.ecdsaSHA512, .sha512), (.ecdsaSHA3_224, .sha3_224), (.ecdsaSHA3_512, .sha3_512), (.sm2DSA, .sm3), (.hkdfSHA384, .sha384), (.concatKDFSHA1, .sha1),
        (.pbkdf2SHA1, .sha1), (.sha224, .sha224),
    ])
    func digestIsTheOneThatTheNameSays(_ algorithm: TEEAlgorithm, _ digest: TEEAlgorithm) { #expect(algorithm.digest == digest) }

    @Test(arguments: [TEEAlgorithm.hkdf, .rsaPKCS1NoASN1, .rsaNoPad, .rsaesPKCS1, .ed25519, .ecdsaP256, .aesCMAC, .ecdh])
    func whereTheCallerChoosesThereIsNoDigest(_ algorithm: TEEAlgorithm) { #expect(algorithm.digest == nil) }

    @Test func everyKnownAlgorithmHasAClassAndAPrimitive() {
        #expect(TEEAlgorithm.names.count == 132)
        for algorithm in TEEAlgorithm.names.keys {
            #expect(algorithm.operationClass != nil && algorithm.mainAlgorithm != nil, "\(algorithm)")
        }
    }

    @Test func unknownNumberHasNoNameAndIsShownInHexadecimal() {
        let illegal = TEEAlgorithm(rawValue: 0xefff_ffff)
        #expect(!illegal.isKnown)
        #expect(illegal.description == "0xefffffff")
        #expect(illegal.operationClass == nil)
    }

    @Test func randomBytesFillTheMemoryAndDiffer() throws {
        let (one, other) = (try CryptoLibrary.random(count: 32).bytes, try CryptoLibrary.random(count: 32).bytes)
        #expect(one.count == 32 && one != other)
        #expect(try CryptoLibrary.random(count: 0).bytes.isEmpty)
    }
}
