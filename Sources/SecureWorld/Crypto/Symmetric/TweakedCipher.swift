/// XTS (IEEE 1619; SP 800-38E) over any block cipher of 16 bytes, in pieces.
///
/// libcrypto takes each call for a whole data unit and knows no XTS with AES-192 and none with SM4 before 3.2; OP-TEE's applications may hand over a
/// unit in pieces of whole blocks, and may use those ciphers.
final class TweakedCipher {
    private static let blockSize = 16
    private static let chunk = 4096

    private let cipher: BlockCipher
    private let encrypts: Bool
    private var low: UInt64
    private var high: UInt64

    /// A data unit with the number that is in `iv`, least significant byte first.
    ///
    /// `badParameters` for keys of different or of wrong lengths and for an `iv` of not 16 bytes.
    init(_ primitive: TEEMainAlgorithm?, key: SecretBytes, tweakKey: SecretBytes, iv: UnsafeRawBufferPointer, encrypts: Bool) throws(TEEResult) {
        guard key.count == tweakKey.count, iv.count == Self.blockSize else { throw .badParameters }
        cipher = try BlockCipher(primitive, .ecb, key: key, encrypts: encrypts)
        self.encrypts = encrypts
        var tweak = try BlockCipher(primitive, .ecb, key: tweakKey, encrypts: true).update([UInt8](iv))
        let (first, second) = tweak.withUnsafeBytes { ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)) }
        low = UInt64(littleEndian: first)
        high = UInt64(littleEndian: second)
        SecretBytes.wipe(&tweak)
    }

    private init(_ other: TweakedCipher) throws(TEEResult) {
        cipher = try other.cipher.copy()
        encrypts = other.encrypts
        low = other.low
        high = other.high
    }

    /// The next whole blocks of the unit; `output` has room for them.
    func update(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(TEEResult) {
        var masks = [UInt8](repeating: 0, count: min(Self.chunk, input.count))
        defer { SecretBytes.wipe(&masks) }
        var start = 0
        while start < input.count {
            let count = min(Self.chunk, input.count - start)
            let from = UnsafeRawBufferPointer(rebasing: input[start..<(start + count)])
            let to = UnsafeMutableRawBufferPointer(rebasing: output[start..<(start + count)])
            try masks.withSecretBytes { (masks) throws(TEEResult) in
                nextMasks(into: UnsafeMutableRawBufferPointer(rebasing: masks[..<count]))
                for index in 0..<count { to[index] = from[index] ^ masks[index] }
                try cipher.update(UnsafeRawBufferPointer(to), into: to)
                for index in 0..<count { to[index] ^= masks[index] }
            }
            start += count
        }
    }

    /// The end of the unit: at least one block, the last of which steals from the one before when it is short (IEEE 1619, 5.3.2 and 5.4.2).
    ///
    /// `badState` for less than a block.
    func finish(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(TEEResult) {
        let tail = input.count % Self.blockSize
        guard input.count >= Self.blockSize else { throw .badState }
        guard tail > 0 else { return try update(input, into: output) }
        let body = input.count - tail - Self.blockSize
        try update(UnsafeRawBufferPointer(rebasing: input[..<body]), into: UnsafeMutableRawBufferPointer(rebasing: output[..<body]))
        var masks = [UInt8](repeating: 0, count: 2 * Self.blockSize)
        defer { SecretBytes.wipe(&masks) }
        masks.withUnsafeMutableBytes { nextMasks(into: $0) }
        // Decryption meets the two last tweaks in the opposite order.
        let first = encrypts ? masks[..<Self.blockSize] : masks[Self.blockSize...]
        let second = encrypts ? masks[Self.blockSize...] : masks[..<Self.blockSize]
        var whole = try masked(Array(input[body..<(body + Self.blockSize)]), first)
        var mixed = Array(input[(body + Self.blockSize)...]) + whole[tail...]
        defer {
            SecretBytes.wipe(&whole)
            SecretBytes.wipe(&mixed)
        }
        mixed = try masked(mixed, second)
        for index in 0..<Self.blockSize { output[body + index] = mixed[index] }
        for index in 0..<tail { output[body + Self.blockSize + index] = whole[index] }
    }

    /// One block through the cipher, between two times its mask.
    private func masked(_ block: [UInt8], _ mask: ArraySlice<UInt8>) throws(TEEResult) -> [UInt8] {
        zip(try cipher.update(zip(block, mask).map { $0 ^ $1 }), mask).map { $0 ^ $1 }
    }

    /// The tweaks of the next blocks: each is the one before times x in GF(2^128).
    private func nextMasks(into masks: UnsafeMutableRawBufferPointer) {
        for offset in stride(from: 0, to: masks.count, by: Self.blockSize) {
            masks.storeBytes(of: low.littleEndian, toByteOffset: offset, as: UInt64.self)
            masks.storeBytes(of: high.littleEndian, toByteOffset: offset + 8, as: UInt64.self)
            let carry = high >> 63
            high = high << 1 | low >> 63
            low = low << 1 ^ (carry &* 0x87)
        }
    }

    /// Another cipher in the same state.
    func copy() throws(TEEResult) -> TweakedCipher { try TweakedCipher(self) }

    deinit {
        withUnsafeMutableBytes(of: &low) { CryptoLibrary.wipe($0) }
        withUnsafeMutableBytes(of: &high) { CryptoLibrary.wipe($0) }
    }
}
