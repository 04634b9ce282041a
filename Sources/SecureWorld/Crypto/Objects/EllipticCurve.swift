/// A curve with coordinates as attributes, `TEE_ECC_CURVE_*` (TEE Internal Core API 1.3.1, table 6-14).
enum EllipticCurve: UInt32, CaseIterable, Sendable {
    case nistP192 = 1
    case nistP224 = 2
    case nistP256 = 3
    case nistP384 = 4
    case nistP521 = 5
    case sm2 = 0x400

    /// Bits of the key.
    var keySize: UInt32 {
        switch self {
        case .nistP192: 192
        case .nistP224: 224
        case .nistP256, .sm2: 256
        case .nistP384: 384
        case .nistP521: 521
        }
    }

    /// Bytes of a coordinate, and of each half of a signature.
    var byteCount: Int { (Int(keySize) + 7) / 8 }

    /// libcrypto's name of it.
    var groupName: StaticString {
        switch self {
        case .nistP192: "prime192v1"
        case .nistP224: "secp224r1"
        case .nistP256: "prime256v1"
        case .nistP384: "secp384r1"
        case .nistP521: "secp521r1"
        case .sm2: "SM2"
        }
    }

    /// libcrypto's name of the keys on it.
    var keyType: StaticString { self == .sm2 ? "SM2" : "EC" }
}
