extension KeyDerivation {
    /// The peer's public value to the power of the private one (PKCS #3, 8), without leading zeros as OP-TEE returns it (core/lib/libtomcrypt/dh.c).
    func diffieHellman(_ parameters: [TEEAttribute]) throws(TEEResult) -> SecretBytes {
        guard parameters.count == 1, case .buffer(.dhPublicValue, let bytes)? = parameters.first else { throw .badParameters }
        let p = try BigNumber(key.requiredBytes(.dhPrime))
        let x = try BigNumber(key.requiredBytes(.dhPrivateValue))
        let value = SecretBytes.number(bytes)
        guard value.count <= CryptoObject.largestNumber, p.isOdd else { throw .badParameters }
        let peer = try BigNumber(value)
        // 0, 1 and p - 1 would make a secret that everybody knows (SP 800-56A, 5.6.2.3.1).
        guard try BigNumber(word: 1) < peer, try peer < p.minusOne() else { throw .badParameters }
        return try BigNumberArithmetic().power(peer, x, modulo: p).bytes()
    }

    /// The x coordinate of the shared point in the size of the field (SP 800-56A, 5.7.1.2).
    func curveDiffieHellman(_ parameters: [TEEAttribute]) throws(TEEResult) -> SecretBytes {
        guard parameters.count == 2, case .buffer(.eccPublicValueX, let x) = parameters[0], case .buffer(.eccPublicValueY, let y) = parameters[1],
            let curve = key.curve, curve != .sm2
        else { throw .badParameters }
        let peer = try curve.publicKey(x: SecretBytes.number(x), y: SecretBytes.number(y))
        guard let secret = try KeyOperation(key.curveKey(.pair)).derive(with: peer) else { throw .badParameters }
        return secret
    }

    /// X25519 and X448 (RFC 7748, 6); a secret of zeros only is refused.
    func montgomery(
        _ keyType: StaticString, _ parameters: [TEEAttribute], privateValue: TEEAttributeID, publicValue: TEEAttributeID
    ) throws(TEEResult) -> SecretBytes {
        guard parameters.count == 1, case .buffer(publicValue, let bytes)? = parameters.first else { throw .badParameters }
        let peer = try LibraryKey(keyType, raw: SecretBytes(bytes), .publicKey)
        let own = try LibraryKey(keyType, raw: key.requiredBytes(privateValue), .pair)
        guard let secret = try KeyOperation(own).derive(with: peer) else { throw .badParameters }
        return secret
    }
}
