import Testing

@testable import SecureWorld

/// Symmetric ciphers: TEE Internal Core API 1.3.1, 6.4; which counts are refused, and how, is OP-TEE's tee_do_cipher_update.
@Suite struct SymmetricCipherTests {
    private typealias Vectors = SymmetricVectors

    struct Known: Sendable {
        let algorithm: TEEAlgorithm
        let key: String
        var second: String?
        var iv = ""
        let plain: String
        let cipher: String
    }

    static let standardBlocks =
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"

    static let published: [Known] = [
        // SP 800-38A, F.1.1, F.2.1 and F.5.1.
        Known(
            algorithm: .aesECB, key: "2b7e151628aed2a6abf7158809cf4f3c", plain: standardBlocks,
            cipher: "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf43b1cd7f598ece23881b00e3ed0306887b0c785e27e8ad3f8223207104725dd4"),
        Known(
            algorithm: .aesCBC, key: "2b7e151628aed2a6abf7158809cf4f3c", iv: "000102030405060708090a0b0c0d0e0f", plain: standardBlocks,
            cipher: "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b273bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7"),
        Known(
            algorithm: .aesCTR, key: "2b7e151628aed2a6abf7158809cf4f3c", iv: "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", plain: standardBlocks,
            cipher: "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee"),
        // IEEE 1619-2007, annex B, vectors 1 and 15.
        Known(
            algorithm: .aesXTS, key: "00000000000000000000000000000000", second: "00000000000000000000000000000000", iv: "00000000000000000000000000000000",
            plain: "0000000000000000000000000000000000000000000000000000000000000000", cipher: "917cf69ebd68b2ec9b9fe9a3eadda692cd43d2f59598ed858c02c2652fbf922e"),
        Known(
            algorithm: .aesXTS, key: "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0", second: "bfbebdbcbbbab9b8b7b6b5b4b3b2b1b0", iv: "9a785634120000000000000000000000",
            plain: "000102030405060708090a0b0c0d0e0f10", cipher: "6c1625db4671522d3d7599601de7ca09ed"),
        // OpenSSL's evpciph_sm4.txt, IEEE 1619.
        Known(
            algorithm: .sm4XTS, key: "2b7e151628aed2a6abf7158809cf4f3c", second: "000102030405060708090a0b0c0d0e0f", iv: "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
            plain: "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17",
            cipher: "e9538251c71d7b80bbe4483fef497bd1b3db1a3e60408c575d63ff7db39f83260869f9e2585fec9f0b863bf8fd784b8627d16c0db6d2cfc7"),
        // GB/T 32907, example 1; FIPS 46's classic.
        Known(
            algorithm: .sm4ECB, key: "0123456789abcdeffedcba9876543210", plain: "0123456789abcdeffedcba9876543210", cipher: "681edf34d206965e86b3e94f536e4246"),
        Known(algorithm: .desECB, key: "133457799bbcdff1", plain: "0123456789abcdef", cipher: "85e813540f0ab405"),
    ]

    @Test(arguments: published) func publishedVectors(_ known: Known) throws {
        let key = SecretBytes(Vectors.bytes(known.key))
        let second = known.second.map { SecretBytes(Vectors.bytes($0)) }
        let iv = Vectors.bytes(known.iv)
        let encryption = try CipherOperation.make(known.algorithm, .encrypt, key, second, iv: iv)
        #expect(Vectors.hex(try encryption.finish(Vectors.bytes(known.plain))) == known.cipher)
        let decryption = try CipherOperation.make(known.algorithm, .decrypt, key, second, iv: iv)
        #expect(Vectors.hex(try decryption.finish(Vectors.bytes(known.cipher))) == known.plain)
    }

    /// RFC 3962, appendix B: the two last blocks change places whatever their lengths.
    @Test(arguments: [
        (17, "c6353568f2bf8cb4d8a580362da7ff7f97"), (31, "fc00783e0efdb2c1d445d4c8eff7ed2297687268d6ecccc0c07b25e25ecfe5"),
        (32, "39312523a78662d5be7fcbcc98ebf5a897687268d6ecccc0c07b25e25ecfe584"),
        (47, "97687268d6ecccc0c07b25e25ecfe584b3fffd940c16a18c1b5549d2f838029e39312523a78662d5be7fcbcc98ebf5"),
        (48, "97687268d6ecccc0c07b25e25ecfe5849dad8bbb96c4cdc03bc103e1a194bbd839312523a78662d5be7fcbcc98ebf5a8"),
        (64, "97687268d6ecccc0c07b25e25ecfe58439312523a78662d5be7fcbcc98ebf5a84807efe836ee89a526730dbc2f7bc8409dad8bbb96c4cdc03bc103e1a194bbd8"),
    ])
    func publishedCiphertextStealing(_ count: Int, _ expected: String) throws {
        let message = Array("I would like the General Gau's Chicken, please, and wonton soup.".utf8.prefix(count))
        let key = SecretBytes(Array("chicken teriyaki".utf8))
        let iv = [UInt8](repeating: 0, count: 16)
        for (mode, from, to) in [(TEEOperationMode.encrypt, message, Vectors.bytes(expected)), (.decrypt, Vectors.bytes(expected), message)] {
            #expect(try CipherOperation.make(.aesCTS, mode, key, iv: iv).finish(from) == to)
            guard count > 32 else { continue }
            let pieces = try CipherOperation.make(.aesCTS, mode, key, iv: iv)
            let start = try pieces.update(Array(from.prefix(16)))
            #expect(try start + pieces.finish(Array(from.dropFirst(16))) == to)
        }
    }

    @Test(arguments: SymmetricVectors.ciphertexts)
    func messageInPiecesAndBack(_ algorithm: TEEAlgorithm, _ keyCount: Int, _ count: Int, _ expected: String) throws {
        let iv = Vectors.pattern(algorithm.blockSize ?? 0, 3, 9)
        let lengths = algorithm.chainMode == .ctr || algorithm.isPadded ? [1, 15, 16, 17, 333] : [16, 48, 1600]
        var texts = [Vectors.pattern(count)]
        for mode in [TEEOperationMode.encrypt, .decrypt] {
            let cipher = try CipherOperation.make(algorithm, mode, Vectors.key(keyCount), iv: iv)
            var text: [UInt8] = []
            for piece in Vectors.pieces(texts.last ?? [], lengths) {
                let room = cipher.updateSize(piece.count)
                let output = try cipher.update(piece)
                #expect(output.count <= room)
                text += output
            }
            let room = cipher.finishSize(0)
            let rest = try cipher.finish()
            #expect(rest.count <= room)
            texts.append(text + rest)
        }
        #expect(try Vectors.sha256(texts[1]) == expected)
        #expect(texts[2] == texts[0])
    }

    @Test(arguments: SymmetricVectors.sectors)
    func dataUnitInPiecesAndBack(_ keyCount: Int, _ count: Int, _ expected: String) throws {
        let second = SecretBytes(Vectors.pattern(keyCount, 11, 2))
        let iv = Vectors.pattern(16, 3, 9)
        var texts = [Vectors.pattern(count)]
        for mode in [TEEOperationMode.encrypt, .decrypt] {
            let whole = try CipherOperation.make(.aesXTS, mode, Vectors.key(keyCount), second, iv: iv).finish(texts[texts.count - 1])
            let cipher = try CipherOperation.make(.aesXTS, mode, Vectors.key(keyCount), second, iv: iv)
            let cut = max(0, (count / 16 - 2) * 16)
            var text: [UInt8] = []
            for piece in Vectors.pieces(Array(texts[texts.count - 1].prefix(cut)), [16, 160, 4112]) { text += try cipher.update(piece) }
            text += try cipher.finish(Array(texts[texts.count - 1].dropFirst(cut)))
            #expect(text == whole)
            texts.append(whole)
        }
        #expect(try Vectors.sha256(texts[1]) == expected)
        #expect(texts[2] == texts[0])
    }

    @Test(arguments: [TEEAlgorithm.aesECB, .aesCBC, .des3CBC, .aesCTS, .aesXTS, .sm4CBCPKCS5])
    func copyGoesOnByItselfWhenTheOriginalIsGone(_ algorithm: TEEAlgorithm) throws {
        let key = Vectors.key(16)
        let second = algorithm.needsTwoKeys ? SecretBytes(Vectors.pattern(16, 11, 2)) : nil
        let iv = Vectors.pattern(algorithm.blockSize ?? 0, 3, 9)
        let message = Vectors.pattern(4096)
        let whole = try CipherOperation.make(algorithm, .encrypt, key, second, iv: iv).finish(message)
        var original: CipherOperation? = try CipherOperation.make(algorithm, .encrypt, key, second, iv: iv)
        let start = try #require(try original?.update(Array(message.prefix(160))))
        let copy = try #require(try original?.copy())
        _ = try original?.update(message)
        original = nil
        #expect(try start + copy.finish(Array(message.dropFirst(160))) == whole)
    }

    @Test(arguments: [TEEAlgorithm.aesECB, .aesCBC, .des3CBC, .sm4CBC, .aesCTS, .aesXTS])
    func updateTakesWholeBlocksOnly(_ algorithm: TEEAlgorithm) throws {
        let second = algorithm.needsTwoKeys ? Vectors.key(16) : nil
        let cipher = try CipherOperation.make(algorithm, .encrypt, Vectors.key(16), second, iv: Vectors.pattern(algorithm.blockSize ?? 0))
        #expect(throws: TEEResult.badParameters) { _ = try cipher.update(Vectors.pattern(17)) }
        #expect(try cipher.update([]).isEmpty)
        #expect(try cipher.update(Vectors.pattern(48)).count == 48)
    }

    @Test(arguments: [
        (TEEAlgorithm.aesECB, 17, TEEResult.badParameters), (.aesCBC, 1, .badParameters), (.des3ECB, 9, .badParameters), (.aesCTS, 16, .badState),
        (.aesCTS, 1, .badState), (.aesXTS, 15, .badState),
    ])
    func endOfTheMessageThatTheModeCannotTake(_ algorithm: TEEAlgorithm, _ count: Int, _ result: TEEResult) throws {
        let second = algorithm.needsTwoKeys ? Vectors.key(16) : nil
        let cipher = try CipherOperation.make(algorithm, .encrypt, Vectors.key(16), second, iv: Vectors.pattern(algorithm.blockSize ?? 0))
        #expect(throws: result) { _ = try cipher.finish(Vectors.pattern(count)) }
    }

    @Test func nothingIsAnEndForEveryModeWithoutPadding() throws {
        for algorithm in [TEEAlgorithm.aesCTS, .aesCBC, .aesCTR] {
            let cipher = try CipherOperation.make(algorithm, .encrypt, Vectors.key(16), iv: Vectors.pattern(16))
            #expect(try cipher.finish().isEmpty)
            #expect(throws: TEEResult.badState) { _ = try cipher.update(Vectors.pattern(16)) }
            #expect(throws: TEEResult.badState) { _ = try cipher.finish() }
        }
    }

    @Test func wrongPaddingIsNoticed() throws {
        let key = Vectors.key(16)
        let text = try CipherOperation.make(.sm4ECB, .encrypt, key).finish([UInt8](repeating: 17, count: 32))
        #expect(throws: TEEResult.ciphertextInvalid) { _ = try CipherOperation.make(.sm4ECBPKCS5, .decrypt, key).finish(text) }
        #expect(throws: TEEResult.ciphertextInvalid) { _ = try CipherOperation.make(.sm4ECBPKCS5, .decrypt, key).finish(Array(text.prefix(17))) }
        #expect(throws: TEEResult.ciphertextInvalid) { _ = try CipherOperation.make(.sm4ECBPKCS5, .decrypt, key).finish() }
    }

    @Test(arguments: [
        (TEEAlgorithm.aesCBC, [0, 8, 17, 33, 64]), (.desCBC, [0, 7, 16, 24]), (.des3CBC, [0, 8, 23, 32]), (.sm4CBC, [0, 15, 24, 32]), (.aesCTR, [15]), (.aesCTS, [31]),
    ])
    func keysOfWrongLengthsAreBadParameters(_ algorithm: TEEAlgorithm, _ counts: [Int]) {
        let iv = Vectors.pattern(algorithm.blockSize ?? 0)
        for count in counts {
            #expect(throws: TEEResult.badParameters, "\(count)") { _ = try CipherOperation.make(algorithm, .encrypt, Vectors.key(count), iv: iv) }
        }
    }

    @Test(arguments: [TEEAlgorithm.aesCBC, .aesCTR, .aesCTS, .aesXTS, .desCBC, .sm4CTR])
    func vectorHasTheLengthOfABlock(_ algorithm: TEEAlgorithm) {
        let key = Vectors.key(algorithm == .desCBC ? 8 : 16)
        for count in [0, 7, 15, 17, 32] {
            #expect(throws: TEEResult.badParameters, "\(count)") {
                _ = try CipherOperation.make(algorithm, .decrypt, key, algorithm.needsTwoKeys ? key : nil, iv: Vectors.pattern(count))
            }
        }
    }

    @Test func secondKeyGoesWithXTSAndIsAsLong() {
        let (key, iv) = (Vectors.key(16), Vectors.pattern(16))
        #expect(throws: TEEResult.badParameters) { _ = try CipherOperation.make(.aesXTS, .encrypt, key, iv: iv) }
        #expect(throws: TEEResult.badParameters) { _ = try CipherOperation.make(.aesXTS, .encrypt, key, Vectors.key(32), iv: iv) }
        #expect(throws: TEEResult.badParameters) { _ = try CipherOperation.make(.aesCBC, .encrypt, key, key, iv: iv) }
    }

    @Test func otherModesAndAlgorithms() {
        #expect(throws: TEEResult.badParameters) { _ = try CipherOperation.make(.aesCBC, .mac, Vectors.key(16), iv: Vectors.pattern(16)) }
        for algorithm in [TEEAlgorithm.aesGCM, .aesCMAC, TEEAlgorithm(rawValue: 0x1000_0510), TEEAlgorithm(rawValue: 0x1000_0230)] {
            #expect(throws: TEEResult.notSupported) { _ = try CipherOperation.make(algorithm, .encrypt, Vectors.key(16), iv: Vectors.pattern(16)) }
        }
    }
}
