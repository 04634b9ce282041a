internal import CCrypto

/// What this libcrypto can do of all that the identifiers name. Nothing of it is written down: libcrypto is asked, once.
extension TEEAlgorithm {
    /// Whether libcrypto has what the algorithm is made of. The operation of one that it does not have cannot be allocated (TEE_ERROR_NOT_SUPPORTED).
    var isAvailable: Bool { !Self.missing.contains(self) }

    /// The known algorithms that libcrypto does not have, in the order of their names.
    public static var unavailable: [TEEAlgorithm] { missing.sorted { $0.description < $1.description } }

    private static let missing: Set<TEEAlgorithm> = Set(
        names.keys.filter { algorithm in
            do throws(TEEResult) {
                try algorithm.attempt()
                return false
            } catch { return error == .notSupported }
        })

    /// Sets a use of the algorithm up; `notSupported` when that is impossible with every key.
    private func attempt() throws(TEEResult) {
        switch operationClass {
        case .digest: _ = try DigestOperation(self)
        case .mac: _ = try MACOperation(self, key: sampleKey)
        case .cipher:
            let second = needsTwoKeys ? SecretBytes([UInt8](repeating: 2, count: sampleKey.count)) : nil
            let vector = [UInt8](repeating: 0, count: blockSize ?? 0)
            _ = try vector.withBytes { (iv) throws(TEEResult) in try CipherOperation(self, .encrypt, key: sampleKey, secondKey: second, iv: iv) }
        case .authenticatedEncryption: try attemptAuthenticated(nonceSize: 12)
        case .asymmetricCipher, .signature, .keyDerivation:
            if let keyType { try LibraryKey.checkType(keyType) }
            if let curve = fixedCurve { _ = try LibraryKey(generating: curve.keyType, ParameterList().text("group", curve.groupName.description)) }
            if let digest { _ = try DigestOperation(digest) }
        case nil: throw .notSupported
        }
    }

    private func attemptAuthenticated(nonceSize: Int) throws(TEEResult) {
        let nonce = [UInt8](repeating: 0, count: nonceSize)
        _ = try nonce.withBytes { (nonce) throws(TEEResult) in
            try AuthenticatedOperation(self, .encrypt, key: sampleKey, nonce: nonce, tagLength: 16, aadLength: 0, payloadLength: 0)
        }
    }

    /// A key of a length that the primitive has.
    private var sampleKey: SecretBytes {
        let count =
            switch mainAlgorithm {
            case .des: 8
            case .des3: 24
            case .sm4: 16
            default: 32
            }
        return SecretBytes([UInt8](repeating: 1, count: count))
    }

    /// libcrypto's name of the keys; nil where they are plain bytes.
    private var keyType: StaticString? {
        switch mainAlgorithm {
        case .rsa: "RSA"
        case .dsa: "DSA"
        case .dh: "DH"
        case .ecdsa, .ecdh: "EC"
        case .ed25519: "ED25519"
        case .ed448: "ED448"
        case .x25519: "X25519"
        case .x448: "X448"
        case .sm2DSA, .sm2KEP, .sm2PKE: "SM2"
        default: nil
        }
    }

    /// The one curve that the algorithm is for, if it names one.
    private var fixedCurve: EllipticCurve? {
        switch self {
        case .ecdsaP192, .ecdhP192: .nistP192
        case .ecdsaP224, .ecdhP224: .nistP224
        case .ecdsaP256, .ecdhP256: .nistP256
        case .ecdsaP384, .ecdhP384: .nistP384
        case .ecdsaP521, .ecdhP521: .nistP521
        case .sm2DSA, .sm2KEP, .sm2PKE: .sm2
        default: nil
        }
    }

    /// Forms of available algorithms that libcrypto refuses, in words: those of a list that answer `notSupported` when they are tried.
    public static var unavailableForms: [String] {
        let forms: [(words: String, attempt: () throws(TEEResult) -> Void)] = [
            ("TEE_ALG_AES_GCM with a nonce of more than 128 bytes", { () throws(TEEResult) in try TEEAlgorithm.aesGCM.attemptAuthenticated(nonceSize: 129) }),
            ("TEE_ALG_ED25519 with TEE_ATTR_EDDSA_CTX", { () throws(TEEResult) in try attemptSignature(.ed25519, [.buffer(.eddsaContext, [1])]) }),
            ("TEE_ALG_ED25519 with TEE_ATTR_EDDSA_PREHASH", { () throws(TEEResult) in try attemptSignature(.ed25519, [.value(.eddsaPrehash, 1, 0)]) }),
            ("TEE_ALG_ED448 with TEE_ATTR_EDDSA_CTX", { () throws(TEEResult) in try attemptSignature(.ed448, [.buffer(.eddsaContext, [1])]) }),
            ("TEE_ALG_ED448 with TEE_ATTR_EDDSA_PREHASH", { () throws(TEEResult) in try attemptSignature(.ed448, [.value(.eddsaPrehash, 1, 0)]) }),
        ]
        return forms.compactMap { form in
            do throws(TEEResult) { try form.attempt() } catch { return error == .notSupported ? form.words : nil }
            return nil
        }
    }

    private static func attemptSignature(_ algorithm: TEEAlgorithm, _ parameters: [TEEAttribute]) throws(TEEResult) {
        let (type, size): (TEEObjectType, UInt32) = algorithm == .ed448 ? (.ed448KeyPair, 448) : (.ed25519KeyPair, 256)
        let key = try CryptoObject(type: type, maximumKeySize: size)
        try key.generate(size: size)
        _ = try AsymmetricOperation(algorithm, .sign, key: key).operate(parameters, [UInt8](repeating: 0, count: 64), capacity: 256)
    }
}
