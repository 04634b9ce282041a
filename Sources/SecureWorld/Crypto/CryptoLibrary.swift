internal import CCrypto
internal import LibCrypto

/// libcrypto as the secure world uses it.
///
/// The default provider is all its context holds. Single DES, which that provider lacks, is Triple DES with three equal keys (SP 800-67, 3.2); so OpenSSL's legacy
/// provider, a module that only a dynamically linked program can load, is not needed.
enum CryptoLibrary {
    /// The library context (`OSSL_LIB_CTX *`), which lives as long as the process and may be used from any thread; `outOfMemory` when there is none.
    static func context() throws(TEEResult) -> OpaquePointer {
        guard let context = CryptoContext.context else { throw .outOfMemory }
        return context
    }

    /// The result itself, after the calling thread's queue of libcrypto errors was emptied: what one application provokes is not to be found later by the
    /// call of another.
    static func failure(_ result: TEEResult) -> TEEResult {
        ERR_clear_error()
        return result
    }

    /// Fills memory with random bytes from libcrypto's generator, which the kernel seeds (SP 800-90A); `generic` when it is out of order.
    static func random(into buffer: UnsafeMutableRawBufferPointer) throws(TEEResult) {
        guard let start = buffer.baseAddress, !buffer.isEmpty else { return }
        let context = try context()
        guard RAND_bytes_ex(context, start.assumingMemoryBound(to: UInt8.self), buffer.count, 256) == 1 else { throw failure(.generic) }
    }

    /// Random bytes that are a secret; errors as those of `random(into:)`.
    static func random(count: Int) throws(TEEResult) -> SecretBytes {
        try SecretBytes(count: count) { (bytes) throws(TEEResult) in try random(into: bytes) }
    }

    /// Whether two byte strings are equal, in a time that tells only their lengths.
    static func areEqual(_ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) -> Bool {
        guard one.count == other.count else { return false }
        guard let first = one.baseAddress, let second = other.baseAddress else { return true }
        return CRYPTO_memcmp(first, second, one.count) == 0
    }

    /// Overwrites memory that held a secret.
    static func wipe(_ buffer: UnsafeMutableRawBufferPointer) {
        if let start = buffer.baseAddress { OPENSSL_cleanse(start, buffer.count) }
    }
}

extension TEEAlgorithm {
    /// What libcrypto calls the digest that `digest` is; nil when there is none or it has no name there (SHAKE included: its output has no size).
    var libraryDigestName: String? {
        switch digest?.mainAlgorithm {
        case .md5: "MD5"
        case .sha1: "SHA1"
        case .sha224: "SHA2-224"
        case .sha256: "SHA2-256"
        case .sha384: "SHA2-384"
        case .sha512: "SHA2-512"
        case .sha3_224: "SHA3-224"
        case .sha3_256: "SHA3-256"
        case .sha3_384: "SHA3-384"
        case .sha3_512: "SHA3-512"
        case .sm3: "SM3"
        case .md5SHA1: "MD5-SHA1"
        default: nil
        }
    }
}
