internal import CCrypto
internal import LibCrypto

/// An RSA key of 4,096 bits that signs certificates with RSASSA-PSS, SHA-384 and a salt of 48 bytes (RFC 8017), as AMD's ARK and ASK do.
final class AuthorityKey: @unchecked Sendable {
    /// The most bytes of a PEM file with one key.
    private static let largestFile = 64 << 10

    // Never changed after `init`.
    let key: OpaquePointer

    /// A new key.
    ///
    /// - Throws: `requirement` when libcrypto makes none.
    init() throws(SNPError) {
        var made: OpaquePointer?
        let context = EVP_PKEY_CTX_new_from_name(nil, "RSA", nil)
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_CTX_set_rsa_keygen_bits(context, 4096) == 1, EVP_PKEY_generate(context, &made) == 1, let made else {
            throw SNPError(.requirement, "a new RSA key", "libcrypto makes none; check the installation of OpenSSL 3")
        }
        key = made
    }

    /// From a PEM file with the private key, without pass phrase.
    ///
    /// - Throws: `plan` for anything but one RSA key of 4,096 bits.
    init(pem: [UInt8]) throws(SNPError) {
        let refused = SNPError(
            .plan, "the authority's key",
            "it is no private RSA key of 4096 bits in PEM form without pass phrase; make one with: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:4096")
        guard pem.count <= Self.largestFile, let bio = CryptoInput.copy(pem) else { throw refused }
        defer {
            BIO_free(bio)
            ERR_clear_error()
        }
        // Without a call-back libcrypto would ask for a pass phrase on the terminal.
        guard let read = PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in -1 }, nil) else { throw refused }
        key = read
        // From here on `deinit` frees it.
        guard EVP_PKEY_is_a(read, "RSA") == 1, EVP_PKEY_get_bits(read) == 4096 else { throw refused }
    }

    deinit { EVP_PKEY_free(key) }

    /// The private key as a PEM file (PKCS #8).
    var pem: [UInt8] {
        let bio = BIO_new(BIO_s_secmem())
        defer { BIO_free(bio) }
        guard PEM_write_bio_PrivateKey(bio, key, nil, nil, 0, nil, nil) == 1 else { return [] }
        var bytes = [UInt8](repeating: 0, count: BIO_ctrl_pending(bio))
        return BIO_read(bio, &bytes, Int32(clamping: bytes.count)) == Int32(clamping: bytes.count) ? bytes : []
    }

    /// Signs a certificate and returns it as DER; nil when libcrypto fails.
    func sign(_ certificate: OpaquePointer) -> [UInt8]? {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var parameters: OpaquePointer?
        guard EVP_DigestSignInit(context, &parameters, EVP_sha384(), nil, key) == 1, EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1,
            EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, 48) == 1, EVP_PKEY_CTX_set_rsa_mgf1_md(parameters, EVP_sha384()) == 1, X509_sign_ctx(certificate, context) > 0
        else { return nil }
        let size = i2d_X509(certificate, nil)
        guard size > 0 else { return nil }
        var der = [UInt8](repeating: 0, count: Int(size))
        let written = der.withUnsafeMutableBufferPointer { output in
            var start = output.baseAddress
            return i2d_X509(certificate, &start)
        }
        return written == size ? der : nil
    }

    /// What identifies the key in extensions: 20 bytes.
    var identifier: [UInt8] {
        let size = i2d_PUBKEY(key, nil)
        var der = [UInt8](repeating: 0, count: Int(max(size, 0)))
        _ = der.withUnsafeMutableBufferPointer { output in
            var start = output.baseAddress
            return i2d_PUBKEY(key, &start)
        }
        return Array(SHA384.digest(der).prefix(20))
    }
}
