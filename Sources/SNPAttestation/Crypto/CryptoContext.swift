internal import CCrypto

/// libcrypto as this library uses it: a library context of its own with the default provider, that no configuration file of the machine changes.
enum CryptoContext {
    private struct Handle: @unchecked Sendable {
        let context: OpaquePointer
    }

    private static let handle: Handle? = {
        guard let context = OSSL_LIB_CTX_new() else { return nil }
        guard OSSL_PROVIDER_load(context, "default") != nil else {
            OSSL_LIB_CTX_free(context)
            return nil
        }
        return Handle(context: context)
    }()

    /// The `OSSL_LIB_CTX`, which lives as long as the process and may be used from any thread; nil when libcrypto is out of order, and then nothing verifies.
    static var context: OpaquePointer? { handle?.context }

    /// A digest by libcrypto's name of it; empty when libcrypto has none.
    static func digest(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
        guard let context else { return [] }
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count = 0
        let done = bytes.withUnsafeBytes { EVP_Q_digest(context, name, nil, $0.baseAddress, $0.count, &digest, &count) }
        guard done == 1, count <= digest.count else {
            ERR_clear_error()
            return []
        }
        return Array(digest.prefix(count))
    }
}
