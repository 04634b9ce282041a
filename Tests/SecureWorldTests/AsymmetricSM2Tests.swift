import Testing

@testable import SecureWorld

/// SM2 with the examples of GB/T 32918.5, annexes A to C.
@Suite struct AsymmetricSM2Tests {
    private static let d = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8"
    private static let x = "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    private static let y = "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"

    private func pair(_ type: TEEObjectType) throws -> CryptoObject { try KeyMaterial.curveKey(type, .sm2, x: Self.x, y: Self.y, d: Self.d) }

    @Test func theStandardsSignatureVerifies() throws {
        let digest = KeyMaterial.bytes("F0B43E94BA45ACCAACE692ED534382EB17E6AB5A19CE7B31F4486FDFC0D28640")
        let signature = KeyMaterial.bytes(
            "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA")
        let pair = try pair(.sm2DSAKeyPair)
        let verify = AsymmetricOperation(.sm2DSA, .verify, key: try pair.publicKey(.sm2DSAPublicKey))
        #expect(try verify.isValid(digest, signature))
        #expect(try !verify.isValid([digest[0] ^ 1] + digest.dropFirst(), signature))
        #expect(throws: TEEResult.badParameters) { try verify.isValid(digest, signature + [0]) }
        let own = try AsymmetricOperation(.sm2DSA, .sign, key: pair).output(digest)
        #expect(try verify.isValid(digest, own))
        #expect(try AsymmetricOperation(.sm2DSA, .sign, key: pair).operate([], digest, capacity: 63) == .shortBuffer(64))
    }

    @Test func theStandardsCiphertextIsUnderstood() throws {
        let cipher = KeyMaterial.bytes(
            "0404EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73E858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0"
                + "21886CA989CA9C7D58087307CA93092D651EFA"  // The masked message,
                + "59983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD8766")  // and the digest.
        let decrypt = AsymmetricOperation(.sm2PKE, .decrypt, key: try pair(.sm2PKEKeyPair))
        #expect(try decrypt.output(cipher) == Array("encryption standard".utf8))
        #expect(try decrypt.operate([], cipher, capacity: 18) == .shortBuffer(19))
    }

    @Test func ciphertextsHaveAPointTheMessageAndADigest() throws {
        let pair = try pair(.sm2PKEKeyPair)
        let encrypt = AsymmetricOperation(.sm2PKE, .encrypt, key: try pair.publicKey(.sm2PKEPublicKey))
        let decrypt = AsymmetricOperation(.sm2PKE, .decrypt, key: pair)
        for count in [1, 31, 32, 33, 500] {
            let message = KeyMaterial.pattern(count)
            let cipher = try encrypt.output(message)
            #expect(cipher.count == 65 + count + 32)
            #expect(try decrypt.output(cipher) == message)
            #expect(try encrypt.operate([], message, capacity: cipher.count - 1) == .shortBuffer(cipher.count))
            for index in [64 + 1, 64 + count, cipher.count - 1] {
                var damaged = cipher
                damaged[index] ^= 1
                #expect(throws: TEEResult.ciphertextInvalid) { try decrypt.output(damaged) }
            }
        }
        #expect(throws: TEEResult.ciphertextInvalid) { try encrypt.output([]) }
    }

    @Test func otherFormsOfPointsAreNotSupportedAndOtherPointsBadParameters() throws {
        let pair = try pair(.sm2PKEKeyPair)
        let decrypt = AsymmetricOperation(.sm2PKE, .decrypt, key: pair)
        let cipher = try AsymmetricOperation(.sm2PKE, .encrypt, key: pair).output([1, 2, 3])
        for form in [UInt8(2), 3, 6, 7] { #expect(throws: TEEResult.notSupported) { try decrypt.output([form] + cipher.dropFirst()) } }
        #expect(throws: TEEResult.badParameters) { try decrypt.output([5] + cipher.dropFirst()) }
        #expect(throws: TEEResult.badParameters) { try decrypt.output([]) }
        #expect(throws: TEEResult.badParameters) { try decrypt.output(Array(cipher.prefix(97))) }
        var off = cipher
        off[64] ^= 1
        #expect(throws: TEEResult.badParameters) { try decrypt.output(off) }
        #expect(throws: TEEResult.generic) { try AsymmetricOperation(.sm2PKE, .sign, key: pair).output([1]) }
    }

    @Test func derOfLibraryCiphertextsRoundTrips() {
        let items: [DERCoding.Item] = [.number([0x80, 1]), .number([]), .octets(KeyMaterial.pattern(300)), .octets([])]
        #expect(DERCoding.decode(DERCoding.encode(items)) == items)
        for count in 0..<300 { #expect(DERCoding.decode(Array(DERCoding.encode(items).prefix(count))) == nil) }
        #expect(DERCoding.decode([0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0]) == nil)
    }
}
