internal import CCrypto
internal import LibCrypto

/// A P-384 key: the ID key or author key of a launch, or the key that signs reports.
public final class LaunchKey: @unchecked Sendable {
    /// Bytes of a key in the form of the firmware: curve, QX and QY, little-endian.
    static let firmwareFormSize = 0x404
    /// Bytes of a signature in the form of the firmware: R and S of 72 bytes each, little-endian.
    static let signatureSize = 512
    /// Bytes of a coordinate, and of a half signature.
    private static let numberSize = 48
    /// The most bytes of a PEM file with one key.
    private static let largestFile = 64 << 10
    /// The curve's number in the firmware's form.
    private static let curve: UInt32 = 2

    // EVP_PKEY is reference-counted and, when nobody changes it, safe to use from several threads.
    let key: OpaquePointer
    /// Whether it can sign.
    public let isPrivate: Bool
    /// The public point: X and Y, big-endian, 48 bytes each.
    let point: (x: [UInt8], y: [UInt8])

    /// From a PEM file with a private or public key, without pass phrase.
    ///
    /// - Throws: `plan` for anything but one P-384 key.
    public convenience init(pem: [UInt8]) throws(SNPError) {
        let refused = SNPError(
            .plan, "the key file",
            "it holds no P-384 key in PEM form without pass phrase; make one with: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out id-key.pem")
        guard pem.count <= Self.largestFile, let bio = CryptoInput.copy(pem) else { throw refused }
        defer {
            BIO_free(bio)
            ERR_clear_error()
        }
        // Without a call-back libcrypto would ask for a pass phrase on the terminal.
        if let key = PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in -1 }, nil) {
            guard let made = LaunchKey(owning: key, isPrivate: true) else { throw refused }
            self.init(sharing: made)
            return
        }
        guard let again = CryptoInput.copy(pem) else { throw refused }
        defer { BIO_free(again) }
        guard let key = PEM_read_bio_PUBKEY(again, nil, { _, _, _, _ in -1 }, nil), let made = LaunchKey(owning: key, isPrivate: false) else { throw refused }
        self.init(sharing: made)
    }

    /// A new key pair.
    ///
    /// - Throws: `requirement` when libcrypto makes none.
    public static func generate() throws(SNPError) -> LaunchKey {
        var key: OpaquePointer?
        let context = EVP_PKEY_CTX_new_from_name(nil, "EC", nil)
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_CTX_set_group_name(context, "P-384") == 1, EVP_PKEY_generate(context, &key) == 1, let key,
            let made = LaunchKey(owning: key, isPrivate: true)
        else { throw SNPError(.requirement, "a new P-384 key", "libcrypto makes none; check the installation of OpenSSL 3") }
        return made
    }

    /// From the firmware's form; nil when it is no point of the curve or its rest is not zero.
    convenience init?(firmwareForm form: [UInt8]) {
        guard form.count == Self.firmwareFormSize, form.number(at: 0, as: UInt32.self) == Self.curve, form.isZero(4 + 48..<76), form.isZero(76 + 48..<Self.firmwareFormSize)
        else { return nil }
        let point = [4] + form[4..<52].reversed() + form[76..<124].reversed()
        guard let key = Self.publicKey(point: point) else { return nil }
        self.init(owning: key, isPrivate: false)
    }

    private init(sharing other: LaunchKey) {
        EVP_PKEY_up_ref(other.key)
        key = other.key
        isPrivate = other.isPrivate
        point = other.point
    }

    /// Takes a key over; nil, after freeing it, when it is not on P-384.
    private init?(owning key: OpaquePointer, isPrivate: Bool) {
        self.key = key
        self.isPrivate = isPrivate
        // From here on `deinit` frees it, whether or not this fails.
        var encoded = [UInt8](repeating: 0, count: 256)
        var name = [CChar](repeating: 0, count: 64)
        var length = 0
        let isCurve =
            EVP_PKEY_get_utf8_string_param(key, "group", &name, name.count, &length) == 1
            && name.prefix(length).map(UInt8.init(bitPattern:)) == Array("secp384r1".utf8)
        // Whatever form of the point a file chose, it is wanted uncompressed.
        let hasPoint =
            isCurve && EVP_PKEY_set_utf8_string_param(key, "point-format", "uncompressed") == 1
            && EVP_PKEY_get_octet_string_param(key, "encoded-pub-key", &encoded, encoded.count, &length) == 1 && length == 97
        ERR_clear_error()
        point = (Array(encoded[1..<49]), Array(encoded[49..<97]))
        guard hasPoint, encoded[0] == 4 else { return nil }
    }

    deinit { EVP_PKEY_free(key) }

    private static func publicKey(point: [UInt8]) -> OpaquePointer? {
        guard let builder = OSSL_PARAM_BLD_new(), let context = EVP_PKEY_CTX_new_from_name(nil, "EC", nil) else { return nil }
        defer {
            OSSL_PARAM_BLD_free(builder)
            EVP_PKEY_CTX_free(context)
            ERR_clear_error()
        }
        // The builder keeps the pointers to names and values until it makes the parameters, so all of them outlive it.
        return "group".withCString { group in
            "P-384".withCString { curve in
                "pub".withCString { pub in
                    point.withUnsafeBytes { bytes in
                        guard OSSL_PARAM_BLD_push_utf8_string(builder, group, curve, 0) == 1, OSSL_PARAM_BLD_push_octet_string(builder, pub, bytes.baseAddress, bytes.count) == 1,
                            let parameters = OSSL_PARAM_BLD_to_param(builder)
                        else { return nil }
                        defer { OSSL_PARAM_free(parameters) }
                        var key: OpaquePointer?
                        guard EVP_PKEY_fromdata_init(context) == 1, EVP_PKEY_fromdata(context, &key, 0x86, parameters) == 1 else { return nil }
                        return key
                    }
                }
            }
        }
    }
}

extension LaunchKey {
    /// The public half as the firmware takes it, 0x404 bytes.
    public var firmwareForm: [UInt8] {
        var form = [UInt8](repeating: 0, count: Self.firmwareFormSize)
        form.store(Self.curve, at: 0)
        form.store(point.x.reversed(), at: 4)
        form.store(point.y.reversed(), at: 76)
        return form
    }

    /// ID_KEY_DIGEST or AUTHOR_KEY_DIGEST of a report of a guest launched with this key.
    public var digest: [UInt8] { SHA384.digest(firmwareForm) }

    /// An ECDSA signature with SHA-384 as the firmware takes it, 512 bytes.
    ///
    /// - Throws: `plan` for a public key.
    func signature(of message: [UInt8]) throws(SNPError) -> [UInt8] {
        guard isPrivate else { throw SNPError(.plan, "a signature", "the key file holds a public key; signing needs the private key") }
        let failed = SNPError(.requirement, "a signature", "libcrypto does not sign with this key; check it with: openssl pkey -check -in KEY")
        var der = [UInt8](repeating: 0, count: 256)
        var length = der.count
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestSignInit(context, nil, EVP_sha384(), nil, key) == 1, EVP_DigestSign(context, &der, &length, message, message.count) == 1,
            let halves = Self.halves(der: Array(der.prefix(length)))
        else {
            ERR_clear_error()
            throw failed
        }
        var signature = [UInt8](repeating: 0, count: Self.signatureSize)
        signature.store(halves.r, at: 0)
        signature.store(halves.s, at: 72)
        return signature
    }

    /// Whether those 512 bytes are this key's signature of a message.
    func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard signature.count == Self.signatureSize, signature.isZero(144..<Self.signatureSize), let der = Self.der(signature) else { return false }
        let context = EVP_MD_CTX_new()
        defer {
            EVP_MD_CTX_free(context)
            ERR_clear_error()
        }
        return EVP_DigestVerifyInit(context, nil, EVP_sha384(), nil, key) == 1 && EVP_DigestVerify(context, der, der.count, message, message.count) == 1
    }

    /// R and S of 72 bytes each, little-endian.
    private static func halves(der: [UInt8]) -> (r: [UInt8], s: [UInt8])? {
        let parsed = der.withUnsafeBufferPointer { bytes in
            var start = bytes.baseAddress
            return d2i_ECDSA_SIG(nil, &start, bytes.count)
        }
        guard let parsed else { return nil }
        defer { ECDSA_SIG_free(parsed) }
        var (r, s) = ([UInt8](repeating: 0, count: 72), [UInt8](repeating: 0, count: 72))
        guard BN_bn2lebinpad(ECDSA_SIG_get0_r(parsed), &r, 72) == 72, BN_bn2lebinpad(ECDSA_SIG_get0_s(parsed), &s, 72) == 72 else { return nil }
        return (r, s)
    }

    private static func der(_ signature: [UInt8]) -> [UInt8]? {
        guard let made = ECDSA_SIG_new() else { return nil }
        defer { ECDSA_SIG_free(made) }
        guard let r = BN_lebin2bn(signature, 72, nil), let s = BN_lebin2bn(Array(signature[72..<144]), 72, nil) else { return nil }
        guard ECDSA_SIG_set0(made, r, s) == 1 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 256)
        let length = bytes.withUnsafeMutableBufferPointer { output in
            var start = output.baseAddress
            return i2d_ECDSA_SIG(made, &start)
        }
        return length > 0 && length <= bytes.count ? Array(bytes.prefix(Int(length))) : nil
    }

    /// The private key as a PEM file (PKCS #8).
    public func privatePEM() -> [UInt8] {
        let bio = BIO_new(BIO_s_secmem())
        defer { BIO_free(bio) }
        guard isPrivate, PEM_write_bio_PrivateKey(bio, key, nil, nil, 0, nil, nil) == 1 else { return [] }
        var bytes = [UInt8](repeating: 0, count: BIO_ctrl_pending(bio))
        return BIO_read(bio, &bytes, Int32(clamping: bytes.count)) == Int32(clamping: bytes.count) ? bytes : []
    }
}
