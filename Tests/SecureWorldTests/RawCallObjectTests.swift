import Foundation
import Testing

@testable import SecureWorld

/// Transient objects and their attributes (OP-TEE's syscall_cryp_obj_*).
@Suite(.enabled(if: TrustedApplications.canRun)) struct RawCallObjectTests: RawCallTests {
    private static let secret: RawArgument = .number(TEEAttributeID.secretValue.rawValue)
    private static let curve: RawArgument = .number(TEEAttributeID.eccCurve.rawValue)

    @Test func objectsAreAllocatedForTypesAndSizesThatExist() throws {
        try withApplication { (application) throws in
            let at = application.at
            let aes: RawArgument = .number(TEEObjectType.aes.rawValue)
            #expect(try application.call("cryp_obj_alloc", 0xa000_00ee, 128, at(0)) == .notSupported)
            #expect(try application.call("cryp_obj_alloc", aes, 129, at(0)) == .notSupported)
            #expect(try application.call("cryp_obj_alloc", aes, 512, at(0)) == .notSupported)
            #expect(try application.call("cryp_obj_alloc", aes, 128, .nowhere) == .accessDenied)
            #expect(try application.call("cryp_obj_alloc", aes, 128, .parameter(0)) == .accessDenied)
            #expect(try application.call("cryp_obj_alloc", aes, 128, at(0)) == .success)
        }
    }

    @Test func anObjectTellsWhatItIs() throws {
        try withApplication { (application) throws in
            let object = try application.object(.aes, 256)
            let at = application.at
            #expect(try application.call("cryp_obj_get_info", object, at(64)) == .success)
            #expect((0..<7).map { application.word(64 + $0 * 4) } == [0xa000_0010, 0, 256, .max, 0, 0, 0])
            #expect(try application.call("cryp_obj_generate_key", object, 192, 0, 0) == .success)
            #expect(try application.call("cryp_obj_restrict_usage", object, 0xf) == .success)
            #expect(try application.call("cryp_obj_get_info", object, at(64)) == .success)
            // TEE_HANDLE_FLAG_INITIALIZED.
            #expect((0..<7).map { application.word(64 + $0 * 4) } == [0xa000_0010, 192, 256, 0xf, 0, 0, 0x2_0000])
            #expect(try application.call("cryp_obj_get_info", object, .nowhere) == .accessDenied)
            #expect(try application.call("cryp_obj_get_info", 0x1234, at(64)) == .badParameters)
            #expect(try application.call("cryp_obj_restrict_usage", 0x1234, 0) == .badParameters)
        }
    }

    @Test func closedObjectsAreNone() throws {
        try withApplication { (application) throws in
            let object = try application.object(.aes, 256)
            // Handles have 32 bits; what is above them is nobody's.
            #expect(try application.call("cryp_obj_close", .number(object.value | 1 << 40)) == .success)
            #expect(try application.call("cryp_obj_close", object) == .badParameters)
        }
    }

    // MARK: Attributes

    @Test func anAttributeThatDoesNotFitSaysHowLongItIs() throws {
        try withApplication { (application) throws in
            let at = application.at
            let object = try application.object(.aes, 128, [.buffer(.secretValue, [UInt8](1...16))])
            func read(_ id: RawArgument, _ room: UInt64, _ place: RawArgument) throws -> TEEResult {
                application.put(long: room, at: 8)
                return try application.call("cryp_obj_get_attr", object, id, place, at(8))
            }
            #expect(try read(Self.secret, 16, at(64)) == .success)
            #expect(application.bytes(64, 16) == [UInt8](1...16))
            #expect(try read(Self.secret, 15, at(64)) == .shortBuffer)
            #expect(application.long(8) == 16)
            // Without a buffer the size is told, whatever room there is said to be.
            #expect(try read(Self.secret, 64, 0) == .shortBuffer)
            #expect(application.long(8) == 16)
            #expect(try read(Self.secret, 16, .nowhere) == .accessDenied)
            #expect(try read(Self.curve, 16, at(64)) == .itemNotFound)
            #expect(try application.call("cryp_obj_get_attr", object, Self.secret, at(64), .nowhere) == .accessDenied)
            // OP-TEE has its own result for handles here.
            #expect(try application.call("cryp_obj_get_attr", 0x1234, Self.secret, at(64), at(8)) == .itemNotFound)
            #expect(try application.call("cryp_obj_get_attr", try application.object(.aes, 128), Self.secret, at(64), at(8)) == .badParameters)
            // TEE_USAGE_EXTRACTABLE.
            #expect(try application.call("cryp_obj_restrict_usage", object, .number(UInt32.max & ~1)) == .success)
            #expect(try read(Self.secret, 16, at(64)) == .badParameters)
        }
    }

    @Test func nothingIsAnAttributeToo() throws {
        try withApplication { (application) throws in
            let at = application.at
            func read(_ object: RawArgument, _ id: TEEAttributeID, _ place: RawArgument) throws -> TEEResult {
                application.put(long: 0, at: 8)
                return try application.call("cryp_obj_get_attr", object, .number(id.rawValue), place, at(8))
            }
            let modulus = [UInt8](repeating: 0xff, count: 64)
            let number = try application.object(.rsaPublicKey, 512, [.buffer(.rsaModulus, modulus), .buffer(.rsaPublicExponent, [0])])
            #expect(try read(number, .rsaPublicExponent, 0) == .success)
            #expect(application.long(8) == 0)
            let secret = try application.object(.genericSecret, 64, [.buffer(.secretValue, [])])
            #expect(try read(secret, .secretValue, at(64)) == .success)
            #expect(try read(secret, .secretValue, 0) == .shortBuffer)
            #expect(application.long(8) == 0)
        }
    }

    @Test func aValueNeedsRoomForTwoWords() throws {
        try withApplication { (application) throws in
            let at = application.at
            let object = try application.generated(.ecdsaKeyPair, 256, [.value(.eccCurve, 3, 0)])
            application.put(long: 8, at: 8)
            #expect(try application.call("cryp_obj_get_attr", object, Self.curve, at(64), at(8)) == .success)
            #expect(application.word(64) == 3 && application.word(68) == 0)
            #expect(try application.call("cryp_obj_get_attr", object, Self.curve, 0, at(8)) == .shortBuffer)
            application.put(long: 7, at: 8)
            #expect(try application.call("cryp_obj_get_attr", object, Self.curve, at(64), at(8)) == .shortBuffer)
            #expect(application.long(8) == 7)
        }
    }

    @Test func objectsArePopulatedOnceWithWhatTheirTypeHas() throws {
        try withApplication { (application) throws in
            let at = application.at
            func populate(_ object: RawArgument, _ attributes: [TEEAttribute]) throws -> TEEResult {
                let count = application.put(attributes, at: 1024)
                return try application.call("cryp_obj_populate", object, at(1024), count)
            }
            let object = try application.object(.aes, 128)
            let key = TEEAttribute.buffer(.secretValue, [UInt8](repeating: 1, count: 16))
            #expect(try populate(object, []) == .itemNotFound)
            #expect(try populate(object, [.value(.eccCurve, 3, 0)]) == .itemNotFound)
            #expect(try populate(object, [key, key]) == .itemNotFound)
            #expect(try populate(object, [.buffer(.secretValue, [UInt8](repeating: 1, count: 24))]) == .badState)
            #expect(try application.call("cryp_obj_populate", object, .nowhere, 1) == .accessDenied)
            #expect(try application.call("cryp_obj_populate", object, at(1024), .number(UInt64.max)) == .badParameters)
            application.put(long: 0x10, at: 1024)
            application.put(long: 16, at: 1032)
            #expect(try application.call("cryp_obj_populate", object, at(1024), 1) == .accessDenied)
            #expect(try populate(object, [key]) == .success)
            #expect(try populate(object, [key]) == .badParameters)
            #expect(try populate(0x1234, [key]) == .badParameters)
        }
    }

    @Test func resettingMakesRoomForOtherAttributes() throws {
        try withApplication { (application) throws in
            let object = try application.generated(.aes, 128)
            #expect(try application.call("cryp_obj_generate_key", object, 128, 0, 0) == .badState)
            #expect(try application.call("cryp_obj_reset", object) == .success)
            #expect(try application.call("cryp_obj_generate_key", object, 128, 0, 0) == .success)
            #expect(try application.call("cryp_obj_reset", 0x1234) == .badParameters)
        }
    }

    @Test func copiesHaveTheSameAttributes() throws {
        try withApplication { (application) throws in
            let at = application.at
            let source = try application.object(.aes, 128, [.buffer(.secretValue, [UInt8](1...16))])
            let target = try application.object(.aes, 256)
            #expect(try application.call("cryp_obj_copy", target, target) == .badParameters)
            #expect(try application.call("cryp_obj_copy", target, source) == .success)
            application.put(long: 16, at: 8)
            #expect(try application.call("cryp_obj_get_attr", target, Self.secret, at(64), at(8)) == .success)
            #expect(application.bytes(64, 16) == [UInt8](1...16))
            #expect(try application.call("cryp_obj_copy", target, source) == .badParameters)
            #expect(try application.call("cryp_obj_copy", try application.object(.des, 64), source) == .badParameters)
            #expect(try application.call("cryp_obj_copy", try application.object(.aes, 256), 0x1234) == .badParameters)
        }
    }

    @Test func keysAreGeneratedOfSizesThatExist() throws {
        try withApplication { (application) throws in
            let object = try application.object(.ecdsaKeyPair, 256)
            func generate(_ size: RawArgument, _ attributes: [TEEAttribute]) throws -> TEEResult {
                let count = application.put(attributes, at: 1024)
                return try application.call("cryp_obj_generate_key", object, size, application.at(1024), count)
            }
            #expect(try generate(256, []) == .itemNotFound)
            #expect(try generate(100, [.value(.eccCurve, 3, 0)]) == .notSupported)
            #expect(try generate(384, [.value(.eccCurve, 4, 0)]) == .notSupported)
            #expect(try generate(256, [.value(.eccCurve, 0x99, 0)]) == .notSupported)
            #expect(try application.call("cryp_obj_generate_key", object, 256, .nowhere, 1) == .accessDenied)
            #expect(try generate(256, [.value(.eccCurve, 3, 0)]) == .success)
            #expect(try application.call("cryp_obj_generate_key", 0x1234, 256, 0, 0) == .badParameters)
        }
    }
}
