internal import CCrypto
internal import ConfidentialABI
internal import LibCrypto

/// What both ends of a conversation derive, and nobody else can: HKDF with SHA-384 (RFC 5869) over the shared secrets.
struct ReleaseKeys: Sendable {
    private let derived: SecretBytes

    /// - Parameters:
    ///   - secrets: ECDH of both fresh keys; then, for a relying party with an identity, of that and the guest's fresh key.
    ///   - nonce: the salt.
    ///   - transcript: every byte up to the end of the answer's head.
    init(secrets: [SecretBytes], nonce: [UInt8], guest: [UInt8], relyingParty: [UInt8], transcript: [UInt8]) throws(KeyReleaseError) {
        var input = secrets.flatMap(\.bytes)
        defer { OPENSSL_cleanse(&input, input.count) }
        let info = Array(SKERRY_RELEASE_PURPOSE.utf8) + guest + relyingParty + (try CryptoContext.digest("SHA384", transcript))
        var output = [UInt8](repeating: 0, count: Int(SKERRY_RELEASE_KEY_SIZE + SKERRY_RELEASE_IV_SIZE + SKERRY_RELEASE_PROOF_SIZE))
        defer { OPENSSL_cleanse(&output, output.count) }
        var length = output.count
        let context = EVP_PKEY_CTX_new_from_name(CryptoContext.context, "HKDF", nil)
        defer { EVP_PKEY_CTX_free(context) }
        guard let digest = EVP_MD_fetch(CryptoContext.context, "SHA384", nil) else { throw CryptoContext.failure("has no SHA-384") }
        defer { EVP_MD_free(digest) }
        guard EVP_PKEY_derive_init(context) == 1, EVP_PKEY_CTX_set_hkdf_md(context, digest) == 1, EVP_PKEY_CTX_set1_hkdf_salt(context, nonce, Int32(nonce.count)) == 1,
            EVP_PKEY_CTX_set1_hkdf_key(context, input, Int32(input.count)) == 1, EVP_PKEY_CTX_add1_hkdf_info(context, info, Int32(info.count)) == 1,
            EVP_PKEY_derive(context, &output, &length) == 1, length == output.count
        else { throw CryptoContext.failure("derives no key by HKDF") }
        derived = SecretBytes(output.map(\.self))
    }

    private func part(_ start: Int32, _ count: Int32) -> SecretBytes { SecretBytes(Array(derived.bytes[Int(start)..<Int(start + count)])) }
    /// The key of AES-256-GCM.
    var key: SecretBytes { part(0, SKERRY_RELEASE_KEY_SIZE) }
    /// The nonce of GCM: the key seals one text alone.
    var initialization: SecretBytes { part(SKERRY_RELEASE_KEY_SIZE, SKERRY_RELEASE_IV_SIZE) }
    /// What the guest shows when it has opened the secrets.
    var proof: SecretBytes { part(SKERRY_RELEASE_KEY_SIZE + SKERRY_RELEASE_IV_SIZE, SKERRY_RELEASE_PROOF_SIZE) }

    /// Ciphertext and tag of AES-256-GCM (SP 800-38D).
    func seal(_ plaintext: SecretBytes, authenticating data: [UInt8]) throws(KeyReleaseError) -> [UInt8] {
        let failed = "seals nothing with AES-256-GCM"
        guard let cipher = EVP_CIPHER_fetch(CryptoContext.context, "AES-256-GCM", nil), let context = EVP_CIPHER_CTX_new() else { throw CryptoContext.failure(failed) }
        defer {
            EVP_CIPHER_CTX_free(context)
            EVP_CIPHER_free(cipher)
        }
        let count = plaintext.bytes.count
        var output = [UInt8](repeating: 0, count: count)
        var tag = [UInt8](repeating: 0, count: Int(SKERRY_RELEASE_TAG_SIZE))
        var length: Int32 = 0
        guard EVP_EncryptInit_ex2(context, cipher, key.bytes, initialization.bytes, nil) == 1, EVP_EncryptUpdate(context, nil, &length, data, Int32(data.count)) == 1,
            EVP_EncryptUpdate(context, &output, &length, plaintext.bytes, Int32(count)) == 1, Int(length) == count, EVP_EncryptFinal_ex(context, &tag, &length) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, SKERRY_RELEASE_TAG_SIZE, &tag) == 1
        else { throw CryptoContext.failure(failed) }
        return output + tag
    }
}
