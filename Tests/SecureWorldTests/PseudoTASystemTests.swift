import LibraryOS
import Testing
@testable import SecureWorld

/// The system pseudo application apart from its memory commands (OP-TEE's pta_system.h).
@Suite struct PseudoTASystemTests {
    private enum Command {
        static let addEntropy: UInt32 = 0, deriveKey: UInt32 = 1, openLibrary: UInt32 = 10, findSymbol: UInt32 = 11, eventLog: UInt32 = 12, plugin: UInt32 = 13
    }

    private let bed: PseudoTABed
    private let session: PseudoSession

    init() throws {
        bed = try PseudoTABed()
        session = try bed.open(SystemPTA(), by: bed.caller)
    }

    @Test func everyPseudoApplicationIsThereUnderItsName() throws {
        let names = Set(PseudoTA.all(try PseudoTABed.configuration()).keys.map(\.description))
        #expect(
            names == [
                "3a2f8978-5dc0-11e8-9c2d-fa7ae01bbebc", "3b996a7d-2c2b-4a49-a896-e1fb5766d2f4", "d96a5b40-e2c7-b1af-8794-1002a5d5c61b",
                "7011a688-ddde-4053-a5a9-7b3c4ddf13b8", "39800861-182a-4720-9b67-2bcd622bc0b5", "f389f8c8-845f-496c-8bbe-d64bd24c92fd",
            ])
    }

    @Test func loaderHasWhatPseudoApplicationsAskFor() {
        #expect(bed.world.libraries != nil)
        #expect(bed.world.applicationList != nil)
        #expect(bed.world.applicationDigests != nil)
    }

    @Test func clientsOfTheNormalWorldAreRefused() throws {
        #expect(throws: TEEResult.accessDenied) { try bed.open(SystemPTA()) }
    }

    @Test(arguments: [4, 5, 6, 7, 14, .max] as [UInt32]) func commandsThatThereAreNotAreNotImplemented(_ command: UInt32) {
        #expect(session.invoke(command).result == .notImplemented)
    }

    // MARK: Entropy

    @Test func entropyIsTakenAndRandomNumbersGoOn() throws {
        #expect(session.invoke(Command.addEntropy, [try bed.input([UInt8](repeating: 7, count: 200_000))]).result == .success)
        let (one, other) = (try CryptoLibrary.random(count: 32), try CryptoLibrary.random(count: 32))
        #expect(one.bytes != other.bytes)
    }

    @Test func entropyOfNothingIsRefused() throws {
        #expect(session.invoke(Command.addEntropy, [try bed.input([])]).result == .badParameters)
        #expect(session.invoke(Command.addEntropy, [.memory(.input, nil, size: 0)]).result == .badParameters)
        #expect(session.invoke(Command.addEntropy, [try bed.output(16)]).result == .badParameters)
        #expect(session.invoke(Command.addEntropy).result == .badParameters)
    }

    // MARK: Keys

    private func derive(_ extra: [UInt8], _ size: Int) throws -> (result: TEEResult, key: String) {
        let (result, parameters) = session.invoke(Command.deriveKey, [try bed.input(extra), try bed.output(size)])
        return (result, ImagesSupport.hex(parameters[1].content))
    }

    /// Python: hmac.new(bytes(range(32)), (3).to_bytes(4, 'little') + uuid.bytes_le + extra, hashlib.sha256).
    @Test func uniqueKeyIsThatOfOPTEE() throws {
        #expect(try derive([], 32) == (.success, "9f8a948db82c9043c4cbcfb2df6d8e4572ebcbcf2a5c2e830a8d1f880d9fdb2a"))
        #expect(try derive([], 16) == (.success, "9f8a948db82c9043c4cbcfb2df6d8e45"))
        #expect(try derive(Array("extra data".utf8), 32) == (.success, "45d28b5091737c4c7ad09658b5a3edd3f27098c49145a5d4bdc7c283f21a481a"))
        #expect(try derive([UInt8](repeating: 0, count: 1024), 20) == (.success, "af27fb6c775dbcaf45e9dcb5b47f2c489f6eb365"))
    }

    @Test func uniqueKeyHasSixteenToThirtyTwoBytesAndAtMostAKibibyteOfData() throws {
        #expect(try derive([], 15).result == .badParameters)
        #expect(try derive([], 33).result == .badParameters)
        #expect(try derive([UInt8](repeating: 0, count: 1025), 32).result == .badParameters)
    }

    @Test func uniqueKeyDoesNotGoToMemoryOfAClient() throws {
        let output = try bed.memory([], room: 32)
        bed.caller.parameterArea = ParameterArea(start: output.address & ~4095, size: 4096)
        let (result, parameters) = session.invoke(Command.deriveKey, [try bed.input([]), .memory(.output, output, size: 32)])
        #expect(result == .security)
        #expect(parameters[1].content == [UInt8](repeating: 0, count: 32))
        #expect(session.invoke(Command.deriveKey, [try bed.input([]), PseudoTAClientMemory.output(32)]).result == .security)
        #expect(session.invoke(Command.deriveKey, [try bed.input([]), .memory(.output, nil, size: 32)]).result == .security)
    }

    @Test func uniqueKeyDoesNotGoToMemoryThatTheApplicationCannotWrite() throws {
        let output = try bed.memory([], room: 32)
        try bed.caller.memory.space.protectRange(at: GuestAddress(output.address), length: 4096, .read)
        #expect(session.invoke(Command.deriveKey, [try bed.input([]), .memory(.output, output, size: 32)]).result == .security)
    }

    // MARK: Libraries

    private final class Libraries: LibraryLoading {
        static let library = TEEUUID("b3091a65-9751-4784-abf7-0298a7cc35ba") ?? .null
        var loaded: [TEEUUID] = []
        func load(_ library: TEEUUID, into instance: TAInstance) throws(TEEResult) {
            guard library == Self.library else { throw .itemNotFound }
            loaded.append(library)
        }
        func symbol(_ name: [UInt8], of library: TEEUUID?, in instance: TAInstance) throws(TEEResult) -> UInt64 {
            guard library == nil || library.map(loaded.contains) == true, name == Array("answer".utf8) else { throw .itemNotFound }
            return 0x1234_5678_9abc
        }
    }

    private static let flags: UInt32 = 0x1102

    @Test func librariesAreLoadedAndTheirSymbolsFound() throws {
        nonisolated(unsafe) let libraries = Libraries()
        let session = try bed.open(SystemPTA { _ in libraries }, by: bed.caller)
        let uuid = Libraries.library.structure
        let name = Array("answer\0".utf8)
        #expect(session.invoke(Command.findSymbol, [try bed.input(uuid), try bed.input(name), .valueOut]).result == .itemNotFound)
        #expect(session.invoke(Command.openLibrary, [try bed.input(uuid), .valueIn(Self.flags)]).result == .success)
        let (result, parameters) = session.invoke(Command.findSymbol, [try bed.input(uuid), try bed.input(name), .valueOut])
        #expect(result == .success)
        #expect(parameters.value(2) == (0x1234, 0x5678_9abc))
        let everywhere = try bed.input([UInt8](repeating: 0, count: 16))
        #expect(session.invoke(Command.findSymbol, [everywhere, try bed.input(name), .valueOut]).result == .success)
        #expect(session.invoke(Command.findSymbol, [everywhere, try bed.input(Array("question\0".utf8)), .valueOut]).result == .itemNotFound)
        #expect(session.invoke(Command.openLibrary, [try bed.input(TEEUUID.null.structure), .valueIn(Self.flags)]).result == .success)
        #expect(libraries.loaded == [Libraries.library])
    }

    @Test func libraryThatThereIsNotIsNotFound() throws {
        nonisolated(unsafe) let libraries = Libraries()
        let session = try bed.open(SystemPTA { _ in libraries }, by: bed.caller)
        #expect(session.invoke(Command.openLibrary, [try bed.input(PseudoTABed.application.structure), .valueIn(Self.flags)]).result == .itemNotFound)
    }

    @Test func malformedQuestionsAboutLibrariesAreRefused() throws {
        nonisolated(unsafe) let libraries = Libraries()
        let session = try bed.open(SystemPTA { _ in libraries }, by: bed.caller)
        let uuid = try bed.input(Libraries.library.structure)
        #expect(session.invoke(Command.openLibrary, [uuid, .valueIn(2)]).result == .badParameters)
        #expect(session.invoke(Command.openLibrary, [try bed.input([1, 2, 3]), .valueIn(Self.flags)]).result == .badParameters)
        #expect(session.invoke(Command.openLibrary, [.memory(.input, nil, size: 16), .valueIn(Self.flags)]).result == .badParameters)
        #expect(session.invoke(Command.findSymbol, [uuid, try bed.input(Array("no end".utf8)), .valueOut]).result == .badParameters)
        #expect(session.invoke(Command.findSymbol, [uuid, .memory(.input, nil, size: 0), .valueOut]).result == .badParameters)
    }

    @Test func withoutALoaderThereAreNoLibraries() throws {
        let session = try bed.open(SystemPTA { _ in nil }, by: bed.caller)
        #expect(session.invoke(Command.openLibrary, [try bed.input(Libraries.library.structure), .valueIn(Self.flags)]).result == .notSupported)
    }

    // MARK: What is not there

    @Test func thereIsNoEventLog() throws {
        #expect(session.invoke(Command.eventLog, [try bed.output(100)]).result == .notSupported)
        #expect(session.invoke(Command.eventLog).result == .badParameters)
    }

    @Test func thereIsNoPlugin() throws {
        let uuid = try bed.input(Libraries.library.structure)
        let (result, parameters) = session.invoke(Command.plugin, [uuid, .valueIn(1, 2), try bed.inout_([1]), .value(.output, a: 9, b: 0)])
        #expect(result == .itemNotFound)
        #expect(parameters.value(3).a == 0)
        #expect(session.invoke(Command.plugin, [uuid, .valueIn(1), .memory([.input, .output], nil, size: 0), .valueOut]).result == .itemNotFound)
        #expect(session.invoke(Command.plugin, [try bed.input([1]), .valueIn(1), try bed.inout_([1]), .valueOut]).result == .badParameters)
    }
}
