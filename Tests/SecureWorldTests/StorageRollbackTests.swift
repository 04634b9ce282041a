import Testing

@testable import SecureWorld

@Suite("What a host can and cannot put back")
struct StorageRollbackTests {
    private let scratch: StorageScratch
    private let memoryScratch: StorageScratch

    init() throws {
        scratch = try StorageScratch()
        memoryScratch = try StorageScratch()
    }

    private func memory() throws -> ReplayProtectedFile { try ReplayProtectedFile(folder: memoryScratch.path, deviceKey: StorageScratch.deviceKey) }

    @Test func theCounterGrowsWithEveryChange() throws {
        let storage = try scratch.storage()
        #expect(try storage.inspect().counter == 0)
        #expect(storage.antiRollbackProtectionLevel == 100)
        try storage.put("a", [1])
        let first = try storage.inspect().counter
        _ = try storage.get("a")
        #expect(try storage.inspect().counter == first)
        try storage.put("a", [2])
        #expect(try scratch.storage().inspect().counter == first + 1)
    }

    @Test func allObjectsPutBackWithoutTheCounterAreNoticed() throws {
        try scratch.storage().put("a", [1])
        let old = try scratch.copy()
        try scratch.storage().put("a", [2])
        let counter = try scratch.read("counter")
        try scratch.restore(old)
        try scratch.write("counter", counter)
        #expect(try !scratch.storage().inspect().damages.isEmpty)
        #expect(throws: TEEResult.corruptObject) { try scratch.storage().get("a") }
    }

    @Test func anOldCounterAloneIsNoticed() throws {
        try scratch.storage().put("a", [1])
        let counter = try scratch.read("counter")
        try scratch.storage().put("a", [2])
        try scratch.write("counter", counter)
        #expect(throws: TEEResult.corruptObject) { try scratch.storage().get("a") }
    }

    @Test func objectsWithoutACounterAreNoticed() throws {
        try scratch.storage().put("a", [1])
        scratch.remove("counter")
        #expect(throws: TEEResult.corruptObject) { try scratch.storage().get("a") }
        #expect(throws: TEEResult.corruptObject) { try scratch.storage().put("a", []) }
    }

    /// This is what the documentation of `TrustedStorage` says a host can do.
    @Test func theWholeFolderPutBackIsNotNoticedWithoutAMemory() throws {
        try scratch.storage().put("a", [1])
        let old = try scratch.copy()
        try scratch.storage().put("a", [2])
        try scratch.restore(old)
        #expect(try scratch.storage().get("a") == [1])
    }

    @Test func theWholeFolderPutBackIsNoticedWithAMemory() throws {
        let storage = try scratch.storage(memory: memory())
        #expect(storage.antiRollbackProtectionLevel == 1000)
        try storage.put("a", [1])
        let old = try scratch.copy()
        try storage.put("a", [2])
        #expect(try scratch.storage(memory: memory()).get("a") == [2])
        let new = try scratch.copy()
        try scratch.restore(old)
        #expect(throws: TEEResult.corruptObject) { try scratch.storage(memory: memory()).get("a") }
        try scratch.restore([:])
        #expect(throws: TEEResult.corruptObject) { try scratch.storage(memory: memory()).get("a") }
        try scratch.restore(new)
        #expect(try scratch.storage(memory: memory()).get("a") == [2])
    }

    @Test func objectsInTheReplayProtectedStorageAreApart() throws {
        let storage = try scratch.storage(memory: memory())
        try storage.put("a", [1])
        try storage.create(StorageScratch.replayProtected, .null, id: [0x61], flags: [], data: [2]).close()
        #expect(try storage.get("a") == [1])
        let object = try storage.open(StorageScratch.replayProtected, .null, id: [0x61], flags: .read)
        #expect(try object.read(at: 0, count: 9) == [2])
        #expect(try storage.inspect().objects.map(\.kind) == [.normal, .replayProtected])
    }

    @Test func aBoundStorageIsNotUsedWithoutItsMemory() throws {
        try scratch.storage(memory: memory()).put("a", [1])
        #expect(throws: TEEResult.storageNotAvailable) { try scratch.storage().get("a") }
        memoryScratch.remove("replay-protected")
        #expect(throws: TEEResult.corruptObject) { try scratch.storage(memory: memory()).get("a") }
    }

    @Test func aStorageIsBoundWithItsNextChange() throws {
        try scratch.storage().put("a", [1])
        let unbound = try scratch.copy()
        let storage = try scratch.storage(memory: memory())
        #expect(try storage.get("a") == [1])
        try storage.put("a", [2])
        try scratch.restore(unbound)
        #expect(throws: TEEResult.corruptObject) { try scratch.storage(memory: memory()).get("a") }
    }

    @Test func wipingReleasesABoundStorageForNewUse() throws {
        try scratch.storage(memory: memory()).put("a", [1])
        try scratch.restore([:])
        let storage = try scratch.storage(memory: memory())
        #expect(throws: TEEResult.corruptObject) { try storage.put("a", []) }
        try storage.wipe()
        try storage.put("a", [3])
        #expect(try scratch.storage(memory: memory()).get("a") == [3])
        #expect(try storage.inspect().counter > 3)
    }

    /// A process that is killed between the counter file and the memory leaves the memory one change behind.
    @Test func aMemoryOneChangeBehindCatchesUp() throws {
        for changes in 0..<3 {
            let storage = try scratch.storage(memory: memory())
            for number in 0..<changes { try storage.put("a", [UInt8(number)]) }
            let behind = try memoryScratch.copy()
            try storage.put("a", [99])
            if changes > 0 {
                try memoryScratch.restore(behind)
                #expect(try scratch.storage(memory: memory()).get("a") == [99])
                try scratch.storage(memory: memory()).put("a", [100])
                try memoryScratch.restore(behind)
                #expect(throws: TEEResult.corruptObject) { try scratch.storage(memory: memory()).get("a") }
            }
            try scratch.restore([:])
            try memoryScratch.restore([:])
        }
    }

    @Test func aMemoryThatFailsMakesTheStorageUnavailable() throws {
        let failing = FailingMemory(try memory())
        let storage = try scratch.storage(memory: failing)
        try storage.put("a", [1])
        failing.isBroken = true
        #expect(throws: TEEResult.storageNotAvailable) { try storage.put("a", [2]) }
        failing.isBroken = false
        #expect(try storage.get("a") == [2])
    }

    @Test func theMemoryTakesOnlyGenuineNewWrites() throws {
        let memory = try memory()
        let key = try StorageKeys.anchorKey(StorageScratch.deviceKey)
        let first = ReplayProtectedContent(data: [1], writeCounter: 0, code: try ReplayProtectedMessage.request([1], writeCounter: 0, key: key))
        try memory.write(first)
        #expect(throws: TEEResult.badState) { try memory.write(first) }
        var forged = ReplayProtectedContent(data: [2], writeCounter: 1, code: try ReplayProtectedMessage.request([3], writeCounter: 1, key: key))
        #expect(throws: TEEResult.security) { try memory.write(forged) }
        forged.code = []
        #expect(throws: TEEResult.security) { try memory.write(forged) }
        let large = [UInt8](repeating: 0, count: 257)
        let long = ReplayProtectedContent(data: large, writeCounter: 1, code: try ReplayProtectedMessage.request(large, writeCounter: 1, key: key))
        #expect(throws: TEEResult.security) { try memory.write(long) }
        let content = try memory.read(nonce: [7])
        #expect(content.data == [1] && content.writeCounter == 1)
        #expect(content.code == (try ReplayProtectedMessage.answer([1], writeCounter: 1, nonce: [7], key: key)))
    }

    @Test func everyFlippedByteOfTheMemoryIsNoticed() throws {
        try scratch.storage(memory: memory()).put("a", [1])
        let bytes = try memoryScratch.read("replay-protected")
        for offset in bytes.indices {
            var changed = bytes
            changed[offset] ^= 0x10
            try memoryScratch.write("replay-protected", changed)
            #expect(throws: TEEResult.corruptObject, "byte \(offset)") { try scratch.storage(memory: memory()).get("a") }
        }
    }
}

/// A memory that can be made to fail.
private final class FailingMemory: ReplayProtectedMemory, @unchecked Sendable {
    private let memory: ReplayProtectedFile
    var isBroken = false

    init(_ memory: ReplayProtectedFile) { self.memory = memory }

    func read(nonce: [UInt8]) throws(TEEResult) -> ReplayProtectedContent { try memory.read(nonce: nonce) }

    func write(_ content: ReplayProtectedContent) throws(TEEResult) {
        if isBroken { throw .communication }
        try memory.write(content)
    }
}
