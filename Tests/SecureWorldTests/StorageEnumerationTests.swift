import Testing

@testable import SecureWorld

@Suite("Enumeration of the trusted storage")
struct StorageEnumerationTests {
    private let scratch: StorageScratch
    private let storage: TrustedStorage

    init() throws {
        scratch = try StorageScratch()
        storage = try scratch.storage()
    }

    @Test func withoutObjectsThereIsNothingToStart() throws {
        #expect(throws: TEEResult.itemNotFound) { try storage.enumerate(1, .null) }
        try storage.put("a", [], StorageScratch.other)
        #expect(throws: TEEResult.itemNotFound) { try storage.enumerate(1, .null) }
    }

    @Test func objectsComeWithWhatIsKnownOfThem() throws {
        let header = StoredObjectHeader(objectType: 0xa000_0010, objectSize: 128, maxObjectSize: 256, objectUsage: 3)
        let object = try storage.create(1, .null, id: [1], flags: [.read, .shareRead], header: header, data: [1, 2, 3])
        try storage.put("b", [UInt8](repeating: 0, count: 20_000))
        let enumeration = try storage.enumerate(1, .null)
        #expect(try enumeration.next() == StoredObjectInfo(id: [1], header: header, dataSize: 3, openFlags: [.read, .shareRead]))
        #expect(try enumeration.next() == StoredObjectInfo(id: Array("b".utf8), header: StoredObjectHeader(), dataSize: 20_000, openFlags: []))
        #expect(throws: TEEResult.itemNotFound) { try enumeration.next() }
        #expect(throws: TEEResult.itemNotFound) { try enumeration.next() }
        object.close()
    }

    @Test func objectsThatGoMeanwhileAreLeftOut() throws {
        for id in ["a", "b", "c"] { try storage.put(id, []) }
        let enumeration = try storage.enumerate(1, .null)
        #expect(try enumeration.next().id == Array("a".utf8))
        try storage.object("b", .writeMeta).delete()
        try storage.put("d", [])
        #expect(try enumeration.next().id == Array("c".utf8))
        #expect(throws: TEEResult.itemNotFound) { try enumeration.next() }
    }

    @Test func aThousandObjectsAreEnumeratedFromFewPages() throws {
        let ids = (0..<1000).map { "object \($0)" }
        for id in ids { try storage.put(id, Array(id.utf8)) }
        let again = try scratch.storage()
        #expect(try again.ids() == ids)
        // What makes it quick, and keeps a change small: pages of some dozens of objects each, and a counter file that only refers to them.
        let pages = try scratch.names().filter { $0.hasPrefix("0-") }
        #expect(pages.count == 16)
        #expect(try pages.allSatisfy { try scratch.read($0).count < 32_768 })
        #expect(try scratch.read("counter").count < 1024)
        for id in ids.shuffled().prefix(990) { try again.object(id, .writeMeta).delete() }
        #expect(try storage.ids().count == 10)
        #expect(try storage.inspect().damages == [])
    }

    @Test func aDamagedObjectDoesNotEndTheEnumeration() throws {
        for id in ["a", "b", "c"] { try storage.put(id, [1]) }
        let files = try scratch.names().compactMap { StorageFileName($0) }.filter { $0.serial != 0 }.sorted { $0.serial < $1.serial }
        scratch.remove(files[1].description)
        let enumeration = try storage.enumerate(1, .null)
        var results: [String] = []
        for _ in 0..<3 {
            do throws(TEEResult) { results.append(String(decoding: try enumeration.next().id, as: UTF8.self)) } catch { results.append("\(error)") }
        }
        #expect(results == ["a", "TEE_ERROR_CORRUPT_OBJECT", "c"])
        #expect(throws: TEEResult.itemNotFound) { try enumeration.next() }
    }
}
