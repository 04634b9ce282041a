extension CryptoObject {
    /// `badParameters` unless an operation of that algorithm and mode takes keys of this type (OP-TEE: tee_svc_cryp_check_key_type).
    ///
    /// Wider than OP-TEE in one way: with SM2 a key pair serves where its public part would do, as with the other algorithms.
    public func checkSuitability(for algorithm: TEEAlgorithm, mode: TEEOperationMode) throws(TEEResult) {
        guard let main = algorithm.mainAlgorithm, let suitable = Self.types(for: main, algorithm) else { throw .badParameters }
        let isPublicUse = mode == .encrypt || mode == .verify || main == .sm2KEP
        guard type == suitable.key || (isPublicUse && type == suitable.publicKey) else { throw .badParameters }
    }

    private static func types(for main: TEEMainAlgorithm, _ algorithm: TEEAlgorithm) -> (key: TEEObjectType, publicKey: TEEObjectType?)? {
        switch main {
        case .md5: (.hmacMD5, nil)
        case .sha1: (.hmacSHA1, nil)
        case .sha224: (.hmacSHA224, nil)
        case .sha256: (.hmacSHA256, nil)
        case .sha384: (.hmacSHA384, nil)
        case .sha512: (.hmacSHA512, nil)
        case .sm3: (.hmacSM3, nil)
        case .sha3_224: (.hmacSHA3_224, nil)
        case .sha3_256: (.hmacSHA3_256, nil)
        case .sha3_384: (.hmacSHA3_384, nil)
        case .sha3_512: (.hmacSHA3_512, nil)
        case .aes: (.aes, nil)
        case .des: (.des, nil)
        case .des3: (.des3, nil)
        case .sm4: (.sm4, nil)
        case .rsa: (.rsaKeyPair, .rsaPublicKey)
        case .dsa: (.dsaKeyPair, .dsaPublicKey)
        case .dh: (.dhKeyPair, nil)
        case .ecdsa: (.ecdsaKeyPair, .ecdsaPublicKey)
        case .ecdh: (.ecdhKeyPair, nil)
        case .ed25519: (.ed25519KeyPair, .ed25519PublicKey)
        case .ed448: (.ed448KeyPair, .ed448PublicKey)
        case .x25519: (.x25519KeyPair, nil)
        case .x448: (.x448KeyPair, nil)
        case .sm2DSA: (.sm2DSAKeyPair, .sm2DSAPublicKey)
        case .sm2PKE: (.sm2PKEKeyPair, .sm2PKEPublicKey)
        case .sm2KEP: (.sm2KEPKeyPair, .sm2KEPPublicKey)
        case .hkdf: (algorithm == .hkdf ? .hkdf : .hkdfIKM, nil)
        case .concatKDF: (.concatKDFZ, nil)
        case .pbkdf2: (.pbkdf2Password, nil)
        case .md5SHA1, .shake128, .shake256: nil
        }
    }
}
