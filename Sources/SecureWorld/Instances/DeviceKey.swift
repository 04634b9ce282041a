/// The secret all others of a "device" are derived from: what OP-TEE calls the hardware unique key.
public struct DeviceKey: Sendable {
    /// 32 bytes.
    public let secret: SecretBytes

    /// A key of exactly 32 bytes, nil for another length.
    public init?(_ secret: SecretBytes) {
        guard secret.count == 32 else { return nil }
        self.secret = secret
    }

    /// What derived keys are for (OP-TEE's enum huk_subkey_usage).
    public enum Usage: UInt32, Sendable {
        case rpmb = 0
        case storage = 1
        case dieIdentity = 2
        case applicationKey = 3
        case applicationEncryption = 4
    }

    /// A key for one use: HMAC-SHA256 of the usage (little-endian) and the data, cut to `count` bytes (OP-TEE's huk_subkey_derive). `badParameters` beyond 32 bytes.
    public func subkey(_ usage: Usage, data: [UInt8] = [], count: Int) throws(TEEResult) -> SecretBytes {
        guard count > 0, count <= 32 else { throw .badParameters }
        let mac = try MACOperation(.hmacSHA256, key: secret)
        let message = (0..<4).map { UInt8(truncatingIfNeeded: usage.rawValue >> ($0 * 8)) } + data
        var whole = try message.withBytes { (bytes) throws(TEEResult) in try mac.finish(bytes) }
        defer { SecretBytes.wipe(&whole) }
        return SecretBytes(whole.prefix(count))
    }

    /// gpd.tee.deviceID: SHA-256 of "OPTEE" and the die's identity, made a UUID (OP-TEE's get_prop_tee_dev_id).
    var deviceID: TEEUUID {
        guard let die = try? subkey(.dieIdentity, count: 16), let digest = try? DigestOperation(.sha256) else { return .null }
        let message = Array("OPTEE".utf8) + die.bytes
        guard var bytes = try? message.withBytes({ (bytes) throws(TEEResult) in try digest.finish(bytes) }), bytes.count >= 16 else { return .null }
        // Fields of TEE_UUID in memory order: the high byte of timeHiAndVersion is byte 7.
        bytes[7] = bytes[7] & 0x0f | 0x50
        bytes[8] = bytes[8] & 0x3f | 0x80
        return TEEUUID(structure: bytes.prefix(16)) ?? .null
    }
}
