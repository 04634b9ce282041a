import Testing

@testable import SecureWorld

/// Message authentication codes: TEE Internal Core API 1.3.1, 6.5.
@Suite struct SymmetricMACTests {
    private typealias Vectors = SymmetricVectors

    @Test func publishedHMAC() throws {
        // RFC 4231, test case 2.
        let mac = try MACOperation(.hmacSHA256, key: SecretBytes(Array("Jefe".utf8)))
        #expect(
            Vectors.hex(try mac.finish(Array("what do ya want for nothing?".utf8))) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    /// RFC 4493, section 4.
    @Test(arguments: [
        (0, "bb1d6929e95937287fa37d129b756746"), (16, "070a16b46b4d4144f79bdd9dd04a287c"), (40, "dfa66747de9ae63030ca32611497c827"),
        (64, "51f0bebf7e3b9d92fc49741779363cfe"),
    ])
    func publishedCMAC(_ count: Int, _ expected: String) throws {
        let message = Vectors.bytes(
            "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710")
        let mac = try MACOperation(.aesCMAC, key: SecretBytes(Vectors.bytes("2b7e151628aed2a6abf7158809cf4f3c")))
        #expect(Vectors.hex(try mac.finish(Array(message.prefix(count)))) == expected)
    }

    @Test(arguments: SymmetricVectors.hmacs + SymmetricVectors.cipherMACs)
    func macOfWholeMessageAndOfPieces(_ algorithm: TEEAlgorithm, _ keyCount: Int, _ count: Int, _ expected: String) throws {
        let message = Vectors.pattern(count)
        let mac = try MACOperation(algorithm, key: Vectors.key(keyCount))
        #expect(Vectors.hex(try mac.finish(message)) == expected)
        try mac.reset()
        for piece in Vectors.pieces(message, [1, 7, 8, 15, 16, 17, 100]) { try mac.update(piece) }
        #expect(Vectors.hex(try mac.finish()) == expected)
        #expect(mac.size == expected.count / 2)
    }

    @Test(arguments: [TEEAlgorithm.hmacSHA1, .aesCMAC, .des3CMAC, .aesCBCMACPKCS5, .desCBCMAC])
    func copyGoesOnByItselfWhenTheOriginalIsGone(_ algorithm: TEEAlgorithm) throws {
        let key = Vectors.key(algorithm == .desCBCMAC ? 8 : 24)
        var original: MACOperation? = try MACOperation(algorithm, key: key)
        try original?.update(Vectors.pattern(77))
        let copy = try #require(try original?.copy())
        try original?.update([0xff])
        original = nil
        #expect(try copy.finish(Array(Vectors.pattern(200)[77...])) == MACOperation(algorithm, key: key).finish(Vectors.pattern(200)))
    }

    @Test(arguments: [TEEAlgorithm.hmacMD5, .aesCMAC, .aesCBCMAC])
    func finishedMACTakesNothingUntilReset(_ algorithm: TEEAlgorithm) throws {
        let mac = try MACOperation(algorithm, key: Vectors.key(16))
        let first = try mac.finish(Vectors.pattern(32))
        #expect(throws: TEEResult.badState) { try mac.update([1]) }
        #expect(throws: TEEResult.badState) { _ = try mac.finish([1]) }
        let copy = try mac.copy()
        #expect(throws: TEEResult.badState) { _ = try copy.finish([1]) }
        for operation in [mac, copy] {
            try operation.reset()
            #expect(try operation.finish(Vectors.pattern(32)) == first)
        }
    }

    @Test(arguments: [0, 1, 15, 17])
    func unpaddedCBCMACWantsWholeBlocks(_ count: Int) throws {
        let mac = try MACOperation(.aesCBCMAC, key: Vectors.key(16))
        #expect(throws: TEEResult.badState) { _ = try mac.finish(Vectors.pattern(count)) }
    }

    @Test(arguments: [
        (TEEAlgorithm.aesCMAC, [0, 8, 15, 17, 33]), (.aesCBCMAC, [0, 8, 23]), (.desCBCMAC, [0, 7, 16]), (.des3CBCMACPKCS5, [0, 8, 23]), (.des3CMAC, [0, 8, 25]),
        (.hmacSHA512, [0]),
    ])
    func keysOfWrongLengthsAreBadParameters(_ algorithm: TEEAlgorithm, _ counts: [Int]) {
        for count in counts {
            #expect(throws: TEEResult.badParameters, "\(count)") { _ = try MACOperation(algorithm, key: Vectors.key(count)) }
        }
    }

    @Test(arguments: [TEEAlgorithm.sha256, .aesCBC, TEEAlgorithm(rawValue: 0x3000_0614), TEEAlgorithm(rawValue: 0x3000_000f)])
    func otherAlgorithmsAreNotSupported(_ algorithm: TEEAlgorithm) {
        #expect(throws: TEEResult.notSupported) { _ = try MACOperation(algorithm, key: Vectors.key(16)) }
    }
}
