import Foundation
import Testing

@testable import SecureWorld

/// Digests, ciphers and what operations have in common (OP-TEE's syscall_cryp_state_*, syscall_hash_*, syscall_cipher_*).
@Suite(.enabled(if: TrustedApplications.canRun)) struct RawCallOperationTests: RawCallTests {
    /// FIPS 180-4's example "abc".
    private static let digestOfABC: [UInt8] = [
        0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff,
        0x61, 0xf2, 0x00, 0x15, 0xad,
    ]
    /// FIPS 197, C.1.
    private static let key = (0..<16).map { UInt8($0) }
    private static let plain = (0..<16).map { UInt8($0 * 0x11) }
    private static let encrypted: [UInt8] = [0x69, 0xc4, 0xe0, 0xd8, 0x6a, 0x7b, 0x04, 0x30, 0xd8, 0xcd, 0xb7, 0x80, 0x70, 0xb4, 0xc5, 0x5a]
    /// A size that no memory has.
    private static let endless: UInt64 = 1 << 40

    private func aesKey(_ application: RawApplication) throws -> RawArgument { try application.object(.aes, 128, [.buffer(.secretValue, Self.key)]) }

    // MARK: Operations

    @Test func operationsAreAllocatedForWhatExists() throws {
        try withApplication { (application) throws in
            func allocate(_ algorithm: UInt32, _ mode: UInt32, _ key: RawArgument = 0, _ second: RawArgument = 0, _ place: RawArgument? = nil) throws -> TEEResult {
                try application.call("cryp_state_alloc", .number(algorithm), .number(mode), key, second, place ?? application.at(0))
            }
            let key = try aesKey(application)
            #expect(try allocate(TEEAlgorithm.sha256.rawValue, 5) == .success)
            #expect(try allocate(TEEAlgorithm.sha256.rawValue, 5, key) == .badParameters)
            #expect(try allocate(TEEAlgorithm.aesECB.rawValue, 0) == .badParameters)
            #expect(try allocate(TEEAlgorithm.sha256.rawValue, 7) == .badParameters)
            #expect(try allocate(0x5000_00ee, 5) == .notSupported)
            #expect(try allocate(TEEAlgorithm.hmacSHA256.rawValue, 4, key) == .badParameters)
            #expect(try allocate(TEEAlgorithm.aesECB.rawValue, 0, 0x1234) == .badParameters)
            #expect(try allocate(TEEAlgorithm.aesECB.rawValue, 0, key, 0, .nowhere) == .accessDenied)
            #expect(try allocate(TEEAlgorithm.aesECB.rawValue, 0, key, 0, .parameter(0)) == .accessDenied)
            #expect(try allocate(TEEAlgorithm.aesECB.rawValue, 0, key) == .success)
            // One operation has it now.
            #expect(try allocate(TEEAlgorithm.aesECB.rawValue, 0, key) == .badParameters)
        }
    }

    /// A handle has 32 bits. Applications that keep one as a distance in 32 bits come back with a carry above them, which OP-TEE does not look at.
    @Test func whatIsAboveAHandleDoesNotMatter() throws {
        try withApplication { (application) throws in
            func wide(_ handle: RawArgument) -> RawArgument { .number(handle.value | 1 << 32) }
            let key = try aesKey(application)
            #expect(try application.call("cryp_obj_get_info", wide(key), application.at(0)) == .success)
            let operation = try application.operation(.aesECB, .encrypt, wide(key))
            #expect(try application.call("cipher_init", wide(operation), 0, 0) == .success)
            #expect(try application.call("cryp_state_free", wide(operation)) == .success)
            #expect(try application.call("cryp_obj_get_info", key, application.at(0)) == .badParameters)
            #expect(try application.call("storage_alloc_enum", application.at(0)) == .success)
        }
    }

    /// The runtime library makes objects for the keys of an operation, and leaves it to the TEE to close them.
    @Test func theKeysOfAnOperationEndWithIt() throws {
        try withApplication { (application) throws in
            let key = try aesKey(application)
            let operation = try application.operation(.aesECB, .encrypt, key)
            #expect(try application.call("cryp_obj_close", key) == .itemNotFound)
            #expect(try application.call("cryp_obj_get_info", key, application.at(0)) == .success)
            #expect(try application.call("cryp_state_free", operation) == .success)
            #expect(try application.call("cryp_state_free", operation) == .badParameters)
            #expect(try application.call("cryp_obj_get_info", key, application.at(0)) == .badParameters)
        }
    }

    @Test func whatIsUnderWayIsCopiedBetweenAlikes() throws {
        try withApplication { (application) throws in
            let at = application.at
            let (one, other) = (try application.operation(.sha256, .digest), try application.operation(.sha256, .digest))
            application.put("abc", at: 64)
            #expect(try application.call("hash_init", one, 0, 0) == .success)
            #expect(try application.call("hash_update", one, at(64), 3) == .success)
            #expect(try application.call("cryp_state_copy", other, one) == .success)
            application.put(long: 32, at: 8)
            #expect(try application.call("hash_final", other, 0, 0, at(128), at(8)) == .success)
            #expect(application.bytes(128, 32) == Self.digestOfABC)
            #expect(try application.call("cryp_state_copy", try application.operation(.sha1, .digest), one) == .badParameters)
            #expect(try application.call("cryp_state_copy", one, 0x1234) == .badParameters)
            // Nothing is ever under way in an operation of one step.
            let keys = try (0..<2).map { _ in try application.generated(.ecdsaKeyPair, 256, [.value(.eccCurve, 3, 0)]) }
            let signers = try keys.map { try application.operation(.ecdsaSHA256, .sign, $0) }
            #expect(try application.call("cryp_state_copy", signers[0], signers[1]) == .badState)
        }
    }

    // MARK: Digests and MACs

    @Test func aDigestBeginsAndEnds() throws {
        try withApplication { (application) throws in
            let at = application.at
            let operation = try application.operation(.sha256, .digest)
            application.put("abc", at: 64)
            application.put(long: 32, at: 8)
            // It has to begin.
            #expect(try application.call("hash_update", operation, at(64), 3) == .badState)
            #expect(try application.call("hash_final", operation, at(64), 3, at(128), at(8)) == .badState)
            #expect(try application.call("hash_init", operation, 0, 0) == .success)
            #expect(try application.call("hash_init", 0x1234, 0, 0) == .badParameters)
            application.put(long: 31, at: 8)
            #expect(try application.call("hash_final", operation, at(64), 3, at(128), at(8)) == .shortBuffer)
            #expect(application.long(8) == 32)
            #expect(try application.call("hash_final", operation, at(64), 3, at(128), at(8)) == .success)
            #expect(application.bytes(128, 32) == Self.digestOfABC && application.long(8) == 32)
            // And begins anew.
            #expect(try application.call("hash_init", operation, 0, 0) == .success)
            #expect(try application.call("hash_final", operation, at(64), 3, at(128), at(8)) == .success)
            #expect(application.bytes(128, 32) == Self.digestOfABC)
        }
    }

    @Test func digestsTakeWhatIsThere() throws {
        try withApplication { (application) throws in
            let at = application.at
            let operation = try application.operation(.sha256, .digest)
            #expect(try application.call("hash_init", operation, 0, 0) == .success)
            #expect(try application.call("hash_update", operation, 0, 3) == .badParameters)
            #expect(try application.call("hash_update", operation, .nowhere, 3) == .accessDenied)
            #expect(try application.call("hash_update", operation, at(0), .number(Self.endless)) != .success)
            // Nothing to add is nothing to complain about, OP-TEE finds.
            #expect(try application.call("hash_update", 0x1234, 0, 0) == .success)
            #expect(try application.call("hash_update", 0x1234, at(0), 1) == .badParameters)
            #expect(try application.call("hash_update", operation, .parameter(0), 16) == .success)
            application.put(long: 32, at: 8)
            #expect(try application.call("hash_final", operation, 0, 1, at(128), at(8)) == .badParameters)
            #expect(try application.call("hash_final", operation, 0, 0, at(128), .nowhere) == .accessDenied)
            // All of the room that is claimed has to be there.
            application.put(long: Self.endless, at: 8)
            #expect(try application.call("hash_final", operation, 0, 0, at(128), at(8)) == .accessDenied)
            application.put(long: 32, at: 8)
            #expect(try application.call("hash_final", operation, 0, 0, application.readOnly, at(8)) == .accessDenied)
            #expect(try application.call("hash_final", operation, 0, 0, .parameter(0), at(8)) == .success)
        }
    }

    @Test func anExtendableDigestGivesWhatThereIsRoomFor() throws {
        try withApplication { (application) throws in
            let operation = try application.operation(.shake128, .digest)
            #expect(try application.call("hash_init", operation, 0, 0) == .success)
            application.put(long: 8, at: 8)
            // FIPS 202's SHAKE128 of nothing begins so.
            #expect(try application.call("hash_final", operation, 0, 0, application.at(128), application.at(8)) == .success)
            #expect(try application.call("hash_final", operation, 0, 0, application.at(136), application.at(8)) == .success)
            #expect(application.bytes(128, 16) == [0x7f, 0x9c, 0x2b, 0xa4, 0xe8, 0x8f, 0x82, 0x7d, 0x61, 0x60, 0x45, 0x50, 0x76, 0x05, 0x85, 0x3e])
        }
    }

    @Test func aMACNeedsItsKey() throws {
        try withApplication { (application) throws in
            let at = application.at
            let empty = try application.operation(.hmacSHA256, .mac, try application.object(.hmacSHA256, 256))
            #expect(try application.call("hash_init", empty, 0, 0) == .badParameters)
            // RFC 4231, test case 4, the first with a key as long as OP-TEE wants it.
            let key = try application.object(.hmacSHA256, 200, [.buffer(.secretValue, (1...25).map { UInt8($0) })])
            let operation = try application.operation(.hmacSHA256, .mac, key)
            #expect(try application.call("hash_init", operation, 0, 0) == .success)
            application.put([UInt8](repeating: 0xcd, count: 50), at: 64)
            application.put(long: 32, at: 8)
            #expect(try application.call("hash_final", operation, at(64), 50, at(128), at(8)) == .success)
            #expect(
                application.bytes(128, 32) == [
                    0x82, 0x55, 0x8a, 0x38, 0x9a, 0x44, 0x3c, 0x0e, 0xa4, 0xcc, 0x81, 0x98, 0x99, 0xf2, 0x08, 0x3a, 0x85, 0xf0, 0xfa, 0xa3, 0xe5, 0x78, 0xf8, 0x07, 0x7a,
                    0x2e, 0x3f, 0xf4, 0x67, 0x29, 0x66, 0x5b,
                ])
        }
    }

    @Test func operationsOfOtherClassesAreNoDigests() throws {
        try withApplication { (application) throws in
            let at = application.at
            let operation = try application.operation(.aesECB, .encrypt, try aesKey(application))
            #expect(try application.call("hash_init", operation, 0, 0) == .badParameters)
            #expect(try application.call("hash_update", operation, at(0), 1) == .badState)
            #expect(try application.call("cipher_init", operation, 0, 0) == .success)
            application.put(long: 32, at: 8)
            #expect(try application.call("hash_update", operation, at(0), 1) == .badParameters)
            #expect(try application.call("hash_final", operation, 0, 0, at(128), at(8)) == .badParameters)
        }
    }

    // MARK: Ciphers

    @Test func aCipherIsTheStandards() throws {
        try withApplication { (application) throws in
            let at = application.at
            let operation = try application.operation(.aesECB, .encrypt, try aesKey(application))
            application.put(Self.plain, at: 64)
            application.put(long: 16, at: 8)
            #expect(try application.call("cipher_update", operation, at(64), 16, at(128), at(8)) == .badState)
            #expect(try application.call("cipher_init", operation, 0, 0) == .success)
            application.put(long: 15, at: 8)
            #expect(try application.call("cipher_update", operation, at(64), 16, at(128), at(8)) == .shortBuffer)
            #expect(application.long(8) == 16)
            #expect(try application.call("cipher_update", operation, at(64), 16, at(128), at(8)) == .success)
            #expect(application.bytes(128, 16) == Self.encrypted)
            #expect(try application.call("cipher_final", operation, at(64), 16, at(144), at(8)) == .success)
            #expect(application.bytes(144, 16) == Self.encrypted)
        }
    }

    @Test func ciphersTakeAndGiveWhatIsThere() throws {
        try withApplication { (application) throws in
            let at = application.at
            let operation = try application.operation(.aesCBC, .encrypt, try aesKey(application))
            #expect(try application.call("cipher_init", operation, at(512), 15) == .badParameters)
            #expect(try application.call("cipher_init", operation, .nowhere, 16) == .accessDenied)
            #expect(try application.call("cipher_init", 0x1234, at(512), 16) == .badParameters)
            #expect(try application.call("cipher_init", operation, at(512), 16) == .success)
            for name in ["cipher_update", "cipher_final"] {
                application.put(long: 16, at: 8)
                #expect(try application.call(name, operation, .nowhere, 16, at(128), at(8)) == .accessDenied)
                #expect(try application.call(name, operation, 0, 16, at(128), at(8)) == .accessDenied)
                #expect(try application.call(name, operation, at(64), 16, application.readOnly, at(8)) == .accessDenied)
                #expect(try application.call(name, operation, at(64), 16, at(128), .nowhere) == .accessDenied)
                application.put(long: Self.endless, at: 8)
                #expect(try application.call(name, operation, at(64), 16, at(128), at(8)) == .accessDenied)
                // Without a place for the output there is no room in it.
                #expect(try application.call(name, operation, at(64), 16, 0, 0) == .shortBuffer)
                #expect(try application.call(name, 0x1234, at(64), 16, at(128), at(8)) == .badParameters)
            }
            application.put(long: 16, at: 8)
            #expect(try application.call("cipher_update", operation, .parameter(0), 16, .parameter(16), at(8)) == .success)
            #expect(try application.call("cipher_final", operation, 0, 0, 0, 0) == .success)
            let digest = try application.operation(.sha256, .digest)
            #expect(try application.call("cipher_init", digest, at(512), 16) == .badState)
        }
    }

    // MARK: Random numbers

    @Test func randomNumbersGoToAnyMemory() throws {
        try withApplication { (application) throws in
            #expect(try application.call("cryp_random_number_generate", application.at(128), 64) == .success)
            #expect(Set(application.bytes(128, 64)).count > 8)
            #expect(try application.call("cryp_random_number_generate", application.at(128), 0) == .success)
            #expect(try application.call("cryp_random_number_generate", .parameter(0), 64) == .success)
            #expect(Set(application.client.prefix(64)).count > 8)
            #expect(try application.call("cryp_random_number_generate", application.readOnly, 16) == .accessDenied)
            #expect(try application.call("cryp_random_number_generate", application.at(128), .number(Self.endless)) == .accessDenied)
        }
    }
}
