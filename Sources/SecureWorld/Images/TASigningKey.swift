import CCrypto

/// How a TA file is signed: the algorithms that OP-TEE's `scripts/sign_encrypt.py` offers, by their number in TEE Internal Core API 1.3.1, table 6-11.
public enum TASignatureAlgorithm: UInt32, Sendable, CaseIterable {
    /// RSASSA-PSS with MGF1, SHA-256 and a salt of 32 bytes (RFC 8017, 8.1): the default.
    case pss = 0x7041_4930
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, 8.2).
    case pkcs1 = 0x7000_4830

    /// The name in the GlobalPlatform specification.
    public var name: String {
        switch self {
        case .pss: "TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA256"
        case .pkcs1: "TEE_ALG_RSASSA_PKCS1_V1_5_SHA256"
        }
    }
}

/// An RSA key that signs TA files, or the public half of one that checks them.
public final class TASigningKey: @unchecked Sendable {
    /// Bits of the modulus that are accepted: below, signatures can be forged; above, checking one takes too long.
    public static let acceptedBits = 1024...8192

    private let key: OpaquePointer
    /// Whether it can sign.
    public let isPrivate: Bool
    /// Bits of the modulus.
    public let bits: Int
    /// The modulus, big-endian and without leading zeros.
    public let modulus: [UInt8]
    /// The public exponent, big-endian and without leading zeros.
    public let exponent: [UInt8]

    /// From a PEM file with a private key (PKCS #8 or PKCS #1, without pass phrase) or a public key.
    ///
    /// - Throws: BAD_FORMAT for anything else.
    public convenience init(pem: some Collection<UInt8>) throws(TAFileError) {
        guard pem.count <= 64 << 10 else { throw TAFileError(.badFormat, "the key file has \(pem.count) bytes; a PEM file with one RSA key has a few thousand") }
        try self.init(secretPEM: SecretBytes(pem))
    }

    /// As `init(pem:)`, from bytes that are wiped.
    public convenience init(secretPEM text: SecretBytes) throws(TAFileError) {
        // Without a call-back libcrypto would ask for a pass phrase on the terminal.
        if let key = Self.read(text, { PEM_read_bio_PrivateKey($0, nil, { _, _, _, _ in -1 }, nil) }) {
            try self.init(owning: key, isPrivate: true)
        } else if let key = Self.read(text, { PEM_read_bio_PUBKEY($0, nil, { _, _, _, _ in -1 }, nil) }) {
            try self.init(owning: key, isPrivate: false)
        } else {
            throw .badFormat(
                "the key file holds no RSA key in PEM form (BEGIN PRIVATE KEY or BEGIN PUBLIC KEY) that needs no pass phrase; make one with: openssl genrsa -out key.pem 4096")
        }
    }

    /// The public key of a sub-key: modulus and exponent, big-endian, leading zeros allowed.
    convenience init(modulus: some Collection<UInt8>, exponent: some Collection<UInt8>) throws(TAFileError) {
        let malformed = TAFileError.security("a sub-key of the file is no RSA public key; make the sub-key again")
        // A public exponent longer than this only serves to make the check slow.
        guard modulus.count <= Self.acceptedBits.upperBound / 8 + 1, (1...16).contains(exponent.count) else { throw malformed }
        let (n, e) = (Array(modulus), Array(exponent))
        guard let nNumber = BN_bin2bn(n, Int32(n.count), nil) else { throw malformed }
        defer { BN_free(nNumber) }
        guard let eNumber = BN_bin2bn(e, Int32(e.count), nil), let builder = OSSL_PARAM_BLD_new() else { throw malformed }
        defer {
            BN_free(eNumber)
            OSSL_PARAM_BLD_free(builder)
        }
        guard OSSL_PARAM_BLD_push_BN(builder, Self.modulusName, nNumber) == 1, OSSL_PARAM_BLD_push_BN(builder, Self.exponentName, eNumber) == 1,
            let parameters = OSSL_PARAM_BLD_to_param(builder)
        else { throw malformed }
        defer { OSSL_PARAM_free(parameters) }
        guard let context = EVP_PKEY_CTX_new_from_name(nil, "RSA", nil) else { throw malformed }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_fromdata_init(context) == 1, EVP_PKEY_fromdata(context, &key, Self.publicKeySelection, parameters) == 1, let key else {
            ERR_clear_error()
            throw malformed
        }
        do { try self.init(owning: key, isPrivate: false) } catch { throw .security(error.message) }
    }

    /// A new key pair with the public exponent 65537.
    public static func generate(bits: Int = 2048) throws(TAFileError) -> TASigningKey {
        guard acceptedBits.contains(bits), let context = EVP_PKEY_CTX_new_from_name(nil, "RSA", nil) else {
            throw TAFileError(.badParameters, "an RSA key has \(acceptedBits.lowerBound) to \(acceptedBits.upperBound) bits, not \(bits)")
        }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits)) == 1, EVP_PKEY_generate(context, &key) == 1, let key else {
            ERR_clear_error()
            throw TAFileError(.generic, "libcrypto made no RSA key; make one with: openssl genrsa -out key.pem \(bits)")
        }
        return try TASigningKey(owning: key, isPrivate: true)
    }

    private init(owning key: OpaquePointer, isPrivate: Bool) throws(TAFileError) {
        self.key = key
        self.isPrivate = isPrivate
        bits = Int(EVP_PKEY_get_bits(key))
        modulus = Self.number(key, Self.modulusName)
        exponent = Self.number(key, Self.exponentName)
        // From here on `deinit` frees the key, whether or not this throws.
        guard EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA, Self.acceptedBits.contains(bits), !modulus.isEmpty, !exponent.isEmpty else {
            throw .badFormat("the key is no RSA key of \(Self.acceptedBits.lowerBound) to \(Self.acceptedBits.upperBound) bits; make one with: openssl genrsa -out key.pem 4096")
        }
    }

    deinit { EVP_PKEY_free(key) }

    /// Bytes of a signature.
    public var signatureSize: Int { (bits + 7) / 8 }

    /// The signature of a SHA-256 digest.
    public func sign(digest: [UInt8], _ algorithm: TASignatureAlgorithm) throws(TAFileError) -> [UInt8] {
        guard isPrivate else { throw TAFileError(.badParameters, "the key file holds a public key; signing needs the private key, or a signature made elsewhere of the digest") }
        let failed = TAFileError(.generic, "libcrypto did not sign with this key; check the key with: openssl rsa -check -in key.pem")
        guard let context = EVP_PKEY_CTX_new(key, nil) else { throw failed }
        defer { EVP_PKEY_CTX_free(context) }
        var size = signatureSize
        var signature = [UInt8](repeating: 0, count: size)
        guard EVP_PKEY_sign_init(context) == 1, Self.prepare(context, algorithm), EVP_PKEY_sign(context, &signature, &size, digest, digest.count) == 1,
            size == signature.count
        else {
            ERR_clear_error()
            throw failed
        }
        return signature
    }

    /// Whether `signature` is this key's signature of a SHA-256 digest.
    public func verifies(_ signature: some Collection<UInt8>, digest: some Collection<UInt8>, _ algorithm: TASignatureAlgorithm) -> Bool {
        guard let context = EVP_PKEY_CTX_new(key, nil) else { return false }
        defer { EVP_PKEY_CTX_free(context) }
        let (signature, digest) = (Array(signature), Array(digest))
        let isValid =
            EVP_PKEY_verify_init(context) == 1 && Self.prepare(context, algorithm)
            && EVP_PKEY_verify(context, signature, signature.count, digest, digest.count) == 1
        if !isValid { ERR_clear_error() }
        return isValid
    }

    /// The private key as a PEM file (PKCS #8).
    public func privatePEM() throws(TAFileError) -> SecretBytes {
        guard isPrivate else { throw TAFileError(.badParameters, "the key file holds a public key only") }
        return try write { PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) }
    }

    /// The public key as a PEM file (X.509 SubjectPublicKeyInfo).
    public func publicPEM() throws(TAFileError) -> [UInt8] { try write { PEM_write_bio_PUBKEY($0, key) }.bytes }

    private func write(_ body: (OpaquePointer) -> Int32) throws(TAFileError) -> SecretBytes {
        let failed = TAFileError(.outOfMemory, "libcrypto did not write the key; free some memory and try again")
        // Secure memory is wiped by BIO_free.
        guard let bio = BIO_new(BIO_s_secmem()) else { throw failed }
        defer { BIO_free(bio) }
        guard body(bio) == 1 else { throw failed }
        let size = BIO_ctrl_pending(bio)
        return try SecretBytes(count: size) { output throws(TAFileError) in
            guard BIO_read(bio, output.baseAddress, Int32(clamping: size)) == Int32(clamping: size) else { throw failed }
        }
    }

    // EVP_PKEY_PUBLIC_KEY of <openssl/evp.h>, a macro that Swift does not import.
    private static let publicKeySelection: Int32 = 0x86
    // OSSL_PKEY_PARAM_RSA_N and OSSL_PKEY_PARAM_RSA_E as C strings that stay: the builder of parameters keeps the pointers.
    private static var modulusName: UnsafePointer<CChar> { permanent("n") }
    private static var exponentName: UnsafePointer<CChar> { permanent("e") }

    private static func permanent(_ text: StaticString) -> UnsafePointer<CChar> { UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self) }

    private static func read(_ text: SecretBytes, _ body: (OpaquePointer) -> OpaquePointer?) -> OpaquePointer? {
        defer { ERR_clear_error() }
        return text.withUnsafeBytes { text in
            guard let bio = BIO_new_mem_buf(text.baseAddress, Int32(clamping: text.count)) else { return nil }
            defer { BIO_free(bio) }
            return body(bio)
        }
    }

    private static func prepare(_ context: OpaquePointer, _ algorithm: TASignatureAlgorithm) -> Bool {
        switch algorithm {
        case .pkcs1:
            EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 && EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1
        case .pss:
            EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 && EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1
                && EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1
                && EVP_PKEY_CTX_set_rsa_pss_saltlen(context, Int32(ImageCrypto.digestSize)) == 1
        }
    }

    private static func number(_ key: OpaquePointer, _ name: UnsafePointer<CChar>) -> [UInt8] {
        var number: OpaquePointer?
        guard EVP_PKEY_get_bn_param(key, name, &number) == 1, let number else { return [] }
        defer { BN_free(number) }
        var bytes = [UInt8](repeating: 0, count: (Int(BN_num_bits(number)) + 7) / 8)
        BN_bn2bin(number, &bytes)
        return bytes
    }
}
