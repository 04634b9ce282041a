internal import CCrypto
public import GuestHost

/// AES-256-GCM of libcrypto: what tests of sealed stores seal with, and what reads a block of one outside the guest.
public final class LibCryptoSealer: BlockSealer, @unchecked Sendable {
    private let key: [UInt8]

    /// A sealer with a key; nil when it has not 32 bytes.
    public init?(key: [UInt8]) {
        if key.count != Self.keySize { return nil }
        self.key = key
        super.init()
    }

    /// As `BlockSealer` says.
    public override func seal(
        nonce: UnsafeRawBufferPointer, authenticating data: UnsafeRawBufferPointer, _ bytes: UnsafeMutableRawBufferPointer, tag: UnsafeMutableRawBufferPointer
    ) {
        // Only a lack of memory or a libcrypto without AES makes this fail; plaintext must not go on then.
        guard let sealed = AES256GCM.seal(Array(bytes), key: key, nonce: Array(nonce), authenticating: Array(data)), tag.count == Self.tagSize else {
            fatalError("libcrypto does not seal")
        }
        bytes.copyBytes(from: sealed.ciphertext)
        tag.copyBytes(from: sealed.tag)
    }

    /// As `BlockSealer` says.
    public override func open(
        nonce: UnsafeRawBufferPointer, authenticating data: UnsafeRawBufferPointer, _ bytes: UnsafeMutableRawBufferPointer, tag: UnsafeRawBufferPointer
    ) -> Bool {
        guard let plain = AES256GCM.open(Array(bytes), tag: Array(tag), key: key, nonce: Array(nonce), authenticating: Array(data)) else { return false }
        bytes.copyBytes(from: plain)
        return true
    }
}
