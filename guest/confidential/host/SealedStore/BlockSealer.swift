/// Who seals blocks with AES-256-GCM (SP 800-38D), and holds the key: BearSSL in the guest, libcrypto on the host. Subclassed there.
///
/// Called by one thread at a time. The base class opens nothing.
open class BlockSealer: @unchecked Sendable {
    /// Bytes of a key, a nonce and a tag.
    public static let keySize = 32, nonceSize = 12, tagSize = 16

    /// For subclasses.
    public init() {}

    /// Encrypts bytes in place.
    ///
    /// - Parameters:
    ///   - nonce: 12 bytes, never the same twice under one key.
    ///   - data: what is authenticated with the bytes, and stays outside.
    ///   - bytes: any number of them.
    ///   - tag: 16 bytes, to be filled.
    open func seal(
        nonce: UnsafeRawBufferPointer, authenticating data: UnsafeRawBufferPointer, _ bytes: UnsafeMutableRawBufferPointer, tag: UnsafeMutableRawBufferPointer
    ) {}

    /// Decrypts bytes in place, and says whether the tag is theirs; the bytes are not to be used where it is not.
    open func open(
        nonce: UnsafeRawBufferPointer, authenticating data: UnsafeRawBufferPointer, _ bytes: UnsafeMutableRawBufferPointer, tag: UnsafeRawBufferPointer
    ) -> Bool { false }
}
