extension CryptoObject {
    /// Makes a key or key pair of `size` bits (TEE_GenerateKey, TEE Internal Core API 1.3.1, 5.6).
    ///
    /// Parameters: an RSA exponent if wanted; p, q, g of DSA; p, g and perhaps q and the bits of x of DH; the curve. `badState` when the object has attributes
    /// already or is persistent, or a parameter is too large; `notSupported` for a size or curve that does not exist or is too large; `itemNotFound` for a list of parameters that
    /// does not fit; `badParameters` for impossible parameters; `excessData` when a secret is larger than the type's largest; `badFormat` for types of which
    /// nothing can be generated (OP-TEE: syscall_obj_generate_key).
    public func generate(size: UInt32, parameters: [TEEAttribute] = []) throws(TEEResult) {
        guard !flags.contains(.persistent), !isInitialized else { throw .badState }
        guard let rules else { throw .notSupported }
        try rules.checkKeySize(size)
        // OP-TEE's core leaves this to its library, whose callers are not bound to use it.
        guard size <= maximumKeySize else { throw .notSupported }
        try rules.check(parameters.map(\.id), for: .generation)
        let given = try intake(parameters, rules).attributes
        attributes =
            switch type {
            case .rsaKeyPair: try RSAKeyGeneration(size: size, exponent: given.bytes(.rsaPublicExponent)).attributes()
            case .dsaKeyPair: try generateDSA(given, size)
            case .dhKeyPair: try generateDH(given, size)
            case .ecdsaKeyPair, .ecdhKeyPair, .sm2DSAKeyPair, .sm2PKEKeyPair, .sm2KEPKeyPair: try generateOnCurve(given, size)
            case .ed25519KeyPair: try generateOctets("ED25519", .ed25519PrivateValue, .ed25519PublicValue, 32)
            case .x25519KeyPair: try generateOctets("X25519", .x25519PrivateValue, .x25519PublicValue, 32)
            case .ed448KeyPair: try generateOctets("ED448", .ed448PrivateValue, .ed448PublicValue, 57)
            case .x448KeyPair: try generateOctets("X448", .x448PrivateValue, .x448PublicValue, 56)
            default: try generateSecret(rules, size)
            }
        keySize = size
        flags.insert(.initialized)
    }

    private func generateSecret(_ rules: ObjectTypeRules, _ size: UInt32) throws(TEEResult) -> [TEEAttributeID: StoredAttribute] {
        guard rules.isSecret, rules.attributes.first?.id == .secretValue, type != .hkdf else { throw .badFormat }
        let bits = rules.isWithoutParity(size) ? size + size / 7 : size
        guard bits / 8 <= UInt32(clamping: rules.secretCapacity) else { throw .excessData }
        return [.secretValue: .bytes(try CryptoLibrary.random(count: Int(bits / 8)))]
    }

    /// x in [1, q - 1] and y = g^x mod p (FIPS 186-4, B.1).
    private func generateDSA(_ given: [TEEAttributeID: StoredAttribute], _ size: UInt32) throws(TEEResult) -> [TEEAttributeID: StoredAttribute] {
        let arithmetic = try BigNumberArithmetic()
        let p = try given.number(.dsaPrime)
        let q = try given.number(.dsaSubprime)
        let g = try given.number(.dsaBase)
        let one = try BigNumber(word: 1)
        guard p.bitCount == Int(size), p.isOdd, one < q, q < p, one < g, g < p else { throw .badParameters }
        var x = try arithmetic.random(below: q)
        while x.bitCount == 0 { x = try arithmetic.random(below: q) }
        let y = try arithmetic.power(g, x, modulo: p)
        return given.merging([.dsaPrivateValue: .bytes(try x.bytes()), .dsaPublicValue: .bytes(try y.bytes())]) { $1 }
    }

    /// x in [2, p - 2], or below q - 1, or of exactly as many bits as wanted; y = g^x mod p (PKCS #3, 7).
    private func generateDH(_ given: [TEEAttributeID: StoredAttribute], _ size: UInt32) throws(TEEResult) -> [TEEAttributeID: StoredAttribute] {
        let arithmetic = try BigNumberArithmetic()
        let p = try given.number(.dhPrime)
        let g = try given.number(.dhBase)
        let one = try BigNumber(word: 1)
        guard (p.bitCount + 7) / 8 * 8 == Int(size), p.isOdd, one < g, g < p else { throw .badParameters }
        let bits = given.value(.dhXBits) ?? 0
        let order = try given.bytes(.dhSubprime) == nil ? p : given.number(.dhSubprime)
        guard Int(bits) <= order.bitCount, order.bitCount > 2 else { throw .badParameters }
        let limit = try order.minusOne()
        let x = try arithmetic.random(above: one, below: limit, bits: Int(bits))
        let y = try arithmetic.power(g, x, modulo: p)
        return given.merging([.dhPrivateValue: .bytes(try x.bytes()), .dhPublicValue: .bytes(try y.bytes()), .dhXBits: .value(bits)]) { $1 }
    }

    private func generateOnCurve(_ given: [TEEAttributeID: StoredAttribute], _ size: UInt32) throws(TEEResult) -> [TEEAttributeID: StoredAttribute] {
        guard let number = given.value(.eccCurve), let curve = EllipticCurve(rawValue: number) else { throw .notSupported }
        let isSM2Type = type != .ecdsaKeyPair && type != .ecdhKeyPair
        guard curve.keySize == size, isSM2Type == (curve == .sm2) else { throw .badParameters }
        let key = try LibraryKey(generating: curve.keyType, ParameterList().text("group", curve.groupName.description))
        return given.merging([
            .eccPrivateValue: .bytes(try key.number("priv")), .eccPublicValueX: .bytes(try key.number("qx")), .eccPublicValueY: .bytes(try key.number("qy")),
        ]) { $1 }
    }

    private func generateOctets(
        _ keyType: StaticString, _ privateValue: TEEAttributeID, _ publicValue: TEEAttributeID, _ count: Int
    ) throws(TEEResult) -> [TEEAttributeID: StoredAttribute] {
        let key = try LibraryKey(generating: keyType, ParameterList())
        return [privateValue: .bytes(try key.octets("priv", count: count)), publicValue: .bytes(try key.octets("pub", count: count))]
    }
}

extension [TEEAttributeID: StoredAttribute] {
    func bytes(_ id: TEEAttributeID) -> SecretBytes? { if case .bytes(let bytes)? = self[id] { bytes } else { nil } }

    func value(_ id: TEEAttributeID) -> UInt32? { if case .value(let value)? = self[id] { value } else { nil } }

    /// The number of an attribute; `badParameters` when it is not there.
    func number(_ id: TEEAttributeID) throws(TEEResult) -> BigNumber {
        guard let bytes = bytes(id) else { throw .badParameters }
        return try BigNumber(bytes)
    }
}
