/// Which attribute of an object or an operation, `TEE_ATTR_*` (TEE Internal Core API 1.3.1, table 6-15; OP-TEE's extensions from tee_api_defines_extensions.h).
public struct TEEAttributeID: Hashable, RawRepresentable, Sendable {
    /// The 32 bits of the identifier.
    public let rawValue: UInt32
    /// Wraps an identifier, known or not.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Bit 29, TEE_ATTR_FLAG_VALUE: two numbers instead of a buffer.
    public var isValue: Bool { rawValue & 1 << 29 != 0 }
    /// Bit 28, TEE_ATTR_FLAG_PUBLIC: may be read although the object is not extractable.
    public var isPublic: Bool { rawValue & 1 << 28 != 0 }

    /// TEE_ATTR_SECRET_VALUE.
    public static let secretValue = TEEAttributeID(rawValue: 0xc000_0000)

    /// TEE_ATTR_RSA_MODULUS.
    public static let rsaModulus = TEEAttributeID(rawValue: 0xd000_0130)
    /// TEE_ATTR_RSA_PUBLIC_EXPONENT.
    public static let rsaPublicExponent = TEEAttributeID(rawValue: 0xd000_0230)
    /// TEE_ATTR_RSA_PRIVATE_EXPONENT.
    public static let rsaPrivateExponent = TEEAttributeID(rawValue: 0xc000_0330)
    /// TEE_ATTR_RSA_PRIME1: p.
    public static let rsaPrime1 = TEEAttributeID(rawValue: 0xc000_0430)
    /// TEE_ATTR_RSA_PRIME2: q.
    public static let rsaPrime2 = TEEAttributeID(rawValue: 0xc000_0530)
    /// TEE_ATTR_RSA_EXPONENT1: d mod (p - 1).
    public static let rsaExponent1 = TEEAttributeID(rawValue: 0xc000_0630)
    /// TEE_ATTR_RSA_EXPONENT2: d mod (q - 1).
    public static let rsaExponent2 = TEEAttributeID(rawValue: 0xc000_0730)
    /// TEE_ATTR_RSA_COEFFICIENT: the inverse of q modulo p.
    public static let rsaCoefficient = TEEAttributeID(rawValue: 0xc000_0830)
    /// TEE_ATTR_RSA_OAEP_LABEL.
    public static let rsaOAEPLabel = TEEAttributeID(rawValue: 0xd000_0930)
    /// TEE_ATTR_RSA_OAEP_MGF_HASH: four bytes, the digest algorithm of the mask generation.
    public static let rsaOAEPMaskHash = TEEAttributeID(rawValue: 0xd000_0931)
    /// TEE_ATTR_RSA_PSS_SALT_LENGTH: bytes.
    public static let rsaPSSSaltLength = TEEAttributeID(rawValue: 0xf000_0a30)

    /// TEE_ATTR_DSA_PRIME: p.
    public static let dsaPrime = TEEAttributeID(rawValue: 0xd000_1031)
    /// TEE_ATTR_DSA_SUBPRIME: q.
    public static let dsaSubprime = TEEAttributeID(rawValue: 0xd000_1131)
    /// TEE_ATTR_DSA_BASE: g.
    public static let dsaBase = TEEAttributeID(rawValue: 0xd000_1231)
    /// TEE_ATTR_DSA_PUBLIC_VALUE: y.
    public static let dsaPublicValue = TEEAttributeID(rawValue: 0xd000_0131)
    /// TEE_ATTR_DSA_PRIVATE_VALUE: x.
    public static let dsaPrivateValue = TEEAttributeID(rawValue: 0xc000_0231)

    /// TEE_ATTR_DH_PRIME: p.
    public static let dhPrime = TEEAttributeID(rawValue: 0xd000_1032)
    /// TEE_ATTR_DH_SUBPRIME: q.
    public static let dhSubprime = TEEAttributeID(rawValue: 0xd000_1132)
    /// TEE_ATTR_DH_BASE: g.
    public static let dhBase = TEEAttributeID(rawValue: 0xd000_1232)
    /// TEE_ATTR_DH_X_BITS: how many bits the private value has.
    public static let dhXBits = TEEAttributeID(rawValue: 0xf000_1332)
    /// TEE_ATTR_DH_PUBLIC_VALUE: y.
    public static let dhPublicValue = TEEAttributeID(rawValue: 0xd000_0132)
    /// TEE_ATTR_DH_PRIVATE_VALUE: x.
    public static let dhPrivateValue = TEEAttributeID(rawValue: 0xc000_0232)

    /// TEE_ATTR_ECC_PUBLIC_VALUE_X.
    public static let eccPublicValueX = TEEAttributeID(rawValue: 0xd000_0141)
    /// TEE_ATTR_ECC_PUBLIC_VALUE_Y.
    public static let eccPublicValueY = TEEAttributeID(rawValue: 0xd000_0241)
    /// TEE_ATTR_ECC_PRIVATE_VALUE.
    public static let eccPrivateValue = TEEAttributeID(rawValue: 0xc000_0341)
    /// TEE_ATTR_ECC_CURVE: a TEE_ECC_CURVE_*.
    public static let eccCurve = TEEAttributeID(rawValue: 0xf000_0441)
    /// TEE_ATTR_ECC_EPHEMERAL_PUBLIC_VALUE_X.
    public static let eccEphemeralPublicValueX = TEEAttributeID(rawValue: 0xd000_0146)
    /// TEE_ATTR_ECC_EPHEMERAL_PUBLIC_VALUE_Y.
    public static let eccEphemeralPublicValueY = TEEAttributeID(rawValue: 0xd000_0246)

    /// TEE_ATTR_EDDSA_CTX.
    public static let eddsaContext = TEEAttributeID(rawValue: 0xd000_0643)
    /// TEE_ATTR_EDDSA_PREHASH.
    public static let eddsaPrehash = TEEAttributeID(rawValue: 0xf000_0004)
    /// TEE_ATTR_ED25519_PUBLIC_VALUE.
    public static let ed25519PublicValue = TEEAttributeID(rawValue: 0xd000_0743)
    /// TEE_ATTR_ED25519_PRIVATE_VALUE.
    public static let ed25519PrivateValue = TEEAttributeID(rawValue: 0xc000_0843)
    /// TEE_ATTR_X25519_PUBLIC_VALUE.
    public static let x25519PublicValue = TEEAttributeID(rawValue: 0xd000_0944)
    /// TEE_ATTR_X25519_PRIVATE_VALUE.
    public static let x25519PrivateValue = TEEAttributeID(rawValue: 0xc000_0a44)
    /// TEE_ATTR_ED448_PUBLIC_VALUE.
    public static let ed448PublicValue = TEEAttributeID(rawValue: 0xd000_0002)
    /// TEE_ATTR_ED448_PRIVATE_VALUE.
    public static let ed448PrivateValue = TEEAttributeID(rawValue: 0xc000_0003)
    /// TEE_ATTR_X448_PUBLIC_VALUE.
    public static let x448PublicValue = TEEAttributeID(rawValue: 0xd000_0a45)
    /// TEE_ATTR_X448_PRIVATE_VALUE.
    public static let x448PrivateValue = TEEAttributeID(rawValue: 0xc000_0a46)

    /// TEE_ATTR_SM2_ID_INITIATOR.
    public static let sm2InitiatorID = TEEAttributeID(rawValue: 0xd000_0446)
    /// TEE_ATTR_SM2_ID_RESPONDER.
    public static let sm2ResponderID = TEEAttributeID(rawValue: 0xd000_0546)
    /// TEE_ATTR_SM2_KEP_USER: 0 initiator, else responder.
    public static let sm2KEPUser = TEEAttributeID(rawValue: 0xf000_0646)
    /// TEE_ATTR_SM2_KEP_CONFIRMATION_IN.
    public static let sm2KEPConfirmationIn = TEEAttributeID(rawValue: 0xd000_0746)
    /// TEE_ATTR_SM2_KEP_CONFIRMATION_OUT.
    public static let sm2KEPConfirmationOut = TEEAttributeID(rawValue: 0xd000_0846)

    /// TEE_ATTR_HKDF_SALT; the same number was OP-TEE's first, mistaken ephemeral x coordinate of SM2 key exchange.
    public static let hkdfSalt = TEEAttributeID(rawValue: 0xd000_0946)
    /// TEE_ATTR_HKDF_INFO; the same number was OP-TEE's first, mistaken ephemeral y coordinate of SM2 key exchange.
    public static let hkdfInfo = TEEAttributeID(rawValue: 0xd000_0a46)
    /// TEE_ATTR_HKDF_HASH_ALGORITHM: a digest algorithm.
    public static let hkdfHashAlgorithm = TEEAttributeID(rawValue: 0xf000_0b46)
    /// TEE_ATTR_KDF_KEY_SIZE: bytes of the derived key.
    public static let kdfKeySize = TEEAttributeID(rawValue: 0xf000_0c46)

    /// TEE_ATTR_HKDF_IKM (OP-TEE).
    public static let hkdfIKM = TEEAttributeID(rawValue: 0xc000_01c0)
    /// TEE_ATTR_HKDF_SALT of OP-TEE's HKDF algorithms.
    public static let opteeHKDFSalt = TEEAttributeID(rawValue: 0xd000_02c0)
    /// TEE_ATTR_HKDF_INFO of OP-TEE's HKDF algorithms.
    public static let opteeHKDFInfo = TEEAttributeID(rawValue: 0xd000_03c0)
    /// TEE_ATTR_HKDF_OKM_LENGTH (OP-TEE): bytes.
    public static let hkdfOKMLength = TEEAttributeID(rawValue: 0xf000_04c0)
    /// TEE_ATTR_CONCAT_KDF_Z (OP-TEE).
    public static let concatKDFZ = TEEAttributeID(rawValue: 0xc000_01c1)
    /// TEE_ATTR_CONCAT_KDF_OTHER_INFO (OP-TEE).
    public static let concatKDFOtherInfo = TEEAttributeID(rawValue: 0xd000_02c1)
    /// TEE_ATTR_CONCAT_KDF_DKM_LENGTH (OP-TEE): bytes.
    public static let concatKDFLength = TEEAttributeID(rawValue: 0xf000_03c1)
    /// TEE_ATTR_PBKDF2_PASSWORD (OP-TEE).
    public static let pbkdf2Password = TEEAttributeID(rawValue: 0xc000_01c2)
    /// TEE_ATTR_PBKDF2_SALT (OP-TEE).
    public static let pbkdf2Salt = TEEAttributeID(rawValue: 0xd000_02c2)
    /// TEE_ATTR_PBKDF2_ITERATION_COUNT (OP-TEE).
    public static let pbkdf2IterationCount = TEEAttributeID(rawValue: 0xf000_03c2)
    /// TEE_ATTR_PBKDF2_DKM_LENGTH (OP-TEE): bytes.
    public static let pbkdf2Length = TEEAttributeID(rawValue: 0xf000_04c2)
}
