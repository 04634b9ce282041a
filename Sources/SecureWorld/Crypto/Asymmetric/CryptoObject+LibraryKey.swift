extension CryptoObject {
    /// The bytes of an attribute without which nothing can be computed; `badParameters` when it is not there.
    func requiredBytes(_ id: TEEAttributeID) throws(TEEResult) -> SecretBytes {
        guard let bytes = bytes(id) else { throw .badParameters }
        return bytes
    }

    /// The RSA key for libcrypto; `badParameters` when a number is missing or impossible.
    func rsaKey(_ part: LibraryKey.Part) throws(TEEResult) -> LibraryKey {
        var parameters = ParameterList().number("n", try requiredBytes(.rsaModulus)).number("e", try requiredBytes(.rsaPublicExponent))
        if part == .pair {
            parameters = parameters.number("d", try requiredBytes(.rsaPrivateExponent))
            let remainders: [(StaticString, TEEAttributeID)] = [
                ("rsa-factor1", .rsaPrime1), ("rsa-factor2", .rsaPrime2), ("rsa-exponent1", .rsaExponent1), ("rsa-exponent2", .rsaExponent2),
                ("rsa-coefficient1", .rsaCoefficient),
            ]
            let present = remainders.compactMap { name, id in bytes(id).flatMap { $0.count == 0 ? nil : (name, $0) } }
            if present.count == remainders.count { for (name, number) in present { parameters = parameters.number(name, number) } }
        }
        return try LibraryKey("RSA", part, parameters)
    }

    /// The DSA key for libcrypto; errors as `rsaKey`.
    func dsaKey(_ part: LibraryKey.Part) throws(TEEResult) -> LibraryKey {
        var parameters = ParameterList().number("p", try requiredBytes(.dsaPrime)).number("q", try requiredBytes(.dsaSubprime))
            .number("g", try requiredBytes(.dsaBase)).number("pub", try requiredBytes(.dsaPublicValue))
        if part == .pair { parameters = parameters.number("priv", try requiredBytes(.dsaPrivateValue)) }
        return try LibraryKey("DSA", part, parameters)
    }

    /// The key on a curve of the NIST or SM2 for libcrypto; errors as `rsaKey`.
    func curveKey(_ part: LibraryKey.Part) throws(TEEResult) -> LibraryKey {
        guard let curve else { throw .badParameters }
        var parameters = try curve.publicParameters(x: requiredBytes(.eccPublicValueX), y: requiredBytes(.eccPublicValueY))
        if part == .pair {
            let key = try requiredBytes(.eccPrivateValue)
            guard try curve.hasPrivateKey(key) else { throw .badParameters }
            parameters = parameters.number("priv", key)
        }
        return try LibraryKey(curve.keyType, part, parameters)
    }
}

extension EllipticCurve {
    /// A point in its uncompressed form (SEC 1, 2.3.3) from numbers without leading zeros; `badParameters` when they are too large.
    func uncompressedPoint(x: SecretBytes, y: SecretBytes) throws(TEEResult) -> [UInt8] {
        guard let x = x.padded(to: byteCount), let y = y.padded(to: byteCount) else { throw .badParameters }
        return [4] + x.bytes + y.bytes
    }

    /// What libcrypto needs to know of a public key.
    func publicParameters(x: SecretBytes, y: SecretBytes) throws(TEEResult) -> ParameterList {
        ParameterList().text("group", groupName.description).octets("pub", try uncompressedPoint(x: x, y: y))
    }

    /// The public key of somebody else; `badParameters` when the point is not on the curve.
    func publicKey(x: SecretBytes, y: SecretBytes) throws(TEEResult) -> LibraryKey { try LibraryKey(keyType, .publicKey, publicParameters(x: x, y: y)) }
}
