import Glibc
import Testing

@testable import SecureWorld

@Suite("Every step of a change of the trusted storage is the state before it or the state after it")
struct StorageCrashTests {
    private let scratch: StorageScratch

    init() throws {
        scratch = try StorageScratch()
        let storage = try scratch.storage()
        try storage.put("small", [1, 2, 3])
        try storage.put("large", [UInt8](repeating: 4, count: 50_000))
    }

    private func content() throws -> [String: [UInt8]] { try StorageTorture.content(of: scratch.storage()) }

    /// The folder with these files, as a process that starts now finds it; what it makes of the names afterwards.
    private func content(with files: [String: [UInt8]], leaves names: some Sequence<String>) throws -> [String: [UInt8]] {
        try scratch.restore(files)
        #expect(try scratch.storage().inspect().damages == [])
        let content = try content()
        #expect(try scratch.names() == names.sorted())
        return content
    }

    @Test(arguments: ["create", "replace", "write", "truncate", "rename", "delete"])
    func killsBetweenAnyTwoCalls(operation: String) throws {
        let before = try scratch.copy()
        let contentBefore = try content()
        let storage = try scratch.storage()
        switch operation {
        case "create": try storage.put("new", [UInt8](repeating: 5, count: 40_000))
        case "replace": try storage.put("large", [UInt8](repeating: 5, count: 40_000))
        case "write": try storage.object("large", .write).write([UInt8](repeating: 6, count: 20_000), at: 10_000)
        case "truncate": try storage.object("large", .write).truncate(to: 20_000)
        case "rename": try storage.object("small", .writeMeta).rename(to: [0x78])
        default: try storage.object("large", .writeMeta).delete()
        }
        let after = try scratch.copy()
        let contentAfter = try content()
        #expect(contentBefore != contentAfter)
        let new = after.filter { before[$0.key] == nil }.sorted { $0.key < $1.key }
        let gone = before.filter { after[$0.key] == nil }.sorted { $0.key < $1.key }

        var files = before
        for (name, bytes) in new {
            files[name] = Array(bytes.prefix(bytes.count / 2))
            #expect(try content(with: files, leaves: before.keys) == contentBefore, "while \(name) is written")
            files[name] = bytes
            #expect(try content(with: files, leaves: before.keys) == contentBefore, "after \(name) is written")
        }
        let counter = try #require(after["counter"])
        for count in [0, counter.count / 2, counter.count] {
            files["counter.new"] = Array(counter.prefix(count))
            #expect(try content(with: files, leaves: before.keys) == contentBefore, "while the counter is written")
        }
        files["counter.new"] = nil
        files["counter"] = counter
        #expect(try content(with: files, leaves: after.keys) == contentAfter, "after the counter is renamed")
        for (name, _) in gone {
            files[name] = nil
            #expect(try content(with: files, leaves: after.keys) == contentAfter, "after \(name) is gone")
        }
        #expect(files == after)
    }

    @Test func theFirstChangeOfAllLeavesNothingBehindEither() throws {
        let counter = try scratch.read("counter")
        try scratch.restore(["counter.new": counter])
        let storage = try scratch.storage()
        #expect(throws: TEEResult.itemNotFound) { try storage.get("small") }
        try storage.put("a", [1])
        #expect(try scratch.storage().inspect().damages == [])
    }

    @Test func whatAKilledProcessLeftGoesEvenIfAnotherOneRanAllAlong() throws {
        let storage = try scratch.storage()
        try storage.put("a", [1])
        usleep(50_000)
        try scratch.write("ff-ff", [1, 2, 3])
        try scratch.write("counter.new", [1])
        try storage.put("b", [2])
        #expect(try scratch.names().allSatisfy { $0 != "ff-ff" && $0 != "counter.new" })
        #expect(try StorageTorture.content(of: storage).keys.sorted() == ["a", "b", "large", "small"])
    }
}
