/// The keys of the trusted storage, derived as OP-TEE derives them (core/tee/tee_fs_key_manager.c, core/kernel/huk_subkey.c in its compatible mode):
/// SSK = HMAC-SHA256(HUK, chip id || "ONLY_FOR_tee_fs_ssk\0"), and per application TSK = HMAC-SHA256(SSK, TEE_UUID as it is in memory). An object has a random key
/// of its own (FEK), which is stored wrapped under the TSK.
struct StorageKeys: Sendable {
    /// What the die id of a chip without one reads as in OP-TEE: "BEEF" repeated.
    static let defaultChipIdentifier = [UInt8]((0..<8).flatMap { _ in "BEEF".utf8 })

    private let storageKey: SecretBytes
    /// Seals the counter file.
    let root: SecretBytes
    /// Authenticates towards a replay-protected memory.
    let anchor: SecretBytes

    init(deviceKey: SecretBytes, chipIdentifier: [UInt8]) throws(TEEResult) {
        storageKey = try StorageCipher.authenticationCode(chipIdentifier + Array("ONLY_FOR_tee_fs_ssk".utf8) + [0], key: deviceKey)
        root = try StorageCipher.authenticationCode(Array("skerry trusted storage: counter".utf8), key: storageKey)
        anchor = try Self.anchorKey(deviceKey)
    }

    /// The key of the replay-protected memory of a device.
    static func anchorKey(_ deviceKey: SecretBytes) throws(TEEResult) -> SecretBytes {
        try StorageCipher.authenticationCode(Array("skerry replay-protected memory".utf8), key: deviceKey)
    }

    /// SSK, for tests against other implementations of the derivation.
    var secureStorageKey: SecretBytes { storageKey }

    /// TSK of an application.
    func applicationKey(_ application: TEEUUID) throws(TEEResult) -> SecretBytes {
        try StorageCipher.authenticationCode(application.structure, key: storageKey)
    }

    /// Seals the index pages of an application.
    func pageKey(_ application: TEEUUID) throws(TEEResult) -> SecretBytes {
        try StorageCipher.authenticationCode(Array("skerry trusted storage: index".utf8), key: try applicationKey(application))
    }

    /// Size of a wrapped key.
    static let wrappedSize = StorageCipher.nonceSize + StorageCipher.keySize + StorageCipher.tagSize

    /// An object's key under the key of its application.
    func wrap(_ key: SecretBytes, for application: TEEUUID) throws(TEEResult) -> [UInt8] {
        var plain = key.bytes
        defer { SecretBytes.wipe(&plain) }
        return try StorageCipher.seal(plain, key: try applicationKey(application), header: [], context: application.octets)
    }

    /// The key that `wrap` hid.
    func unwrap(_ wrapped: [UInt8], for application: TEEUUID) throws(TEEResult) -> SecretBytes {
        var plain = try StorageCipher.open(wrapped, key: try applicationKey(application), headerSize: 0, context: application.octets)
        defer { SecretBytes.wipe(&plain) }
        return SecretBytes(plain)
    }
}
