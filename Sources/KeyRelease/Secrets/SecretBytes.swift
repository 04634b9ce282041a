internal import CCrypto

/// Bytes that are overwritten when nobody needs them any more. What copies their array out has to be as careful; nothing in this module does.
final class SecretBytes: @unchecked Sendable {
    // Changed by nobody before `deinit`.
    private(set) var bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    deinit { OPENSSL_cleanse(&bytes, bytes.count) }
}
