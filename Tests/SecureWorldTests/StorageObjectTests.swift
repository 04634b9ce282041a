import Testing

@testable import SecureWorld

@Suite("Objects of the trusted storage behave as TEE Internal Core API 5 and OP-TEE say")
struct StorageObjectTests {
    private let scratch: StorageScratch
    private let storage: TrustedStorage

    init() throws {
        scratch = try StorageScratch()
        storage = try scratch.storage()
    }

    @Test func whatWasCreatedIsThereInTheNextProcess() throws {
        let header = StoredObjectHeader(objectType: 0xa000_0010, objectSize: 128, maxObjectSize: 256, objectUsage: 7)
        let id = [UInt8](repeating: 0xff, count: 64)
        let created = try storage.create(1, .null, id: id, flags: [.read], header: header, attributes: SecretBytes([1, 2, 3]), data: Array("data".utf8))
        #expect(try created.read(at: 0, count: 100) == Array("data".utf8))
        created.close()
        let object = try scratch.storage().open(0x8000_0000, .null, id: id, flags: .read)
        #expect(try object.header == header)
        #expect(try object.attributes.bytes == [1, 2, 3])
        #expect(try object.dataSize == 4)
        #expect(try object.id == id)
        #expect(try object.read(at: 1, count: 2) == Array("at".utf8))
    }

    @Test func anEmptyIDIsAName() throws {
        try storage.put("", [1])
        #expect(try storage.get("") == [1])
        #expect(try storage.ids() == [""])
    }

    @Test func applicationsDoNotSeeEachOther() throws {
        try storage.put("a", [1])
        #expect(throws: TEEResult.itemNotFound) { try storage.get("a", StorageScratch.other) }
        try storage.put("a", [2], StorageScratch.other)
        #expect(try storage.get("a") == [1])
        #expect(try storage.get("a", StorageScratch.other) == [2])
    }

    @Test func wrongArgumentsAreToldAsOPTEETellsThem() throws {
        let long = [UInt8](repeating: 0, count: 65)
        #expect(throws: TEEResult.badParameters) { try storage.open(1, .null, id: long, flags: .read) }
        #expect(throws: TEEResult.badParameters) { try storage.create(1, .null, id: long, flags: .read) }
        #expect(throws: TEEResult.badParameters) { try storage.open(1, .null, id: [], flags: .overwrite) }
        #expect(throws: TEEResult.badParameters) { try storage.create(1, .null, id: [], flags: StorageFlags(rawValue: 0x800)) }
        #expect(throws: TEEResult.itemNotFound) { try storage.open(2, .null, id: [], flags: .read) }
        #expect(throws: TEEResult.itemNotFound) { try storage.enumerate(2, .null) }
        #expect(throws: TEEResult.itemNotFound) { try storage.open(StorageScratch.replayProtected, .null, id: [], flags: .read) }
        #expect(throws: TEEResult.badParameters) { try scratch.storage(deviceKey: SecretBytes([1])) }
    }

    @Test func creatingAgainNeedsOverwrite() throws {
        try storage.put("a", [1, 2, 3])
        #expect(throws: TEEResult.accessConflict) { try storage.create(1, .null, id: [0x61], flags: .read, data: [4]) }
        #expect(try storage.get("a") == [1, 2, 3])
        try storage.create(1, .null, id: [0x61], flags: [.read, .overwrite], data: [4]).close()
        #expect(try storage.get("a") == [4])
        #expect(try storage.ids() == ["a"])
    }

    @Test func handlesOfAReplacedObjectSeeTheNewOne() throws {
        try storage.put("a", [1, 2, 3])
        let old = try storage.object("a", [.read, .shareRead])
        let new = try storage.create(1, .null, id: [0x61], flags: [.read, .shareRead, .overwrite], data: [4])
        #expect(try old.read(at: 0, count: 9) == [4])
        old.close()
        #expect(try new.read(at: 0, count: 9) == [4])
    }

    @Test(arguments: [0, 1, 4096, 16383, 16384, 16385, 40_000, 1 << 20])
    func dataOfAnySizeComesBack(size: Int) throws {
        var random = StorageRandom(seed: UInt64(size))
        let data = random.bytes(size)
        try storage.put("a", data)
        #expect(try storage.get("a") == data)
        let object = try scratch.storage().object("a", .read)
        #expect(try object.read(at: UInt64(size / 2), count: 5000) == Array(data[(size / 2)...].prefix(5000)))
        #expect(try object.read(at: UInt64(size), count: 1) == [])
        #expect(try object.read(at: UInt64(size) + 1000, count: 1) == [])
        #expect(try object.read(at: 1 << 40, count: 1) == [])
    }

    @Test func holesAreZero() throws {
        try storage.put("a", [1])
        let object = try storage.object("a", [.read, .write])
        try object.write([2], at: 5)
        #expect(try object.read(at: 0, count: 100) == [1, 0, 0, 0, 0, 2])
        try object.write([3], at: 100_000)
        #expect(try object.dataSize == 100_001)
        #expect(try object.read(at: 4, count: 200_000) == [0, 2] + [UInt8](repeating: 0, count: 99_994) + [3])
    }

    @Test func whatWasCutOffComesBackAsZero() throws {
        let storage = storage
        try storage.put("a", [UInt8](repeating: 7, count: 50_000))
        let object = try storage.object("a", [.read, .write])
        for (size, kept) in [(40_000, 40_000), (60_000, 40_000), (17_000, 17_000), (33_000, 17_000), (10, 10), (20, 10), (16384, 10), (50_000, 10), (0, 0), (3, 0)] {
            try object.truncate(to: UInt64(size))
            #expect(try object.read(at: 0, count: 1 << 20) == [UInt8](repeating: 7, count: kept) + [UInt8](repeating: 0, count: size - kept))
        }
    }

    @Test func theStreamEndsAtTheLargestPosition() throws {
        try storage.put("a", [])
        let object = try storage.object("a", [.read, .write])
        try object.write([9], at: 0xffff_fffe)
        #expect(try object.dataSize == 0xffff_ffff)
        #expect(try object.read(at: 0xffff_fffd, count: 10) == [0, 9])
        #expect(throws: TEEResult.overflow) { try object.write([9], at: 0xffff_ffff) }
        #expect(throws: TEEResult.overflow) { try object.write([9, 9], at: 0xffff_fffe) }
        #expect(throws: TEEResult.overflow) { try object.write([9], at: .max) }
        #expect(throws: TEEResult.overflow) { try object.truncate(to: 0x1_0000_0000) }
        #expect(throws: TEEResult.overflow) { try object.read(at: .max, count: 1) }
        #expect(throws: TEEResult.outOfMemory) { try object.read(at: 0, count: .max) }
        #expect(try scratch.names().count < 6)
    }

    @Test func writingNothingChangesNothing() throws {
        try storage.put("a", [1])
        let object = try storage.object("a", [.read, .write])
        let before = try scratch.copy()
        try object.write([], at: 100)
        #expect(try object.dataSize == 1)
        #expect(try scratch.copy() == before)
    }

    @Test func aHandleDoesOnlyWhatItWasOpenedFor() throws {
        try storage.put("a", [1])
        let none = try storage.object("a", [])
        #expect(throws: TEEResult.accessConflict) { try none.read(at: 0, count: 1) }
        #expect(throws: TEEResult.accessConflict) { try none.write([1], at: 0) }
        #expect(throws: TEEResult.accessConflict) { try none.truncate(to: 0) }
        #expect(throws: TEEResult.badState) { try none.rename(to: [1]) }
        #expect(throws: TEEResult.accessConflict) { try none.delete() }
        none.close()
        #expect(throws: TEEResult.badState) { try none.dataSize }
    }

    @Test func renamingMovesAnObjectWithAllItHas() throws {
        var random = StorageRandom(seed: 1)
        let data = random.bytes(100_000)
        try storage.put("a", data, attributes: [5])
        try storage.put("b", [2])
        let object = try storage.object("a", [.read, .writeMeta])
        #expect(throws: TEEResult.accessConflict) { try object.rename(to: Array("b".utf8)) }
        #expect(throws: TEEResult.accessConflict) { try object.rename(to: Array("a".utf8)) }
        #expect(throws: TEEResult.badParameters) { try object.rename(to: [UInt8](repeating: 0, count: 65)) }
        try object.rename(to: Array("c".utf8))
        #expect(try object.id == Array("c".utf8))
        #expect(try object.read(at: 0, count: 1 << 20) == data)
        #expect(throws: TEEResult.accessConflict) { try storage.object("c", .read) }
        #expect(throws: TEEResult.itemNotFound) { try storage.object("a", .read) }
        object.close()
        #expect(try scratch.storage().get("c") == data)
        #expect(try storage.ids() == ["c", "b"])
    }

    @Test func renamingTheOnlyObjectKeepsIt() throws {
        try storage.put("a", [1])
        try storage.object("a", .writeMeta).rename(to: Array("b".utf8))
        #expect(try scratch.storage().get("b") == [1])
    }

    @Test func deletingLeavesNothingBehind() throws {
        try storage.put("a", [UInt8](repeating: 1, count: 100_000))
        let object = try storage.object("a", .writeMeta)
        try object.delete()
        #expect(throws: TEEResult.badState) { try object.dataSize }
        #expect(throws: TEEResult.itemNotFound) { try storage.get("a") }
        #expect(try scratch.names() == ["counter"])
        try storage.put("a", [2])
        #expect(try storage.get("a") == [2])
    }

    @Test func rewritingAttributesLeavesTheData() throws {
        try storage.put("a", [1, 2], attributes: [3])
        let object = try storage.object("a", .read)
        try object.rewrite(header: StoredObjectHeader(objectUsage: 1), attributes: SecretBytes([4, 5]))
        #expect(try object.header.objectUsage == 1)
        object.close()
        let again = try scratch.storage().object("a", .read)
        #expect(try again.attributes.bytes == [4, 5])
        #expect(try again.header.objectUsage == 1)
        #expect(try again.read(at: 0, count: 10) == [1, 2])
        #expect(throws: TEEResult.outOfMemory) { try again.rewrite(header: StoredObjectHeader(), attributes: SecretBytes([UInt8](repeating: 0, count: 1 << 20 + 1))) }
    }

    @Test func aSmallWriteIntoALargeObjectWritesLittle() throws {
        try storage.put("a", [UInt8](repeating: 1, count: 1 << 20))
        let object = try storage.object("a", .write)
        let before = try scratch.copy()
        try object.write([UInt8](repeating: 2, count: 4096), at: 500_000)
        let after = try scratch.copy()
        let written = after.filter { before[$0.key] != $0.value }.values.reduce(0) { $0 + $1.count }
        #expect(written < 32_768)
    }
}
