/// CBC with ciphertext stealing, variant CS3 (SP 800-38A's addendum): the two last blocks always change places, even if both are whole.
///
/// libcrypto's cipher of that kind takes a message in one piece only; OP-TEE's takes whole blocks before the end (`core/crypto/aes-cts.c`).
final class StealingCipher {
    private static let blockSize = 16

    private let chain: BlockCipher
    private let single: BlockCipher?

    /// A cipher at the start of a message; errors as those of `BlockCipher`.
    init(_ primitive: TEEMainAlgorithm?, key: SecretBytes, iv: UnsafeRawBufferPointer, encrypts: Bool) throws(TEEResult) {
        chain = try BlockCipher(primitive, .cbc, key: key, iv: iv, encrypts: encrypts)
        single = encrypts ? nil : try BlockCipher(primitive, .ecb, key: key, encrypts: false)
    }

    private init(_ other: StealingCipher) throws(TEEResult) {
        chain = try other.chain.copy()
        single = if let single = other.single { try single.copy() } else { nil }
    }

    /// Whole blocks before the two last ones of the message; `output` has room for them.
    func update(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(TEEResult) { try chain.update(input, into: output) }

    /// The end of the message: more than one block, the last of which may be short; `badState` for less.
    func finish(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(TEEResult) {
        guard input.count > Self.blockSize else { throw .badState }
        let tail = (input.count - 1) % Self.blockSize + 1
        let body = input.count - tail - Self.blockSize
        try chain.update(UnsafeRawBufferPointer(rebasing: input[..<body]), into: UnsafeMutableRawBufferPointer(rebasing: output[..<body]))
        var first = Array(input[body..<(body + Self.blockSize)])
        var last = Array(input[(body + Self.blockSize)...])
        var (whole, cut): ([UInt8], [UInt8]) = ([], [])
        defer {
            SecretBytes.wipe(&first)
            SecretBytes.wipe(&last)
            SecretBytes.wipe(&whole)
            SecretBytes.wipe(&cut)
        }
        if let single {
            // What the short block lost is in the deciphered block before it.
            let stolen = try single.update(first)[tail...]
            whole = try chain.update(last + stolen)
            cut = try chain.update(first)
        } else {
            cut = try chain.update(first)
            whole = try chain.update(last + [UInt8](repeating: 0, count: Self.blockSize - tail))
        }
        for index in 0..<Self.blockSize { output[body + index] = whole[index] }
        for index in 0..<tail { output[body + Self.blockSize + index] = cut[index] }
    }

    /// Another cipher in the same state.
    func copy() throws(TEEResult) -> StealingCipher { try StealingCipher(self) }
}
