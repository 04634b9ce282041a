/// The type of a cryptographic object, `TEE_TYPE_*` (TEE Internal Core API 1.3.1, table 6-13; OP-TEE's extensions from tee_api_defines_extensions.h).
public struct TEEObjectType: Hashable, RawRepresentable, Sendable {
    /// The 32 bits of the type.
    public let rawValue: UInt32
    /// Wraps a type, known or not.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// TEE_TYPE_GENERIC_SECRET.
    public static let genericSecret = TEEObjectType(rawValue: 0xa000_0000)
    /// TEE_TYPE_HMAC_MD5.
    public static let hmacMD5 = TEEObjectType(rawValue: 0xa000_0001)
    /// TEE_TYPE_HMAC_SHA1.
    public static let hmacSHA1 = TEEObjectType(rawValue: 0xa000_0002)
    /// TEE_TYPE_HMAC_SHA224.
    public static let hmacSHA224 = TEEObjectType(rawValue: 0xa000_0003)
    /// TEE_TYPE_HMAC_SHA256.
    public static let hmacSHA256 = TEEObjectType(rawValue: 0xa000_0004)
    /// TEE_TYPE_HMAC_SHA384.
    public static let hmacSHA384 = TEEObjectType(rawValue: 0xa000_0005)
    /// TEE_TYPE_HMAC_SHA512.
    public static let hmacSHA512 = TEEObjectType(rawValue: 0xa000_0006)
    /// TEE_TYPE_HMAC_SM3.
    public static let hmacSM3 = TEEObjectType(rawValue: 0xa000_0007)
    /// TEE_TYPE_HMAC_SHA3_224.
    public static let hmacSHA3_224 = TEEObjectType(rawValue: 0xa000_0008)
    /// TEE_TYPE_HMAC_SHA3_256.
    public static let hmacSHA3_256 = TEEObjectType(rawValue: 0xa000_0009)
    /// TEE_TYPE_HMAC_SHA3_384.
    public static let hmacSHA3_384 = TEEObjectType(rawValue: 0xa000_000a)
    /// TEE_TYPE_HMAC_SHA3_512.
    public static let hmacSHA3_512 = TEEObjectType(rawValue: 0xa000_000b)
    /// TEE_TYPE_AES.
    public static let aes = TEEObjectType(rawValue: 0xa000_0010)
    /// TEE_TYPE_DES.
    public static let des = TEEObjectType(rawValue: 0xa000_0011)
    /// TEE_TYPE_DES3.
    public static let des3 = TEEObjectType(rawValue: 0xa000_0013)
    /// TEE_TYPE_SM4.
    public static let sm4 = TEEObjectType(rawValue: 0xa000_0014)
    /// TEE_TYPE_RSA_PUBLIC_KEY.
    public static let rsaPublicKey = TEEObjectType(rawValue: 0xa000_0030)
    /// TEE_TYPE_RSA_KEYPAIR.
    public static let rsaKeyPair = TEEObjectType(rawValue: 0xa100_0030)
    /// TEE_TYPE_DSA_PUBLIC_KEY.
    public static let dsaPublicKey = TEEObjectType(rawValue: 0xa000_0031)
    /// TEE_TYPE_DSA_KEYPAIR.
    public static let dsaKeyPair = TEEObjectType(rawValue: 0xa100_0031)
    /// TEE_TYPE_DH_KEYPAIR.
    public static let dhKeyPair = TEEObjectType(rawValue: 0xa100_0032)
    /// TEE_TYPE_ECDSA_PUBLIC_KEY.
    public static let ecdsaPublicKey = TEEObjectType(rawValue: 0xa000_0041)
    /// TEE_TYPE_ECDSA_KEYPAIR.
    public static let ecdsaKeyPair = TEEObjectType(rawValue: 0xa100_0041)
    /// TEE_TYPE_ECDH_PUBLIC_KEY.
    public static let ecdhPublicKey = TEEObjectType(rawValue: 0xa000_0042)
    /// TEE_TYPE_ECDH_KEYPAIR.
    public static let ecdhKeyPair = TEEObjectType(rawValue: 0xa100_0042)
    /// TEE_TYPE_ED25519_PUBLIC_KEY.
    public static let ed25519PublicKey = TEEObjectType(rawValue: 0xa000_0043)
    /// TEE_TYPE_ED25519_KEYPAIR.
    public static let ed25519KeyPair = TEEObjectType(rawValue: 0xa100_0043)
    /// TEE_TYPE_X25519_PUBLIC_KEY.
    public static let x25519PublicKey = TEEObjectType(rawValue: 0xa000_0044)
    /// TEE_TYPE_X25519_KEYPAIR.
    public static let x25519KeyPair = TEEObjectType(rawValue: 0xa100_0044)
    /// TEE_TYPE_SM2_DSA_PUBLIC_KEY.
    public static let sm2DSAPublicKey = TEEObjectType(rawValue: 0xa000_0045)
    /// TEE_TYPE_SM2_DSA_KEYPAIR.
    public static let sm2DSAKeyPair = TEEObjectType(rawValue: 0xa100_0045)
    /// TEE_TYPE_SM2_KEP_PUBLIC_KEY.
    public static let sm2KEPPublicKey = TEEObjectType(rawValue: 0xa000_0046)
    /// TEE_TYPE_SM2_KEP_KEYPAIR.
    public static let sm2KEPKeyPair = TEEObjectType(rawValue: 0xa100_0046)
    /// TEE_TYPE_SM2_PKE_PUBLIC_KEY.
    public static let sm2PKEPublicKey = TEEObjectType(rawValue: 0xa000_0047)
    /// TEE_TYPE_SM2_PKE_KEYPAIR.
    public static let sm2PKEKeyPair = TEEObjectType(rawValue: 0xa100_0047)
    /// TEE_TYPE_ED448_PUBLIC_KEY.
    public static let ed448PublicKey = TEEObjectType(rawValue: 0xa000_0048)
    /// TEE_TYPE_ED448_KEYPAIR.
    public static let ed448KeyPair = TEEObjectType(rawValue: 0xa100_0048)
    /// TEE_TYPE_X448_PUBLIC_KEY.
    public static let x448PublicKey = TEEObjectType(rawValue: 0xa000_0049)
    /// TEE_TYPE_X448_KEYPAIR.
    public static let x448KeyPair = TEEObjectType(rawValue: 0xa100_0049)
    /// TEE_TYPE_HKDF: input keying material of TEE_ALG_HKDF.
    public static let hkdf = TEEObjectType(rawValue: 0xa000_004a)
    /// TEE_TYPE_CORRUPTED_OBJECT.
    public static let corrupted = TEEObjectType(rawValue: 0xa000_00be)
    /// TEE_TYPE_DATA: an object without attributes.
    public static let data = TEEObjectType(rawValue: 0xa000_00bf)
    /// TEE_TYPE_HKDF_IKM (OP-TEE).
    public static let hkdfIKM = TEEObjectType(rawValue: 0xa100_00c0)
    /// TEE_TYPE_CONCAT_KDF_Z (OP-TEE).
    public static let concatKDFZ = TEEObjectType(rawValue: 0xa100_00c1)
    /// TEE_TYPE_PBKDF2_PASSWORD (OP-TEE).
    public static let pbkdf2Password = TEEObjectType(rawValue: 0xa100_00c2)
}
