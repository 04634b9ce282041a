/// An algorithm identifier (`TEE_ALG_*`): TEE Internal Core API 1.3.1, tables 6-11 to 6-14, and OP-TEE's own ones
/// (`tee_api_defines_extensions.h`).
///
/// Any 32 bits an application names are one; `isKnown` tells the identifiers that mean something. The properties are those that OP-TEE reads out of the
/// identifier (`utee_defines.h`, `TEE_ALG_GET_*`).
public struct TEEAlgorithm: RawRepresentable, Hashable, Sendable {
    /// The identifier.
    public let rawValue: UInt32
    /// Wraps an identifier, known or not.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Whether a table of the specification or of OP-TEE has it.
    public var isKnown: Bool { Self.names[self] != nil }

    /// The name in the specification (`TEE_ALG_AES_GCM`); nil when it is not known.
    public var name: String? { Self.names[self] }

    /// The known algorithm of that name; nil when there is none.
    public init?(name: String) {
        guard let found = Self.names.first(where: { $0.value == name }) else { return nil }
        self = found.key
    }

    /// What kind of operation uses it, which decides over the calls that apply; nil when the identifier's class bits mean none.
    public var operationClass: TEEOperationClass? {
        switch self {
        case .sm2PKE, .rsaOAEPMD5: .asymmetricCipher
        case .sm2KEP: .keyDerivation
        case .rsaPKCS1NoASN1, .rsaPSSMD5: .signature
        case .des3CMAC: .mac
        case .sm4XTS: .cipher
        default: TEEOperationClass(rawValue: rawValue >> 28)
        }
    }

    /// The primitive under it; nil when there is none of that number.
    public var mainAlgorithm: TEEMainAlgorithm? {
        switch self {
        case .sm2PKE: .sm2PKE
        case .sm2KEP: .sm2KEP
        case .x25519: .x25519
        case .x448: .x448
        case .ed25519: .ed25519
        case .ed448: .ed448
        case .ecdsaSHA1, .ecdsaSHA224, .ecdsaSHA256, .ecdsaSHA384, .ecdsaSHA512, .ecdsaSHA3_224, .ecdsaSHA3_256, .ecdsaSHA3_384, .ecdsaSHA3_512: .ecdsa
        case .hkdf: .hkdf
        case .shake128: .shake128
        case .shake256: .shake256
        case .sm4ECBPKCS5, .sm4CBCPKCS5: .sm4
        default: TEEMainAlgorithm(rawValue: UInt8(truncatingIfNeeded: rawValue))
        }
    }

    /// How blocks are chained; nil outside ciphers, authenticated encryption and the MACs that are made of a cipher.
    public var chainMode: TEEChainMode? {
        switch operationClass {
        case .cipher, .authenticatedEncryption: break
        case .mac where !isHMAC: break
        default: return nil
        }
        return TEEChainMode(rawValue: UInt8(truncatingIfNeeded: rawValue >> 8) & 0xf)
    }

    /// Whether messages are padded to whole blocks with PKCS #5 bytes (RFC 8018, 6.1.1).
    public var isPadded: Bool { self == .sm4ECBPKCS5 || self == .sm4CBCPKCS5 || chainMode == .cbcMACPKCS5 }

    /// Whether an operation needs two keys (XTS, SM2 key exchange).
    public var needsTwoKeys: Bool { self == .sm2KEP || chainMode == .xts }

    /// Whether it is a hash-based MAC (RFC 2104).
    public var isHMAC: Bool { rawValue >> 8 == 0x30_0000 }

    /// Whether it is a digest whose output has any length wanted (FIPS 202, 6.2).
    public var isExtendable: Bool { self == .shake128 || self == .shake256 }

    /// The digest that it works on or with, as an algorithm of class digest: of a MAC, a signature, OAEP (the label's) or a key derivation; of a digest
    /// itself. Nil where the caller chooses (Ed25519, TEE_ALG_HKDF, PKCS #1 without ASN.1) or none is involved.
    public var digest: TEEAlgorithm? {
        let number: UInt32
        switch (operationClass, mainAlgorithm) {
        case (.digest, _): return self
        case (.mac, _): number = isHMAC ? rawValue & 0xf : 0
        case (.signature, .ecdsa):
            let nibble = rawValue >> 12 & 0xf
            // The curves' old identifiers (low byte 0x41) say nothing of a digest.
            number = rawValue & 0xff == 0x41 || nibble == 0 ? 0 : nibble < 6 ? nibble + 1 : nibble + 2
        case (.signature, .sm2DSA): return .sm3
        case (.signature, .rsa), (.signature, .dsa), (.keyDerivation, .hkdf), (.keyDerivation, .concatKDF), (.keyDerivation, .pbkdf2):
            number = rawValue >> 12 & 0xf
        case (.asymmetricCipher, .rsa): number = rawValue >> 20 & 0xf
        default: return nil
        }
        return number == 0 ? nil : TEEAlgorithm(rawValue: 0x5000_0000 | number)
    }

    /// Bytes in a block of the cipher under it; nil without a cipher (`crypto_cipher_get_block_size` of OP-TEE's `core/crypto/crypto.c`).
    public var blockSize: Int? {
        switch mainAlgorithm {
        case .aes, .sm4: 16
        case .des, .des3: 8
        default: nil
        }
    }

    /// Bytes of a digest or MAC, or of the digest that a signature signs; nil for extendable and other algorithms (`TEE_ALG_GET_DIGEST_SIZE`).
    public var digestSize: Int? {
        if operationClass == .mac, !isHMAC { return blockSize }
        return switch digest?.mainAlgorithm {
        case .md5: 16
        case .sha1: 20
        case .sha224, .sha3_224: 28
        case .sha256, .sha3_256, .sm3: 32
        case .md5SHA1: 36
        case .sha384, .sha3_384: 48
        case .sha512, .sha3_512: 64
        default: nil
        }
    }
}

extension TEEAlgorithm: CustomStringConvertible {
    /// The name, or the number in hexadecimal.
    public var description: String { name ?? "0x" + String(rawValue, radix: 16) }
}
