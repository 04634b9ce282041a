import GuestHost
import Platform

/// AES-256-GCM of the cryptographic library under the key of the sealed store. The key's schedule stays where it is until the guest ends; the key itself is wiped.
final class StoreSealer: BlockSealer, @unchecked Sendable {
    private let sealer: UnsafeMutablePointer<skerry_sealer>

    /// For a key of 32 bytes, which the caller wipes.
    private init(key: UnsafeRawPointer) {
        sealer = UnsafeMutablePointer<skerry_sealer>.allocate(capacity: 1)
        sealer.initialize(to: skerry_sealer())
        skerry_sealer_begin(sealer, key)
        super.init()
        skerry_wipe_stack()
    }

    deinit {
        skerry_wipe(sealer, MemoryLayout<skerry_sealer>.size)
        sealer.deallocate()
    }

    /// The key that this chip derives for this image with this manifest; nil when the secure processor refuses.
    ///
    /// - Throws: what `Manifest.sealingIdentity` does, which a manifest that was read does not.
    static func derived(for manifest: Manifest, _ hasher: ContentHasher) throws(ManifestError) -> StoreSealer? {
        let identity = try manifest.sealingIdentity().withUnsafeBytes { hasher.digest(domain: nil, $0) }
        var (secret, key): (Words, Words) = ((0, 0, 0, 0), (0, 0, 0, 0))
        defer {
            skerry_wipe(&secret, MemoryLayout<Words>.size)
            skerry_wipe(&key, MemoryLayout<Words>.size)
        }
        guard SecureProcessor.deriveKey(into: &secret) else { return nil }
        var salt = identity.bytes
        skerry_derive_store_key(&secret, &salt, &key)
        return StoreSealer(key: &key)
    }

    /// The key that a relying party has released: these 32 bytes; nil for any other number of bytes.
    static func released(_ secret: UnsafeRawBufferPointer) -> StoreSealer? {
        guard let key = secret.baseAddress, secret.count == keySize else { return nil }
        return StoreSealer(key: key)
    }

    /// 32 bytes.
    private typealias Words = (UInt64, UInt64, UInt64, UInt64)

    override func seal(
        nonce: UnsafeRawBufferPointer, authenticating data: UnsafeRawBufferPointer, _ bytes: UnsafeMutableRawBufferPointer, tag: UnsafeMutableRawBufferPointer
    ) {
        guard let number = nonce.baseAddress, let place = tag.baseAddress, let start = bytes.baseAddress, nonce.count == Self.nonceSize, tag.count == Self.tagSize else {
            refuse(skerry_refusal_cryptography)
        }
        skerry_sealer_seal(sealer, number, data.baseAddress ?? number, data.count, start, bytes.count, place)
    }

    override func open(
        nonce: UnsafeRawBufferPointer, authenticating data: UnsafeRawBufferPointer, _ bytes: UnsafeMutableRawBufferPointer, tag: UnsafeRawBufferPointer
    ) -> Bool {
        guard let number = nonce.baseAddress, let found = tag.baseAddress, let start = bytes.baseAddress, nonce.count == Self.nonceSize, tag.count == Self.tagSize else {
            return false
        }
        return skerry_sealer_open(sealer, number, data.baseAddress ?? number, data.count, start, bytes.count, found) != 0
    }
}
