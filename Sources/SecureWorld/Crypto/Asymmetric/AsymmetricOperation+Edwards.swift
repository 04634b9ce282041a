internal import CCrypto

// Ed25519 with its variants and Ed448 (RFC 8032). libcrypto 3.0 has no contexts and no pre-hashing: for Ed448 both are `notSupported`.
extension AsymmetricOperation {
    private var isEd448: Bool { algorithm.mainAlgorithm == .ed448 }
    private var keyType: StaticString { isEd448 ? "ED448" : "ED25519" }
    private var signatureSize: Int { isEd448 ? 114 : 64 }

    func edwardsSign(_ parameters: [TEEAttribute], _ message: [UInt8], _ capacity: Int) throws(TEEResult) -> AsymmetricOutcome {
        guard mode == .sign else { throw .badParameters }
        let variant = try edwardsVariant(parameters)
        guard signatureSize <= capacity else { return .shortBuffer(signatureSize) }
        if let variant { return .output(try variant.sign(message, key.requiredBytes(.ed25519PrivateValue))) }
        let library = try LibraryKey(keyType, raw: key.requiredBytes(isEd448 ? .ed448PrivateValue : .ed25519PrivateValue), .pair)
        var signature = [UInt8](repeating: 0, count: signatureSize)
        var length = signature.count
        let status = try withDigestContext { (context) throws(TEEResult) in
            guard EVP_DigestSignInit_ex(context, nil, nil, try CryptoLibrary.context(), nil, library.pointer, nil) > 0 else { return 0 }
            return message.withAddress { message, count in EVP_DigestSign(context, &signature, &length, message, count) }
        }
        guard status > 0, length == signature.count else { throw CryptoLibrary.failure(.badParameters) }
        return .output(signature)
    }

    func edwardsVerify(_ parameters: [TEEAttribute], _ message: [UInt8], _ signature: [UInt8]) throws(TEEResult) -> Bool {
        let variant = try edwardsVariant(parameters)
        guard signature.count == signatureSize else { return false }
        if let variant { return try variant.verify(message, signature, publicValue: key.requiredBytes(.ed25519PublicValue).bytes) }
        let library = try LibraryKey(keyType, raw: key.requiredBytes(isEd448 ? .ed448PublicValue : .ed25519PublicValue), .publicKey)
        let status = try withDigestContext { (context) throws(TEEResult) in
            guard EVP_DigestVerifyInit_ex(context, nil, nil, try CryptoLibrary.context(), nil, library.pointer, nil) > 0 else { return 0 }
            return message.withAddress { message, count in EVP_DigestVerify(context, signature, signature.count, message, count) }
        }
        ERR_clear_error()
        return status == 1
    }

    /// The variant that the attributes ask for, or nil for the pure form; `badParameters` for attributes that do not belong here or are impossible, `notSupported`
    /// for variants of Ed448.
    private func edwardsVariant(_ parameters: [TEEAttribute]) throws(TEEResult) -> Ed25519Variant? {
        var context: [UInt8]?
        var isPrehashed: Bool?
        for attribute in parameters {
            switch attribute {
            case .buffer(.eddsaContext, let bytes) where context == nil && bytes.count <= 255: context = bytes
            case .value(.eddsaPrehash, let isWanted, 0) where isPrehashed == nil: isPrehashed = isWanted != 0
            default: throw .badParameters
            }
        }
        guard context?.isEmpty == false || isPrehashed == true else { return nil }
        guard !isEd448 else { throw .notSupported }
        return try Ed25519Variant(context: context ?? [], isPrehashed: isPrehashed ?? false)
    }

    private func withDigestContext(_ body: (OpaquePointer) throws(TEEResult) -> Int32) throws(TEEResult) -> Int32 {
        guard let context = EVP_MD_CTX_new() else { throw CryptoLibrary.failure(.outOfMemory) }
        defer { EVP_MD_CTX_free(context) }
        return try body(context)
    }
}
