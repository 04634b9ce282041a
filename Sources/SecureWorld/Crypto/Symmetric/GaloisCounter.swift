internal import CCrypto

/// GCM (SP 800-38D) of libcrypto.
final class GaloisCounter {
    /// No call of libcrypto is given more bytes than this: its lengths are of type `int`.
    private static let largestCall = 1 << 30
    /// libcrypto takes no longer nonces (`GCM_IV_MAX_SIZE`).
    private static let largestNonce = 128

    private let context: OpaquePointer
    private let encrypts: Bool
    private var hasPayload = false

    private init(context: OpaquePointer, encrypts: Bool) {
        self.context = context
        self.encrypts = encrypts
    }

    /// The start of a message.
    ///
    /// `badParameters` for an empty nonce or a key of a length that AES does not have, `notSupported` for a nonce of more than 128 bytes.
    convenience init(_ primitive: TEEMainAlgorithm?, key: SecretBytes, nonce: UnsafeRawBufferPointer, encrypts: Bool) throws(TEEResult) {
        guard primitive == .aes else { throw .notSupported }
        guard !nonce.isEmpty, [16, 24, 32].contains(key.count) else { throw .badParameters }
        guard nonce.count <= Self.largestNonce else { throw .notSupported }
        guard let cipher = EVP_CIPHER_fetch(try CryptoLibrary.context(), "AES-\(key.count * 8)-GCM", nil) else { throw CryptoLibrary.failure(.notSupported) }
        defer { EVP_CIPHER_free(cipher) }
        guard let context = EVP_CIPHER_CTX_new() else { throw .outOfMemory }
        self.init(context: context, encrypts: encrypts)
        let direction: Int32 = encrypts ? 1 : 0
        guard EVP_CipherInit_ex2(context, cipher, nil, nil, direction, nil) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, Int32(nonce.count), nil) == 1
        else { throw CryptoLibrary.failure(.notSupported) }
        let isReady = key.withUnsafeBytes { key in
            EVP_CipherInit_ex2(
                context, nil, key.baseAddress?.assumingMemoryBound(to: UInt8.self), nonce.baseAddress?.assumingMemoryBound(to: UInt8.self), direction, nil) == 1
        }
        guard isReady else { throw CryptoLibrary.failure(.badParameters) }
    }

    /// Adds data to authenticate; `badParameters` when the payload has begun.
    func authenticate(_ data: UnsafeRawBufferPointer) throws(TEEResult) {
        guard !hasPayload else { throw .badParameters }
        try run(data, into: nil)
    }

    /// Runs payload through the cipher; `badState` beyond the 64 GiB that a GCM can take.
    func update(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(TEEResult) {
        guard !input.isEmpty else { return }
        hasPayload = true
        try run(input, into: output.baseAddress)
    }

    private func run(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawPointer?) throws(TEEResult) {
        var start = 0
        while start < input.count {
            let count = min(Self.largestCall, input.count - start)
            var written: Int32 = 0
            let isDone =
                EVP_CipherUpdate(
                    context, output.map { $0.assumingMemoryBound(to: UInt8.self) + start }, &written,
                    input.baseAddress.map { $0.assumingMemoryBound(to: UInt8.self) + start }, Int32(count)) == 1
            guard isDone, Int(written) == count else { throw CryptoLibrary.failure(.badState) }
            start += count
        }
    }

    /// The tag of an encryption, of 1 to 16 bytes.
    func tag(size: Int) throws(TEEResult) -> [UInt8] {
        var rest: Int32 = 0
        var tag = [UInt8](repeating: 0, count: 16)
        guard EVP_CipherFinal_ex(context, &tag, &rest) == 1, EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, &tag) == 1 else {
            throw CryptoLibrary.failure(.badState)
        }
        return Array(tag.prefix(size))
    }

    /// Whether that tag of 1 to 16 bytes is the one of a decryption.
    func verify(_ tag: UnsafeRawBufferPointer) throws(TEEResult) -> Bool {
        var copy = [UInt8](tag)
        guard EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &copy) == 1 else { throw CryptoLibrary.failure(.badState) }
        var rest: Int32 = 0
        guard EVP_CipherFinal_ex(context, &copy, &rest) == 1 else {
            ERR_clear_error()
            return false
        }
        return true
    }

    /// Another cipher in the same state.
    func copy() throws(TEEResult) -> GaloisCounter {
        guard let new = EVP_CIPHER_CTX_new() else { throw .outOfMemory }
        let copy = GaloisCounter(context: new, encrypts: encrypts)
        copy.hasPayload = hasPayload
        guard EVP_CIPHER_CTX_copy(new, context) == 1 else { throw CryptoLibrary.failure(.notSupported) }
        return copy
    }

    deinit { EVP_CIPHER_CTX_free(context) }
}
