internal import CCrypto
internal import LibCrypto

extension CryptoContext {
    /// A digest by libcrypto's name of it.
    static func digest(_ name: String, _ bytes: [UInt8]) throws(KeyReleaseError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count = 0
        guard let context, EVP_Q_digest(context, name, nil, bytes, bytes.count, &digest, &count) == 1, count <= digest.count else { throw failure("computes no \(name)") }
        return Array(digest.prefix(count))
    }

    /// Bytes of the generator for what others may see.
    static func random(_ count: Int) throws(KeyReleaseError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard let context, RAND_bytes_ex(context, &bytes, count, 256) == 1 else { throw failure("has no random bytes") }
        return bytes
    }

    /// Whether both are the same, in a time that does not tell where they differ.
    static func isEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool { one.count == other.count && CRYPTO_memcmp(one, other, one.count) == 0 }

    /// What libcrypto does not do, as an error.
    static func failure(_ what: String) -> KeyReleaseError {
        ERR_clear_error()
        return KeyReleaseError(.system, "libcrypto \(what); check the installation of OpenSSL 3")
    }
}
