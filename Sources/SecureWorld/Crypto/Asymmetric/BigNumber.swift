internal import CCrypto

/// A number of any size (`BIGNUM`), wiped when it goes.
final class BigNumber {
    let pointer: OpaquePointer

    /// Zero; `outOfMemory` when there is no room.
    init() throws(TEEResult) {
        guard let number = BN_new() else { throw CryptoLibrary.failure(.outOfMemory) }
        pointer = number
    }

    /// Takes a number over from libcrypto.
    init(adopting number: OpaquePointer) { pointer = number }

    /// From big-endian bytes; `outOfMemory` when there is no room.
    convenience init(_ bytes: SecretBytes) throws(TEEResult) {
        let number = bytes.withUnsafeBytes { bytes in
            Int32(exactly: bytes.count).flatMap { BN_bin2bn(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), $0, nil) }
        }
        guard let number else { throw CryptoLibrary.failure(.outOfMemory) }
        self.init(adopting: number)
    }

    /// A small number; `outOfMemory` when there is no room.
    convenience init(word: UInt) throws(TEEResult) {
        try self.init()
        guard BN_set_word(pointer, word) == 1 else { throw CryptoLibrary.failure(.outOfMemory) }
    }

    /// Significant bits.
    var bitCount: Int { Int(BN_num_bits(pointer)) }

    /// Has libcrypto compute with it in a time that does not depend on its value, where it can.
    func makeConstantTime() { BN_set_flags(pointer, BN_FLG_CONSTTIME) }

    /// Big-endian, without leading zeros.
    func bytes() throws(TEEResult) -> SecretBytes { try bytes(count: (bitCount + 7) / 8) }

    /// Big-endian in `count` bytes; `generic` when it needs more.
    func bytes(count: Int) throws(TEEResult) -> SecretBytes {
        try SecretBytes(count: count) { (buffer) throws(TEEResult) in
            guard let length = Int32(exactly: count), BN_bn2binpad(pointer, buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), length) == length else {
                throw CryptoLibrary.failure(.generic)
            }
        }
    }

    static func < (left: BigNumber, right: BigNumber) -> Bool { BN_cmp(left.pointer, right.pointer) < 0 }
    static func == (left: BigNumber, right: BigNumber) -> Bool { BN_cmp(left.pointer, right.pointer) == 0 }

    deinit { BN_clear_free(pointer) }
}

/// Room for the intermediate results of a computation with numbers (`BN_CTX`).
final class BigNumberArithmetic {
    let pointer: OpaquePointer

    /// `outOfMemory` when there is no room.
    init() throws(TEEResult) {
        guard let context = BN_CTX_secure_new_ex(try CryptoLibrary.context()) else { throw CryptoLibrary.failure(.outOfMemory) }
        pointer = context
    }

    /// A number in [0, limit) that nobody can guess; `generic` when the generator fails.
    func random(below limit: BigNumber) throws(TEEResult) -> BigNumber {
        let number = try BigNumber()
        guard BN_priv_rand_range_ex(number.pointer, limit.pointer, 256, pointer) == 1 else { throw CryptoLibrary.failure(.generic) }
        return number
    }

    /// `base` to the power of a secret exponent, for an odd modulus; `badParameters` when that cannot be computed.
    func power(_ base: BigNumber, _ exponent: BigNumber, modulo modulus: BigNumber) throws(TEEResult) -> BigNumber {
        let result = try BigNumber()
        guard BN_mod_exp_mont_consttime(result.pointer, base.pointer, exponent.pointer, modulus.pointer, pointer, nil) == 1 else {
            throw CryptoLibrary.failure(.badParameters)
        }
        return result
    }

    /// What `body` computes into a new number; `badParameters` when it returns 0.
    func compute(_ body: (_ result: OpaquePointer, _ context: OpaquePointer) -> Int32) throws(TEEResult) -> BigNumber {
        let result = try BigNumber()
        guard body(result.pointer, pointer) == 1 else { throw CryptoLibrary.failure(.badParameters) }
        return result
    }

    deinit { BN_CTX_free(pointer) }
}
