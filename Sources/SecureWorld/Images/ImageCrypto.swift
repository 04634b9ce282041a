import CCrypto

/// The few symmetric operations that TA files need, on whole buffers.
enum ImageCrypto {
    /// Bytes of a SHA-256 digest, of an AES-256 key, and of the GCM fields that OP-TEE's `sign_encrypt.py` writes.
    static let digestSize = 32
    static let keySize = 32
    static let ivSize = 12
    static let tagSize = 16

    private static let failed = TAFileError(.outOfMemory, "libcrypto had no memory for a digest or cipher; free some memory and try again")

    static func sha256(_ parts: [ArraySlice<UInt8>]) throws(TAFileError) -> [UInt8] { try digest(EVP_sha256(), parts) }
    static func sha512(_ parts: [ArraySlice<UInt8>]) throws(TAFileError) -> [UInt8] { try digest(EVP_sha512(), parts) }

    private static func digest(_ kind: OpaquePointer?, _ parts: [ArraySlice<UInt8>]) throws(TAFileError) -> [UInt8] {
        guard let context = EVP_MD_CTX_new() else { throw failed }
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestInit_ex(context, kind, nil) == 1 else { throw failed }
        for part in parts {
            guard part.withUnsafeBytes({ EVP_DigestUpdate(context, $0.baseAddress, $0.count) }) == 1 else { throw failed }
        }
        var result = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var size: UInt32 = 0
        guard EVP_DigestFinal_ex(context, &result, &size) == 1 else { throw failed }
        return Array(result.prefix(Int(size)))
    }

    /// HMAC-SHA256 (RFC 2104) of `message`.
    static func hmac(_ key: SecretBytes, _ message: [UInt8]) throws(TAFileError) -> SecretBytes {
        try SecretBytes(count: digestSize) { output throws(TAFileError) in
            var size: UInt32 = 0
            let done = key.withUnsafeBytes { key in
                HMAC(EVP_sha256(), key.baseAddress, Int32(clamping: key.count), message, message.count, output.baseAddress?.assumingMemoryBound(to: UInt8.self), &size)
            }
            guard done != nil, Int(size) == digestSize else { throw failed }
        }
    }

    /// AES-256-GCM (NIST SP 800-38D) without additional data; nil when the tag does not fit the text.
    static func open(_ ciphertext: ArraySlice<UInt8>, key: SecretBytes, iv: ArraySlice<UInt8>, tag: ArraySlice<UInt8>) throws(TAFileError) -> [UInt8]? {
        let context = try gcm(key, iv, encrypting: false)
        defer { EVP_CIPHER_CTX_free(context) }
        guard var result = run(context, ciphertext) else { throw failed }
        var expected = Array(tag)
        guard EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(clamping: expected.count), &expected) == 1 else { throw failed }
        var rest = [UInt8](repeating: 0, count: 16)
        var size: Int32 = 0
        guard EVP_DecryptFinal_ex(context, &rest, &size) == 1 else {
            SecretBytes.wipe(&result)
            return nil
        }
        return result
    }

    /// The ciphertext and the 16-byte tag.
    static func seal(_ plaintext: [UInt8], key: SecretBytes, iv: [UInt8]) throws(TAFileError) -> (ciphertext: [UInt8], tag: [UInt8]) {
        let context = try gcm(key, iv[...], encrypting: true)
        defer { EVP_CIPHER_CTX_free(context) }
        guard let result = run(context, plaintext[...]) else { throw failed }
        var tag = [UInt8](repeating: 0, count: tagSize)
        var rest = tag
        var size: Int32 = 0
        guard EVP_EncryptFinal_ex(context, &rest, &size) == 1, EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagSize), &tag) == 1 else { throw failed }
        return (result, tag)
    }

    static func random(_ count: Int) throws(TAFileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard RAND_bytes(&bytes, Int32(clamping: count)) == 1 else { throw TAFileError(.generic, "libcrypto has no random numbers; see openssl-rand(1)") }
        return bytes
    }

    private static func gcm(_ key: SecretBytes, _ iv: ArraySlice<UInt8>, encrypting: Bool) throws(TAFileError) -> OpaquePointer {
        guard key.count == keySize else { throw TAFileError(.badParameters, "a TA encryption key has \(keySize) bytes, not \(key.count)") }
        guard let context = EVP_CIPHER_CTX_new() else { throw failed }
        let direction: Int32 = encrypting ? 1 : 0
        let isReady =
            EVP_CipherInit_ex(context, EVP_aes_256_gcm(), nil, nil, nil, direction) == 1
            && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, Int32(clamping: iv.count), nil) == 1
            && key.withUnsafeBytes { key in
                iv.withUnsafeBytes { iv in
                    EVP_CipherInit_ex(
                        context, nil, nil, key.baseAddress?.assumingMemoryBound(to: UInt8.self), iv.baseAddress?.assumingMemoryBound(to: UInt8.self), direction)
                }
            } == 1
        if !isReady {
            EVP_CIPHER_CTX_free(context)
            throw failed
        }
        return context
    }

    private static func run(_ context: OpaquePointer, _ input: ArraySlice<UInt8>) -> [UInt8]? {
        guard let count = Int32(exactly: input.count) else { return nil }
        if count == 0 { return [] }
        var output = [UInt8](repeating: 0, count: input.count)
        var size: Int32 = 0
        let done = input.withUnsafeBufferPointer { EVP_CipherUpdate(context, &output, &size, $0.baseAddress, count) }
        return done == 1 && size == count ? output : nil
    }
}
