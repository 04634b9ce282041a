internal import CCrypto
internal import LibCrypto

/// A revocation list of libcrypto's, owned. It is made where it is needed and never shared.
final class X509RevocationList {
    let list: OpaquePointer

    /// Nil unless the bytes are one list in DER, with nothing after it and in the one encoding that DER allows.
    init?(der: [UInt8]) {
        guard let context = CryptoContext.context, der.count <= RevocationList.longest else { return nil }
        var pointer = X509_CRL_new_ex(context, nil)
        guard pointer != nil else { return nil }
        let consumed = der.withUnsafeBufferPointer { buffer -> Int? in
            var cursor = buffer.baseAddress
            guard d2i_X509_CRL(&pointer, &cursor, buffer.count) != nil, let start = buffer.baseAddress, let cursor else { return nil }
            return cursor - start
        }
        ERR_clear_error()
        guard consumed == der.count, let pointer else {
            X509_CRL_free(pointer)
            return nil
        }
        list = pointer
        guard derCopy({ i2d_X509_CRL(pointer, $0) }) == der else { return nil }
    }

    deinit { X509_CRL_free(list) }

    var issuerName: [UInt8] { derCopy { i2d_X509_NAME(X509_CRL_get_issuer(list), $0) } ?? [] }
    var thisUpdate: Int64? { seconds(of: X509_CRL_get0_lastUpdate(list)) }
    var nextUpdate: Int64? { seconds(of: X509_CRL_get0_nextUpdate(list)) }
    var signatureAlgorithm: [UInt8] {
        var algorithm: UnsafePointer<X509_ALGOR>?
        X509_CRL_get0_signature(list, nil, &algorithm)
        return derCopy { i2d_X509_ALGOR(algorithm, $0) } ?? []
    }
    /// The identifiers of its extensions, and whether each is critical.
    var extensions: [(identifier: String, isCritical: Bool)] {
        (0..<max(0, X509_CRL_get_ext_count(list))).compactMap { index in
            guard let entry = X509_CRL_get_ext(list, index) else { return nil }
            return (dottedIdentifier(X509_EXTENSION_get_object(entry)), X509_EXTENSION_get_critical(entry) == 1)
        }
    }

    /// Whether it names a serial number, given as the bytes of a nonnegative integer.
    func lists(serialNumber: [UInt8]) -> Bool {
        guard let number = BN_bin2bn(serialNumber, Int32(serialNumber.count), nil) else { return true }
        defer { BN_free(number) }
        guard let serial = BN_to_ASN1_INTEGER(number, nil) else { return true }
        defer { ASN1_INTEGER_free(serial) }
        // libcrypto sorts the list under a lock; the entry stays the list's.
        return X509_CRL_get0_by_serial(list, nil, serial) != 0
    }
}
