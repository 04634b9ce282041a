internal import CCrypto

/// What libcrypto is to read.
package enum CryptoInput {
    /// A BIO with a copy of these bytes, in libcrypto's secure heap where there is one; the caller frees it. Nil without memory.
    ///
    /// `BIO_new_mem_buf` takes no copy: it would be left with a pointer to an array that is gone already.
    package static func copy(_ bytes: [UInt8]) -> OpaquePointer? {
        guard let size = Int32(exactly: bytes.count), let bio = BIO_new(BIO_s_secmem()) else { return nil }
        if size == 0 || BIO_write(bio, bytes, size) == size { return bio }
        BIO_free(bio)
        return nil
    }
}
