internal import CCrypto

/// Ed25519ctx and Ed25519ph (RFC 8032, 5.1), which libcrypto has from version 3.2 on only.
///
/// What is secret is computed by libcrypto: the point of the secret number r is the X25519 public key of a number that is r or -r modulo the order, of which
/// the public value of both signs is tried. What is computed with points here is public.
struct Ed25519Variant {
    private let domain: [UInt8]
    private let isPrehashed: Bool
    private let curve: Curve25519Arithmetic

    /// A variant with a context of at most 255 bytes; `badParameters` for a longer one.
    init(context: [UInt8], isPrehashed: Bool) throws(TEEResult) {
        guard let length = UInt8(exactly: context.count) else { throw .badParameters }
        domain = Array("SigEd25519 no Ed25519 collisions".utf8) + [isPrehashed ? 1 : 0, length] + context
        self.isPrehashed = isPrehashed
        curve = try Curve25519Arithmetic()
    }

    /// The signature with a private value of 32 bytes; `generic` when it cannot be made.
    func sign(_ message: [UInt8], _ privateValue: SecretBytes) throws(TEEResult) -> [UInt8] {
        let content = isPrehashed ? try Self.digest([message]).bytes : message
        let publicValue = try LibraryKey("ED25519", raw: privateValue, .pair).octets("pub", count: 32).bytes
        let expanded = try Self.digest(secret: privateValue)
        let a = try Self.scalar(expanded)
        let prefix = expanded.withUnsafeBytes { SecretBytes($0.suffix(32)) }
        let r = try reduced(Self.digest([domain], secret: prefix, [content]))
        let y = try curve.edwardsY(montgomery: publicPoint(r))
        for sign in [UInt8(0), 0x80] {
            let point = y.dropLast() + [y[31] | sign]
            let k = try reduced(Self.digest([domain, Array(point), publicValue, content]))
            let arithmetic = try BigNumberArithmetic()
            let product = try arithmetic.compute { BN_mod_mul($0, k.pointer, a.pointer, curve.order.pointer, $1) }
            let s = try arithmetic.compute { BN_mod_add($0, r.pointer, product.pointer, curve.order.pointer, $1) }
            let signature = point + (try s.bytes(count: 32).bytes.reversed())
            if try verify(message, Array(signature), publicValue: publicValue) { return Array(signature) }
        }
        throw .generic
    }

    /// Whether a signature is right.
    func verify(_ message: [UInt8], _ signature: [UInt8], publicValue: [UInt8]) throws(TEEResult) -> Bool {
        guard signature.count == 64, let key = try curve.decode(publicValue) else { return false }
        let s = try BigNumber(SecretBytes(signature.suffix(32).reversed()))
        guard s < curve.order else { return false }
        let content = isPrehashed ? try Self.digest([message]).bytes : message
        let k = try reduced(Self.digest([domain, Array(signature.prefix(32)), publicValue, content]))
        return try curve.encode(curve.difference(s, k, key)).elementsEqual(signature.prefix(32))
    }

    /// The u coordinate of [r] base. X25519 computes with multiples of 8 in [2^254, 2^255): of w = r / 8 modulo the order, or of the order less w, one is half of
    /// the right size, and which one it is does not show in the time.
    private func publicPoint(_ r: BigNumber) throws(TEEResult) -> [UInt8] {
        let arithmetic = try BigNumberArithmetic()
        let order = curve.order
        let eighth = try arithmetic.inverse(BigNumber(word: 8), modulo: order)
        let w = try arithmetic.compute { BN_mod_mul($0, r.pointer, eighth.pointer, order.pointer, $1) }
        let other = try arithmetic.compute { result, _ in BN_sub(result, order.pointer, w.pointer) }
        let candidates = try [w, other].map { (number) throws(TEEResult) in try number.bytes(count: 32) }
        let scalar = candidates[0].withUnsafeBytes { one in
            candidates[1].withUnsafeBytes { two in
                // Bit 251 of w says whether w is the one: all ones, or none.
                let mask = 0 &- (one[0] >> 3 & 1)
                return SecretBytes(count: 32) { scalar in
                    for index in 0..<32 {
                        let byte = (one[index] & mask) | (two[index] & ~mask)
                        let below = index == 31 ? 0 : (one[index + 1] & mask) | (two[index + 1] & ~mask)
                        scalar[31 - index] = byte << 3 | below >> 5
                    }
                }
            }
        }
        let isUsable = scalar.withUnsafeBytes { $0[31] & 0xc0 == 0x40 }
        guard isUsable else { throw .generic }
        return try LibraryKey("X25519", raw: scalar, .pair).octets("pub", count: 32).bytes
    }

    /// The lower half of the expanded key as a number with the bits that RFC 8032, 5.1.5 fixes.
    private static func scalar(_ expanded: SecretBytes) throws(TEEResult) -> BigNumber {
        let bytes = expanded.withUnsafeBytes { source in
            SecretBytes(count: 32) { target in
                for index in 0..<32 { target[31 - index] = source[index] }
                target[31] &= 0xf8
                target[0] = (target[0] & 0x7f) | 0x40
            }
        }
        let number = try BigNumber(bytes)
        number.makeConstantTime()
        return number
    }

    /// A digest as a little-endian number modulo the order.
    private func reduced(_ digest: SecretBytes) throws(TEEResult) -> BigNumber {
        let number = try BigNumber(digest.withUnsafeBytes { SecretBytes($0.reversed()) })
        number.makeConstantTime()
        let result = try BigNumberArithmetic().compute { BN_div(nil, $0, number.pointer, curve.order.pointer, $1) }
        result.makeConstantTime()
        return result
    }

    /// SHA-512 of byte strings, one after the other, with a secret among them.
    private static func digest(_ before: [[UInt8]] = [], secret: SecretBytes? = nil, _ after: [[UInt8]] = []) throws(TEEResult) -> SecretBytes {
        var input = before.flatMap { $0 }
        defer { SecretBytes.wipe(&input) }
        // Grown in one step, so that no copy of the secret stays behind.
        input.reserveCapacity(after.reduce(input.count + (secret?.count ?? 0)) { $0 + $1.count })
        secret?.withUnsafeBytes { input.append(contentsOf: $0) }
        for part in after { input.append(contentsOf: part) }
        return try SecretBytes(count: 64) { (buffer) throws(TEEResult) in
            var length = 0
            let start = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
            guard EVP_Q_digest(try CryptoLibrary.context(), "SHA512", nil, input, input.count, start, &length) == 1, length == 64 else {
                throw CryptoLibrary.failure(.generic)
            }
        }
    }
}
