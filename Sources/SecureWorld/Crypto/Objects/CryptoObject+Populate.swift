extension CryptoObject {
    /// Bytes of the largest number that OP-TEE's core computes with (CFG_CORE_BIGNUM_MAX_BITS).
    static let largestNumber = 512

    /// Gives the object its attributes (TEE_PopulateTransientObject, TEE Internal Core API 1.3.1, 5.4.4).
    ///
    /// `badParameters` when it has some already, is persistent, or a number is beyond 4096 bits; `itemNotFound` for a list that does not fit the type;
    /// `badState` when a key is larger than the object was allocated for, `security` when a secret or curve key has a length that never fits;
    /// `notSupported` for an unknown curve; `notImplemented` for a type without attributes. An object that could not be populated is as it was before.
    public func populate(_ list: [TEEAttribute]) throws(TEEResult) {
        guard !flags.contains(.persistent), !isInitialized else { throw .badParameters }
        guard let rules else { throw .notImplemented }
        try rules.check(list.map(\.id), for: .population)
        let intake = try intake(list, rules)
        attributes = intake.attributes
        keySize = rules.hasFixedSize ? maximumKeySize : intake.keySize
        flags.insert(.initialized)
    }

    /// Converts attributes whose identifiers have been checked (tee_svc_cryp_obj_populate_type).
    func intake(_ list: [TEEAttribute], _ rules: ObjectTypeRules) throws(TEEResult) -> (attributes: [TEEAttributeID: StoredAttribute], keySize: UInt32) {
        var stored: [TEEAttributeID: StoredAttribute] = [:]
        var keySize: UInt32 = 0
        for attribute in list {
            guard let rule = rules.rule(attribute.id) else { throw .itemNotFound }
            stored[rule.id] = try convert(attribute, rule, rules)
            if rule.uses.contains(.sizeIndicator) { keySize = try indicatedSize(attribute, rules) }
        }
        if let curve = rules.impliedCurve, stored[.eccCurve] == nil {
            stored[.eccCurve] = .value(curve.rawValue)
            keySize = curve.keySize
        }
        return (stored, keySize)
    }

    private func convert(_ attribute: TEEAttribute, _ rule: AttributeRule, _ rules: ObjectTypeRules) throws(TEEResult) -> StoredAttribute {
        switch (rule.form, attribute) {
        case (.value, .value(_, let a, _)):
            return .value(a)
        case (.secret, .buffer(_, let bytes)):
            guard bytes.count <= rules.secretCapacity else { throw .security }
            return .bytes(SecretBytes(bytes))
        case (.octets(let count), .buffer(_, let bytes)):
            guard bytes.count == count else { throw .security }
            return .bytes(SecretBytes(bytes))
        case (.number, .buffer(_, let bytes)):
            let number = SecretBytes.number(bytes)
            guard number.count <= Self.largestNumber else { throw .badParameters }
            if rule.uses.contains(.bounded), number.bitCount > Int(maximumKeySize) { throw .badState }
            return .bytes(number)
        case (.value, .buffer), (_, .value):
            throw .badParameters
        }
    }

    /// Bits of the key that the attribute implies; `badState` when the object has no room for them.
    private func indicatedSize(_ attribute: TEEAttribute, _ rules: ObjectTypeRules) throws(TEEResult) -> UInt32 {
        var size: UInt32
        switch attribute {
        case .value(_, let curve, _):
            guard let curve = EllipticCurve(rawValue: curve) else { throw .notSupported }
            size = curve.keySize
        case .buffer(_, let bytes):
            size = UInt32(clamping: bytes.count &* 8)
            if rules.isWithoutParity(maximumKeySize) { size -= size / 8 }
        }
        guard size <= maximumKeySize else { throw .badState }
        return size
    }
}
