internal import CCrypto

/// One computation with a public or private key (`EVP_PKEY_CTX`).
struct KeyOperation {
    let key: LibraryKey
    let parameters: ParameterList

    /// A computation whose details the parameters say.
    init(_ key: LibraryKey, _ parameters: ParameterList = ParameterList()) {
        self.key = key
        self.parameters = parameters
    }

    /// A signature of a digest; nil when libcrypto refuses.
    func sign(_ digest: [UInt8]) throws(TEEResult) -> [UInt8]? { try transform(digest, EVP_PKEY_sign_init_ex, EVP_PKEY_sign)?.bytes }

    /// A ciphertext; nil when libcrypto refuses.
    func encrypt(_ plain: [UInt8]) throws(TEEResult) -> [UInt8]? { try transform(plain, EVP_PKEY_encrypt_init_ex, EVP_PKEY_encrypt)?.bytes }

    /// What a ciphertext means; nil when it means nothing.
    func decrypt(_ cipher: [UInt8]) throws(TEEResult) -> SecretBytes? { try transform(cipher, EVP_PKEY_decrypt_init_ex, EVP_PKEY_decrypt) }

    /// Whether a signature is one of that digest.
    func verify(_ digest: [UInt8], _ signature: [UInt8]) throws(TEEResult) -> Bool {
        let context = try context()
        defer {
            EVP_PKEY_CTX_free(context)
            ERR_clear_error()
        }
        guard parameters.withParameters({ EVP_PKEY_verify_init_ex(context, $0) }) > 0 else { return false }
        return digest.withAddress { digest, digestCount in
            signature.withAddress { signature, count in EVP_PKEY_verify(context, signature, count, digest, digestCount) }
        } == 1
    }

    /// The secret shared with the owner of another key; nil when the keys do not go together.
    func derive(with peer: LibraryKey) throws(TEEResult) -> SecretBytes? {
        let context = try context()
        defer {
            EVP_PKEY_CTX_free(context)
            ERR_clear_error()
        }
        guard parameters.withParameters({ EVP_PKEY_derive_init_ex(context, $0) }) > 0, EVP_PKEY_derive_set_peer(context, peer.pointer) > 0 else { return nil }
        var length = 0
        guard EVP_PKEY_derive(context, nil, &length) > 0 else { return nil }
        return Self.output(length) { EVP_PKEY_derive(context, $0, &$1) }
    }

    private typealias Start = (OpaquePointer?, UnsafePointer<OSSL_PARAM>?) -> Int32
    private typealias Run = (OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<Int>?, UnsafePointer<UInt8>?, Int) -> Int32

    private func transform(_ input: [UInt8], _ start: Start, _ run: Run) throws(TEEResult) -> SecretBytes? {
        let context = try context()
        defer {
            EVP_PKEY_CTX_free(context)
            ERR_clear_error()
        }
        guard parameters.withParameters({ start(context, $0) }) > 0 else { return nil }
        return input.withAddress { input, count in
            var length = 0
            guard run(context, nil, &length, input, count) > 0 else { return nil }
            return Self.output(length) { run(context, $0, &$1, input, count) }
        }
    }

    /// At most `length` bytes that `fill` writes and counts; nil when it fails.
    private static func output(_ length: Int, _ fill: (UnsafeMutablePointer<UInt8>?, inout Int) -> Int32) -> SecretBytes? {
        var written = length
        var status: Int32 = 0
        let room = SecretBytes(count: max(1, length)) { status = fill($0.baseAddress?.assumingMemoryBound(to: UInt8.self), &written) }
        guard status > 0, (0...length).contains(written) else { return nil }
        return room.withUnsafeBytes { SecretBytes($0.prefix(written)) }
    }

    private func context() throws(TEEResult) -> OpaquePointer {
        guard let context = EVP_PKEY_CTX_new_from_pkey(try CryptoLibrary.context(), key.pointer, nil) else { throw CryptoLibrary.failure(.outOfMemory) }
        return context
    }
}

extension [UInt8] {
    /// The bytes for libcrypto, for which an empty string has an address too.
    func withAddress<Result>(_ body: (UnsafePointer<UInt8>, Int) -> Result) -> Result {
        withUnsafeBufferPointer { buffer in
            if let start = buffer.baseAddress, !buffer.isEmpty { return body(start, buffer.count) }
            return withUnsafePointer(to: 0) { body($0, 0) }
        }
    }
}
