/// What kind of operation an algorithm is for (`TEE_OPERATION_*`, TEE Internal Core API 1.3.1, table 5-4).
public enum TEEOperationClass: UInt32, Sendable {
    /// TEE_OPERATION_CIPHER.
    case cipher = 1
    /// TEE_OPERATION_MAC.
    case mac = 3
    /// TEE_OPERATION_AE.
    case authenticatedEncryption = 4
    /// TEE_OPERATION_DIGEST.
    case digest = 5
    /// TEE_OPERATION_ASYMMETRIC_CIPHER.
    case asymmetricCipher = 6
    /// TEE_OPERATION_ASYMMETRIC_SIGNATURE.
    case signature = 7
    /// TEE_OPERATION_KEY_DERIVATION: key agreement and key derivation.
    case keyDerivation = 8
}

/// What an operation does (`TEE_MODE_*`, TEE Internal Core API 1.3.1, table 6-1).
public enum TEEOperationMode: UInt32, Sendable {
    /// TEE_MODE_ENCRYPT.
    case encrypt = 0
    /// TEE_MODE_DECRYPT.
    case decrypt = 1
    /// TEE_MODE_SIGN.
    case sign = 2
    /// TEE_MODE_VERIFY.
    case verify = 3
    /// TEE_MODE_MAC.
    case mac = 4
    /// TEE_MODE_DIGEST.
    case digest = 5
    /// TEE_MODE_DERIVE.
    case derive = 6
}

/// The primitive under an algorithm (`TEE_MAIN_ALGO_*` of OP-TEE's `utee_defines.h`).
public enum TEEMainAlgorithm: UInt8, Sendable {
    /// MD5 (RFC 1321).
    case md5 = 0x01
    /// SHA-1 (FIPS 180-4).
    case sha1 = 0x02
    /// SHA-224 (FIPS 180-4).
    case sha224 = 0x03
    /// SHA-256 (FIPS 180-4).
    case sha256 = 0x04
    /// SHA-384 (FIPS 180-4).
    case sha384 = 0x05
    /// SHA-512 (FIPS 180-4).
    case sha512 = 0x06
    /// SM3 (GB/T 32905).
    case sm3 = 0x07
    /// SHA3-224 (FIPS 202).
    case sha3_224 = 0x08
    /// SHA3-256 (FIPS 202).
    case sha3_256 = 0x09
    /// SHA3-384 (FIPS 202).
    case sha3_384 = 0x0a
    /// SHA3-512 (FIPS 202).
    case sha3_512 = 0x0b
    /// MD5 and SHA-1, one after the other (TLS 1.0).
    case md5SHA1 = 0x0f
    /// AES (FIPS 197).
    case aes = 0x10
    /// DES with one key (FIPS 46-3).
    case des = 0x11
    /// Triple DES (SP 800-67).
    case des3 = 0x13
    /// SM4 (GB/T 32907).
    case sm4 = 0x14
    /// RSA (RFC 8017).
    case rsa = 0x30
    /// DSA (FIPS 186-4).
    case dsa = 0x31
    /// Finite-field Diffie-Hellman (SP 800-56A).
    case dh = 0x32
    /// ECDSA (FIPS 186-4).
    case ecdsa = 0x41
    /// ECDH (SP 800-56A).
    case ecdh = 0x42
    /// Ed25519 (RFC 8032).
    case ed25519 = 0x43
    /// X25519 (RFC 7748).
    case x25519 = 0x44
    /// SM2 signatures with SM3 (GB/T 32918.2).
    case sm2DSA = 0x45
    /// SM2 key exchange (GB/T 32918.3).
    case sm2KEP = 0x46
    /// SM2 encryption (GB/T 32918.4).
    case sm2PKE = 0x47
    /// Ed448 (RFC 8032); the number is that of its key types.
    case ed448 = 0x48
    /// X448 (RFC 7748).
    case x448 = 0x49
    /// HKDF (RFC 5869).
    case hkdf = 0xc0
    /// The concatenation key derivation function (SP 800-56A, 5.8.1).
    case concatKDF = 0xc1
    /// PBKDF2 (RFC 8018).
    case pbkdf2 = 0xc2
    /// SHAKE128 (FIPS 202).
    case shake128 = 0xc3
    /// SHAKE256 (FIPS 202).
    case shake256 = 0xc4
}

/// How a cipher's blocks are chained (`TEE_CHAIN_MODE_*` of OP-TEE's `utee_defines.h`).
public enum TEEChainMode: UInt8, Sendable {
    /// Each block for itself (SP 800-38A, 6.1).
    case ecb = 0
    /// Cipher block chaining (SP 800-38A, 6.2); of a MAC: CBC-MAC without padding.
    case cbc = 1
    /// Counter (SP 800-38A, 6.5).
    case ctr = 2
    /// CBC with ciphertext stealing, variant CS3 (SP 800-38A's addendum).
    case cts = 3
    /// Tweaked for sectors of storage (IEEE 1619, SP 800-38E).
    case xts = 4
    /// CBC-MAC with PKCS #5 padding.
    case cbcMACPKCS5 = 5
    /// CMAC (SP 800-38B).
    case cmac = 6
    /// Counter with CBC-MAC (SP 800-38C).
    case ccm = 7
    /// Galois/counter mode (SP 800-38D).
    case gcm = 8
}
