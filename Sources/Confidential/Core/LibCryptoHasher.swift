internal import CCrypto
public import GuestHost

/// SHA-256 of libcrypto: what makes root images and manifests, and what tests of the guest's end verify with.
public final class LibCryptoHasher: ContentHasher, @unchecked Sendable {
    /// A hasher.
    public override init() { super.init() }

    /// As `ContentHasher` says.
    public override func digest(domain: UInt8?, _ bytes: UnsafeRawBufferPointer) -> ContentDigest {
        var result = ContentDigest()
        guard let context = EVP_MD_CTX_new() else { fatalError("libcrypto has no memory") }
        defer { EVP_MD_CTX_free(context) }
        let isDone = result.withUnsafeMutableBytes { output -> Bool in
            guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else { return false }
            if var domain, EVP_DigestUpdate(context, &domain, 1) != 1 { return false }
            return EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1
                && EVP_DigestFinal_ex(context, output.baseAddress?.assumingMemoryBound(to: UInt8.self), nil) == 1
        }
        // Only a lack of memory or a libcrypto without SHA-2 makes this fail; there is nothing to go on with then.
        guard isDone else { fatalError("libcrypto computes no SHA-256") }
        return result
    }

    /// The digest of an array.
    public func digest(domain: UInt8? = nil, _ bytes: [UInt8]) -> ContentDigest { bytes.withUnsafeBytes { digest(domain: domain, $0) } }
}
