import Foundation
import Testing

@testable import SecureWorld

/// Authenticated encryption, signatures and derivation (OP-TEE's syscall_authenc_*, syscall_asymm_* and syscall_cryp_derive_key).
@Suite(.enabled(if: TrustedApplications.canRun)) struct RawCallKeyTests: RawCallTests {
    /// A size that no memory has.
    private static let endless: UInt64 = 1 << 40

    // MARK: Authenticated encryption

    /// Test case 2 of "The Galois/Counter Mode of Operation": everything is zero.
    private static let encrypted = KeyMaterial.bytes("0388dace60b6a392f328c2b971b2fe78")
    private static let tag = KeyMaterial.bytes("ab6e47d42cec13bdf53a67b21257bddf")

    private func galois(_ application: RawApplication, _ mode: TEEOperationMode) throws -> RawArgument {
        let key = try application.object(.aes, 128, [.buffer(.secretValue, [UInt8](repeating: 0, count: 16))])
        return try application.operation(.aesGCM, mode, key)
    }

    private func begin(_ application: RawApplication, _ operation: RawArgument) throws {
        #expect(try application.call("authenc_init", operation, application.at(7000), 12, 16, 0, 16) == .success)
    }

    @Test func anEncryptedMessageIsTheStandards() throws {
        try withApplication { (application) throws in
            let at = application.at
            let operation = try galois(application, .encrypt)
            #expect(try application.call("authenc_update_aad", operation, at(64), 0) == .badState)
            try begin(application, operation)
            #expect(try application.call("authenc_update_aad", operation, at(64), 0) == .success)
            application.put(long: 16, at: 8)
            application.put(long: 15, at: 16)
            #expect(try application.call("authenc_enc_final", operation, at(64), 16, at(128), at(8), at(256), at(16)) == .shortBuffer)
            #expect(application.long(16) == 16)
            #expect(try application.call("authenc_enc_final", operation, at(64), 16, at(128), at(8), at(256), at(16)) == .success)
            #expect(application.bytes(128, 16) == Self.encrypted)
            #expect(application.bytes(256, 16) == Self.tag)
        }
    }

    @Test func aDecryptedMessageHasTheRightTag() throws {
        try withApplication { (application) throws in
            let at = application.at
            let operation = try galois(application, .decrypt)
            for isRight in [true, false] {
                try begin(application, operation)
                application.put(Self.encrypted, at: 64)
                application.put(isRight ? Self.tag : Self.tag.map { $0 ^ 1 }, at: 256)
                application.put([UInt8](repeating: 0xee, count: 16), at: 128)
                application.put(long: 16, at: 8)
                let result = try application.call("authenc_dec_final", operation, at(64), 16, at(128), at(8), at(256), 16)
                #expect(result == (isRight ? .success : .macInvalid))
                // What is not authentic stays back.
                #expect(application.bytes(128, 16) == [UInt8](repeating: isRight ? 0 : 0xee, count: 16))
            }
            // The tag may be the client's: it is read once.
            try begin(application, operation)
            application.client.replaceSubrange(0..<16, with: Self.tag)
            #expect(try application.call("authenc_dec_final", operation, at(64), 16, at(128), at(8), .parameter(0), 16) == .success)
            try begin(application, operation)
            #expect(try application.call("authenc_dec_final", operation, at(64), 16, at(128), at(8), .nowhere, 16) == .accessDenied)
            #expect(try application.call("authenc_enc_final", operation, at(64), 16, at(128), at(8), at(256), at(16)) == .badParameters)
        }
    }

    @Test func aMessageInPartsIsTheSame() throws {
        try withApplication { (application) throws in
            let at = application.at
            let operation = try galois(application, .encrypt)
            application.put(long: 8, at: 8)
            #expect(try application.call("authenc_update_payload", operation, at(64), 8, at(128), at(8)) == .badState)
            try begin(application, operation)
            #expect(try application.call("authenc_update_payload", operation, .nowhere, 8, at(128), at(8)) == .accessDenied)
            application.put(long: 7, at: 8)
            #expect(try application.call("authenc_update_payload", operation, at(64), 8, at(128), at(8)) == .shortBuffer)
            #expect(application.long(8) == 8)
            application.put(long: Self.endless, at: 8)
            #expect(try application.call("authenc_update_payload", operation, at(64), 8, at(128), at(8)) == .accessDenied)
            application.put(long: 8, at: 8)
            #expect(try application.call("authenc_update_payload", operation, at(64), 8, at(128), at(8)) == .success)
            application.put(long: 16, at: 16)
            #expect(try application.call("authenc_enc_final", operation, at(64), 8, at(136), at(8), at(256), at(16)) == .success)
            #expect(application.bytes(128, 16) == Self.encrypted)
            #expect(application.bytes(256, 16) == Self.tag)
        }
    }

    @Test func aMessageWithoutPlaceForItHasNoRoom() throws {
        try withApplication { (application) throws in
            let at = application.at
            let operation = try galois(application, .encrypt)
            try begin(application, operation)
            application.put(long: 16, at: 16)
            #expect(try application.call("authenc_enc_final", operation, at(64), 16, 0, 0, at(256), at(16)) == .shortBuffer)
            application.put(long: Self.endless, at: 16)
            #expect(try application.call("authenc_enc_final", operation, 0, 0, 0, 0, at(256), at(16)) == .accessDenied)
            application.put(long: 16, at: 16)
            #expect(try application.call("authenc_enc_final", operation, 0, 0, 0, 0, at(256), at(16)) == .success)
        }
    }

    @Test func noncesAndTagsAreOfLengthsThatThereAre() throws {
        try withApplication { (application) throws in
            let at = application.at
            let operation = try galois(application, .encrypt)
            func begin(_ nonce: RawArgument, _ count: UInt64, tag: UInt64) throws -> TEEResult {
                try application.call("authenc_init", operation, nonce, .number(count), .number(tag), 0, 0)
            }
            #expect(try begin(at(64), 0, tag: 16) == .badParameters)
            #expect(try begin(at(64), 129, tag: 16) == .notSupported)
            #expect(try begin(at(64), 12, tag: 17) == .badParameters)
            #expect(try begin(.nowhere, 12, tag: 16) == .accessDenied)
            #expect(try begin(at(64), Self.endless, tag: 16) != .success)
            #expect(try application.call("authenc_init", try application.operation(.sha256, .digest), at(64), 12, 16, 0, 0) == .badParameters)
            #expect(try application.call("authenc_update_aad", 0x1234, at(64), 16) == .badParameters)
            try self.begin(application, operation)
            #expect(try application.call("authenc_update_aad", operation, .nowhere, 16) == .accessDenied)
        }
    }

    // MARK: Signatures

    /// RFC 8032, 7.1, test 2.
    private static let publicValue = KeyMaterial.bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    private static let privateValue = KeyMaterial.bytes("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    private static let signature = KeyMaterial.bytes(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")

    @Test func aSignatureIsTheStandards() throws {
        try withApplication { (application) throws in
            let at = application.at
            let pair = try application.object(
                .ed25519KeyPair, 256, [.buffer(.ed25519PrivateValue, Self.privateValue), .buffer(.ed25519PublicValue, Self.publicValue)])
            let signing = try application.operation(.ed25519, .sign, pair)
            application.put([0x72], at: 64)
            func sign(_ room: UInt64, _ place: RawArgument) throws -> TEEResult {
                application.put(long: room, at: 8)
                return try application.call("asymm_operate", signing, 0, 0, at(64), 1, place, at(8))
            }
            #expect(try sign(63, at(128)) == .shortBuffer)
            #expect(application.long(8) == 64)
            #expect(try sign(Self.endless, at(128)) == .accessDenied)
            #expect(try sign(64, application.readOnly) == .accessDenied)
            #expect(try sign(64, at(128)) == .success)
            #expect(application.bytes(128, 64) == Self.signature)
            let key = try application.object(.ed25519PublicKey, 256, [.buffer(.ed25519PublicValue, Self.publicValue)])
            let verifying = try application.operation(.ed25519, .verify, key)
            #expect(try application.call("asymm_verify", verifying, 0, 0, at(64), 1, at(128), 64) == .success)
            #expect(try application.call("asymm_verify", verifying, 0, 0, at(64), 1, at(128), 63) != .success)
            #expect(try application.call("asymm_verify", verifying, 0, 0, at(65), 1, at(128), 64) == .signatureInvalid)
            #expect(try application.call("asymm_verify", verifying, 0, 0, at(64), 1, .nowhere, 64) == .accessDenied)
            #expect(try application.call("asymm_verify", signing, 0, 0, at(64), 1, at(128), 64) == .badParameters)
            #expect(try application.call("asymm_operate", 0x1234, 0, 0, at(64), 1, at(128), at(8)) == .badParameters)
            #expect(try application.call("asymm_operate", try application.operation(.sha256, .digest), 0, 0, at(64), 1, at(128), at(8)) == .badParameters)
        }
    }

    /// OP-TEE's test 4006 gives SM2 keys their point and no curve: there is only one.
    @Test(arguments: [TEEObjectType.sm2DSAKeyPair, .sm2PKEKeyPair, .sm2KEPKeyPair]) func keysOfSM2NeedNoCurve(_ type: TEEObjectType) throws {
        try withApplication { (application) throws in
            let pair = try application.generated(type, 256)
            let point = try [TEEAttributeID.eccPublicValueX, .eccPublicValueY].map { (id) throws in
                application.put(long: 32, at: 8)
                #expect(try application.call("cryp_obj_get_attr", pair, .number(id.rawValue), application.at(64), application.at(8)) == .success)
                return TEEAttribute.buffer(id, application.bytes(64, Int(application.long(8))))
            }
            let key = try application.object(TEEObjectType(rawValue: type.rawValue & ~0x100_0000), 256, point)
            #expect(try application.call("cryp_obj_get_info", key, application.at(64)) == .success)
            #expect(application.word(68) == 256)
        }
    }

    @Test func aKeyOfSM2WithoutCurveVerifies() throws {
        try withApplication { (application) throws in
            let at = application.at
            let pair = try application.generated(.sm2DSAKeyPair, 256)
            let key = try application.object(.sm2DSAPublicKey, 256)
            #expect(try application.call("cryp_obj_copy", key, pair) == .success)
            application.put(long: 64, at: 8)
            #expect(try application.call("asymm_operate", try application.operation(.sm2DSA, .sign, pair), 0, 0, at(512), 32, at(128), at(8)) == .success)
            let verifying = try application.operation(.sm2DSA, .verify, key)
            #expect(try application.call("asymm_verify", verifying, 0, 0, at(512), 32, at(128), 64) == .success)
            #expect(try application.call("asymm_verify", verifying, 0, 0, at(513), 32, at(129), 64) == .signatureInvalid)
        }
    }

    // MARK: Derivation

    @Test func aSharedSecretIsTheStandards() throws {
        try withApplication { (application) throws in
            let at = application.at
            // RFC 7748, 6.1.
            let pair = try application.object(
                .x25519KeyPair, 256,
                [
                    .buffer(.x25519PrivateValue, KeyMaterial.bytes("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")),
                    .buffer(.x25519PublicValue, KeyMaterial.bytes("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")),
                ])
            let operation = try application.operation(.x25519, .derive, pair)
            let target = try application.object(.genericSecret, 256)
            let other = KeyMaterial.bytes("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")
            let whole = application.put([.buffer(.x25519PublicValue, other)], at: 1024)
            #expect(try application.call("cryp_derive_key", operation, at(1024), whole, 0x1234) == .badParameters)
            #expect(try application.call("cryp_derive_key", operation, at(1024), 0, target) == .badParameters)
            #expect(try application.call("cryp_derive_key", operation, .nowhere, whole, target) == .accessDenied)
            #expect(try application.call("cryp_derive_key", operation, at(1024), whole, target) == .success)
            application.put(long: 32, at: 8)
            #expect(try application.call("cryp_obj_get_attr", target, .number(TEEAttributeID.secretValue.rawValue), at(64), at(8)) == .success)
            #expect(application.bytes(64, 32) == KeyMaterial.bytes("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"))
            // The secret has its place now.
            #expect(try application.call("cryp_derive_key", operation, at(1024), whole, target) == .badParameters)
            let second = try application.object(.genericSecret, 256)
            #expect(try application.call("cryp_derive_key", try application.operation(.sha256, .digest), at(1024), whole, second) == .badParameters)
            let signing = try application.operation(.ed25519, .sign, try application.generated(.ed25519KeyPair, 256))
            #expect(try application.call("cryp_derive_key", signing, at(1024), whole, second) == .notSupported)
        }
    }
}
