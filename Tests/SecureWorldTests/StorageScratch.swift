import Glibc
import Testing

@testable import SecureWorld

/// A folder that goes with the last reference to it, and the plainest ways to look at it and to tamper with it.
final class StorageScratch: Sendable {
    static let deviceKey = SecretBytes([UInt8](0..<16))
    static let application = TEEUUID.null
    static let other = TEEUUID(bigEndian: [UInt8](repeating: 0x11, count: 16)) ?? .null
    /// TEE_STORAGE_PRIVATE and TEE_STORAGE_PRIVATE_RPMB.
    static let normal: UInt32 = 1
    static let replayProtected: UInt32 = 0x8000_0100

    let path: String

    init() throws {
        var template = Array("/tmp/skerry-storage-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = template.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    deinit {
        for name in (try? names()) ?? [] { unlink(path + "/" + name) }
        rmdir(path)
    }

    /// A storage in the folder, as a process that starts now would see it. Flushing to the disk is tested where it matters.
    func storage(
        durability: StorageDurability = .kernel, capacity: UInt64? = nil, patience: Int = 20_000, deviceKey: SecretBytes = deviceKey,
        memory: (any ReplayProtectedMemory)? = nil
    ) throws -> TrustedStorage {
        try TrustedStorage(folder: path, deviceKey: deviceKey, durability: durability, capacity: capacity, patience: patience, replayProtection: memory)
    }

    func names() throws -> [String] { try StorageFolder(path, isDurable: false).names().sorted() }

    func read(_ name: String) throws -> [UInt8] { try #require(try StorageFolder(path, isDurable: false).read(name, limit: 1 << 30)) }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        let folder = try StorageFolder(path, isDurable: false)
        folder.remove(name)
        var files = [try folder.stage(name, bytes)]
        try folder.settle(&files)
    }

    func remove(_ name: String) { unlink(path + "/" + name) }

    /// Everything in the folder, to be put back later.
    func copy() throws -> [String: [UInt8]] { Dictionary(uniqueKeysWithValues: try names().map { ($0, try read($0)) }) }

    func restore(_ copy: [String: [UInt8]]) throws {
        for name in try names() { remove(name) }
        for (name, bytes) in copy { try write(name, bytes) }
    }
}

extension TrustedStorage {
    /// An object of the test application, created and closed.
    func put(_ id: String, _ data: [UInt8], attributes: [UInt8] = [], _ application: TEEUUID = StorageScratch.application) throws(TEEResult) {
        try create(StorageScratch.normal, application, id: Array(id.utf8), flags: .overwrite, attributes: SecretBytes(attributes), data: data).close()
    }

    /// All data of an object of the test application.
    func get(_ id: String, _ application: TEEUUID = StorageScratch.application) throws(TEEResult) -> [UInt8] {
        let object = try open(StorageScratch.normal, application, id: Array(id.utf8), flags: .read)
        defer { object.close() }
        return try object.read(at: 0, count: UInt64(UInt32.max))
    }

    /// An open object of the test application.
    func object(_ id: String, _ flags: StorageFlags) throws(TEEResult) -> TrustedObject {
        try open(StorageScratch.normal, StorageScratch.application, id: Array(id.utf8), flags: flags)
    }

    /// Names of the test application's objects as enumeration has them.
    func ids(_ application: TEEUUID = StorageScratch.application) throws(TEEResult) -> [String] {
        var ids: [String] = []
        do throws(TEEResult) {
            let enumeration = try enumerate(StorageScratch.normal, application)
            while true { ids.append(String(decoding: try enumeration.next().id, as: UTF8.self)) }
        } catch {
            if error != .itemNotFound { throw error }
        }
        return ids
    }
}

/// A generator whose numbers a failing test can repeat (SplitMix64).
struct StorageRandom: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
}
