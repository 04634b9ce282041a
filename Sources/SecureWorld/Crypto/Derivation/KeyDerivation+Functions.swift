internal import CCrypto

extension KeyDerivation {
    /// The attributes of a derivation by what they mean here, with the first of each kind counting as in OP-TEE; `badParameters` for others.
    private func sorted(_ parameters: [TEEAttribute], known: [TEEAttributeID]) throws(TEEResult) -> [TEEAttributeID: TEEAttribute] {
        var found: [TEEAttributeID: TEEAttribute] = [:]
        for parameter in parameters {
            guard known.contains(parameter.id) else { throw .badParameters }
            if found[parameter.id] == nil { found[parameter.id] = parameter }
        }
        return found
    }

    private func length(_ attribute: TEEAttribute?, _ capacity: Int) throws(TEEResult) -> Int {
        guard let number = attribute?.number, let length = Int(exactly: number), length <= capacity else { throw .badParameters }
        return length
    }

    /// HKDF (RFC 5869) in OP-TEE's form, where the identifier says the digest, and in that of the specification, where an attribute does.
    func hkdf(_ parameters: [TEEAttribute], _ capacity: Int) throws(TEEResult) -> SecretBytes {
        let isStandard = algorithm == .hkdf
        let known: [TEEAttributeID] =
            isStandard
            ? [.hkdfSalt, .hkdfInfo, .hkdfHashAlgorithm, .kdfKeySize] : [.opteeHKDFSalt, .opteeHKDFInfo, .hkdfSalt, .hkdfInfo, .hkdfOKMLength]
        let found = try sorted(parameters, known: known)
        let length = try length(found[isStandard ? .kdfKeySize : .hkdfOKMLength], capacity)
        var digest = algorithm
        if isStandard {
            guard let number = found[.hkdfHashAlgorithm]?.number else { throw .badParameters }
            digest = TEEAlgorithm(rawValue: number)
            guard digest.operationClass == .digest else { throw .notSupported }
        }
        guard let name = digest.libraryDigestName else { throw .notSupported }
        var settings = ParameterList().text("digest", name).octets("key", try secret())
        if let salt = (found[.opteeHKDFSalt] ?? found[.hkdfSalt])?.bytes, !salt.isEmpty { settings = settings.octets("salt", salt) }
        if let info = (found[.opteeHKDFInfo] ?? found[.hkdfInfo])?.bytes { settings = settings.octets("info", info) }
        return try derive("HKDF", settings, length)
    }

    /// The concatenation function of SP 800-56A, 5.8.1, with a digest.
    func concatenation(_ parameters: [TEEAttribute], _ capacity: Int) throws(TEEResult) -> SecretBytes {
        let found = try sorted(parameters, known: [.concatKDFOtherInfo, .concatKDFLength])
        let length = try length(found[.concatKDFLength], capacity)
        guard let name = algorithm.libraryDigestName else { throw .notSupported }
        var settings = ParameterList().text("digest", name).octets("key", try secret())
        if let info = found[.concatKDFOtherInfo]?.bytes { settings = settings.octets("info", info) }
        return try derive("SSKDF", settings, length)
    }

    /// PBKDF2 (RFC 8018, 5.2) with HMAC.
    func passwordBased(_ parameters: [TEEAttribute], _ capacity: Int) throws(TEEResult) -> SecretBytes {
        let found = try sorted(parameters, known: [.pbkdf2Salt, .pbkdf2IterationCount, .pbkdf2Length])
        let length = try length(found[.pbkdf2Length], capacity)
        guard let iterations = found[.pbkdf2IterationCount]?.number, iterations > 0 else { throw .badParameters }
        guard let name = algorithm.libraryDigestName else { throw .notSupported }
        return try PasswordDerivation.derive(
            digest: name, password: try secret(), salt: found[.pbkdf2Salt]?.bytes ?? [], iterations: iterations, length: length, isWanted: isWanted)
    }

    private func secret() throws(TEEResult) -> SecretBytes {
        guard let secret = key.secret else { throw .badParameters }
        return secret
    }

    private func derive(_ name: StaticString, _ settings: ParameterList, _ length: Int) throws(TEEResult) -> SecretBytes {
        guard length > 0 else { return SecretBytes([]) }
        guard let function = EVP_KDF_fetch(try CryptoLibrary.context(), name.cString, nil) else { throw CryptoLibrary.failure(.notSupported) }
        defer { EVP_KDF_free(function) }
        guard let context = EVP_KDF_CTX_new(function) else { throw CryptoLibrary.failure(.outOfMemory) }
        defer { EVP_KDF_CTX_free(context) }
        return try SecretBytes(count: length) { (buffer) throws(TEEResult) in
            let status = settings.withParameters { EVP_KDF_derive(context, buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), buffer.count, $0) }
            guard status > 0 else { throw CryptoLibrary.failure(.badParameters) }
        }
    }
}
