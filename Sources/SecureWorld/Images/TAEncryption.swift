/// How a TA file is encrypted (OP-TEE core/include/signed_hdr.h: `struct shdr_encrypted_ta`): AES-256-GCM, under one of two keys.
public struct TAEncryption: Sendable {
    /// Which devices can decrypt it.
    public enum KeyKind: UInt32, Sendable {
        /// SHDR_ENC_KEY_DEV_SPECIFIC: one.
        case deviceSpecific = 0
        /// SHDR_ENC_KEY_CLASS_WIDE: all of a class.
        case classWide = 1

        /// The name in OP-TEE.
        public var name: String {
            switch self {
            case .deviceSpecific: "SHDR_ENC_KEY_DEV_SPECIFIC"
            case .classWide: "SHDR_ENC_KEY_CLASS_WIDE"
            }
        }
    }

    /// Which devices can decrypt it.
    public let kind: KeyKind
    /// The key, of 32 bytes.
    public let key: SecretBytes

    /// Encryption under a key that is at hand.
    public init(_ kind: KeyKind, key: SecretBytes) {
        self.kind = kind
        self.key = key
    }

    /// TEE_ALG_AES_GCM (TEE Internal Core API 1.3.1, table 6-11).
    static let algorithm: UInt32 = 0x4000_0810
}
