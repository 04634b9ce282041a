internal import CCrypto
internal import LibCrypto

/// A P-384 key pair for ECDH (SP 800-56A): one of a single conversation, or the one by which guests know a relying party.
public final class AgreementKey: @unchecked Sendable {
    /// Bytes of a point, uncompressed (SEC 1, 2.3.3).
    public static let pointSize = 97
    /// The most bytes of a PEM file with one key.
    private static let largestFile = 64 << 10

    // EVP_PKEY is reference-counted and, when nobody changes it, safe to use from several threads.
    private let key: OpaquePointer
    /// The public point, uncompressed.
    public let point: [UInt8]

    /// From a PEM file with a private key, without pass phrase.
    ///
    /// - Throws: `identity` for anything but one private P-384 key.
    public convenience init(pem: [UInt8]) throws(KeyReleaseError) {
        let refused = KeyReleaseError(
            .identity, "no private P-384 key in PEM form without pass phrase; make one with: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out identity.pem")
        guard pem.count <= Self.largestFile, let bio = CryptoInput.copy(pem) else { throw refused }
        defer {
            BIO_free(bio)
            ERR_clear_error()
        }
        // Without a call-back libcrypto would ask for a pass phrase on the terminal.
        guard let key = PEM_read_bio_PrivateKey_ex(bio, nil, { _, _, _, _ in -1 }, nil, CryptoContext.context, nil), let made = AgreementKey(owning: key) else { throw refused }
        self.init(sharing: made)
    }

    /// The point of a PEM file with a public key, as openssl-pkey(1) writes it with -pubout.
    ///
    /// - Throws: `identity` for anything but one public P-384 key.
    public static func point(publicPEM pem: [UInt8]) throws(KeyReleaseError) -> [UInt8] {
        let refused = KeyReleaseError(.identity, "no public P-384 key in PEM form; make it of the private one with: openssl pkey -in identity.pem -pubout -out identity.pub")
        guard pem.count <= largestFile, let bio = CryptoInput.copy(pem) else { throw refused }
        defer {
            BIO_free(bio)
            ERR_clear_error()
        }
        guard let key = PEM_read_bio_PUBKEY_ex(bio, nil, { _, _, _, _ in -1 }, nil, CryptoContext.context, nil), let made = AgreementKey(owning: key) else { throw refused }
        return made.point
    }

    /// Whether these are the 97 bytes of a point of the curve.
    public static func isPoint(_ bytes: [UInt8]) -> Bool { PublicPoint(bytes) != nil }

    /// A new key pair.
    ///
    /// - Throws: `system` when libcrypto makes none.
    public static func generate() throws(KeyReleaseError) -> AgreementKey {
        var key: OpaquePointer?
        let context = EVP_PKEY_CTX_new_from_name(CryptoContext.context, "EC", nil)
        defer { EVP_PKEY_CTX_free(context) }
        guard CryptoContext.context != nil, EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_CTX_set_group_name(context, "P-384") == 1, EVP_PKEY_generate(context, &key) == 1, let key,
            let made = AgreementKey(owning: key)
        else { throw CryptoContext.failure("makes no P-384 key") }
        return made
    }

    private init(sharing other: AgreementKey) {
        EVP_PKEY_up_ref(other.key)
        (key, point) = (other.key, other.point)
    }

    /// Takes a key over; nil, after freeing it, when it is not on P-384.
    private init?(owning key: OpaquePointer) {
        self.key = key
        var encoded = [UInt8](repeating: 0, count: 256)
        var name = [CChar](repeating: 0, count: 64)
        var (length, written) = (0, 0)
        let isCurve =
            EVP_PKEY_is_a(key, "EC") == 1 && EVP_PKEY_get_group_name(key, &name, name.count, &length) == 1
            && name.prefix(length).map(UInt8.init(bitPattern:)) == Array("secp384r1".utf8)
        // Whatever form of the point a file chose, it is wanted uncompressed.
        let hasPoint =
            isCurve && EVP_PKEY_set_utf8_string_param(key, "point-format", "uncompressed") == 1
            && EVP_PKEY_get_octet_string_param(key, "encoded-pub-key", &encoded, encoded.count, &written) == 1 && written == Self.pointSize
        ERR_clear_error()
        point = Array(encoded.prefix(Self.pointSize))
        guard hasPoint, point[0] == 4 else { return nil }
    }

    deinit { EVP_PKEY_free(key) }

    /// The secret shared with the owner of a point, 48 bytes: the X coordinate. Nil for bytes that are no point of the curve.
    func secret(with point: [UInt8]) -> SecretBytes? {
        guard let peer = PublicPoint(point), let context = EVP_PKEY_CTX_new_from_pkey(CryptoContext.context, key, nil) else { return nil }
        defer {
            EVP_PKEY_CTX_free(context)
            ERR_clear_error()
        }
        var secret = [UInt8](repeating: 0, count: 48)
        defer { OPENSSL_cleanse(&secret, secret.count) }
        var length = secret.count
        guard EVP_PKEY_derive_init(context) == 1, EVP_PKEY_derive_set_peer_ex(context, peer.key, 1) == 1, EVP_PKEY_derive(context, &secret, &length) == 1, length == 48 else {
            return nil
        }
        return SecretBytes(secret.map(\.self))
    }
}

/// The public half of somebody else, on P-384 for certain.
final class PublicPoint {
    let key: OpaquePointer

    /// Nil unless these are the 97 bytes of a point of the curve, uncompressed.
    init?(_ point: [UInt8]) {
        guard point.count == AgreementKey.pointSize, point[0] == 4, let made = Self.make(point) else { return nil }
        key = made
        // From here on `deinit` frees it.
        let check = EVP_PKEY_CTX_new_from_pkey(CryptoContext.context, made, nil)
        defer {
            EVP_PKEY_CTX_free(check)
            ERR_clear_error()
        }
        guard EVP_PKEY_public_check(check) == 1 else { return nil }
    }

    deinit { EVP_PKEY_free(key) }

    private static func make(_ point: [UInt8]) -> OpaquePointer? {
        guard let builder = OSSL_PARAM_BLD_new(), let context = EVP_PKEY_CTX_new_from_name(CryptoContext.context, "EC", nil) else { return nil }
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
                        guard EVP_PKEY_fromdata_init(context) == 1, EVP_PKEY_fromdata(context, &key, skerry_evp_pkey_public_key(), parameters) == 1 else { return nil }
                        return key
                    }
                }
            }
        }
    }
}
