/// What an operation with a public or private key yields.
public enum AsymmetricOutcome: Hashable, Sendable {
    /// The signature, ciphertext or plaintext.
    case output([UInt8])
    /// TEE_ERROR_SHORT_BUFFER: it needs that many bytes.
    case shortBuffer(Int)

    /// The output when it fits.
    static func fitting(_ bytes: [UInt8], _ capacity: Int) -> AsymmetricOutcome { bytes.count <= capacity ? .output(bytes) : .shortBuffer(bytes.count) }
}

/// An operation of class asymmetric cipher or signature: OP-TEE's system calls 39 and 40 (core/tee/tee_svc_cryp.c) without their access to memory.
public struct AsymmetricOperation {
    /// What it computes.
    public let algorithm: TEEAlgorithm
    /// Encryption, decryption, signature or verification.
    public let mode: TEEOperationMode
    /// With which key; its type is `CryptoObject.checkSuitability`'s business, and a missing part of it is found when it is needed.
    public let key: CryptoObject

    /// An operation; nothing is checked before it is used.
    public init(_ algorithm: TEEAlgorithm, _ mode: TEEOperationMode, key: CryptoObject) {
        self.algorithm = algorithm
        self.mode = mode
        self.key = key
    }

    /// Encrypts, decrypts or signs a digest (TEE_AsymmetricEncrypt, -Decrypt and -SignDigest; TEE Internal Core API 1.3.1, 6.7).
    ///
    /// `capacity` is the size of the caller's buffer. Errors: `generic` without attributes of the key or for a mode that the algorithm does not have,
    /// `badParameters` for an input of a wrong length or a ciphertext that means nothing, `ciphertextInvalid` with SM2, `security` for a digest that does not
    /// go with a DSA key, `notSupported` for what libcrypto lacks.
    public func operate(_ parameters: [TEEAttribute], _ input: [UInt8], capacity: Int) throws(TEEResult) -> AsymmetricOutcome {
        guard key.isInitialized else { throw .generic }
        switch (algorithm.operationClass, algorithm.mainAlgorithm) {
        case (.asymmetricCipher, .rsa): return try rsaCipher(parameters, input, capacity)
        case (.asymmetricCipher, .sm2PKE): return try sm2Cipher(input, capacity)
        case (.signature, .rsa): return try rsaSign(parameters, input, capacity)
        case (.signature, .dsa): return try dsaSign(input, capacity)
        case (.signature, .ecdsa), (.signature, .sm2DSA): return try curveSign(input, capacity)
        case (.signature, .ed25519), (.signature, .ed448): return try edwardsSign(parameters, input, capacity)
        default: throw .badParameters
        }
    }

    /// Checks the signature of a digest (TEE_AsymmetricVerifyDigest, 6.7.3); returns when it is right.
    ///
    /// `signatureInvalid` when it is not; `badParameters` for another mode, without attributes of the key, for a digest of a wrong length and, on curves, for a
    /// signature of a wrong length; `notSupported` for algorithms without signatures.
    public func verify(_ parameters: [TEEAttribute], digest: [UInt8], signature: [UInt8]) throws(TEEResult) {
        guard mode == .verify, key.isInitialized else { throw .badParameters }
        let isValid =
            switch algorithm.mainAlgorithm {
            case .rsa: try rsaVerify(parameters, digest, signature)
            case .dsa: try dsaVerify(digest, signature)
            case .ecdsa, .sm2DSA: try curveVerify(digest, signature)
            case .ed25519, .ed448: try edwardsVerify(parameters, digest, signature)
            default: throw TEEResult.notSupported
            }
        guard isValid else { throw .signatureInvalid }
    }
}

extension [TEEAttribute] {
    /// The first attribute of that name.
    func first(_ id: TEEAttributeID) -> TEEAttribute? { first { $0.id == id } }
}
