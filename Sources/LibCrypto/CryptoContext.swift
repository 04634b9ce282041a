internal import CCrypto

/// One library context of libcrypto for this process, made at the first use, that no configuration file of the machine changes.
///
/// The default provider is all it holds.
package enum CryptoContext {
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

    /// The `OSSL_LIB_CTX`, which lives as long as the process and may be used from any thread; nil when libcrypto is out of order.
    package static var context: OpaquePointer? { handle?.context }
}
