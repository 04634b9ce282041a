internal import CCrypto

/// Makes RSA key pairs (FIPS 186-4, B.3), also of sizes that are of no use but in tests of applications: libcrypto makes none below 512 bits, OP-TEE from 256 on.
struct RSAKeyGeneration {
    private static let smallestOfLibrary = 512

    private let size: UInt32
    private let exponent: SecretBytes

    /// A modulus of `size` bits and the public exponent, or 65537; `badParameters` for an exponent that is even, below 65537 or has more than 256 bits
    /// (SP 800-56B, 6.2; OP-TEE: check_pub_rsa_key).
    init(size: UInt32, exponent: SecretBytes?) throws(TEEResult) {
        self.size = size
        self.exponent = exponent ?? SecretBytes([1, 0, 1])
        let isOdd = self.exponent.withUnsafeBytes { ($0.last ?? 0) & 1 == 1 }
        guard isOdd, (17...256).contains(self.exponent.bitCount) else { throw .badParameters }
    }

    /// All attributes of TEE_TYPE_RSA_KEYPAIR.
    func attributes() throws(TEEResult) -> [TEEAttributeID: StoredAttribute] { Int(size) < Self.smallestOfLibrary ? try small() : try large() }

    private func large() throws(TEEResult) -> [TEEAttributeID: StoredAttribute] {
        let key = try LibraryKey(generating: "RSA", ParameterList().unsigned("bits", UInt64(size)).number("e", exponent))
        let names: [(TEEAttributeID, StaticString)] = [
            (.rsaModulus, "n"), (.rsaPublicExponent, "e"), (.rsaPrivateExponent, "d"), (.rsaPrime1, "rsa-factor1"), (.rsaPrime2, "rsa-factor2"),
            (.rsaExponent1, "rsa-exponent1"), (.rsaExponent2, "rsa-exponent2"), (.rsaCoefficient, "rsa-coefficient1"),
        ]
        var attributes: [TEEAttributeID: StoredAttribute] = [:]
        for (id, name) in names { attributes[id] = .bytes(try key.number(name)) }
        return attributes
    }

    private func small() throws(TEEResult) -> [TEEAttributeID: StoredAttribute] {
        let arithmetic = try BigNumberArithmetic()
        let e = try BigNumber(exponent)
        guard e.bitCount < Int(size) else { throw .badParameters }
        var p = try prime(Int(size + 1) / 2, e, arithmetic)
        var q = try prime(Int(size) / 2, e, arithmetic)
        var n = try arithmetic.compute { BN_mul($0, p.pointer, q.pointer, $1) }
        while p == q || n.bitCount != Int(size) {
            q = try prime(Int(size) / 2, e, arithmetic)
            n = try arithmetic.compute { BN_mul($0, p.pointer, q.pointer, $1) }
        }
        if p < q { swap(&p, &q) }
        let pMinusOne = try p.minusOne()
        let qMinusOne = try q.minusOne()
        let order = try arithmetic.compute { BN_mul($0, pMinusOne.pointer, qMinusOne.pointer, $1) }
        let d = try arithmetic.inverse(e, modulo: order)
        let exponent1 = try arithmetic.compute { BN_div(nil, $0, d.pointer, pMinusOne.pointer, $1) }
        let exponent2 = try arithmetic.compute { BN_div(nil, $0, d.pointer, qMinusOne.pointer, $1) }
        let coefficient = try arithmetic.inverse(q, modulo: p)
        return [
            .rsaModulus: .bytes(try n.bytes()), .rsaPublicExponent: .bytes(exponent), .rsaPrivateExponent: .bytes(try d.bytes()),
            .rsaPrime1: .bytes(try p.bytes()), .rsaPrime2: .bytes(try q.bytes()), .rsaExponent1: .bytes(try exponent1.bytes()),
            .rsaExponent2: .bytes(try exponent2.bytes()), .rsaCoefficient: .bytes(try coefficient.bytes()),
        ]
    }

    /// A prime whose two upper bits are set, so that two of them make a product of full size, and whose predecessor has no divisor in common with `e`.
    private func prime(_ bits: Int, _ e: BigNumber, _ arithmetic: BigNumberArithmetic) throws(TEEResult) -> BigNumber {
        let one = try BigNumber(word: 1)
        while true {
            let candidate = try arithmetic.compute { BN_generate_prime_ex2($0, Int32(clamping: bits), 0, nil, nil, nil, $1) }
            let predecessor = try candidate.minusOne()
            let divisor = try arithmetic.compute { BN_gcd($0, predecessor.pointer, e.pointer, $1) }
            if candidate.bitCount == bits, divisor == one { return candidate }
        }
    }
}

extension BigNumber {
    /// Whether it is odd.
    var isOdd: Bool { BN_is_odd(pointer) == 1 }

    /// The number before it; `badParameters` for what has none.
    func minusOne() throws(TEEResult) -> BigNumber {
        guard let copy = BN_dup(pointer) else { throw CryptoLibrary.failure(.outOfMemory) }
        let result = BigNumber(adopting: copy)
        guard bitCount > 0, BN_sub_word(copy, 1) == 1 else { throw CryptoLibrary.failure(.badParameters) }
        return result
    }
}

extension BigNumberArithmetic {
    /// The number whose product with `number` is 1; `badParameters` when there is none.
    func inverse(_ number: BigNumber, modulo modulus: BigNumber) throws(TEEResult) -> BigNumber {
        modulus.makeConstantTime()
        return try compute { BN_mod_inverse($0, number.pointer, modulus.pointer, $1) == nil ? 0 : 1 }
    }

    /// A secret number in (lower, upper) with exactly `bits` bits, or any number of them when that is 0; `badParameters` when none is found.
    func random(above lower: BigNumber, below upper: BigNumber, bits: Int) throws(TEEResult) -> BigNumber {
        // A range that holds a half of the candidates is missed 128 times in a row by nobody; one that holds none always.
        for _ in 0..<128 {
            let number: BigNumber
            if bits == 0 {
                number = try random(below: upper)
            } else {
                number = try BigNumber()
                guard BN_priv_rand_ex(number.pointer, Int32(clamping: bits), BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY, 256, pointer) == 1 else {
                    throw CryptoLibrary.failure(.generic)
                }
            }
            if lower < number, number < upper { return number }
        }
        throw .badParameters
    }
}
