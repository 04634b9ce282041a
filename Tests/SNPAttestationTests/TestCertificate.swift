import CCrypto

/// A certificate to be made. What is not said is as AMD has it.
struct TestCertificate {
    var subject: String
    var issuer: String
    var serial: Int = 0
    var notBefore: Int64 = 1_700_000_000
    var notAfter: Int64 = 2_000_000_000
    var version = 2
    var extensions: [(identifier: String, isCritical: Bool, value: [UInt8])] = []
    var signing = TestSigning()

    /// The DER, for a key, signed by another.
    func der(for key: TestKey, signedBy issuerKey: TestKey) throws -> [UInt8] {
        let x509 = X509_new()
        defer { X509_free(x509) }
        guard X509_set_version(x509, version) == 1, ASN1_INTEGER_set(X509_get_serialNumber(x509), serial) == 1,
            ASN1_TIME_set(X509_getm_notBefore(x509), Int(notBefore)) != nil, ASN1_TIME_set(X509_getm_notAfter(x509), Int(notAfter)) != nil,
            X509_set_pubkey(x509, key.pointer) == 1
        else { throw GenerationFailed("certificate") }
        try TestName.with(subject) { X509_set_subject_name(x509, $0) }
        try TestName.with(issuer) { X509_set_issuer_name(x509, $0) }
        for entry in extensions {
            let value = ASN1_OCTET_STRING_new()
            defer { ASN1_OCTET_STRING_free(value) }
            ASN1_OCTET_STRING_set(value, entry.value, Int32(entry.value.count))
            let object = OBJ_txt2obj(entry.identifier, 1)
            defer { ASN1_OBJECT_free(object) }
            let made = X509_EXTENSION_create_by_OBJ(nil, object, entry.isCritical ? 1 : 0, value)
            defer { X509_EXTENSION_free(made) }
            guard X509_add_ext(x509, made, -1) == 1 else { throw GenerationFailed("extension") }
        }
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        try signing.prepare(context, with: issuerKey)
        guard X509_sign_ctx(x509, context) > 0 else { throw GenerationFailed("signature of the certificate") }
        return try TestDER.copy { i2d_X509(x509, $0) }
    }
}

/// A revocation list to be made.
struct TestRevocationList {
    var issuer: String
    var thisUpdate: Int64 = 1_750_000_000
    var nextUpdate: Int64? = 1_900_000_000
    var serials: [Int] = []
    var criticalExtension: String?
    var signing = TestSigning()

    func der(signedBy key: TestKey) throws -> [UInt8] {
        let list = X509_CRL_new()
        defer { X509_CRL_free(list) }
        X509_CRL_set_version(list, 1)
        try TestName.with(issuer) { X509_CRL_set_issuer_name(list, $0) }
        try Self.time(thisUpdate) { X509_CRL_set1_lastUpdate(list, $0) }
        if let nextUpdate { try Self.time(nextUpdate) { X509_CRL_set1_nextUpdate(list, $0) } }
        for serial in serials {
            let entry = X509_REVOKED_new(), number = ASN1_INTEGER_new()
            defer { ASN1_INTEGER_free(number) }
            ASN1_INTEGER_set(number, serial)
            X509_REVOKED_set_serialNumber(entry, number)
            try Self.time(thisUpdate) { X509_REVOKED_set_revocationDate(entry, $0) }
            X509_CRL_add0_revoked(list, entry)
        }
        if let criticalExtension {
            let value = ASN1_OCTET_STRING_new(), object = OBJ_txt2obj(criticalExtension, 1)
            defer {
                ASN1_OCTET_STRING_free(value)
                ASN1_OBJECT_free(object)
            }
            ASN1_OCTET_STRING_set(value, [0x30, 0x00], 2)
            let made = X509_EXTENSION_create_by_OBJ(nil, object, 1, value)
            defer { X509_EXTENSION_free(made) }
            X509_CRL_add_ext(list, made, -1)
        }
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        try signing.prepare(context, with: key)
        guard X509_CRL_sign_ctx(list, context) > 0 else { throw GenerationFailed("signature of the list") }
        return try TestDER.copy { i2d_X509_CRL(list, $0) }
    }

    private static func time(_ seconds: Int64, _ body: (UnsafeMutablePointer<ASN1_TIME>?) -> Int32) throws {
        let time = ASN1_TIME_set(nil, Int(seconds))
        defer { ASN1_STRING_free(time) }
        guard body(time) == 1 else { throw GenerationFailed("time") }
    }
}

enum TestName {
    /// A name of one common name.
    static func with(_ commonName: String, _ body: (OpaquePointer?) -> Int32) throws {
        let name = X509_NAME_new()
        defer { X509_NAME_free(name) }
        let bytes = Array(commonName.utf8)
        guard X509_NAME_add_entry_by_NID(name, NID_commonName, 0x1000, bytes, Int32(bytes.count), -1, 0) == 1, body(name) == 1 else {
            throw GenerationFailed("name")
        }
    }
}

enum TestDER {
    static func copy(_ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: max(0, Int(encode(nil))))
        let count = bytes.withUnsafeMutableBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return encode(&cursor)
        }
        guard count > 0, count == bytes.count else { throw GenerationFailed("DER") }
        return bytes
    }

    /// INTEGER from 0 to 255.
    static func integer(_ value: UInt8) -> [UInt8] { value < 0x80 ? [2, 1, value] : [2, 2, 0, value] }
    static func ia5(_ text: String) -> [UInt8] { [0x16, UInt8(text.utf8.count)] + Array(text.utf8) }
}
