import Testing

@testable import SecureWorld

/// Authenticated encryption: TEE Internal Core API 1.3.1, 6.6; results as those of OP-TEE's aes-gcm.c and ccm.c.
@Suite struct SymmetricAuthenticatedTests {
    private typealias Vectors = SymmetricVectors

    struct Known: Sendable {
        let algorithm: TEEAlgorithm
        let key: String
        let nonce: String
        let aad: String
        let plain: String
        let cipher: String
        let tag: String
    }

    static let published: [Known] = [
        // SP 800-38C, examples 1 and 2.
        Known(
            algorithm: .aesCCM, key: "404142434445464748494a4b4c4d4e4f", nonce: "10111213141516", aad: "0001020304050607", plain: "20212223", cipher: "7162015b",
            tag: "4dac255d"),
        Known(
            algorithm: .aesCCM, key: "404142434445464748494a4b4c4d4e4f", nonce: "1011121314151617", aad: "000102030405060708090a0b0c0d0e0f",
            plain: "202122232425262728292a2b2c2d2e2f", cipher: "d2a1f0e051ea5f62081a7792073d593d", tag: "1fc64fbfaccd"),
        // The GCM specification of McGrew and Viega, test cases 1 and 4.
        Known(
            algorithm: .aesGCM, key: "00000000000000000000000000000000", nonce: "000000000000000000000000", aad: "", plain: "", cipher: "",
            tag: "58e2fccefa7e3061367f1d57a4e7455a"),
        Known(
            algorithm: .aesGCM, key: "feffe9928665731c6d6a8f9467308308", nonce: "cafebabefacedbaddecaf888", aad: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            plain: "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
            cipher: "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
            tag: "5bc94fbc3221a5db94fae95ae7121a47"),
    ]

    @Test(arguments: published) func publishedVectors(_ known: Known) throws {
        let (key, nonce, aad) = (SecretBytes(Vectors.bytes(known.key)), Vectors.bytes(known.nonce), Vectors.bytes(known.aad))
        let (plain, cipher, tag) = (Vectors.bytes(known.plain), Vectors.bytes(known.cipher), Vectors.bytes(known.tag))
        let make = { (mode: TEEOperationMode) in
            try AuthenticatedOperation.make(
                known.algorithm, mode, key, nonce: nonce, tag: UInt64(tag.count), aad: UInt64(aad.count), payload: UInt64(plain.count))
        }
        let encryption = try make(.encrypt)
        try encryption.updateAAD(aad)
        let result = try encryption.encryptFinal(plain)
        #expect(result.data == cipher && result.tag == tag)
        let decryption = try make(.decrypt)
        try decryption.updateAAD(aad)
        #expect(try decryption.decryptFinal(cipher, tag: tag) == plain)
    }

    @Test(arguments: SymmetricVectors.authenticated)
    func messageInPiecesAndBack(
        _ algorithm: TEEAlgorithm, _ keyCount: Int, _ nonceCount: Int, _ tagCount: Int, _ aadCount: Int, _ count: Int, _ expected: String, _ tag: String
    ) throws {
        let make = { (mode: TEEOperationMode) in
            try AuthenticatedOperation.make(
                algorithm, mode, Vectors.key(keyCount), nonce: Vectors.pattern(nonceCount, 3, 9), tag: UInt64(tagCount), aad: UInt64(aadCount),
                payload: UInt64(count))
        }
        let lengths = [1, 15, 16, 17, 4096, 5000]
        let encryption = try make(.encrypt)
        let decryption = try make(.decrypt)
        for piece in Vectors.pieces(Vectors.pattern(aadCount, 13, 4), lengths) {
            try encryption.updateAAD(piece)
            try decryption.updateAAD(piece)
        }
        var cipher: [UInt8] = []
        for piece in Vectors.pieces(Vectors.pattern(count), lengths) { cipher += try encryption.updatePayload(piece) }
        let last = try encryption.encryptFinal()
        #expect(last.data.isEmpty && Vectors.hex(last.tag) == tag)
        #expect(try Vectors.sha256(cipher) == expected)
        var plain: [UInt8] = []
        for piece in Vectors.pieces(Array(cipher.dropLast(7)), lengths) { plain += try decryption.updatePayload(piece) }
        #expect(try plain + decryption.decryptFinal(Array(cipher.suffix(7)), tag: last.tag) == Vectors.pattern(count))
    }

    static let both = [TEEAlgorithm.aesCCM, .aesGCM]

    private func operation(_ algorithm: TEEAlgorithm, _ mode: TEEOperationMode, aad: UInt64 = 8, payload: UInt64 = 100) throws -> AuthenticatedOperation {
        try AuthenticatedOperation.make(algorithm, mode, Vectors.key(16), nonce: Vectors.pattern(12), tag: 16, aad: aad, payload: payload)
    }

    @Test(arguments: both) func copyGoesOnByItselfWhenTheOriginalIsGone(_ algorithm: TEEAlgorithm) throws {
        let plain = Vectors.pattern(100)
        let whole = try operation(algorithm, .encrypt)
        try whole.updateAAD(Vectors.pattern(8))
        let expected = try whole.encryptFinal(plain)
        for cut in [0, 1, 16, 50] {
            var original: AuthenticatedOperation? = try operation(algorithm, .encrypt)
            try original?.updateAAD(Vectors.pattern(8))
            let start = try #require(try original?.updatePayload(Array(plain.prefix(cut))))
            let copy = try #require(try original?.copy())
            _ = try original?.updatePayload([1, 2, 3])
            original = nil
            // Takes the place in memory that the original has left.
            let other = try AuthenticatedOperation.make(algorithm, .encrypt, Vectors.key(32), nonce: Vectors.pattern(12), tag: 16, aad: 0, payload: 50)
            _ = try other.updatePayload(Vectors.pattern(50))
            let rest = try copy.encryptFinal(Array(plain.dropFirst(cut)))
            #expect(start + rest.data == expected.data && rest.tag == expected.tag)
        }
    }

    @Test(arguments: both) func anyChangeMakesTheTagInvalid(_ algorithm: TEEAlgorithm) throws {
        let encryption = try operation(algorithm, .encrypt)
        try encryption.updateAAD(Vectors.pattern(8))
        let (cipher, tag) = try encryption.encryptFinal(Vectors.pattern(100))
        let check = { (aad: [UInt8], cipher: [UInt8], tag: [UInt8]) in
            let decryption = try operation(algorithm, .decrypt)
            try decryption.updateAAD(aad)
            return try decryption.decryptFinal(cipher, tag: tag)
        }
        #expect(try check(Vectors.pattern(8), cipher, tag) == Vectors.pattern(100))
        let flipped = { (bytes: [UInt8], index: Int) in bytes.enumerated().map { $0 == index ? $1 ^ 0x10 : $1 } }
        #expect(throws: TEEResult.macInvalid) { _ = try check(flipped(Vectors.pattern(8), 7), cipher, tag) }
        #expect(throws: TEEResult.macInvalid) { _ = try check(Vectors.pattern(8), flipped(cipher, 99), tag) }
        for index in tag.indices {
            #expect(throws: TEEResult.macInvalid) { _ = try check(Vectors.pattern(8), cipher, flipped(tag, index)) }
        }
        for wrong in [[], Array(tag.dropLast()), tag + [0]] {
            #expect(throws: TEEResult.macInvalid) { _ = try check(Vectors.pattern(8), cipher, wrong) }
        }
    }

    @Test(arguments: both) func afterTheEndNothingComes(_ algorithm: TEEAlgorithm) throws {
        let encryption = try operation(algorithm, .encrypt, aad: 0, payload: 0)
        _ = try encryption.encryptFinal()
        #expect(throws: TEEResult.badState) { try encryption.updateAAD([]) }
        #expect(throws: TEEResult.badState) { _ = try encryption.updatePayload([]) }
        #expect(throws: TEEResult.badState) { _ = try encryption.encryptFinal() }
        #expect(throws: TEEResult.badParameters) { _ = try encryption.decryptFinal(tag: []) }
        let decryption = try operation(algorithm, .decrypt)
        #expect(throws: TEEResult.badParameters) { _ = try decryption.encryptFinal() }
    }

    @Test func ccmKeepsToTheLengthsAnnounced() throws {
        let ccm = try operation(.aesCCM, .encrypt)
        #expect(throws: TEEResult.badState) { try ccm.updateAAD(Vectors.pattern(9)) }
        try ccm.updateAAD(Vectors.pattern(7))
        #expect(throws: TEEResult.badState) { _ = try ccm.updatePayload([1]) }
        try ccm.updateAAD([1])
        #expect(throws: TEEResult.badState) { _ = try ccm.updatePayload(Vectors.pattern(101)) }
        _ = try ccm.updatePayload(Vectors.pattern(60))
        #expect(throws: TEEResult.badState) { _ = try ccm.encryptFinal(Vectors.pattern(39)) }
    }

    @Test func gcmIgnoresThemButWantsItsDataFirst() throws {
        let gcm = try operation(.aesGCM, .encrypt, aad: 0, payload: 0)
        try gcm.updateAAD(Vectors.pattern(30))
        _ = try gcm.updatePayload([])
        try gcm.updateAAD([1])
        _ = try gcm.updatePayload([1])
        #expect(throws: TEEResult.badParameters) { try gcm.updateAAD([1]) }
    }

    @Test(arguments: [
        (TEEAlgorithm.aesCCM, 6, 16, 0, TEEResult.badParameters), (.aesCCM, 14, 16, 0, .badParameters), (.aesCCM, 13, 16, 65536, .badParameters),
        (.aesCCM, 13, 16, UInt64.max, .badParameters), (.aesCCM, 12, 2, 0, .notSupported), (.aesCCM, 12, 5, 0, .notSupported), (.aesCCM, 12, 18, 0, .notSupported),
        (.aesCCM, 12, UInt64.max, 0, .notSupported), (.aesGCM, 0, 16, 0, .badParameters), (.aesGCM, 129, 16, 0, .notSupported), (.aesGCM, 12, 17, 0, .badParameters),
        (.aesGCM, 12, 0, 0, .badParameters), (.aesGCM, 12, UInt64.max, 0, .badParameters), (.sm4CBC, 12, 16, 0, .notSupported), (.aesCMAC, 12, 16, 0, .notSupported),
    ])
    func startsThatAreRefused(_ algorithm: TEEAlgorithm, _ nonce: Int, _ tag: UInt64, _ payload: UInt64, _ result: TEEResult) {
        #expect(throws: result) {
            _ = try AuthenticatedOperation.make(algorithm, .encrypt, Vectors.key(16), nonce: Vectors.pattern(nonce), tag: tag, payload: payload)
        }
    }

    @Test func ccmTakesEveryLengthThatItsNonceLeavesRoomFor() throws {
        for (nonce, payload) in [(13, 65535), (12, 0xff_ffff), (8, UInt64.max >> 8), (7, UInt64.max)] as [(Int, UInt64)] {
            _ = try AuthenticatedOperation.make(.aesCCM, .encrypt, Vectors.key(16), nonce: Vectors.pattern(nonce), tag: 16, aad: UInt64.max, payload: payload)
        }
    }

    @Test(arguments: both) func keysOfWrongLengthsAreBadParameters(_ algorithm: TEEAlgorithm) {
        for count in [0, 8, 15, 17, 33, 64] {
            #expect(throws: TEEResult.badParameters) { _ = try AuthenticatedOperation.make(algorithm, .encrypt, Vectors.key(count), nonce: Vectors.pattern(12), tag: 16) }
        }
        #expect(throws: TEEResult.badParameters) { _ = try AuthenticatedOperation.make(algorithm, .digest, Vectors.key(16), nonce: Vectors.pattern(12), tag: 16) }
    }
}
