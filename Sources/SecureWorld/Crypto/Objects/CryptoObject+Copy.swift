extension CryptoObject {
    /// Of which type of key pair a public key may be a copy (tee_obj_attr_copy_from).
    private static let pairs: [TEEObjectType: TEEObjectType] = [
        .rsaPublicKey: .rsaKeyPair, .dsaPublicKey: .dsaKeyPair, .ecdsaPublicKey: .ecdsaKeyPair, .ecdhPublicKey: .ecdhKeyPair,
        .sm2DSAPublicKey: .sm2DSAKeyPair, .sm2PKEPublicKey: .sm2PKEKeyPair, .sm2KEPPublicKey: .sm2KEPKeyPair,
        .ed25519PublicKey: .ed25519KeyPair, .x25519PublicKey: .x25519KeyPair, .ed448PublicKey: .ed448KeyPair, .x448PublicKey: .x448KeyPair,
    ]

    /// Takes over attributes and rights of another object: of one of the same type, or, for a public key, of a key pair of its kind
    /// (TEE_CopyObjectAttributes1, TEE Internal Core API 1.3.1, 5.4.6).
    ///
    /// `badParameters` when the source has no attributes, the target has some or is persistent, or the types do not go together.
    public func copy(from source: CryptoObject) throws(TEEResult) {
        guard source.isInitialized, !flags.contains(.persistent), !isInitialized else { throw .badParameters }
        if type != source.type {
            guard let rules, Self.pairs[type] == source.type else { throw .badParameters }
            var copied: [TEEAttributeID: StoredAttribute] = [:]
            for rule in rules.attributes {
                guard let attribute = source.attributes[rule.id] else { throw .badState }
                copied[rule.id] = attribute
            }
            attributes = copied
        } else {
            attributes = source.attributes
        }
        keySize = source.keySize
        usage = source.usage
        flags.insert(.initialized)
    }
}
