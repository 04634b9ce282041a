internal import CCrypto

/// A block cipher of libcrypto with its key, in the plain modes that everything else here is made of: ECB, CBC, counter.
///
/// Not for two threads at a time. libcrypto wipes the key schedule when it frees the context.
final class BlockCipher {
    /// The modes, with the ending of their names in libcrypto.
    enum Mode: String {
        case ecb = "ECB"
        case cbc = "CBC"
        case ctr = "CTR"
    }

    /// No call of libcrypto is given more bytes than this: its lengths are of type `int`.
    private static let largestCall = 1 << 30

    private let context: OpaquePointer

    private init(context: OpaquePointer) { self.context = context }

    /// A cipher ready to run; `key` may be any key of the primitive, for Triple DES one of two keys as well (SP 800-67, keying option 2).
    ///
    /// Without an initialization vector a mode that needs one starts from zeros. `badParameters` for a key or a vector of another length than the
    /// primitive's, `notSupported` for a primitive that libcrypto lacks.
    convenience init(
        _ primitive: TEEMainAlgorithm?, _ mode: Mode, key: SecretBytes, iv: UnsafeRawBufferPointer? = nil, encrypts: Bool, isPadded: Bool = false
    ) throws(TEEResult) {
        let (name, whole) = try Self.resolved(primitive, key)
        let library = try CryptoLibrary.context()
        guard let cipher = EVP_CIPHER_fetch(library, name + "-" + mode.rawValue, nil) else { throw CryptoLibrary.failure(.notSupported) }
        defer { EVP_CIPHER_free(cipher) }
        guard let context = EVP_CIPHER_CTX_new() else { throw .outOfMemory }
        self.init(context: context)
        guard EVP_CIPHER_get_key_length(cipher) == whole.count else { throw .badParameters }
        let vector = mode == .ecb ? [] : iv.map { [UInt8]($0) } ?? [UInt8](repeating: 0, count: Int(EVP_CIPHER_get_iv_length(cipher)))
        guard EVP_CIPHER_get_iv_length(cipher) == vector.count else { throw .badParameters }
        let isReady = whole.withUnsafeBytes { key in
            vector.withUnsafeBufferPointer { vector in
                EVP_CipherInit_ex2(context, cipher, key.baseAddress?.assumingMemoryBound(to: UInt8.self), vector.baseAddress, encrypts ? 1 : 0, nil) == 1
            }
        }
        guard isReady, EVP_CIPHER_CTX_set_padding(context, isPadded ? 1 : 0) == 1 else { throw CryptoLibrary.failure(.badParameters) }
    }

    /// The name in libcrypto, without the mode, and the key as libcrypto wants it.
    private static func resolved(_ primitive: TEEMainAlgorithm?, _ key: SecretBytes) throws(TEEResult) -> (String, SecretBytes) {
        switch (primitive, key.count) {
        case (.aes, 16), (.aes, 24), (.aes, 32): ("AES-\(key.count * 8)", key)
        case (.sm4, 16): ("SM4", key)
        case (.des, 8), (.des3, 16), (.des3, 24): ("DES-EDE3", repeated(key))
        case (.aes, _), (.sm4, _), (.des, _), (.des3, _): throw .badParameters
        default: throw .notSupported
        }
    }

    /// Three keys made of one or two: the first again, until there are 24 bytes.
    static func repeated(_ key: SecretBytes) -> SecretBytes {
        guard key.count > 0, key.count < 24 else { return key }
        return SecretBytes(count: 24) { three in
            key.withUnsafeBytes { bytes in
                for index in three.indices { three[index] = bytes[index % bytes.count] }
            }
        }
    }

    /// Runs `input` through the cipher and returns how many bytes were written to `output`, which may be the same memory and has room for the input and,
    /// with padding, for a block more. Without padding the output of whole blocks comes at once.
    @discardableResult
    func update(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(TEEResult) -> Int {
        var written = 0
        var start = 0
        while start < input.count {
            let part = UnsafeRawBufferPointer(rebasing: input[start..<min(input.count, start + Self.largestCall)])
            guard let from = part.baseAddress?.assumingMemoryBound(to: UInt8.self), written < output.count, let to = output.baseAddress else { throw .generic }
            var count: Int32 = 0
            let isDone = EVP_CipherUpdate(context, to.assumingMemoryBound(to: UInt8.self) + written, &count, from, Int32(part.count)) == 1
            guard isDone else { throw CryptoLibrary.failure(.badState) }
            written += Int(count)
            start += part.count
        }
        return written
    }

    /// `input` run through the cipher; a convenience for single blocks.
    func update(_ input: [UInt8]) throws(TEEResult) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: input.count)
        let result = output.withUnsafeMutableBytes { output in
            input.withUnsafeBytes { input in Result { () throws(TEEResult) in try update(input, into: output) } }
        }
        _ = try result.get()
        return output
    }

    /// The last block of padded data into at least one block of memory, and how many bytes that were; `ciphertextInvalid` when what was decrypted does
    /// not end in padding.
    func finish(into output: UnsafeMutableRawBufferPointer) throws(TEEResult) -> Int {
        var count: Int32 = 0
        guard EVP_CipherFinal_ex(context, output.baseAddress?.assumingMemoryBound(to: UInt8.self), &count) == 1 else {
            throw CryptoLibrary.failure(.ciphertextInvalid)
        }
        return Int(count)
    }

    /// Another cipher in the same state.
    func copy() throws(TEEResult) -> BlockCipher {
        guard let new = EVP_CIPHER_CTX_new() else { throw .outOfMemory }
        let copy = BlockCipher(context: new)
        guard EVP_CIPHER_CTX_copy(new, context) == 1 else { throw CryptoLibrary.failure(.outOfMemory) }
        return copy
    }

    deinit { EVP_CIPHER_CTX_free(context) }
}
