extension TEEAttributeID {
    /// The name of each constant in C, where two have one number that of the specification.
    static let names: [TEEAttributeID: String] = [
        .secretValue: "TEE_ATTR_SECRET_VALUE", .rsaModulus: "TEE_ATTR_RSA_MODULUS", .rsaPublicExponent: "TEE_ATTR_RSA_PUBLIC_EXPONENT",
        .rsaPrivateExponent: "TEE_ATTR_RSA_PRIVATE_EXPONENT", .rsaPrime1: "TEE_ATTR_RSA_PRIME1", .rsaPrime2: "TEE_ATTR_RSA_PRIME2", .rsaExponent1: "TEE_ATTR_RSA_EXPONENT1",
        .rsaExponent2: "TEE_ATTR_RSA_EXPONENT2", .rsaCoefficient: "TEE_ATTR_RSA_COEFFICIENT", .rsaOAEPLabel: "TEE_ATTR_RSA_OAEP_LABEL",
        .rsaOAEPMaskHash: "TEE_ATTR_RSA_OAEP_MGF_HASH", .rsaPSSSaltLength: "TEE_ATTR_RSA_PSS_SALT_LENGTH", .dsaPrime: "TEE_ATTR_DSA_PRIME",
        .dsaSubprime: "TEE_ATTR_DSA_SUBPRIME", .dsaBase: "TEE_ATTR_DSA_BASE", .dsaPublicValue: "TEE_ATTR_DSA_PUBLIC_VALUE", .dsaPrivateValue: "TEE_ATTR_DSA_PRIVATE_VALUE",
        .dhPrime: "TEE_ATTR_DH_PRIME", .dhSubprime: "TEE_ATTR_DH_SUBPRIME", .dhBase: "TEE_ATTR_DH_BASE", .dhXBits: "TEE_ATTR_DH_X_BITS",
        .dhPublicValue: "TEE_ATTR_DH_PUBLIC_VALUE", .dhPrivateValue: "TEE_ATTR_DH_PRIVATE_VALUE", .eccPublicValueX: "TEE_ATTR_ECC_PUBLIC_VALUE_X",
        .eccPublicValueY: "TEE_ATTR_ECC_PUBLIC_VALUE_Y", .eccPrivateValue: "TEE_ATTR_ECC_PRIVATE_VALUE", .eccCurve: "TEE_ATTR_ECC_CURVE",
        .eccEphemeralPublicValueX: "TEE_ATTR_ECC_EPHEMERAL_PUBLIC_VALUE_X", .eccEphemeralPublicValueY: "TEE_ATTR_ECC_EPHEMERAL_PUBLIC_VALUE_Y",
        .eddsaContext: "TEE_ATTR_EDDSA_CTX", .eddsaPrehash: "TEE_ATTR_EDDSA_PREHASH", .ed25519PublicValue: "TEE_ATTR_ED25519_PUBLIC_VALUE",
        .ed25519PrivateValue: "TEE_ATTR_ED25519_PRIVATE_VALUE", .x25519PublicValue: "TEE_ATTR_X25519_PUBLIC_VALUE", .x25519PrivateValue: "TEE_ATTR_X25519_PRIVATE_VALUE",
        .ed448PublicValue: "TEE_ATTR_ED448_PUBLIC_VALUE", .ed448PrivateValue: "TEE_ATTR_ED448_PRIVATE_VALUE", .x448PublicValue: "TEE_ATTR_X448_PUBLIC_VALUE",
        .x448PrivateValue: "TEE_ATTR_X448_PRIVATE_VALUE", .sm2InitiatorID: "TEE_ATTR_SM2_ID_INITIATOR", .sm2ResponderID: "TEE_ATTR_SM2_ID_RESPONDER",
        .sm2KEPUser: "TEE_ATTR_SM2_KEP_USER", .sm2KEPConfirmationIn: "TEE_ATTR_SM2_KEP_CONFIRMATION_IN", .sm2KEPConfirmationOut: "TEE_ATTR_SM2_KEP_CONFIRMATION_OUT",
        .hkdfSalt: "TEE_ATTR_HKDF_SALT", .hkdfInfo: "TEE_ATTR_HKDF_INFO", .hkdfHashAlgorithm: "TEE_ATTR_HKDF_HASH_ALGORITHM", .kdfKeySize: "TEE_ATTR_KDF_KEY_SIZE",
        .hkdfIKM: "TEE_ATTR_HKDF_IKM", .opteeHKDFSalt: "TEE_ATTR_HKDF_SALT", .opteeHKDFInfo: "TEE_ATTR_HKDF_INFO", .hkdfOKMLength: "TEE_ATTR_HKDF_OKM_LENGTH",
        .concatKDFZ: "TEE_ATTR_CONCAT_KDF_Z", .concatKDFOtherInfo: "TEE_ATTR_CONCAT_KDF_OTHER_INFO", .concatKDFLength: "TEE_ATTR_CONCAT_KDF_DKM_LENGTH",
        .pbkdf2Password: "TEE_ATTR_PBKDF2_PASSWORD", .pbkdf2Salt: "TEE_ATTR_PBKDF2_SALT", .pbkdf2IterationCount: "TEE_ATTR_PBKDF2_ITERATION_COUNT",
        .pbkdf2Length: "TEE_ATTR_PBKDF2_DKM_LENGTH",
    ]
}

extension TEEObjectType {
    /// The name of each constant in C.
    static let names: [TEEObjectType: String] = [
        .genericSecret: "TEE_TYPE_GENERIC_SECRET", .hmacMD5: "TEE_TYPE_HMAC_MD5", .hmacSHA1: "TEE_TYPE_HMAC_SHA1", .hmacSHA224: "TEE_TYPE_HMAC_SHA224",
        .hmacSHA256: "TEE_TYPE_HMAC_SHA256", .hmacSHA384: "TEE_TYPE_HMAC_SHA384", .hmacSHA512: "TEE_TYPE_HMAC_SHA512", .hmacSM3: "TEE_TYPE_HMAC_SM3",
        .hmacSHA3_224: "TEE_TYPE_HMAC_SHA3_224", .hmacSHA3_256: "TEE_TYPE_HMAC_SHA3_256", .hmacSHA3_384: "TEE_TYPE_HMAC_SHA3_384", .hmacSHA3_512: "TEE_TYPE_HMAC_SHA3_512",
        .aes: "TEE_TYPE_AES", .des: "TEE_TYPE_DES", .des3: "TEE_TYPE_DES3", .sm4: "TEE_TYPE_SM4", .rsaPublicKey: "TEE_TYPE_RSA_PUBLIC_KEY", .rsaKeyPair: "TEE_TYPE_RSA_KEYPAIR",
        .dsaPublicKey: "TEE_TYPE_DSA_PUBLIC_KEY", .dsaKeyPair: "TEE_TYPE_DSA_KEYPAIR", .dhKeyPair: "TEE_TYPE_DH_KEYPAIR", .ecdsaPublicKey: "TEE_TYPE_ECDSA_PUBLIC_KEY",
        .ecdsaKeyPair: "TEE_TYPE_ECDSA_KEYPAIR", .ecdhPublicKey: "TEE_TYPE_ECDH_PUBLIC_KEY", .ecdhKeyPair: "TEE_TYPE_ECDH_KEYPAIR",
        .ed25519PublicKey: "TEE_TYPE_ED25519_PUBLIC_KEY", .ed25519KeyPair: "TEE_TYPE_ED25519_KEYPAIR", .x25519PublicKey: "TEE_TYPE_X25519_PUBLIC_KEY",
        .x25519KeyPair: "TEE_TYPE_X25519_KEYPAIR", .sm2DSAPublicKey: "TEE_TYPE_SM2_DSA_PUBLIC_KEY", .sm2DSAKeyPair: "TEE_TYPE_SM2_DSA_KEYPAIR",
        .sm2KEPPublicKey: "TEE_TYPE_SM2_KEP_PUBLIC_KEY", .sm2KEPKeyPair: "TEE_TYPE_SM2_KEP_KEYPAIR", .sm2PKEPublicKey: "TEE_TYPE_SM2_PKE_PUBLIC_KEY",
        .sm2PKEKeyPair: "TEE_TYPE_SM2_PKE_KEYPAIR", .ed448PublicKey: "TEE_TYPE_ED448_PUBLIC_KEY", .ed448KeyPair: "TEE_TYPE_ED448_KEYPAIR",
        .x448PublicKey: "TEE_TYPE_X448_PUBLIC_KEY", .x448KeyPair: "TEE_TYPE_X448_KEYPAIR", .hkdf: "TEE_TYPE_HKDF", .corrupted: "TEE_TYPE_CORRUPTED_OBJECT",
        .data: "TEE_TYPE_DATA", .hkdfIKM: "TEE_TYPE_HKDF_IKM", .concatKDFZ: "TEE_TYPE_CONCAT_KDF_Z", .pbkdf2Password: "TEE_TYPE_PBKDF2_PASSWORD",
    ]
}

/// Numbers as a trace shows them: by the name of the constant in C, or in hexadecimal when there is none.
enum TraceName {
    static func hexadecimal(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
    static func hexadecimal(_ value: UInt32) -> String { hexadecimal(UInt64(value)) }

    static func algorithm(_ value: UInt32) -> String { TEEAlgorithm.names[TEEAlgorithm(rawValue: value)] ?? hexadecimal(value) }
    static func objectType(_ value: UInt32) -> String { TEEObjectType.names[TEEObjectType(rawValue: value)] ?? hexadecimal(value) }
    static func attribute(_ id: TEEAttributeID) -> String { TEEAttributeID.names[id] ?? hexadecimal(id.rawValue) }

    static func mode(_ value: UInt32) -> String {
        let names = ["ENCRYPT", "DECRYPT", "SIGN", "VERIFY", "MAC", "DIGEST", "DERIVE"]
        return value < names.count ? "TEE_MODE_" + names[Int(value)] : hexadecimal(value)
    }

    static func storage(_ value: UInt32) -> String {
        switch value {
        case 1: "TEE_STORAGE_PRIVATE"
        case StorageKind.normal.rawValue: "TEE_STORAGE_PRIVATE_REE"
        case StorageKind.replayProtected.rawValue: "TEE_STORAGE_PRIVATE_RPMB"
        default: hexadecimal(value)
        }
    }

    static func propertySet(_ value: UInt32) -> String {
        switch TEEPropertySet(rawValue: value) {
        case .currentApplication: "TEE_PROPSET_CURRENT_TA"
        case .currentClient: "TEE_PROPSET_CURRENT_CLIENT"
        case .implementation: "TEE_PROPSET_TEE_IMPLEMENTATION"
        case nil: hexadecimal(value)
        }
    }

    static func origin(_ value: UInt32) -> String {
        switch TEEOrigin(rawValue: value) {
        case .api: "TEE_ORIGIN_API"
        case .communication: "TEE_ORIGIN_COMMS"
        case .tee: "TEE_ORIGIN_TEE"
        case .trustedApplication: "TEE_ORIGIN_TRUSTED_APP"
        case nil: hexadecimal(value)
        }
    }

    static func login(_ value: UInt32) -> String {
        switch value {
        case 0: "TEE_LOGIN_PUBLIC"
        case 1: "TEE_LOGIN_USER"
        case 2: "TEE_LOGIN_GROUP"
        case 4: "TEE_LOGIN_APPLICATION"
        case 5: "TEE_LOGIN_APPLICATION_USER"
        case 6: "TEE_LOGIN_APPLICATION_GROUP"
        case 0xf000_0000: "TEE_LOGIN_TRUSTED_APP"
        default: hexadecimal(value)
        }
    }

    /// Bits by their names, what has none as a number.
    static func flags(_ value: UInt32, _ names: [(UInt32, String)]) -> String {
        var rest = value
        var words: [String] = []
        for (bit, name) in names where value & bit != 0 {
            words.append(name)
            rest &= ~bit
        }
        if rest != 0 || words.isEmpty { words.append(rest == 0 ? "0" : hexadecimal(rest)) }
        return words.joined(separator: "|")
    }

    /// TEE_DATA_FLAG_*.
    static func dataFlags(_ value: UInt32) -> String {
        flags(value, [(1, "ACCESS_READ"), (2, "ACCESS_WRITE"), (4, "ACCESS_WRITE_META"), (0x10, "SHARE_READ"), (0x20, "SHARE_WRITE"), (0x400, "OVERWRITE")])
    }

    /// TEE_USAGE_*.
    static func usage(_ value: UInt32) -> String {
        if value == .max { return "TEE_USAGE_DEFAULT" }
        return flags(value, [(1, "EXTRACTABLE"), (2, "ENCRYPT"), (4, "DECRYPT"), (8, "MAC"), (16, "SIGN"), (32, "VERIFY"), (64, "DERIVE")])
    }

    /// TEE_MEMORY_ACCESS_*.
    static func access(_ value: UInt32) -> String { flags(value, [(1, "READ"), (2, "WRITE"), (4, "ANY_OWNER"), (1 << 28, "NONSECURE"), (1 << 29, "SECURE")]) }

    static func milliseconds(_ value: UInt32) -> String { value == .max ? "TEE_TIMEOUT_INFINITE" : "\(value) ms" }

    /// Bytes that name something: text where they are text.
    static func identifier(_ bytes: [UInt8]) -> String {
        if !bytes.isEmpty, bytes.allSatisfy({ (0x20..<0x7f).contains($0) && $0 != 0x22 && $0 != 0x5c }) { return "\"" + String(decoding: bytes, as: UTF8.self) + "\"" }
        return bytes.isEmpty ? "\"\"" : "hex:" + bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
