internal import CCrypto

/// The two algorithms of the trusted storage: AES-256-GCM (NIST SP 800-38D) with 96-bit random nonces and 128-bit tags, and HMAC-SHA256 (RFC 2104).
enum StorageCipher {
    static let keySize = 32
    static let nonceSize = 12
    static let tagSize = 16

    /// `count` random bytes; `generic` when the generator fails.
    static func random(_ count: Int) throws(TEEResult) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard RAND_bytes(&bytes, Int32(count)) == 1 else { throw .generic }
        return bytes
    }

    /// A fresh key.
    static func randomKey() throws(TEEResult) -> SecretBytes {
        try SecretBytes(count: keySize) { buffer throws(TEEResult) in
            guard RAND_bytes(buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(buffer.count)) == 1 else { throw .generic }
        }
    }

    /// HMAC-SHA256 of a message.
    static func authenticationCode(_ message: [UInt8], key: SecretBytes) throws(TEEResult) -> SecretBytes {
        try SecretBytes(count: 32) { code throws(TEEResult) in
            let output = code.baseAddress?.assumingMemoryBound(to: UInt8.self)
            let made = key.withUnsafeBytes { HMAC(EVP_sha256(), $0.baseAddress, Int32($0.count), message, message.count, output, nil) != nil }
            if !made { throw .generic }
        }
    }

    /// `header`, then nonce, ciphertext and tag; `header` and `context` are authenticated, but only the former is written.
    static func seal(_ plaintext: [UInt8], key: SecretBytes, header: [UInt8], context: [UInt8]) throws(TEEResult) -> [UInt8] {
        guard let size = Int32(exactly: plaintext.count) else { throw .outOfMemory }
        let nonce = try random(nonceSize)
        let start = header.count + nonceSize
        var output = header + nonce + [UInt8](repeating: 0, count: plaintext.count + tagSize)
        let cipher = try newContext()
        defer { EVP_CIPHER_CTX_free(cipher) }
        var written: Int32 = 0
        let sealed = output.withUnsafeMutableBufferPointer { buffer in
            guard let body = buffer.baseAddress.map({ $0 + start }) else { return false }
            return key.withUnsafeBytes { EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), nil, $0.bindMemory(to: UInt8.self).baseAddress, nonce) == 1 }
                && EVP_EncryptUpdate(cipher, nil, &written, header, Int32(header.count)) == 1
                && EVP_EncryptUpdate(cipher, nil, &written, context, Int32(context.count)) == 1
                && EVP_EncryptUpdate(cipher, body, &written, plaintext, size) == 1
                && EVP_EncryptFinal_ex(cipher, body + plaintext.count, &written) == 1
                && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, Int32(tagSize), body + plaintext.count) == 1
        }
        guard sealed else { throw .generic }
        return output
    }

    /// The plaintext of what `seal` made; `corruptObject` when it is not that, whatever part of it changed. Nothing unverified leaves.
    static func open(_ sealed: [UInt8], key: SecretBytes, headerSize: Int, context: [UInt8]) throws(TEEResult) -> [UInt8] {
        let count = sealed.count - headerSize - nonceSize - tagSize
        guard count >= 0, let size = Int32(exactly: count) else { throw .corruptObject }
        let cipher = try newContext()
        defer { EVP_CIPHER_CTX_free(cipher) }
        var plaintext = [UInt8](repeating: 0, count: count)
        var tag = Array(sealed.suffix(tagSize))
        var written: Int32 = 0
        var final = [UInt8](repeating: 0, count: 16)
        let opened = sealed.withUnsafeBufferPointer { input in
            guard let start = input.baseAddress else { return false }
            return key.withUnsafeBytes { EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), nil, $0.bindMemory(to: UInt8.self).baseAddress, start + headerSize) == 1 }
                && EVP_DecryptUpdate(cipher, nil, &written, start, Int32(headerSize)) == 1
                && EVP_DecryptUpdate(cipher, nil, &written, context, Int32(context.count)) == 1
                && EVP_DecryptUpdate(cipher, &plaintext, &written, start + headerSize + nonceSize, size) == 1
                && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, Int32(tagSize), &tag) == 1
                && EVP_DecryptFinal_ex(cipher, &final, &written) == 1
        }
        if !opened {
            SecretBytes.wipe(&plaintext)
            throw .corruptObject
        }
        return plaintext
    }

    private static func newContext() throws(TEEResult) -> OpaquePointer {
        guard let context = EVP_CIPHER_CTX_new() else { throw .outOfMemory }
        return context
    }
}
