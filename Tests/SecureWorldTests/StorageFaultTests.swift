import Glibc
import Testing

@testable import SecureWorld

@Suite("A trusted storage that is full or told to fail")
struct StorageFaultTests {
    private let scratch: StorageScratch

    init() throws { scratch = try StorageScratch() }

    @Test func aFullStorageRefusesAndKeepsWhatItHas() throws {
        let storage = try scratch.storage(capacity: 100_000)
        try storage.put("a", [UInt8](repeating: 1, count: 50_000))
        let before = try scratch.copy()
        #expect(throws: TEEResult.storageNoSpace) { try storage.put("b", [UInt8](repeating: 2, count: 50_000)) }
        let object = try storage.object("a", [.read, .write, .writeMeta])
        #expect(throws: TEEResult.storageNoSpace) { try object.write([UInt8](repeating: 3, count: 60_000), at: 40_000) }
        #expect(throws: TEEResult.storageNoSpace) { try object.rewrite(header: StoredObjectHeader(), attributes: SecretBytes([UInt8](repeating: 0, count: 90_000))) }
        #expect(try scratch.copy() == before)
        #expect(try object.read(at: 0, count: 1 << 20) == [UInt8](repeating: 1, count: 50_000))
        try object.write([4], at: 1 << 30)
        try object.truncate(to: 10)
        object.close()
        try storage.put("b", [UInt8](repeating: 2, count: 50_000))
        try storage.object("b", .writeMeta).delete()
        try storage.put("c", [UInt8](repeating: 2, count: 60_000))
        #expect(try storage.inspect().damages == [])
    }

    /// Each takes a block of the disk at least.
    @Test func emptyObjectsFillAStorageToo() throws {
        let storage = try scratch.storage(capacity: 100_000)
        var count = 0
        #expect(throws: TEEResult.storageNoSpace) {
            while count < 100 {
                try storage.put("\(count)", [])
                count += 1
            }
        }
        #expect((15..<25).contains(count))
        try storage.object("0", .writeMeta).delete()
        try storage.put("another", [])
        for _ in 0..<50 {
            try storage.object("another", .writeMeta).delete()
            try storage.put("another", [])
        }
        #expect(try storage.inspect().damages == [])
    }

    @Test func theNthChangeFindsNoSpace() throws {
        let storage = try scratch.storage()
        try storage.put("a", [1])
        storage.inject(.full, atOperation: 3)
        try storage.put("a", [2])
        _ = try storage.get("a")
        let object = try storage.object("a", .write)
        try object.write([3], at: 0)
        #expect(throws: TEEResult.storageNoSpace) { try object.truncate(to: 0) }
        try object.truncate(to: 0)
        object.close()
        #expect(try storage.get("a") == [])
    }

    @Test func theNthAccessFindsDamage() throws {
        let storage = try scratch.storage()
        for id in ["a", "b"] { try storage.put(id, [1]) }
        storage.inject(.corrupt, atOperation: 2)
        let object = try storage.object("a", .read)
        #expect(throws: TEEResult.corruptObject) { try object.read(at: 0, count: 1) }
        #expect(throws: TEEResult.itemNotFound) { try storage.object("a", .read) }
        storage.inject(.corrupt, atOperation: 1)
        #expect(throws: TEEResult.corruptObject) { try storage.object("b", .read) }
        #expect(throws: TEEResult.itemNotFound) { try storage.object("b", .read) }
        #expect(try storage.inspect().damages == [])
    }

    @Test func aFolderThatCannotBeUsedIsNotAvailable() throws {
        #expect(throws: TEEResult.storageNotAvailable) { try TrustedStorage(folder: "/proc/nowhere/storage", deviceKey: StorageScratch.deviceKey) }
        #expect(throws: TEEResult.storageNotAvailable) { try TrustedStorage(folder: "/dev/null", deviceKey: StorageScratch.deviceKey) }
        let readOnly = try TrustedStorage(folder: "/proc/self", deviceKey: StorageScratch.deviceKey)
        #expect(throws: TEEResult.storageNotAvailable) { try readOnly.put("a", []) }
    }

    /// For a small file system at that path: `mount -t tmpfs -o size=1M none /mnt`.
    @Test(.enabled(if: getenv("SKERRY_STORAGE_SMALL_FILE_SYSTEM") != nil))
    func aFullFileSystemRefusesAndKeepsWhatItHas() throws {
        let path = try String(cString: #require(getenv("SKERRY_STORAGE_SMALL_FILE_SYSTEM"))) + "/storage"
        let storage = try TrustedStorage(folder: path, deviceKey: StorageScratch.deviceKey)
        try storage.wipe()
        var count = 0
        #expect(throws: TEEResult.storageNoSpace) { while true { try storage.put("\(count)", [UInt8](repeating: UInt8(count % 256), count: 30_000)); count += 1 } }
        let report = try TrustedStorage(folder: path, deviceKey: StorageScratch.deviceKey).inspect()
        #expect(report.damages == [] && report.objects.count == count)
        try storage.object("0", .writeMeta).delete()
        try storage.put("small", [1])
        #expect(try storage.get("1") == [UInt8](repeating: 1, count: 30_000))
    }

    @Test func changesThatReachTheDiskDoTheSame() throws {
        let storage = try scratch.storage(durability: .disk)
        try storage.put("a", [UInt8](repeating: 1, count: 1_200_000))
        #expect(try scratch.storage().get("a") == [UInt8](repeating: 1, count: 1_200_000))
    }
}
