internal import CCrypto

/// A certificate in the making, in the shape of AMD's: their names, their extensions, serial number zero where theirs is.
struct CertificateDraft {
    /// The name of AMD's certificates, apart from the common name.
    private static let name: [(field: String, value: String)] = [
        ("OU", "Engineering"), ("C", "US"), ("L", "Santa Clara"), ("ST", "CA"), ("O", "Advanced Micro Devices"),
    ]

    /// The common names.
    var subject: String, issuer: String
    /// The serial number.
    var serial: Int = 0
    /// Years it is valid.
    var years: Int32
    /// Extensions: object identifier, whether critical, DER of the value.
    var extensions: [(identifier: String, isCritical: Bool, value: [UInt8])] = []

    /// Extensions of an authority (RFC 5280, 4.2.1): its key, its issuer's key, and that it signs certificates.
    mutating func addAuthorityExtensions(key: [UInt8], issuer: [UInt8]?, isRoot: Bool) {
        extensions.append(("2.5.29.14", false, [0x04, 0x14] + key))
        if let issuer { extensions.append(("2.5.29.35", false, [0x30, 0x16, 0x80, 0x14] + issuer)) }
        extensions.append(("2.5.29.19", true, isRoot ? [0x30, 0x03, 0x01, 0x01, 0xFF] : [0x30, 0x06, 0x01, 0x01, 0xFF, 0x02, 0x01, 0x00]))
        // keyCertSign, for the root also cRLSign.
        extensions.append(("2.5.29.15", true, isRoot ? [0x03, 0x02, 0x01, 0x06] : [0x03, 0x02, 0x02, 0x04]))
    }

    /// A DER INTEGER of a byte.
    static func integer(_ value: UInt8) -> [UInt8] { value < 0x80 ? [0x02, 0x01, value] : [0x02, 0x02, 0x00, value] }

    /// A DER IA5String.
    static func text(_ value: String) -> [UInt8] { [0x16, UInt8(truncatingIfNeeded: value.utf8.count)] + Array(value.utf8) }

    /// The certificate of a key, signed by an authority, as DER.
    ///
    /// - Throws: `requirement` when libcrypto fails.
    func signed(for key: OpaquePointer, by authority: AuthorityKey) throws(SNPError) -> [UInt8] {
        let failed = SNPError(.requirement, "the certificate \(subject)", "libcrypto does not make it; check the installation of OpenSSL 3")
        guard let certificate = X509_new() else { throw failed }
        defer {
            X509_free(certificate)
            ERR_clear_error()
        }
        guard X509_set_version(certificate, 2) == 1, ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial) == 1,
            X509_gmtime_adj(X509_getm_notBefore(certificate), -86400) != nil, X509_time_adj_ex(X509_getm_notAfter(certificate), years * 365, 0, nil) != nil,
            Self.fill(X509_get_subject_name(certificate), subject), Self.fill(X509_get_issuer_name(certificate), issuer), X509_set_pubkey(certificate, key) == 1
        else { throw failed }
        for item in extensions { guard Self.add(item, to: certificate) else { throw failed } }
        guard let der = authority.sign(certificate) else { throw failed }
        return der
    }

    private static func fill(_ name: OpaquePointer?, _ commonName: String) -> Bool {
        (Self.name + [("CN", commonName)]).allSatisfy { field, value in
            X509_NAME_add_entry_by_txt(name, field, MBSTRING_FLAG | 1, Array(value.utf8), Int32(value.utf8.count), -1, 0) == 1
        }
    }

    private static func add(_ item: (identifier: String, isCritical: Bool, value: [UInt8]), to certificate: OpaquePointer) -> Bool {
        guard let object = OBJ_txt2obj(item.identifier, 1), let octets = ASN1_OCTET_STRING_new() else { return false }
        defer {
            ASN1_OBJECT_free(object)
            ASN1_OCTET_STRING_free(octets)
        }
        guard ASN1_OCTET_STRING_set(octets, item.value, Int32(item.value.count)) == 1,
            let made = X509_EXTENSION_create_by_OBJ(nil, object, item.isCritical ? 1 : 0, octets)
        else { return false }
        defer { X509_EXTENSION_free(made) }
        return X509_add_ext(certificate, made, -1) == 1
    }
}
