internal import CCrypto

/// SHA-384 (FIPS 180-4) of libcrypto: the digest of launch measurements, ID blocks and reports.
enum SHA384 {
    /// Bytes of a digest.
    static let size = 48

    /// The digest of some bytes.
    static func digest(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let input = Array(bytes)
        var output = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        // Only a lack of memory or a libcrypto without SHA-2 makes this fail; there is no measurement to go on with then.
        guard EVP_Digest(input, input.count, &output, &length, EVP_sha384(), nil) == 1, length == 48 else { fatalError("libcrypto computes no SHA-384") }
        return Array(output.prefix(size))
    }
}

/// SHA-512 (FIPS 180-4) of libcrypto: the digest in report data.
enum SHA512 {
    /// The digest of some bytes, 64 bytes.
    static func digest(_ input: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        guard EVP_Digest(input, input.count, &output, &length, EVP_sha512(), nil) == 1, length == 64 else { fatalError("libcrypto computes no SHA-512") }
        return Array(output.prefix(64))
    }
}

/// Random bytes of libcrypto's generator (SP 800-90A), which the kernel seeds.
enum RandomBytes {
    /// That many bytes.
    static func make(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        // Only a kernel without random numbers makes this fail, which nothing a guest does brings about: keys made of anything else would be worse than none.
        guard RAND_bytes(&bytes, Int32(clamping: count)) == 1 else { fatalError("libcrypto has no random bytes") }
        return bytes
    }
}
