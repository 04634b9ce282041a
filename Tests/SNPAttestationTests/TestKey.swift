import CCrypto

/// Why a test's own certificates could not be made.
struct GenerationFailed: Error {
    let step: String
    init(_ step: String) { self.step = step }
}

/// A key pair of libcrypto, made for the tests.
final class TestKey: @unchecked Sendable {
    let pointer: OpaquePointer

    private init(_ pointer: OpaquePointer) { self.pointer = pointer }
    deinit { EVP_PKEY_free(pointer) }

    static func rsa(bits: UInt32) throws -> TestKey {
        let context = EVP_PKEY_CTX_new_from_name(nil, "RSA", nil)
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits)) == 1, EVP_PKEY_generate(context, &key) == 1, let key else {
            throw GenerationFailed("RSA key")
        }
        return TestKey(key)
    }

    static func curve(_ name: String) throws -> TestKey {
        let context = EVP_PKEY_CTX_new_from_name(nil, "EC", nil)
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_CTX_set_group_name(context, name) == 1, EVP_PKEY_generate(context, &key) == 1, let key else {
            throw GenerationFailed("key on \(name)")
        }
        return TestKey(key)
    }

    /// r and s of an ECDSA signature, 48 bytes each, little-endian.
    func signature(of message: [UInt8], digest: String = "SHA384") throws -> (r: [UInt8], s: [UInt8]) {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var der = [UInt8](repeating: 0, count: 256)
        var count = der.count
        guard EVP_DigestSignInit_ex(context, nil, digest, nil, nil, pointer, nil) == 1, EVP_DigestSign(context, &der, &count, message, message.count) == 1 else {
            throw GenerationFailed("signature")
        }
        let numbers = der.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return d2i_ECDSA_SIG(nil, &cursor, count)
        }
        guard let numbers else { throw GenerationFailed("signature's DER") }
        defer { ECDSA_SIG_free(numbers) }
        func bytes(_ number: OpaquePointer?) throws -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: 48)
            guard BN_bn2lebinpad(number, &bytes, 48) == 48 else { throw GenerationFailed("number") }
            return bytes
        }
        return (try bytes(ECDSA_SIG_get0_r(numbers)), try bytes(ECDSA_SIG_get0_s(numbers)))
    }

    /// The other s that verifies as well: the group's order less s.
    static func negated(_ s: [UInt8]) throws -> [UInt8] {
        let group = EC_GROUP_new_by_curve_name(NID_secp384r1)
        defer { EC_GROUP_free(group) }
        let number = BN_lebin2bn(s, 48, nil)
        defer { BN_free(number) }
        var bytes = [UInt8](repeating: 0, count: 48)
        guard BN_sub(number, EC_GROUP_get0_order(group), number) == 1, BN_bn2lebinpad(number, &bytes, 48) == 48 else { throw GenerationFailed("order") }
        return bytes
    }
}

/// How a certificate or list is signed.
struct TestSigning {
    var digest = "SHA384"
    var mask = "SHA384"
    var salt: Int32 = 48
    var isPSS = true

    /// Prepares the context that `X509_sign_ctx` and its like take.
    func prepare(_ context: OpaquePointer?, with key: TestKey) throws {
        var options: OpaquePointer?
        guard EVP_DigestSignInit_ex(context, &options, digest, nil, nil, key.pointer, nil) == 1 else { throw GenerationFailed("signing") }
        guard isPSS else { return }
        guard EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1, EVP_PKEY_CTX_set_rsa_pss_saltlen(options, salt) == 1,
            EVP_PKEY_CTX_set_rsa_mgf1_md_name(options, mask, nil) == 1
        else { throw GenerationFailed("PSS") }
    }
}
