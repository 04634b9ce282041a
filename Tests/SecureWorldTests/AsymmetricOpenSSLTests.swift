import Testing

@testable import SecureWorld

/// What is signed or encrypted here is right for the openssl command, and the other way round.
@Suite struct AsymmetricOpenSSLTests {
    private let openssl: OpenSSLCommand

    init() throws { openssl = try OpenSSLCommand() }

    /// Both directions of a signature; `convert` and `restore` change between openssl's form and the specification's.
    private func checkSignature(
        _ algorithm: TEEAlgorithm, _ pair: CryptoObject, _ message: [UInt8], options: String, convert: ([UInt8]) throws -> [UInt8] = { $0 },
        restore: ([UInt8]) throws -> [UInt8] = { $0 }
    ) throws {
        try openssl.write(message, "message")
        try #require(try openssl.run("pkeyutl -sign -keyform DER -inkey key -in message -out theirs \(options)"))
        #expect(try AsymmetricOperation(algorithm, .verify, key: pair).isValid(message, convert(openssl.read("theirs"))), "\(algorithm)")
        try openssl.write(restore(AsymmetricOperation(algorithm, .sign, key: pair).output(message)), "ours")
        #expect(try openssl.run("pkeyutl -verify -keyform DER -inkey key -in message -sigfile ours \(options)"), "\(algorithm)")
        var other = message
        other[0] ^= 1
        try openssl.write(other, "message")
        #expect(try !openssl.run("pkeyutl -verify -keyform DER -inkey key -in message -sigfile ours \(options)"))
    }

    @Test func signaturesOfRSA() throws {
        let pair = try CryptoObject.generated(.rsaKeyPair, 1024)
        try openssl.writeNumbers(pair, OpenSSLCommand.rsa, "key")
        try checkSignature(.rsaPKCS1SHA256, pair, KeyMaterial.pattern(32), options: "-pkeyopt digest:sha256")
        try checkSignature(.rsaPKCS1SHA3_384, pair, KeyMaterial.pattern(48), options: "-pkeyopt digest:sha3-384")
        try checkSignature(.rsaPKCS1NoASN1, pair, KeyMaterial.pattern(60), options: "")
        try checkSignature(
            .rsaPSSSHA1, pair, KeyMaterial.pattern(20), options: "-pkeyopt rsa_padding_mode:pss -pkeyopt digest:sha1 -pkeyopt rsa_pss_saltlen:digest")
        try checkSignature(
            .rsaPSSSHA3_256, pair, KeyMaterial.pattern(32), options: "-pkeyopt rsa_padding_mode:pss -pkeyopt digest:sha3-256 -pkeyopt rsa_pss_saltlen:digest")
    }

    @Test func encryptionWithRSA() throws {
        let pair = try CryptoObject.generated(.rsaKeyPair, 1024)
        try openssl.writeNumbers(pair, OpenSSLCommand.rsa, "key")
        let message = KeyMaterial.pattern(33)
        for (algorithm, options) in [
            (TEEAlgorithm.rsaesPKCS1, "-pkeyopt rsa_padding_mode:pkcs1"), (.rsaOAEPSHA1, "-pkeyopt rsa_padding_mode:oaep"),
            (.rsaOAEPSHA224, "-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha224"),
        ] {
            try openssl.write(message, "message")
            try #require(try openssl.run("pkeyutl -encrypt -keyform DER -inkey key -in message -out theirs \(options)"))
            #expect(try AsymmetricOperation(algorithm, .decrypt, key: pair).output(openssl.read("theirs")) == message)
            try openssl.write(AsymmetricOperation(algorithm, .encrypt, key: pair).output(message), "ours")
            try #require(try openssl.run("pkeyutl -decrypt -keyform DER -inkey key -in ours -out plain \(options)"))
            #expect(try openssl.read("plain") == message)
        }
    }

    @Test func signaturesOfDSA() throws {
        let (size, attributes, _) = AsymmetricSignatureVectors.dsa[1]
        let pair = try CryptoObject.make(.dsaKeyPair, size, attributes)
        try openssl.writeNumbers(pair, OpenSSLCommand.dsa, "key")
        for algorithm in [TEEAlgorithm.dsaSHA1, .dsaSHA256, .dsaSHA3_256] {
            try checkSignature(
                algorithm, pair, KeyMaterial.pattern(try #require(algorithm.digestSize)), options: "",
                convert: { try #require(DERCoding.signature($0, size: 32)) }, restore: DERCoding.encodeSignature)
        }
    }

    @Test(arguments: EllipticCurve.allCases) func signaturesOnCurves(curve: EllipticCurve) throws {
        let pair = try CryptoObject.generated(curve == .sm2 ? .sm2DSAKeyPair : .ecdsaKeyPair, curve.keySize, [.value(.eccCurve, curve.rawValue, 0)])
        try openssl.writeCurveKey(pair, "key")
        for algorithm in curve == .sm2 ? [.sm2DSA] : [TEEAlgorithm.ecdsaSHA1, .ecdsaSHA512] {
            try checkSignature(
                algorithm, pair, KeyMaterial.pattern(try #require(algorithm.digestSize)), options: "",
                convert: { try #require(DERCoding.signature($0, size: curve.byteCount)) }, restore: DERCoding.encodeSignature)
        }
    }

    @Test func encryptionWithSM2() throws {
        let pair = try CryptoObject.generated(.sm2PKEKeyPair, 256, [.value(.eccCurve, EllipticCurve.sm2.rawValue, 0)])
        try openssl.writeCurveKey(pair, "key")
        let message = KeyMaterial.pattern(100)
        try openssl.write(message, "message")
        try #require(try openssl.run("pkeyutl -encrypt -keyform DER -inkey key -in message -out theirs"))
        let items = try #require(DERCoding.decode(openssl.read("theirs")))
        guard items.count == 4, case (.number(let x), .number(let y), .octets(let digest), .octets(let masked)) = (items[0], items[1], items[2], items[3]) else {
            Issue.record("openssl's ciphertext has another form")
            return
        }
        let theirs = try EllipticCurve.sm2.uncompressedPoint(x: SecretBytes(x), y: SecretBytes(y)) + masked + digest
        #expect(try AsymmetricOperation(.sm2PKE, .decrypt, key: pair).output(theirs) == message)
        let ours = try AsymmetricOperation(.sm2PKE, .encrypt, key: pair).output(message)
        try openssl.write(
            DERCoding.encode([
                .number(Array(ours[1..<33])), .number(Array(ours[33..<65])), .octets(Array(ours.suffix(32))), .octets(Array(ours[65..<165])),
            ]), "ours")
        try #require(try openssl.run("pkeyutl -decrypt -keyform DER -inkey key -in ours -out plain"))
        #expect(try openssl.read("plain") == message)
    }

    @Test func signaturesOnEdwardsCurves() throws {
        for (algorithm, type, size, value, name) in [
            (TEEAlgorithm.ed25519, TEEObjectType.ed25519KeyPair, 256, TEEAttributeID.ed25519PrivateValue, "ED25519"),
            (.ed448, .ed448KeyPair, 448, .ed448PrivateValue, "ED448"),
        ] {
            let pair = try CryptoObject.generated(type, UInt32(size))
            try openssl.encode(
                ["f0=INTEGER:0", "f1=SEQUENCE:kind", "f2=OCTWRAP,FORMAT:HEX,OCTETSTRING:\(try pair.hex(value))", "[kind]", "o=OID:\(name)"], "key")
            try checkSignature(algorithm, pair, KeyMaterial.pattern(77), options: "-rawin")
        }
    }
}
