/// The keys of a device that TA files are checked and decrypted with.
public struct TAKeys: Sendable {
    /// Signs TA files, or the first sub-key of their chain: OP-TEE's `TA_SIGN_KEY` and `TA_PUBLIC_KEY`.
    public let signingKey: TASigningKey
    /// The hardware unique key, from which OP-TEE derives every other secret of a device; nil on a device that has none.
    public let deviceKey: SecretBytes?
    /// The key of 32 bytes of TA files that are encrypted for a whole class of devices (SHDR_ENC_KEY_CLASS_WIDE); nil when there is none.
    public let classKey: SecretBytes?
    /// Whether plain ELF files, which nobody has signed, are accepted: for development only. OP-TEE never does.
    public let acceptsUnsigned: Bool

    /// The keys of a device.
    public init(signingKey: TASigningKey, deviceKey: SecretBytes? = nil, classKey: SecretBytes? = nil, acceptsUnsigned: Bool = false) {
        self.signingKey = signingKey
        self.deviceKey = deviceKey
        self.classKey = classKey
        self.acceptsUnsigned = acceptsUnsigned
    }

    /// What a key derived from the hardware unique key is for (OP-TEE core/include/kernel/huk_subkey.h: `enum huk_subkey_usage`).
    public enum Usage: UInt32, Sendable {
        /// HUK_SUBKEY_RPMB: authenticates writes to replay-protected memory.
        case rpmb = 0
        /// HUK_SUBKEY_SSK: the secure storage.
        case storage = 1
        /// HUK_SUBKEY_DIE_ID: names the device.
        case dieIdentity = 2
        /// HUK_SUBKEY_UNIQUE_TA: unique keys of trusted applications.
        case uniqueKey = 3
        /// HUK_SUBKEY_TA_ENC: encryption of TA files.
        case fileEncryption = 4
        /// HUK_SUBKEY_SE050: a secure element.
        case secureElement = 5
        /// Skerry's own, far from OP-TEE's numbers: authenticates the file of versions.
        case versions = 0x534b_0001
    }

    /// HMAC-SHA256 of the hardware unique key over the usage and `data`: 32 bytes (OP-TEE core/kernel/huk_subkey.c: `huk_subkey_derive`, without CFG_CORE_HUK_SUBKEY_COMPAT).
    public static func subkey(of deviceKey: SecretBytes, _ usage: Usage, data: [UInt8] = []) throws(TAFileError) -> SecretBytes {
        var message: [UInt8] = []
        message.append(littleEndian: usage.rawValue)
        return try ImageCrypto.hmac(deviceKey, message + data)
    }

    /// The key that encrypted TA files of this device are made with (OP-TEE core/kernel/otp_stubs.c: `tee_otp_get_ta_enc_key`): 32 bytes.
    ///
    /// The device-specific one is derived from the hardware unique key and the modulus of the signing key.
    public func encryptionKey(_ kind: TAEncryption.KeyKind) throws(TAFileError) -> SecretBytes {
        switch kind {
        case .deviceSpecific:
            guard let deviceKey else {
                throw .security("the TA is encrypted for one device and no device key is configured; configure the device key, or encrypt the TA with a class-wide key")
            }
            return try Self.subkey(of: deviceKey, .fileEncryption, data: signingKey.modulus)
        case .classWide:
            guard let classKey else { throw .security("the TA is encrypted with a class-wide key and none is configured; configure the key it was encrypted with") }
            guard classKey.count == ImageCrypto.keySize else {
                throw .security("the configured class-wide TA key has \(classKey.count) bytes; give the \(ImageCrypto.keySize) bytes of the key the TA was encrypted with")
            }
            return classKey
        }
    }
}
