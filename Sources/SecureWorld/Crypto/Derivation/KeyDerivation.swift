/// An operation of class key derivation: OP-TEE's system call 32 (syscall_cryp_derive_key of core/tee/tee_svc_cryp.c) without its access to memory.
public struct KeyDerivation {
    /// What it computes.
    public let algorithm: TEEAlgorithm
    /// The private key, the shared secret or the password.
    public let key: CryptoObject
    /// SM2 key exchange only: the ephemeral key pair of this side.
    public let secondKey: CryptoObject?
    /// Asked now and then during what takes long; when nobody wants it any more the derivation ends with `cancel`.
    var isWanted: () -> Bool = { true }

    /// What a derivation returns beside the object that it fills.
    public struct Outcome: Hashable, Sendable {
        /// SM2 key exchange only: the bytes for the buffer of TEE_ATTR_SM2_KEP_CONFIRMATION_OUT, when there is that attribute.
        public let confirmation: [UInt8]?
    }

    /// An operation; nothing is checked before it is used.
    public init(_ algorithm: TEEAlgorithm, key: CryptoObject, secondKey: CryptoObject? = nil) {
        self.algorithm = algorithm
        self.key = key
        self.secondKey = secondKey
    }

    /// Fills an object of a secret type, without attributes so far, with the derived secret (TEE_DeriveKey, TEE Internal Core API 1.3.1, 6.8.1).
    ///
    /// `badParameters` for attributes that are missing, unexpected or impossible, a public value that is none, a length that the object has no room for, and
    /// objects that are not in the right state; `badState` when SM2's confirmation is wrong; `notSupported` for an algorithm that is none of these.
    @discardableResult public func derive(_ parameters: [TEEAttribute], into target: CryptoObject) throws(TEEResult) -> Outcome {
        guard let capacity = target.rules?.secretCapacity, target.rules?.isSecret == true, !target.isInitialized, key.isInitialized,
            parameters.allSatisfy(\.isWellFormed)
        else { throw .badParameters }
        var confirmation: [UInt8]?
        let secret: SecretBytes
        switch algorithm.mainAlgorithm {
        case .dh where algorithm == .dh: secret = try diffieHellman(parameters)
        case .ecdh: secret = try curveDiffieHellman(parameters)
        case .x25519: secret = try montgomery("X25519", parameters, privateValue: .x25519PrivateValue, publicValue: .x25519PublicValue)
        case .x448: secret = try montgomery("X448", parameters, privateValue: .x448PrivateValue, publicValue: .x448PublicValue)
        case .hkdf: secret = try hkdf(parameters, capacity)
        case .concatKDF: secret = try concatenation(parameters, capacity)
        case .pbkdf2: secret = try passwordBased(parameters, capacity)
        case .sm2KEP:
            let exchange = try SM2KeyExchange(parameters, own: key, ownEphemeral: secondKey)
            // No attribute says how much is wanted: it is the number that the target was allocated with, taken for bytes as OP-TEE does.
            let agreed = try exchange.agree(length: min(Int(target.maximumKeySize), capacity))
            secret = agreed.secret
            confirmation = agreed.confirmation
        default: throw .notSupported
        }
        try target.setSecret(secret)
        return Outcome(confirmation: confirmation)
    }
}
