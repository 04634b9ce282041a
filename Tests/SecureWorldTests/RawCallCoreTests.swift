import Foundation
import Synchronization
import Testing

@testable import SecureWorld

/// Returning, logging, panicking, properties, time, cancellation, memory (OP-TEE's tee_svc.c, tee_svc_cache.c, mmu/tee_mmu.c).
@Suite(.enabled(if: TrustedApplications.canRun)) struct RawCallCoreTests: RawCallTests {
    private final class Lines: TEELog, @unchecked Sendable {
        private let state = Mutex<[UInt8]>([])
        var bytes: [UInt8] { state.withLock { $0 } }
        override func printed(application: TEEUUID, _ bytes: [UInt8]) { state.withLock { $0 += bytes } }
    }

    /// The gaps of OP-TEE's table, its former secure element API, and what is beyond.
    @Test(arguments: [55, 61, 69, 71, 1000, 1 << 32, .max] as [UInt64]) func numbersThatAreNoCallsAreNotSupported(_ number: UInt64) throws {
        try withApplication { #expect($0.call(number: number) == .notSupported) }
    }

    @Test func everyCallOfTheTableIsDescribed() {
        #expect(TEECallDescription.all.count == 56)
        #expect(TEECallDescription.all.map(\.number) == Array(0...54) + [70])
        for call in TEECallDescription.all { #expect(!call.summary.isEmpty && call.argumentCount <= 8, "\(call.name)") }
    }

    @Test func returningEndsTheEntryWithAnyResult() throws {
        try withApplication { (application) throws in
            let request = application.request(0, [.number(0xffff_3024 as UInt32)])
            application.world.world.perform(request)
            #expect(request.result == TEEResult(rawValue: 0xffff_3024))
            #expect(request.origin == .trustedApplication)
            #expect(try application.call("return", 0) == .success)
        }
    }

    @Test func panickingEndsTheInstance() throws {
        try withApplication { (application) throws in
            #expect(try application.call("panic", 7, 0) == .targetDead)
            #expect(try application.call("log", 0, 0) == .targetDead)
        }
    }

    @Test func theLogTakesWhatTheApplicationCanRead() throws {
        let lines = Lines()
        try withApplication(log: lines) { (application) throws in
            application.put("seen\n", at: 0)
            #expect(try application.call("log", application.at(0), 5) == .success)
            #expect(try application.call("log", .nowhere, 5) == .accessDenied)
            #expect(try application.call("log", .nowhere, 0) == .success)
        }
        #expect(lines.bytes == Array("seen\n".utf8))
    }

    // MARK: Properties

    private static let implementation: RawArgument = 0xffff_fffd

    @Test func propertiesAreFoundAndRead() throws {
        try withApplication { (application) throws in
            application.put("gpd.tee.cryptography.ecc\0", at: 64)
            #expect(try application.call("get_property_name_to_index", Self.implementation, application.at(64), 25, application.at(0)) == .success)
            application.put(word: 100, at: 8)
            application.put(word: 4, at: 12)
            let index = application.handle(0)
            let (name, value) = (application.at(256), application.at(512))
            #expect(try application.call("get_property", Self.implementation, index, name, application.at(8), value, application.at(12), application.at(16)) == .success)
            #expect(application.bytes(256, 25) == Array("gpd.tee.cryptography.ecc\0".utf8))
            #expect([application.word(8), application.word(12), application.word(16), application.word(512)] == [25, 4, 0, 1])
        }
    }

    @Test func propertiesThatDoNotFitSayHowLongTheyAre() throws {
        try withApplication { (application) throws in
            application.put("gpd.tee.apiversion\0", at: 64)
            #expect(try application.call("get_property_name_to_index", Self.implementation, application.at(64), 19, application.at(0)) == .success)
            let index = application.handle(0)
            application.put(word: 2, at: 8)
            application.put(word: 99, at: 16)
            #expect(try application.call("get_property", Self.implementation, index, 0, 0, application.at(256), application.at(8), application.at(16)) == .shortBuffer)
            // The text with its end, and the type of a string.
            #expect(application.word(8) == 12 && application.word(16) == 4)
            application.put(word: 18, at: 8)
            #expect(try application.call("get_property", Self.implementation, index, application.at(256), application.at(8), 0, 0, 0) == .shortBuffer)
            #expect(application.word(8) == 19)
        }
    }

    @Test func propertiesThatAreNotThereAreNotFound() throws {
        try withApplication { (application) throws in
            application.put("gpd.none\0", at: 64)
            let at = application.at
            #expect(try application.call("get_property_name_to_index", Self.implementation, at(64), 9, at(0)) == .itemNotFound)
            #expect(try application.call("get_property_name_to_index", 5, at(64), 9, at(0)) == .itemNotFound)
            #expect(try application.call("get_property_name_to_index", Self.implementation, 0, 9, at(0)) == .badParameters)
            #expect(try application.call("get_property_name_to_index", Self.implementation, at(64), 0, at(0)) == .badParameters)
            #expect(try application.call("get_property_name_to_index", Self.implementation, .nowhere, 9, at(0)) == .accessDenied)
            #expect(try application.call("get_property", Self.implementation, 1000, 0, 0, 0, 0, at(16)) == .itemNotFound)
            #expect(try application.call("get_property", 0, 0, 0, 0, 0, 0, at(16)) == .itemNotFound)
            #expect(try application.call("get_property", Self.implementation, 0, 0, 0, 0, 0, .nowhere) == .accessDenied)
        }
    }

    /// Some are the runtime library's, before those of the TEE: OP-TEE's test 1001 complains of one that it meets twice.
    @Test func noPropertyIsThereTwice() throws {
        try withApplication { (application) throws in
            let buffer = TrustedApplications.Buffer([UInt8](repeating: 0, count: 4096))
            let request = application.world.call("properties", 2, [.value(.input, a: 2, b: 0), buffer.parameter(.output), .value(.output, a: 0, b: 0)])
            try #require(request.result == .success)
            guard case .memory(_, _, let size) = request.parameters[1] else { return }
            let names = buffer.bytes.prefix(Int(size)).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            #expect(names.count == Set(names).count, "\(names)")
            #expect(names.contains("gpd.tee.internalCore.version"))
            // OP-TEE's library has that one itself.
            application.put("gpd.tee.internalCore.version\0", at: 64)
            #expect(try application.call("get_property_name_to_index", Self.implementation, application.at(64), 29, application.at(0)) == .itemNotFound)
        }
    }

    // MARK: Time

    @Test func timesAreReadAndSetInOwnMemoryOnly() throws {
        try withApplication { (application) throws in
            let at = application.at
            for category in [0, 2] as [UInt64] {
                #expect(try application.call("get_time", .number(category), at(0)) == .success)
                #expect(application.word(4) < 1000)
                #expect(try application.call("get_time", .number(category), .parameter(0)) == .accessDenied)
            }
            #expect(try application.call("get_time", 1, at(0)) == .timeNotSet)
            #expect(try application.call("get_time", 3, at(0)) == .badParameters)
            #expect(try application.call("get_time", 0, application.readOnly) == .accessDenied)
            application.put(word: 5, at: 0)
            application.put(word: 1000, at: 4)
            #expect(try application.call("set_ta_time", at(0)) == .badParameters)
            application.put(word: 999, at: 4)
            #expect(try application.call("set_ta_time", .parameter(0)) == .accessDenied)
            #expect(try application.call("set_ta_time", at(0)) == .success)
            #expect(try application.call("get_time", 1, at(8)) == .success)
            #expect(application.word(8) >= 5)
        }
    }

    // MARK: Cancellation

    /// The mask is set when a session begins, and then stays as it is from one command to the next (OP-TEE's test 1006: its application unmasks when the session is
    /// opened).
    @Test func theMaskLastsAsLongAsTheSession() throws {
        try withApplication { (application) throws in
            let at = application.at
            func previous(_ name: String) throws -> UInt32 {
                application.put(word: 99, at: 0)
                #expect(try application.call(name, at(0)) == .success)
                return application.word(0)
            }
            #expect(try previous("unmask_cancellation") == 1)
            #expect(try previous("unmask_cancellation") == 0)
            #expect(try previous("mask_cancellation") == 0)
            #expect(try previous("mask_cancellation") == 1)
            let other = try RawApplication(application.world)
            #expect(try other.call("mask_cancellation", other.at(0)) == .success)
            #expect(other.word(0) == 1)
            for name in ["unmask_cancellation", "mask_cancellation", "get_cancellation_flag"] { #expect(try application.call(name, .nowhere) == .accessDenied) }
        }
    }

    @Test func aWaitEndsWhenItIsCancelledAndOnlyThatOne() throws {
        try withApplication { (application) throws in
            #expect(try application.call("wait", 1) == .success)
            #expect(try application.call("unmask_cancellation", application.at(0)) == .success)
            let request = application.request(try RawApplication.number("wait"), [.number(UInt32.max)])
            request.cancel()
            application.world.world.perform(request)
            #expect(application.take(request) == .cancel)
            // The request of an earlier command is forgotten, and the flag is not set any more.
            #expect(try application.call("wait", 1) == .success)
            #expect(try application.call("get_cancellation_flag", application.at(0)) == .success)
            #expect(application.word(0) == 0)
            let flag = application.request(try RawApplication.number("get_cancellation_flag"), [application.at(0)])
            flag.cancel()
            application.world.world.perform(flag)
            #expect(application.take(flag) == .success && application.word(0) == 1)
        }
    }

    // MARK: Memory

    @Test func rightsToMemoryAreThoseThatTheApplicationHas() throws {
        try withApplication { (application) throws in
            let at = application.at
            let (read, write, anyOwner, nonSecure, secure): (UInt64, UInt64, UInt64, UInt64, UInt64) = (1, 2, 4, 1 << 28, 1 << 29)
            func check(_ flags: UInt64, _ place: RawArgument, _ count: RawArgument = 16) throws -> TEEResult {
                try application.call("check_access_rights", .number(flags), place, count)
            }
            #expect(try check(read | write, at(0)) == .success)
            #expect(try check(read, application.readOnly) == .success)
            #expect(try check(read | write, application.readOnly) == .accessDenied)
            #expect(try check(read | write | anyOwner, .parameter(0)) == .success)
            #expect(try check(read, .parameter(0)) == .accessDenied)
            #expect(try check(read | anyOwner, .nowhere) == .accessDenied)
            #expect(try check(read, .nowhere, 0) == .success)
            #expect(try check(read, at(0), .number(UInt64.max)) == .accessDenied)
            #expect(try check(read | secure | nonSecure, at(0)) == .accessDenied)
            #expect(try check(read | secure, at(0)) == .success)
            #expect(try check(read | nonSecure, at(0)) == .accessDenied)
            #expect(try check(read | anyOwner | nonSecure, .parameter(0)) == .success)
        }
    }

    /// Of parameters only: cleaning and flushing an application's own memory is refused as invalidating it is.
    @Test(arguments: [0, 1, 2] as [UInt64]) func cachesAreThoseOfParameters(_ operation: UInt64) throws {
        try withApplication { (application) throws in
            let at = application.at
            #expect(try application.call("cache_operation", .parameter(0), 64, .number(operation)) == .success)
            #expect(try application.call("cache_operation", at(0), 64, .number(operation)) == .accessDenied)
            #expect(try application.call("cache_operation", .nowhere, 64, .number(operation)) == .accessDenied)
            #expect(try application.call("cache_operation", .parameter(0), 64, 3) == .notSupported)
            #expect(try application.call("cache_operation", at(0), 64, 3) == .accessDenied)
            // Without TA_FLAG_CACHE_MAINTENANCE.
            let request = application.world.call("panics", 12, [.value(.input, a: 70, b: 0)])
            #expect(request.result == .notSupported)
        }
    }
}
