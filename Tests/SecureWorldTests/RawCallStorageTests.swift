import Foundation
import Testing

@testable import SecureWorld

/// Objects of the trusted storage (OP-TEE's tee_svc_storage.c).
@Suite(.enabled(if: TrustedApplications.canRun)) struct RawCallStorageTests: RawCallTests {
    /// TEE_STORAGE_PRIVATE.
    private static let store: RawArgument = 1
    private static let all: RawArgument = .number(StorageFlags([.read, .write, .writeMeta]).rawValue)

    /// Creates an object, whose identifier is at 64 and its data at 256; the handle is at 0.
    private func create(
        _ application: RawApplication, _ id: String, _ data: String = "", flags: RawArgument = all, attributes: RawArgument = 0
    ) throws -> TEEResult {
        application.put(id, at: 64)
        application.put(data, at: 256)
        let at = application.at
        return try application.call(
            "storage_obj_create", Self.store, at(64), .number(UInt64(id.utf8.count)), flags, attributes, at(256), .number(UInt64(data.utf8.count)), at(0))
    }

    private func open(_ application: RawApplication, _ id: String, flags: RawArgument = all) throws -> TEEResult {
        application.put(id, at: 64)
        return try application.call("storage_obj_open", Self.store, application.at(64), .number(UInt64(id.utf8.count)), flags, application.at(0))
    }

    @Test func whatWasCreatedIsOpened() throws {
        try withApplication { (application) throws in
            let at = application.at
            #expect(try open(application, "one") == .itemNotFound)
            #expect(try create(application, "one", "data") == .success)
            let handle = application.handle(0)
            #expect(try open(application, "one") == .accessConflict)
            #expect(try application.call("cryp_obj_get_info", handle, at(512)) == .success)
            // A TEE_TYPE_DATA object of four bytes; persistent, initialized, and the flags.
            #expect((0..<7).map { application.word(512 + $0 * 4) } == [0xa000_00bf, 0, 0, .max, 4, 0, 0x3_0007])
            #expect(try application.call("cryp_obj_reset", handle) == .badParameters)
            #expect(try application.call("cryp_obj_close", handle) == .success)
            #expect(try open(application, "one") == .success)
            #expect(try create(application, "one") == .accessConflict)
        }
    }

    @Test func namesAreShortAndTheApplicationsOwn() throws {
        try withApplication { (application) throws in
            let at = application.at
            for name in ["storage_obj_open", "storage_obj_create"] {
                func call(_ store: RawArgument, _ id: RawArgument, _ count: RawArgument, _ flags: RawArgument) throws -> TEEResult {
                    name == "storage_obj_open"
                        ? try application.call(name, store, id, count, flags, at(0)) : try application.call(name, store, id, count, flags, 0, 0, 0, at(0))
                }
                #expect(try call(Self.store, at(64), 65, Self.all) == .badParameters)
                #expect(try call(Self.store, .nowhere, 4, Self.all) == .accessDenied)
                #expect(try call(Self.store, .parameter(0), 4, Self.all) == .accessDenied)
                #expect(try call(7, at(64), 4, Self.all) == .itemNotFound)
                #expect(try call(Self.store, at(64), 4, 0x8000) == .badParameters)
            }
        }
    }

    @Test func anObjectWithoutPlaceForItsHandleIsNotOpen() throws {
        try withApplication { (application) throws in
            let at = application.at
            application.put("name", at: 64)
            #expect(try application.call("storage_obj_create", Self.store, at(64), 4, Self.all, 0, 0, 0, .nowhere) == .accessDenied)
            #expect(try create(application, "other") == .success)
            #expect(try application.call("cryp_obj_close", application.handle(0)) == .success)
            application.put("other", at: 64)
            #expect(try application.call("storage_obj_open", Self.store, at(64), 5, Self.all, .parameter(0)) == .accessDenied)
            #expect(try open(application, "other") == .success)
        }
    }

    @Test func theDataOfANewObjectMayBeAClients() throws {
        try withApplication { (application) throws in
            let at = application.at
            application.put("name", at: 64)
            application.client.replaceSubrange(0..<4, with: Array("data".utf8))
            #expect(try application.call("storage_obj_create", Self.store, at(64), 4, Self.all, 0, .nowhere, 4, at(0)) == .accessDenied)
            #expect(try application.call("storage_obj_create", Self.store, at(64), 4, Self.all, 0, 0, 4, at(0)) == .badParameters)
            #expect(try application.call("storage_obj_create", Self.store, at(64), 4, Self.all, 0x1234, 0, 0, at(0)) == .badParameters)
            #expect(try application.call("storage_obj_create", Self.store, at(64), 4, Self.all, 0, .parameter(0), 4, at(0)) == .success)
            let handle = application.handle(0)
            #expect(try application.call("storage_obj_read", handle, at(512), 16, at(8)) == .success)
            #expect(application.long(8) == 4 && application.bytes(512, 4) == Array("data".utf8))
        }
    }

    @Test func aKeyIsStoredWithItsAttributes() throws {
        try withApplication { (application) throws in
            let at = application.at
            let key = try application.object(.aes, 128, [.buffer(.secretValue, [UInt8](1...16))])
            #expect(try create(application, "empty", attributes: try application.object(.aes, 128)) == .badParameters)
            #expect(try create(application, "key", attributes: key) == .success)
            let stored = application.handle(0)
            application.put(long: 16, at: 8)
            #expect(try application.call("cryp_obj_get_attr", stored, .number(TEEAttributeID.secretValue.rawValue), at(512), at(8)) == .success)
            #expect(application.bytes(512, 16) == [UInt8](1...16))
            // Without a place for a handle the transient object becomes the stored one.
            application.put("self", at: 64)
            #expect(try application.call("storage_obj_create", Self.store, at(64), 4, Self.all, key, 0, 0, 0) == .success)
            #expect(try application.call("storage_obj_del", key) == .success)
        }
    }

    // MARK: Data

    @Test func dataMayLieInAClientsMemoryButNotTheirCount() throws {
        try withApplication { (application) throws in
            let at = application.at
            #expect(try create(application, "one", "0123456789") == .success)
            let handle = application.handle(0)
            #expect(try application.call("storage_obj_read", handle, .parameter(0), 4, at(8)) == .success)
            #expect(try application.call("storage_obj_seek", handle, 0, 0) == .success)
            #expect(try application.call("storage_obj_read", handle, application.readOnly, 4, at(8)) == .accessDenied)
            #expect(try application.call("storage_obj_read", handle, at(512), 4, .parameter(0)) == .accessDenied)
            #expect(try application.call("storage_obj_read", handle, at(512), .number(UInt64.max), at(8)) != .success)
            #expect(try application.call("storage_obj_read", handle, at(512), 4, at(8)) == .success)
            #expect(application.long(8) == 4 && application.bytes(512, 4) == Array("0123".utf8))
            #expect(try application.call("storage_obj_write", handle, .nowhere, 2) == .accessDenied)
            application.put("ab", at: 512)
            #expect(try application.call("storage_obj_write", handle, at(512), 2) == .success)
            #expect(try application.call("storage_obj_seek", handle, 0, 0) == .success)
            #expect(try application.call("storage_obj_read", handle, at(512), 64, at(8)) == .success)
            #expect(application.long(8) == 10 && application.bytes(512, 10) == Array("0123ab6789".utf8))
            #expect(try application.call("storage_obj_read", handle, at(512), 64, at(8)) == .success)
            #expect(application.long(8) == 0)
            for name in ["storage_obj_read", "storage_obj_write"] { #expect(try application.call(name, 0x1234, at(512), 1, at(8)) == .badParameters) }
        }
    }

    @Test func positionsAndSizesAreMoved() throws {
        try withApplication { (application) throws in
            let at = application.at
            #expect(try create(application, "one", "0123456789") == .success)
            let handle = application.handle(0)
            func position() throws -> UInt32 {
                #expect(try application.call("cryp_obj_get_info", handle, at(512)) == .success)
                return application.word(532)
            }
            #expect(try application.call("storage_obj_seek", handle, 4, 0) == .success)
            #expect(try application.call("storage_obj_seek", handle, .number(UInt64(UInt32.max)), 1) == .success)
            #expect(try position() == 3)
            #expect(try application.call("storage_obj_seek", handle, 2, 2) == .success)
            #expect(try position() == 12)
            #expect(try application.call("storage_obj_seek", handle, 0, 3) == .badParameters)
            #expect(try application.call("storage_obj_seek", 0x1234, 0, 0) == .badParameters)
            #expect(try application.call("storage_obj_seek", try application.object(.aes, 128), 0, 0) == .badState)
            #expect(try application.call("storage_obj_trunc", handle, 4) == .success)
            #expect(try application.call("storage_obj_trunc", try application.object(.aes, 128), 4) == .badState)
            #expect(try application.call("cryp_obj_get_info", handle, at(512)) == .success)
            #expect(application.word(528) == 4)
        }
    }

    @Test func whatAHandleWasNotOpenedForIsRefused() throws {
        try withApplication { (application) throws in
            let at = application.at
            #expect(try create(application, "one", "data") == .success)
            #expect(try application.call("cryp_obj_close", application.handle(0)) == .success)
            #expect(try open(application, "one", flags: .number(StorageFlags.read.rawValue)) == .success)
            let reading = application.handle(0)
            #expect(try application.call("storage_obj_write", reading, at(512), 1) == .accessConflict)
            #expect(try application.call("storage_obj_trunc", reading, 1) == .accessConflict)
            #expect(try application.call("storage_obj_del", reading) == .accessConflict)
            #expect(try application.call("storage_obj_rename", reading, at(64), 3) == .badState)
            #expect(try application.call("cryp_obj_close", reading) == .success)
            #expect(try open(application, "one", flags: .number(StorageFlags.write.rawValue)) == .success)
            #expect(try application.call("storage_obj_read", application.handle(0), at(512), 1, at(8)) == .accessConflict)
        }
    }

    @Test func objectsAreRenamedAndDeleted() throws {
        try withApplication { (application) throws in
            let at = application.at
            #expect(try create(application, "one") == .success)
            #expect(try create(application, "two") == .success)
            let handle = application.handle(0)
            application.put("one3", at: 64)
            #expect(try application.call("storage_obj_rename", handle, at(64), 3) == .accessConflict)
            #expect(try application.call("storage_obj_rename", handle, at(64), 65) == .badParameters)
            #expect(try application.call("storage_obj_rename", handle, .parameter(0), 3) == .accessDenied)
            #expect(try application.call("storage_obj_rename", handle, at(64), 4) == .success)
            #expect(try open(application, "two") == .itemNotFound)
            #expect(try application.call("storage_obj_del", handle) == .success)
            #expect(try application.call("storage_obj_del", handle) == .badParameters)
            #expect(try open(application, "one3") == .itemNotFound)
        }
    }

    // MARK: Enumeration

    @Test func everyObjectIsEnumeratedOnce() throws {
        try withApplication { (application) throws in
            let at = application.at
            for id in ["b", "a"] { #expect(try create(application, id, id + id) == .success) }
            #expect(try application.call("storage_alloc_enum", at(0)) == .success)
            let enumerator = application.handle(0)
            func next() throws -> TEEResult { try application.call("storage_next_enum", enumerator, at(512), at(600), at(16)) }
            #expect(try next() == .itemNotFound)
            #expect(try application.call("storage_start_enum", enumerator, Self.store) == .success)
            var found: [String] = []
            while try next() == .success {
                found.append(String(decoding: application.bytes(600, Int(application.long(16))), as: UTF8.self))
                #expect(application.word(512) == 0xa000_00bf && application.word(528) == 2)
            }
            #expect(found.sorted() == ["a", "b"])
            #expect(try next() == .itemNotFound)
            #expect(try application.call("storage_start_enum", enumerator, Self.store) == .success)
            #expect(try next() == .success)
            #expect(try application.call("storage_reset_enum", enumerator) == .success)
            #expect(try next() == .itemNotFound)
            #expect(try application.call("storage_free_enum", enumerator) == .success)
        }
    }

    @Test func enumeratorsAreHandlesToo() throws {
        try withApplication { (application) throws in
            let at = application.at
            #expect(try application.call("storage_alloc_enum", 0) == .badParameters)
            #expect(try application.call("storage_alloc_enum", .parameter(0)) == .accessDenied)
            #expect(try create(application, "one") == .success)
            #expect(try application.call("storage_alloc_enum", at(0)) == .success)
            let enumerator = application.handle(0)
            #expect(try application.call("storage_start_enum", enumerator, 7) == .itemNotFound)
            #expect(try application.call("storage_start_enum", enumerator, Self.store) == .success)
            #expect(try application.call("storage_next_enum", enumerator, .parameter(0), at(600), at(16)) == .accessDenied)
            #expect(try application.call("storage_next_enum", enumerator, at(512), application.readOnly, at(16)) == .accessDenied)
            #expect(try application.call("storage_next_enum", enumerator, at(512), at(600), .nowhere) == .accessDenied)
            // A refusal has not moved on.
            #expect(try application.call("storage_next_enum", enumerator, at(512), at(600), at(16)) == .success)
            for name in ["storage_free_enum", "storage_reset_enum"] { #expect(try application.call(name, 0x1234) == .badParameters) }
            #expect(try application.call("storage_start_enum", 0x1234, Self.store) == .badParameters)
            #expect(try application.call("storage_next_enum", 0x1234, at(512), at(600), at(16)) == .badParameters)
        }
    }
}
