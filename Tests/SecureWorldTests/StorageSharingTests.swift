import Glibc
import Synchronization
import Testing

@testable import SecureWorld

@Suite("Who may have an object of the trusted storage open beside whom")
struct StorageSharingTests {
    private let scratch: StorageScratch
    private let storage: TrustedStorage

    init() throws {
        scratch = try StorageScratch()
        storage = try scratch.storage()
        try storage.put("a", [1, 2, 3])
    }

    /// TEE Internal Core API 1.3.1, 5.7.3, with the outcome that the rules there give.
    @Test(
        arguments: [
            ([.read, .shareRead], [.read, .shareRead], true),
            ([.read, .shareRead], [.read], false),
            ([.read], [.read, .shareRead], false),
            ([.read], [.read], false),
            ([.write, .shareWrite], [.write, .shareWrite], true),
            ([.write], [.write, .shareWrite], false),
            ([.read, .shareRead, .shareWrite], [.write, .shareRead, .shareWrite], true),
            ([.read, .shareRead], [.write, .shareRead, .shareWrite], false),
            ([.read, .write, .shareRead, .shareWrite], [.read, .write, .shareRead, .shareWrite], true),
            ([.shareRead, .shareWrite], [.read, .write, .shareRead, .shareWrite], true),
            ([.shareRead], [.read, .shareRead], true),
            ([.shareRead], [.write, .shareWrite], false),
            ([], [.read], false),
            ([], [.read, .shareRead], false),
            ([.writeMeta], [.read, .shareRead], false),
            ([.read, .shareRead], [.writeMeta, .shareRead], false),
            ([.writeMeta, .shareRead, .shareWrite], [.writeMeta, .shareRead, .shareWrite], false),
        ] as [(StorageFlags, StorageFlags, Bool)])
    func handlesAdmitEachOther(first: StorageFlags, second: StorageFlags, isAdmitted: Bool) throws {
        let held = try storage.object("a", first)
        if isAdmitted {
            _ = try storage.object("a", second)
        } else {
            #expect(throws: TEEResult.accessConflict) { try storage.object("a", second) }
        }
        held.close()
        #expect(throws: Never.self) { try storage.object("a", second).close() }
    }

    @Test func anotherSessionSeesWhatIsWritten() throws {
        let flags: StorageFlags = [.read, .write, .shareRead, .shareWrite]
        let one = try storage.object("a", flags)
        let other = try storage.object("a", flags)
        try one.write([9, 9], at: 2)
        #expect(try other.read(at: 0, count: 10) == [1, 2, 9, 9])
        one.close()
        try other.truncate(to: 1)
        #expect(try other.read(at: 0, count: 10) == [1])
    }

    @Test func openObjectsAreNotReplacedUnlessTheirHandlesAdmitIt() throws {
        let held = try storage.object("a", [.read])
        #expect(throws: TEEResult.accessConflict) { try storage.create(1, .null, id: [0x61], flags: [.write, .overwrite]) }
        #expect(try held.read(at: 0, count: 9) == [1, 2, 3])
    }

    @Test func aForgottenHandleIsClosed() throws {
        do { _ = try storage.object("a", []) }
        #expect(throws: Never.self) { try storage.object("a", .writeMeta).close() }
    }

    @Test func anOpenObjectKeepsOtherProcessesOutOfTheFolder() throws {
        let held = try storage.object("a", .write)
        let other = try scratch.storage(patience: 30)
        #expect(throws: TEEResult.storageNotAvailable) { try other.get("a") }
        try held.write([7], at: 0)
        held.close()
        #expect(try other.get("a") == [7, 2, 3])
    }

    @Test func processesSeeEachOthersChanges() throws {
        let other = try scratch.storage()
        for round in UInt8(0)..<20 {
            try (round % 2 == 0 ? storage : other).put("a", [round])
            #expect(try (round % 2 == 0 ? other : storage).get("a") == [round])
        }
    }

    @Test func noChangeIsLostAmongThreadsAndProcesses() async throws {
        let storages = [storage, try scratch.storage(), try scratch.storage()]
        await withTaskGroup(of: Void.self) { group in
            for (number, storage) in storages.enumerated() {
                for thread in 0..<2 {
                    group.addTask {
                        for round in 0..<15 { #expect(throws: Never.self) { try storage.put("\(number)-\(thread)-\(round)", [UInt8(round)]) } }
                    }
                }
            }
        }
        let report = try scratch.storage().inspect()
        #expect(report.objects.count == 91)
        #expect(report.damages == [])
    }
}
