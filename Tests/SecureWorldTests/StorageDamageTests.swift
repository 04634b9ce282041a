import Glibc
import Testing

@testable import SecureWorld

@Suite("Whatever is changed in the folder of the trusted storage is found out")
struct StorageDamageTests {
    private let scratch: StorageScratch
    private let original: [String: [UInt8]]
    private let objects: [(TEEUUID, String, [UInt8])]

    /// Two applications; an empty object, a small one with attributes, one of several blocks with a hole, and one that was changed often.
    init() throws {
        scratch = try StorageScratch()
        var random = StorageRandom(seed: 7)
        let large = random.bytes(20_000) + [UInt8](repeating: 0, count: 60_000) + [5]
        objects = [
            (.null, "empty", []), (.null, "small", Array("secret".utf8)), (.null, "large", large), (StorageScratch.other, "small", [1, 2, 3]),
            (StorageScratch.other, "changed", [9, 9, 9, 9]),
        ]
        let storage = try scratch.storage()
        try storage.put("empty", [])
        try storage.put("small", Array("secret".utf8), attributes: [UInt8](0..<32))
        try storage.put("large", Array(large.prefix(20_000)))
        let object = try storage.object("large", .write)
        try object.write([5], at: 80_000)
        object.close()
        try storage.put("small", [1, 2, 3], StorageScratch.other)
        for count in 1...4 { try storage.put("changed", [UInt8](repeating: 9, count: count), StorageScratch.other) }
        original = try scratch.copy()
    }

    /// Whether applications that use all of their objects, or people who look after the storage, are told. What is not told must be right.
    private func isFound() throws -> Bool {
        let isReported = try !scratch.storage().inspect().damages.isEmpty
        let storage = try scratch.storage()
        var isMet = false
        for application in [TEEUUID.null, StorageScratch.other] {
            do throws(TEEResult) { _ = try storage.ids(application) } catch { isMet = isMet || error == .corruptObject }
        }
        for (application, id, data) in objects {
            do throws(TEEResult) { #expect(try storage.get(id, application) == data) } catch { isMet = isMet || error == .corruptObject }
        }
        #expect(isReported == isMet)
        return isReported && isMet
    }

    @Test func untouchedNothingIsFound() throws {
        #expect(try !isFound())
        #expect(try scratch.copy() == original)
    }

    @Test func everyFlippedByteIsFound() throws {
        var random = StorageRandom(seed: 11)
        for (name, bytes) in original {
            // Every byte of small files; of blocks all that is no ciphertext, and as much of that as is quick: all of it with SKERRY_TEST_ALL=1.
            let some = (0..<150).map { _ in Int.random(in: 0..<bytes.count, using: &random) }
            let takesAll = bytes.count < 1000 || getenv("SKERRY_TEST_ALL") != nil
            let offsets = takesAll ? Array(bytes.indices) : Array(0..<64) + Array((bytes.count - 32)..<bytes.count) + some
            for (count, offset) in offsets.enumerated() {
                var changed = bytes
                changed[offset] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                try scratch.write(name, changed)
                #expect(try !scratch.storage().inspect().damages.isEmpty, "\(name), byte \(offset)")
                // Applications change what they meet, after which everything must be put back: that is done for some.
                if count % 8 == 0 {
                    #expect(try isFound(), "\(name), byte \(offset)")
                    try scratch.restore(original)
                }
            }
            try scratch.write(name, bytes)
        }
    }

    @Test func everyChangedNameIsFound() throws {
        for name in original.keys {
            for place in name.utf8.indices {
                var changed = Array(name.utf8)
                changed[name.utf8.distance(from: name.utf8.startIndex, to: place)] ^= 1
                Glibc.rename(scratch.path + "/" + name, scratch.path + "/" + String(decoding: changed, as: UTF8.self))
                #expect(try isFound(), "\(name) is now \(String(decoding: changed, as: UTF8.self))")
                try scratch.restore(original)
            }
        }
    }

    @Test func everyMissingCutOrLengthenedFileIsFound() throws {
        for (name, bytes) in original {
            for replacement in [nil, [], Array(bytes.dropLast()), Array(bytes.dropFirst()), Array(bytes.prefix(52)), bytes + [0], bytes + bytes] {
                if let replacement { try scratch.write(name, replacement) } else { scratch.remove(name) }
                #expect(try isFound(), "\(name) with \(replacement.map { "\($0.count) of \(bytes.count) bytes" } ?? "nothing")")
                try scratch.restore(original)
            }
        }
    }

    @Test func exchangedFilesAreFound() throws {
        let names = original.keys.sorted()
        for (index, one) in names.enumerated() {
            for other in names[(index + 1)...] {
                try scratch.write(one, try #require(original[other]))
                try scratch.write(other, try #require(original[one]))
                #expect(try isFound(), "\(one) and \(other)")
                try scratch.restore(original)
            }
        }
    }

    @Test func aFileThatIsNoneIsFound() throws {
        for name in original.keys {
            scratch.remove(name)
            #expect(symlink("/etc/passwd", scratch.path + "/" + name) == 0)
            #expect(try isFound(), "\(name) as a link")
            try scratch.restore(original)
            scratch.remove(name)
            #expect(mkfifo(scratch.path + "/" + name, 0o600) == 0)
            #expect(try isFound(), "\(name) as a pipe")
            try scratch.restore(original)
        }
    }

    @Test func oldFilesUnderNewNamesAreFound() throws {
        let storage = try scratch.storage()
        try storage.put("changed", [7], StorageScratch.other)
        let changed = try scratch.copy()
        let gone = original.keys.filter { changed[$0] == nil }
        let new = changed.keys.filter { original[$0] == nil }
        #expect(gone.count == 2 && new.count == 2)
        for name in new {
            for old in gone {
                try scratch.write(name, try #require(original[old]))
                #expect(throws: TEEResult.corruptObject) { try scratch.storage().get("changed", StorageScratch.other) }
                try scratch.restore(changed)
            }
        }
    }

    @Test func aFileThatDoesNotBelongHereIsReported() throws {
        try scratch.write("readme", [1])
        #expect(try scratch.storage().inspect().damages.map(\.file) == ["readme"])
    }

    @Test func anotherDeviceKeyOpensNothing() throws {
        let foreign = try scratch.storage(deviceKey: SecretBytes([UInt8](repeating: 1, count: 16)))
        #expect(throws: TEEResult.corruptObject) { try foreign.get("small") }
        #expect(try foreign.inspect().damages.map(\.file) == ["counter"])
        #expect(try scratch.copy() == original)
    }

    @Test func aDamagedObjectIsRemovedAndTheOthersStay() throws {
        let storage = try scratch.storage()
        let object = try storage.object("large", [.read])
        let blocks = original.filter { $0.value.count == 16384 + 52 }.keys
        #expect(blocks.count == 3)
        for name in blocks { try scratch.write(name, try #require(original[name]).map { $0 ^ 1 }) }
        #expect(throws: TEEResult.corruptObject) { try object.read(at: 0, count: 10) }
        #expect(throws: TEEResult.badState) { try object.read(at: 0, count: 10) }
        #expect(throws: TEEResult.itemNotFound) { try storage.get("large") }
        #expect(try storage.get("small") == Array("secret".utf8))
        #expect(try storage.inspect().damages == [])
        #expect(try Set(scratch.names()).isDisjoint(with: blocks))
    }

    @Test func aDamagedPageConcernsOneApplicationUntilItIsWiped() throws {
        let storage = try scratch.storage()
        let page = try #require(try storage.pageFile(of: StorageScratch.other))
        try scratch.write(page, [1])
        let again = try scratch.storage()
        #expect(throws: TEEResult.corruptObject) { try again.get("small", StorageScratch.other) }
        #expect(throws: TEEResult.corruptObject) { try again.put("new", [], StorageScratch.other) }
        #expect(throws: TEEResult.corruptObject) { try again.enumerate(1, StorageScratch.other) }
        #expect(try again.get("small") == Array("secret".utf8))
        try again.wipe(StorageScratch.other)
        #expect(try again.inspect().damages == [])
        #expect(try again.ids() == ["empty", "small", "large"])
        try again.put("new", [1], StorageScratch.other)
        #expect(try scratch.storage().get("new", StorageScratch.other) == [1])
    }

    @Test func aDamagedCounterIsWipedWithEverything() throws {
        try scratch.write("counter", [1, 2, 3])
        let storage = try scratch.storage()
        #expect(throws: TEEResult.corruptObject) { try storage.put("a", []) }
        #expect(throws: TEEResult.corruptObject) { try storage.wipe(.null) }
        try storage.wipe()
        #expect(try scratch.names() == ["counter"])
        try storage.put("a", [1])
        #expect(try scratch.storage().get("a") == [1])
    }

    @Test func wipingRemovesWhatItIsToldToAndTheCounterGoesOn() throws {
        let storage = try scratch.storage()
        let counter = try storage.inspect().counter
        let held = try storage.object("small", .read)
        #expect(throws: TEEResult.accessConflict) { try storage.wipe(.null) }
        #expect(throws: TEEResult.accessConflict) { try storage.wipe() }
        held.close()
        try storage.wipe(.null)
        #expect(throws: TEEResult.itemNotFound) { try storage.get("small") }
        #expect(try storage.inspect().objects.map(\.application) == [StorageScratch.other, StorageScratch.other])
        try storage.wipe()
        let report = try storage.inspect()
        #expect(report.objects.isEmpty && report.damages.isEmpty)
        #expect(report.counter == counter + 2)
    }

    @Test func theReportHasEveryObjectWithItsSizes() throws {
        let report = try scratch.storage().inspect()
        #expect(report.objects.map { String(decoding: $0.id, as: UTF8.self) } == ["empty", "small", "large", "small", "changed"])
        #expect(report.objects.map(\.dataSize) == [0, 6, 80_001, 3, 4])
        #expect(report.objects.allSatisfy { $0.isIntact && $0.kind == .normal })
        let stored = original.filter { !$0.key.hasPrefix("0-") && $0.key != "counter" }.values.reduce(0) { $0 + UInt64($1.count) }
        #expect(report.objects.reduce(0) { $0 + $1.storedSize } == stored + UInt64(report.objects.count) * StorageIndexEntry.charge)
    }

    /// Records are taken apart after they are found genuine; even so none may bring the reader down.
    @Test func recordsWithNonsenseAreRefused() throws {
        var random = StorageRandom(seed: 3)
        var root = StorageRoot(identifier: random.bytes(16))
        root.counter = 1
        root.namespaces[StorageNamespaceName(kind: .normal, application: .null)] = StorageNamespace(name: StorageNamespaceName(kind: .normal, application: .null))
        var record = StorageObjectRecord(attributes: SecretBytes([1, 2, 3]))
        record.dataSize = 50_000
        record.content = nil
        record.blocks = [0: StorageReference(number: 1, tag: .none), 2: StorageReference(number: 2, tag: .none)]
        let seeds = [root.encoded, record.encoded, StorageIndexEntry.encode([])]
        for round in 0..<20_000 {
            var bytes = seeds[round % seeds.count]
            for _ in 0..<Int.random(in: 1...4, using: &random) { bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random) }
            if round % 5 == 0 { bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random))) }
            _ = try? StorageRoot(decoding: bytes)
            _ = try? StorageObjectRecord(decoding: bytes)
            _ = try? StorageIndexEntry.decode(bytes)
        }
        #expect(try StorageObjectRecord(decoding: record.encoded).blocks == record.blocks)
        #expect(try StorageRoot(decoding: root.encoded) == root)
    }
}

extension TrustedStorage {
    /// The file of the only page of an application's index.
    fileprivate func pageFile(of application: TEEUUID) throws -> String? {
        try locked { store in
            store.root.namespaces.values.first { $0.name.application == application }?.pages.first.flatMap { $0 }.map { StorageFileName(serial: 0, number: $0.number).description }
        }
    }
}
