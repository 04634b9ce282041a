internal import CCrypto

/// Points of edwards25519 (RFC 8032, 5.1) for public numbers only: its time depends on what it computes with.
final class Curve25519Arithmetic {
    /// A point in extended coordinates (x = X / Z, y = Y / Z, x y = T / Z).
    struct Point {
        let x: BigNumber
        let y: BigNumber
        let z: BigNumber
        let t: BigNumber
    }

    /// The order of the base point.
    let order: BigNumber
    private let arithmetic: BigNumberArithmetic
    private let prime: BigNumber
    private let d: BigNumber
    private let twiceD: BigNumber
    private let rootOfMinusOne: BigNumber
    private let one: BigNumber

    /// `outOfMemory` when there is no room.
    init() throws(TEEResult) {
        arithmetic = try BigNumberArithmetic()
        one = try BigNumber(word: 1)
        prime = try BigNumber(SecretBytes([0x7f] + [UInt8](repeating: 0xff, count: 30) + [0xed]))
        order = try BigNumber(
            SecretBytes([0x10] + [UInt8](repeating: 0, count: 15) + [0x14, 0xde, 0xf9, 0xde, 0xa2, 0xf7, 0x9c, 0xd6, 0x58, 0x12, 0x63, 0x1a, 0x5c, 0xf5, 0xd3, 0xed]))
        // d = -121665 / 121666, and the root of -1 is 2 to the power of (p - 1) / 4.
        let numerator = try BigNumber(word: 121_665)
        let denominator = try BigNumber(word: 121_666)
        let inverse = try arithmetic.inverse(denominator, modulo: prime)
        let (prime, context) = (prime, arithmetic)
        let positive = try context.compute { BN_mod_mul($0, numerator.pointer, inverse.pointer, prime.pointer, $1) }
        let d = try context.compute { result, _ in BN_sub(result, prime.pointer, positive.pointer) }
        self.d = d
        twiceD = try context.compute { BN_mod_add($0, d.pointer, d.pointer, prime.pointer, $1) }
        let two = try BigNumber(word: 2)
        let quarter = try context.compute { result, _ in BN_rshift(result, prime.pointer, 2) }
        rootOfMinusOne = try context.power(two, quarter, modulo: prime)
    }

    private func add(_ a: BigNumber, _ b: BigNumber) throws(TEEResult) -> BigNumber {
        try arithmetic.compute { BN_mod_add($0, a.pointer, b.pointer, prime.pointer, $1) }
    }

    private func subtract(_ a: BigNumber, _ b: BigNumber) throws(TEEResult) -> BigNumber {
        try arithmetic.compute { BN_mod_sub($0, a.pointer, b.pointer, prime.pointer, $1) }
    }

    private func multiply(_ a: BigNumber, _ b: BigNumber) throws(TEEResult) -> BigNumber {
        try arithmetic.compute { BN_mod_mul($0, a.pointer, b.pointer, prime.pointer, $1) }
    }

    private func divide(_ a: BigNumber, _ b: BigNumber) throws(TEEResult) -> BigNumber { try multiply(a, arithmetic.inverse(b, modulo: prime)) }

    /// The base point: y is 4 / 5 and x is even.
    func base() throws(TEEResult) -> Point {
        let y = try divide(BigNumber(word: 4), BigNumber(word: 5))
        guard let point = try point(y: y, isOdd: false) else { throw .generic }
        return point
    }

    /// The point of 32 octets (RFC 8032, 5.1.3); nil when there is none.
    func decode(_ octets: [UInt8]) throws(TEEResult) -> Point? {
        guard octets.count == 32 else { return nil }
        let y = try BigNumber(SecretBytes([octets[31] & 0x7f] + octets.dropLast().reversed()))
        return y < prime ? try point(y: y, isOdd: octets[31] & 0x80 != 0) : nil
    }

    private func point(y: BigNumber, isOdd: Bool) throws(TEEResult) -> Point? {
        let square = try multiply(y, y)
        let u = try subtract(square, one)
        let v = try add(multiply(d, square), one)
        // (u / v) to the power of (p + 3) / 8 is a root of u / v or of -u / v.
        let exponent = try arithmetic.compute { result, _ in BN_rshift(result, prime.pointer, 3) }
        let next = try arithmetic.compute { result, _ in BN_add(result, exponent.pointer, one.pointer) }
        let ratio = try divide(u, v)
        var x = try arithmetic.power(ratio, next, modulo: prime)
        if try !(multiply(x, x) == ratio) { x = try multiply(x, rootOfMinusOne) }
        guard try multiply(x, x) == ratio, x.bitCount > 0 || !isOdd else { return nil }
        if x.isOdd != isOdd { x = try subtract(prime, x) }
        return Point(x: x, y: y, z: one, t: try multiply(x, y))
    }

    /// 32 octets of a point (RFC 8032, 5.1.2).
    func encode(_ point: Point) throws(TEEResult) -> [UInt8] {
        let x = try divide(point.x, point.z)
        var octets = Array(try divide(point.y, point.z).bytes(count: 32).bytes.reversed())
        if x.isOdd { octets[31] |= 0x80 }
        return octets
    }

    /// The y coordinate of the points whose u coordinate on curve25519 those 32 octets are (RFC 7748, 4.1).
    func edwardsY(montgomery octets: [UInt8]) throws(TEEResult) -> [UInt8] {
        let u = try BigNumber(SecretBytes(octets.reversed()))
        return Array(try divide(subtract(u, one), add(u, one)).bytes(count: 32).bytes.reversed())
    }

    private func negative(_ point: Point) throws(TEEResult) -> Point {
        let zero = try BigNumber()
        return Point(x: try subtract(zero, point.x), y: point.y, z: point.z, t: try subtract(zero, point.t))
    }

    /// The sum, also of a point with itself (RFC 8032, 5.1.4).
    private func sum(_ p: Point, _ q: Point) throws(TEEResult) -> Point {
        let a = try multiply(subtract(p.y, p.x), subtract(q.y, q.x))
        let b = try multiply(add(p.y, p.x), add(q.y, q.x))
        let c = try multiply(multiply(p.t, twiceD), q.t)
        let zz = try multiply(p.z, q.z)
        let dd = try add(zz, zz)
        let e = try subtract(b, a)
        let f = try subtract(dd, c)
        let g = try add(dd, c)
        let h = try add(b, a)
        return Point(x: try multiply(e, f), y: try multiply(g, h), z: try multiply(f, g), t: try multiply(e, h))
    }

    /// [s] base - [k] point.
    func difference(_ s: BigNumber, _ k: BigNumber, _ point: Point) throws(TEEResult) -> Point {
        let base = try base()
        let negative = try negative(point)
        let both = try sum(base, negative)
        var result = Point(x: try BigNumber(), y: one, z: one, t: try BigNumber())
        for bit in (0..<Int32(256)).reversed() {
            result = try sum(result, result)
            switch (BN_is_bit_set(s.pointer, bit) == 1, BN_is_bit_set(k.pointer, bit) == 1) {
            case (true, true): result = try sum(result, both)
            case (true, false): result = try sum(result, base)
            case (false, true): result = try sum(result, negative)
            case (false, false): break
            }
        }
        return result
    }
}
