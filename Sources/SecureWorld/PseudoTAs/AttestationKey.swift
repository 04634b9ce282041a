import Synchronization

/// The RSA key that attestations are signed with: made at the first use, and kept in trusted storage.
final class AttestationKey: Sendable {
    /// CFG_ATTESTATION_PTA_KEY_SIZE.
    static let defaultBits = 3072

    private let bits: Int
    private let object: KeptObject?
    private let key = Mutex<TASigningKey?>(nil)

    /// Without an object the key lasts as long as this.
    init(_ object: KeptObject?, bits: Int = defaultBits) {
        self.object = object
        self.bits = bits
    }

    /// The key. `corruptObject` when the one that was kept is damaged: it is gone then, and the next one is another. `storageNotAvailable`, `storageNoSpace`.
    func get() throws(TEEResult) -> TASigningKey {
        try key.withLock { (key) throws(TEEResult) in
            if let key { return key }
            let found = try loadOrMake()
            key = found
            return found
        }
    }

    private func loadOrMake() throws(TEEResult) -> TASigningKey {
        guard let object else { return try generate() }
        if let text = try object.read() { return try parse(text) }
        let made = try generate()
        if try object.create(try text(of: made)) { return made }
        // Another process was faster: the key is the one that everybody finds.
        guard let text = try object.read() else { throw .storageNotAvailable }
        return try parse(text)
    }

    private func generate() throws(TEEResult) -> TASigningKey {
        do throws(TAFileError) { return try TASigningKey.generate(bits: bits) } catch { throw error.result }
    }

    private func text(of key: TASigningKey) throws(TEEResult) -> SecretBytes {
        do throws(TAFileError) { return try key.privatePEM() } catch { throw error.result }
    }

    private func parse(_ text: SecretBytes) throws(TEEResult) -> TASigningKey {
        var bytes = text.bytes
        defer { SecretBytes.wipe(&bytes) }
        do throws(TAFileError) { return try TASigningKey(pem: bytes) } catch { throw .corruptObject }
    }
}
