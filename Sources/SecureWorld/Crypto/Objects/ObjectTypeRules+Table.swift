extension ObjectTypeRules {
    /// Every type with attributes.
    static let all: [TEEObjectType: ObjectTypeRules] = Dictionary(uniqueKeysWithValues: (secrets + numbers + curves + montgomeryAndEdwards).map { ($0.type, $0) })

    private static func secret(_ id: TEEAttributeID = .secretValue) -> [AttributeRule] { [AttributeRule(id, .secret, [.required, .sizeIndicator])] }

    private static let secrets: [ObjectTypeRules] = [
        ObjectTypeRules(.aes, 128...256, quantum: 64, secret()),
        ObjectTypeRules(.des, 64...64, quantum: 64, secret()),
        ObjectTypeRules(.des3, 128...192, quantum: 64, secret()),
        ObjectTypeRules(.sm4, 128...128, quantum: 128, secret()),
        ObjectTypeRules(.hmacMD5, 64...512, quantum: 8, secret()),
        ObjectTypeRules(.hmacSHA1, 80...512, quantum: 8, secret()),
        ObjectTypeRules(.hmacSHA224, 112...512, quantum: 8, secret()),
        ObjectTypeRules(.hmacSHA256, 192...1024, quantum: 8, secret()),
        ObjectTypeRules(.hmacSHA384, 256...1024, quantum: 8, secret()),
        ObjectTypeRules(.hmacSHA512, 256...1024, quantum: 8, secret()),
        ObjectTypeRules(.hmacSHA3_224, 192...1024, quantum: 8, secret()),
        ObjectTypeRules(.hmacSHA3_256, 256...1024, quantum: 8, secret()),
        ObjectTypeRules(.hmacSHA3_384, 256...1024, quantum: 8, secret()),
        ObjectTypeRules(.hmacSHA3_512, 256...1024, quantum: 8, secret()),
        ObjectTypeRules(.hmacSM3, 80...1024, quantum: 8, secret()),
        ObjectTypeRules(.genericSecret, 0...4096, quantum: 8, secret()),
        ObjectTypeRules(.hkdf, 8...4096, quantum: 8, secret()),
        ObjectTypeRules(.hkdfIKM, 0...4096, quantum: 8, secret(.hkdfIKM)),
        ObjectTypeRules(.concatKDFZ, 0...4096, quantum: 8, secret(.concatKDFZ)),
        ObjectTypeRules(.pbkdf2Password, 0...4096, quantum: 8, secret(.pbkdf2Password)),
    ]

    private static let numbers: [ObjectTypeRules] = [
        ObjectTypeRules(
            .rsaPublicKey, 256...4096, [AttributeRule(.rsaModulus, .number, [.required, .sizeIndicator]), AttributeRule(.rsaPublicExponent, .number, .required)]),
        ObjectTypeRules(
            .rsaKeyPair, 256...4096,
            [
                AttributeRule(.rsaModulus, .number, [.required, .sizeIndicator]),
                AttributeRule(.rsaPublicExponent, .number, [.required, .generationOptional]),
                AttributeRule(.rsaPrivateExponent, .number, .required),
                AttributeRule(.rsaPrime1, .number, .optionalGroup),
                AttributeRule(.rsaPrime2, .number, .optionalGroup),
                AttributeRule(.rsaExponent1, .number, .optionalGroup),
                AttributeRule(.rsaExponent2, .number, .optionalGroup),
                AttributeRule(.rsaCoefficient, .number, .optionalGroup),
            ]),
        ObjectTypeRules(
            .dsaPublicKey, 512...3072, quantum: 64,
            [
                AttributeRule(.dsaPrime, .number, [.required, .bounded]),
                AttributeRule(.dsaSubprime, .number, [.required, .sizeIndicator]),
                AttributeRule(.dsaBase, .number, [.required, .bounded]),
                AttributeRule(.dsaPublicValue, .number, [.required, .bounded]),
            ]),
        ObjectTypeRules(
            .dsaKeyPair, 512...3072, quantum: 64,
            [
                AttributeRule(.dsaPrime, .number, [.required, .generationRequired, .bounded]),
                AttributeRule(.dsaSubprime, .number, [.required, .generationRequired, .sizeIndicator]),
                AttributeRule(.dsaBase, .number, [.required, .generationRequired, .bounded]),
                AttributeRule(.dsaPrivateValue, .number, [.required, .bounded]),
                AttributeRule(.dsaPublicValue, .number, [.required, .bounded]),
            ]),
        ObjectTypeRules(
            .dhKeyPair, 256...2048,
            [
                AttributeRule(.dhPrime, .number, [.required, .generationRequired, .sizeIndicator]),
                AttributeRule(.dhBase, .number, [.required, .generationRequired]),
                AttributeRule(.dhPublicValue, .number, .required),
                AttributeRule(.dhPrivateValue, .number, .required),
                AttributeRule(.dhSubprime, .number, [.optionalGroup, .generationOptional]),
                AttributeRule(.dhXBits, .value, .generationOptional),
            ]),
    ]

    private static let point: [AttributeRule] = [AttributeRule(.eccPublicValueX, .number, .required), AttributeRule(.eccPublicValueY, .number, .required)]
    private static let publicPoint = point + [AttributeRule(.eccCurve, .value, [.required, .sizeIndicator])]
    private static let pairOnCurve =
        [AttributeRule(.eccPrivateValue, .number, .required)] + point + [AttributeRule(.eccCurve, .value, [.required, .sizeIndicator, .generationRequired])]

    // Keys of the SM2 types are on one curve; the attribute may say so, and need not (OP-TEE's tests do not).
    private static let publicPointOfSM2 = point + [AttributeRule(.eccCurve, .value, [.optionalGroup, .sizeIndicator])]
    private static let pairOfSM2 =
        [AttributeRule(.eccPrivateValue, .number, .required)] + point
        + [AttributeRule(.eccCurve, .value, [.optionalGroup, .sizeIndicator, .generationOptional])]

    private static let curves: [ObjectTypeRules] = [
        ObjectTypeRules(.ecdsaPublicKey, 192...521, publicPoint),
        ObjectTypeRules(.ecdsaKeyPair, 192...521, pairOnCurve),
        ObjectTypeRules(.ecdhPublicKey, 192...521, publicPoint),
        ObjectTypeRules(.ecdhKeyPair, 192...521, pairOnCurve),
        ObjectTypeRules(.sm2DSAPublicKey, 256...256, publicPointOfSM2),
        ObjectTypeRules(.sm2DSAKeyPair, 256...256, pairOfSM2),
        ObjectTypeRules(.sm2PKEPublicKey, 256...256, publicPointOfSM2),
        ObjectTypeRules(.sm2PKEKeyPair, 256...256, pairOfSM2),
        ObjectTypeRules(.sm2KEPPublicKey, 256...256, publicPointOfSM2),
        ObjectTypeRules(.sm2KEPKeyPair, 256...256, pairOfSM2),
    ]

    private static func octets(_ id: TEEAttributeID, _ count: Int) -> AttributeRule { AttributeRule(id, .octets(count), .required) }

    private static let montgomeryAndEdwards: [ObjectTypeRules] = [
        ObjectTypeRules(.ed25519PublicKey, 256...256, [octets(.ed25519PublicValue, 32)]),
        ObjectTypeRules(.ed25519KeyPair, 256...256, [octets(.ed25519PrivateValue, 32), octets(.ed25519PublicValue, 32)]),
        ObjectTypeRules(.x25519PublicKey, 256...256, [octets(.x25519PublicValue, 32)]),
        ObjectTypeRules(.x25519KeyPair, 256...256, [octets(.x25519PrivateValue, 32), octets(.x25519PublicValue, 32)]),
        // Ed448 keys have 57 bytes; applications write 448 as well as 456 for their size.
        ObjectTypeRules(.ed448PublicKey, 448...456, quantum: 8, [octets(.ed448PublicValue, 57)]),
        ObjectTypeRules(.ed448KeyPair, 448...456, quantum: 8, [octets(.ed448PrivateValue, 57), octets(.ed448PublicValue, 57)]),
        ObjectTypeRules(.x448PublicKey, 448...448, [octets(.x448PublicValue, 56)]),
        ObjectTypeRules(.x448KeyPair, 448...448, [octets(.x448PrivateValue, 56), octets(.x448PublicValue, 56)]),
    ]
}
