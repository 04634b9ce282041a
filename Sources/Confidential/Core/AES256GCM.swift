internal import CCrypto

/// AES-256-GCM (SP 800-38D) of libcrypto with a nonce of 12 bytes and a tag of 16, as guest messages use it.
enum AES256GCM {
    /// Bytes of the tag.
    static let tagSize = 16

    /// Ciphertext and tag; nil when libcrypto fails.
    static func seal(_ plaintext: [UInt8], key: [UInt8], nonce: [UInt8], authenticating data: [UInt8]) -> (ciphertext: [UInt8], tag: [UInt8])? {
        guard key.count == 32, nonce.count == 12, let context = EVP_CIPHER_CTX_new() else { return nil }
        defer { EVP_CIPHER_CTX_free(context) }
        var length: Int32 = 0
        var (output, tag) = ([UInt8](repeating: 0, count: plaintext.count + tagSize), [UInt8](repeating: 0, count: tagSize))
        guard EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1, EVP_EncryptUpdate(context, nil, &length, data, Int32(data.count)) == 1,
            EVP_EncryptUpdate(context, &output, &length, plaintext, Int32(plaintext.count)) == 1, Int(length) == plaintext.count,
            EVP_EncryptFinal_ex(context, &tag, &length) == 1, EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagSize), &tag) == 1
        else { return nil }
        return (Array(output.prefix(plaintext.count)), tag)
    }

    /// The plaintext; nil when the tag is not that of the ciphertext.
    static func open(_ ciphertext: [UInt8], tag: [UInt8], key: [UInt8], nonce: [UInt8], authenticating data: [UInt8]) -> [UInt8]? {
        guard key.count == 32, nonce.count == 12, tag.count == tagSize, let context = EVP_CIPHER_CTX_new() else { return nil }
        defer {
            EVP_CIPHER_CTX_free(context)
            ERR_clear_error()
        }
        var length: Int32 = 0
        var (output, expected) = ([UInt8](repeating: 0, count: ciphertext.count + tagSize), tag)
        guard EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1, EVP_DecryptUpdate(context, nil, &length, data, Int32(data.count)) == 1,
            EVP_DecryptUpdate(context, &output, &length, ciphertext, Int32(ciphertext.count)) == 1, Int(length) == ciphertext.count,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagSize), &expected) == 1
        else { return nil }
        var rest = [UInt8](repeating: 0, count: tagSize)
        return EVP_DecryptFinal_ex(context, &rest, &length) == 1 ? Array(output.prefix(ciphertext.count)) : nil
    }

    /// HMAC-SHA-384 (FIPS 198-1); nil when libcrypto fails.
    static func authenticationCode(_ message: [UInt8], key: [UInt8]) -> [UInt8]? {
        var output = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        guard HMAC(EVP_sha384(), key, Int32(key.count), message, message.count, &output, &length) != nil else { return nil }
        return Array(output.prefix(Int(length)))
    }
}
