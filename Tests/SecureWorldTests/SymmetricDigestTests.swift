import Testing

@testable import SecureWorld

/// Digests: TEE Internal Core API 1.3.1, 6.3.
@Suite struct SymmetricDigestTests {
    private typealias Vectors = SymmetricVectors

    /// RFC 1321, FIPS 180-4 and 202 (NIST's examples), GB/T 32905.
    @Test(arguments: [
        (TEEAlgorithm.md5, "900150983cd24fb0d6963f7d28e17f72"), (.sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (.sha3_256, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"),
        (.sm3, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
    ])
    func publishedDigestOfAbc(_ algorithm: TEEAlgorithm, _ expected: String) throws {
        #expect(Vectors.hex(try DigestOperation(algorithm).finish(Array("abc".utf8))) == expected)
    }

    @Test(arguments: SymmetricVectors.digests)
    func digestOfWholeMessageAndOfPieces(_ algorithm: TEEAlgorithm, _ count: Int, _ expected: String) throws {
        let message = Vectors.pattern(count)
        let digest = try DigestOperation(algorithm)
        #expect(Vectors.hex(try digest.finish(message)) == expected)
        try digest.reset()
        for piece in Vectors.pieces(message, [1, 63, 64, 65, 0x80]) { try digest.update(piece) }
        #expect(Vectors.hex(try digest.finish()) == expected)
        #expect(digest.size == expected.count / 2)
    }

    @Test(arguments: SymmetricVectors.extendable)
    func outputOfShakeInAnyPieces(_ algorithm: TEEAlgorithm, _ count: Int, _ expected: String) throws {
        let digest = try DigestOperation(algorithm)
        for piece in Vectors.pieces(Vectors.pattern(count), [1, 135, 167, 200]) { try digest.update(piece) }
        var output: [UInt8] = []
        for length in [0, 1, 31, 136, 0, 132] { output += try digest.extract(count: length) }
        #expect(Vectors.hex(output) == expected)
        #expect(digest.size == nil)
        try digest.reset()
        #expect(Vectors.hex(try digest.finish(Vectors.pattern(count))) == expected.prefix(algorithm == .shake128 ? 64 : 128))
    }

    @Test func afterExtractionTheMessageIsClosed() throws {
        let digest = try DigestOperation(.shake128)
        _ = try digest.extract(count: 1)
        #expect(throws: TEEResult.badState) { try digest.update([1]) }
        #expect(throws: TEEResult.badParameters) { _ = try digest.extract(count: -1) }
    }

    @Test func onlyShakeExtracts() throws {
        #expect(throws: TEEResult.notSupported) { _ = try DigestOperation(.sha256).extract(count: 1) }
    }

    @Test(arguments: [TEEAlgorithm.sha512, .shake256, .sm3])
    func finishedDigestTakesNothingUntilReset(_ algorithm: TEEAlgorithm) throws {
        let digest = try DigestOperation(algorithm)
        let first = try digest.finish([1, 2])
        #expect(throws: TEEResult.badState) { try digest.update([1]) }
        #expect(throws: TEEResult.badState) { _ = try digest.finish([1]) }
        let copy = try digest.copy()
        #expect(throws: TEEResult.badState) { _ = try copy.finish([1]) }
        for operation in [digest, copy] {
            try operation.reset()
            #expect(try operation.finish([1, 2]) == first)
        }
    }

    @Test(arguments: [TEEAlgorithm.sha384, .sha3_224, .sm3, .shake128])
    func copyGoesOnByItselfWhenTheOriginalIsGone(_ algorithm: TEEAlgorithm) throws {
        var original: DigestOperation? = try DigestOperation(algorithm)
        try original?.update(Vectors.pattern(77))
        let copy = try #require(try original?.copy())
        try original?.update([0xff])
        original = nil
        #expect(try copy.finish(Array(Vectors.pattern(200)[77...])) == DigestOperation(algorithm).finish(Vectors.pattern(200)))
    }

    @Test(arguments: [TEEAlgorithm.hmacSHA256, .aesGCM, TEEAlgorithm(rawValue: 0x5000_0010), TEEAlgorithm(rawValue: 0x5000_0201), TEEAlgorithm(rawValue: 0)])
    func otherAlgorithmsAreNotSupported(_ algorithm: TEEAlgorithm) {
        #expect(throws: TEEResult.notSupported) { _ = try DigestOperation(algorithm) }
    }
}
