internal import CCrypto

/// A key as libcrypto has it (`EVP_PKEY`).
final class LibraryKey {
    let pointer: OpaquePointer

    /// Whether the private part is there.
    enum Part {
        case pair
        case publicKey

        fileprivate var selection: Int32 { self == .pair ? skerry_evp_pkey_keypair() : skerry_evp_pkey_public_key() }
    }

    /// A key of libcrypto's type of that name, from its numbers; `badParameters` when libcrypto does not take them.
    init(_ type: StaticString, _ part: Part, _ parameters: ParameterList) throws(TEEResult) {
        guard let context = EVP_PKEY_CTX_new_from_name(try CryptoLibrary.context(), type.cString, nil) else { throw CryptoLibrary.failure(.notSupported) }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        let status = parameters.withParameters { list in
            EVP_PKEY_fromdata_init(context) > 0 ? EVP_PKEY_fromdata(context, &key, part.selection, list) : 0
        }
        guard status > 0, let key else { throw CryptoLibrary.failure(.badParameters) }
        pointer = key
    }

    /// `notSupported` when libcrypto has no keys of a type of that name.
    static func checkType(_ type: StaticString) throws(TEEResult) {
        guard let context = EVP_PKEY_CTX_new_from_name(try CryptoLibrary.context(), type.cString, nil) else { throw CryptoLibrary.failure(.notSupported) }
        EVP_PKEY_CTX_free(context)
    }

    /// A new key pair of libcrypto's type of that name; `badParameters` when libcrypto makes none.
    init(generating type: StaticString, _ parameters: ParameterList) throws(TEEResult) {
        guard let context = EVP_PKEY_CTX_new_from_name(try CryptoLibrary.context(), type.cString, nil) else { throw CryptoLibrary.failure(.notSupported) }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        let status = parameters.withParameters { list -> Int32 in
            guard EVP_PKEY_keygen_init(context) > 0, EVP_PKEY_CTX_set_params(context, list) > 0 else { return 0 }
            return EVP_PKEY_generate(context, &key)
        }
        guard status > 0, let key else { throw CryptoLibrary.failure(.badParameters) }
        pointer = key
    }

    /// A key of a curve of RFC 7748 or RFC 8032 from its octets; `badParameters` when libcrypto does not take them.
    init(_ type: StaticString, raw octets: SecretBytes, _ part: Part) throws(TEEResult) {
        let library = try CryptoLibrary.context()
        let key = octets.withUnsafeBytes { bytes in
            let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            return part == .pair
                ? EVP_PKEY_new_raw_private_key_ex(library, type.cString, nil, start, bytes.count)
                : EVP_PKEY_new_raw_public_key_ex(library, type.cString, nil, start, bytes.count)
        }
        guard let key else { throw CryptoLibrary.failure(.badParameters) }
        pointer = key
    }

    /// A number of the key, big-endian and without leading zeros; `generic` when it has none of that name.
    func number(_ name: StaticString) throws(TEEResult) -> SecretBytes {
        var number: OpaquePointer?
        guard EVP_PKEY_get_bn_param(pointer, name.cString, &number) > 0, let number else { throw CryptoLibrary.failure(.generic) }
        return try BigNumber(adopting: number).bytes()
    }

    /// A byte string of the key, `count` bytes long; `generic` when it has none of that name and length.
    func octets(_ name: StaticString, count: Int) throws(TEEResult) -> SecretBytes {
        try SecretBytes(count: count) { (buffer) throws(TEEResult) in
            var length = 0
            let start = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
            guard EVP_PKEY_get_octet_string_param(pointer, name.cString, start, buffer.count, &length) > 0, length == count else {
                throw CryptoLibrary.failure(.generic)
            }
        }
    }

    deinit { EVP_PKEY_free(pointer) }
}
