// RFC 8017; result codes as of OP-TEE's core/lib/libtomcrypt/rsa.c.
extension AsymmetricOperation {
    func rsaCipher(_ parameters: [TEEAttribute], _ input: [UInt8], _ capacity: Int) throws(TEEResult) -> AsymmetricOutcome {
        if algorithm == .rsaNoPad { return try rsaWithoutPadding(input, capacity) }
        let settings = try rsaPadding(parameters)
        switch mode {
        case .encrypt:
            let size = try key.requiredBytes(.rsaModulus).count
            guard size <= capacity else { return .shortBuffer(size) }
            guard let cipher = try KeyOperation(key.rsaKey(.publicKey), settings).encrypt(input) else { throw .badParameters }
            return .output(cipher)
        case .decrypt:
            guard let plain = try KeyOperation(key.rsaKey(.pair), settings).decrypt(input) else { throw .badParameters }
            return plain.count <= capacity ? .output(plain.bytes) : .shortBuffer(plain.count)
        default: throw .badParameters
        }
    }

    /// The bare power. OP-TEE takes inputs shorter than the modulus and gives outputs without leading zeros, of which one remains when there is nothing else.
    private func rsaWithoutPadding(_ input: [UInt8], _ capacity: Int) throws(TEEResult) -> AsymmetricOutcome {
        guard mode == .encrypt || mode == .decrypt else { throw .generic }
        let size = try key.requiredBytes(.rsaModulus).count
        guard let message = SecretBytes.number(input).padded(to: size) else { throw .badParameters }
        let operation = KeyOperation(try key.rsaKey(mode == .encrypt ? .publicKey : .pair), ParameterList().text("pad-mode", "none"))
        guard let power = mode == .encrypt ? try operation.encrypt(message.bytes) : try operation.decrypt(message.bytes)?.bytes else { throw .badParameters }
        let digits = Array(power.drop { $0 == 0 })
        return .fitting(digits.isEmpty ? [0] : digits, capacity)
    }

    private func rsaPadding(_ parameters: [TEEAttribute]) throws(TEEResult) -> ParameterList {
        if algorithm == .rsaesPKCS1 { return ParameterList().text("pad-mode", "pkcs1") }
        guard let digest = algorithm.libraryDigestName else { throw .notSupported }
        var mask = digest
        if case .buffer(_, let bytes)? = parameters.first(.rsaOAEPMaskHash) {
            guard bytes.count == 4 else { throw .badParameters }
            let number = bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
            guard number >> 28 == TEEOperationClass.digest.rawValue, let name = TEEAlgorithm(rawValue: number).libraryDigestName else { throw .notSupported }
            mask = name
        }
        let settings = ParameterList().text("pad-mode", "oaep").text("digest", digest).text("mgf1-digest", mask)
        guard let label = parameters.first(.rsaOAEPLabel)?.bytes, !label.isEmpty else { return settings }
        return settings.octets("oaep-label", label)
    }

    func rsaSign(_ parameters: [TEEAttribute], _ digest: [UInt8], _ capacity: Int) throws(TEEResult) -> AsymmetricOutcome {
        guard mode == .sign else { throw .badParameters }
        let settings = try rsaSignatureSettings(parameters, digest)
        let size = try key.requiredBytes(.rsaModulus).count
        guard size <= capacity else { return .shortBuffer(size) }
        guard let signature = try KeyOperation(key.rsaKey(.pair), settings).sign(digest) else { throw .badParameters }
        return .output(signature)
    }

    func rsaVerify(_ parameters: [TEEAttribute], _ digest: [UInt8], _ signature: [UInt8]) throws(TEEResult) -> Bool {
        let settings = try rsaSignatureSettings(parameters, digest)
        guard signature.count == (try key.requiredBytes(.rsaModulus).count) else { return false }
        return try KeyOperation(key.rsaKey(.publicKey), settings).verify(digest, signature)
    }

    private var isPSS: Bool { algorithm.rawValue >> 8 & 0xf == 9 }

    private func rsaSignatureSettings(_ parameters: [TEEAttribute], _ digest: [UInt8]) throws(TEEResult) -> ParameterList {
        if algorithm == .rsaPKCS1NoASN1 { return ParameterList().text("pad-mode", "pkcs1") }
        guard let name = algorithm.libraryDigestName else { throw .notSupported }
        guard digest.count == algorithm.digestSize else { throw .badParameters }
        let settings = ParameterList().text("digest", name).text("pad-mode", isPSS ? "pss" : "pkcs1")
        guard isPSS else { return settings }
        // Beyond the numbers of C's int OP-TEE falls back to the default too.
        let length = parameters.first(.rsaPSSSaltLength)?.number.flatMap { Int32(exactly: $0) } ?? Int32(clamping: digest.count)
        return settings.text("mgf1-digest", name).integer("saltlen", length)
    }
}
