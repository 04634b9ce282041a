internal import CCrypto
internal import LibCrypto

/// A certificate of libcrypto's, owned. It is made where it is needed and never shared.
final class X509Certificate {
    private let x509: OpaquePointer

    /// Nil unless the bytes are one certificate in DER, with nothing after it and in the one encoding that DER allows.
    init?(der: [UInt8]) {
        guard let context = CryptoContext.context, der.count <= Certificate.longest else { return nil }
        var pointer = X509_new_ex(context, nil)
        guard pointer != nil else { return nil }
        let consumed = der.withUnsafeBufferPointer { buffer -> Int? in
            var cursor = buffer.baseAddress
            guard d2i_X509(&pointer, &cursor, buffer.count) != nil, let start = buffer.baseAddress, let cursor else { return nil }
            return cursor - start
        }
        ERR_clear_error()
        guard consumed == der.count, let pointer else {
            X509_free(pointer)
            return nil
        }
        x509 = pointer
        // The signed part is kept as it was read; around it only DER comes back as it was.
        guard derCopy({ i2d_X509(pointer, $0) }) == der else { return nil }
    }

    deinit { X509_free(x509) }

    var version: Int { X509_get_version(x509) + 1 }
    var subject: String { Self.text(X509_get_subject_name(x509)) }
    var issuer: String { Self.text(X509_get_issuer_name(x509)) }
    var subjectName: [UInt8] { derCopy { i2d_X509_NAME(X509_get_subject_name(x509), $0) } ?? [] }
    var issuerName: [UInt8] { derCopy { i2d_X509_NAME(X509_get_issuer_name(x509), $0) } ?? [] }
    var subjectCommonName: String? { Self.commonName(X509_get_subject_name(x509)) }
    var issuerCommonName: String? { Self.commonName(X509_get_issuer_name(x509)) }
    var serialNumber: [UInt8] { stringBytes(X509_get0_serialNumber(x509)) }
    var notBefore: Int64? { seconds(of: X509_get0_notBefore(x509)) }
    var notAfter: Int64? { seconds(of: X509_get0_notAfter(x509)) }
    var publicKeyInfo: [UInt8] { derCopy { i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), $0) } ?? [] }
    var signatureAlgorithm: [UInt8] {
        var algorithm: UnsafePointer<X509_ALGOR>?
        X509_get0_signature(nil, &algorithm, x509)
        return derCopy { i2d_X509_ALGOR(algorithm, $0) } ?? []
    }

    /// Basic constraints say that it may sign certificates.
    var isAuthority: Bool { X509_get_extension_flags(x509) & UInt32(EXFLAG_CA) != 0 }
    /// The most authorities that may follow; nil when there is no limit.
    var pathLength: Int? {
        let length = X509_get_pathlen(x509)
        return length < 0 ? nil : length
    }
    /// Bits of the key usage extension; nil without it.
    var keyUsage: UInt32? {
        let usage = X509_get_key_usage(x509)
        return usage == UInt32.max ? nil : usage
    }
    /// An extension is critical and unknown, or malformed.
    var hasUnusableExtension: Bool { X509_get_extension_flags(x509) & UInt32(EXFLAG_CRITICAL | EXFLAG_INVALID) != 0 }
    var subjectKeyIdentifier: [UInt8] { stringBytes(X509_get0_subject_key_id(x509)) }
    var authorityKeyIdentifier: [UInt8] { stringBytes(X509_get0_authority_key_id(x509)) }

    /// Every extension with its value.
    var extensions: [(identifier: String, value: [UInt8])] {
        (0..<max(0, X509_get_ext_count(x509))).compactMap { index in
            guard let entry = X509_get_ext(x509, index) else { return nil }
            return (dottedIdentifier(X509_EXTENSION_get_object(entry)), stringBytes(X509_EXTENSION_get_data(entry)))
        }
    }

    /// Whether the signature, by the algorithm the certificate names inside and outside of its signed part, is that of the other's key.
    func isSigned(by other: X509Certificate) -> Bool {
        defer { ERR_clear_error() }
        guard let key = X509_get0_pubkey(other.x509) else { return false }
        return X509_verify(x509, key) == 1
    }

    /// The same for a revocation list.
    func signed(_ list: X509RevocationList) -> Bool {
        defer { ERR_clear_error() }
        guard let key = X509_get0_pubkey(x509) else { return false }
        return X509_CRL_verify(list.list, key) == 1
    }

    /// ECDSA with SHA-384; `signature` is the DER sequence of r and s.
    func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        defer { ERR_clear_error() }
        guard let context = CryptoContext.context, let key = X509_get0_pubkey(x509), let operation = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(operation) }
        guard EVP_DigestVerifyInit_ex(operation, nil, "SHA384", context, nil, key, nil) == 1 else { return false }
        return EVP_DigestVerify(operation, signature, signature.count, message, message.count) == 1
    }

    /// As RFC 2253 writes names, the first attribute first.
    private static func text(_ name: OpaquePointer?) -> String {
        guard let name, let output = BIO_new(BIO_s_mem()) else { return "" }
        defer { BIO_free(output) }
        guard X509_NAME_print_ex(output, name, 0, skerry_xn_flags()) >= 0 else { return "" }
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = BIO_read(output, &bytes, Int32(bytes.count))
        return count > 0 ? String(decoding: bytes.prefix(Int(count)), as: UTF8.self) : ""
    }

    private static func commonName(_ name: OpaquePointer?) -> String? {
        guard let name else { return nil }
        let index = X509_NAME_get_index_by_NID(name, NID_commonName, -1)
        guard index >= 0, X509_NAME_get_index_by_NID(name, NID_commonName, index) < 0 else { return nil }
        return String(decoding: stringBytes(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index))), as: UTF8.self)
    }
}
