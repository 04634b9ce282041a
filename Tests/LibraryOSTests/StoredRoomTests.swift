import Testing

@testable import LibraryOS

/// What stored files do when a store is full or fails, and when memory is short.
@Suite("Stored files without room") struct StoredRoomTests {
    private let owner = FileCredentials(user: 0, group: 0)

    private func used(_ sandbox: StoredSandbox) -> Int { sandbox.store.durableSize }

    /// Fills the store by one file; returns its size.
    private func fill(_ sandbox: StoredSandbox) throws -> Int {
        let file = try sandbox.make("filler")
        let piece = pattern(100_000)
        var size = 0
        while true {
            do throws(Errno) { size += try StoredSandbox.write(file, piece, at: Int64(size)) } catch {
                #expect(error == .ENOSPC)
                return size
            }
        }
    }

    @Test func aFullStoreTakesWhatThereIsRoomFor() throws {
        let sandbox = try StoredSandbox(MemoryFileStore(capacity: 1000))
        let size = try fill(sandbox)
        #expect(size > 850 * 4096 && size < 1000 * 4096)
        #expect(throws: Errno.ENOSPC) { try sandbox.make("another") }
        #expect(throws: Errno.ENOSPC) { try sandbox.files.makeDirectories(bytes("d")) }
        #expect(throws: Errno.ENOSPC) { try sandbox.root.symlink(bytes("l"), target: bytes("x"), owner: owner) }
        #expect(throws: Errno.ENOSPC) { try sandbox.root.link(bytes("l"), to: try sandbox.node("filler")) }
        #expect(throws: Errno.ENOSPC) { try sandbox.root.rename(bytes("filler"), to: sandbox.root, bytes("other"), flags: 0) }
        #expect(throws: Errno.ENOSPC) { try sandbox.node("filler").setExtendedAttribute(bytes("user.a"), pattern(9000), flags: 0) }
        #expect(throws: Errno.ENOSPC) { try sandbox.file("filler").allocate(mode: 0, offset: 0, length: 1100 * 4096) { false } }
        let again = try sandbox.afterCommit()
        #expect(try again.node("filler").attributes().size == Int64(size))
        #expect(again.store.complaints == [] && sandbox.store.complaints == [])
    }

    @Test(arguments: [false, true]) func removingMakesRoomInAFullStore(_ afterMounting: Bool) throws {
        var sandbox = try StoredSandbox(MemoryFileStore(capacity: 1000))
        for index in 0..<60 { try sandbox.make("small-\(index)", bytes("x")) }
        try sandbox.files.makeDirectories(bytes("empty"))
        _ = try fill(sandbox)
        if afterMounting { sandbox = try sandbox.afterCommit() }
        for index in 0..<60 { try sandbox.root.unlink(bytes("small-\(index)")) }
        try sandbox.root.rmdir(bytes("empty"))
        try sandbox.file("filler").truncate(to: 5000)
        try sandbox.make("another", pattern(500 * 4096))
        let again = try sandbox.afterCommit()
        #expect(try again.read("another") == pattern(500 * 4096))
        #expect(again.root.list(from: 2, limit: 100).count == 2)
        #expect(again.store.complaints == [] && sandbox.store.complaints == [])
    }

    @Test func whatIsReplacedAgainAndAgainDoesNotFillTheStore() throws {
        let sandbox = try StoredSandbox(MemoryFileStore(capacity: 1000))
        for round in 0..<40 {
            try sandbox.make("f", pattern(100 * 4096, seed: round))
            if round % 3 == 0 { try sandbox.files.commit() }
            #expect(try sandbox.read("f") == pattern(100 * 4096, seed: round))
            try sandbox.root.unlink(bytes("f"))
        }
        try sandbox.files.commit()
        #expect(used(sandbox) == 1)
        #expect(sandbox.store.complaints == [])
    }

    @Test func statfsTellsOfTheStore() throws {
        let sandbox = try StoredSandbox(MemoryFileStore(capacity: 1000))
        try sandbox.make("f", pattern(100 * 4096))
        try sandbox.files.commit()
        let statistics = try sandbox.files.statistics()
        #expect(statistics.blocks == 1000)
        #expect(statistics.blocksFree < 900 && statistics.blocksFree > 800)
        #expect(sandbox.files.typeName == "skerrystore")
    }

    // MARK: Failures

    @Test func aFailedCommitKeepsEverythingForTheNext() throws {
        let sandbox = try StoredSandbox()
        try sandbox.make("old", bytes("old"))
        try sandbox.files.commit()
        let file = try sandbox.make("d/f", pattern(200_000))
        try file.setExtendedAttribute(bytes("user.a"), bytes("1"), flags: 0)
        try sandbox.root.unlink(bytes("old"))
        for writes in [0, 1, 5, 40] {
            sandbox.store.failures = .init(writes: true, writesAfter: writes)
            #expect(throws: Errno.EIO) { try sandbox.files.commit() }
        }
        sandbox.store.failures = .init(commits: true)
        #expect(throws: Errno.EIO) { try sandbox.files.commit() }
        #expect(try StoredSandbox(sandbox.store.afterCrash()).read("old") == bytes("old"))
        sandbox.store.failures = .init()
        let again = try sandbox.afterCommit()
        #expect(try again.read("d/f") == pattern(200_000))
        #expect(try again.file("d/f").extendedAttribute(bytes("user.a")) == bytes("1"))
        #expect(throws: Errno.ENOENT) { try again.node("old") }
        #expect(sandbox.store.complaints == [])
    }

    @Test func whatCannotBeReadIsAnError() throws {
        let sandbox = try StoredSandbox()
        try sandbox.make("f", pattern(10_000))
        let again = try sandbox.afterCommit()
        again.store.failures = .init(reads: true)
        let file = try again.file("f")
        #expect(throws: Errno.EIO) { try StoredSandbox.read(file) }
        #expect(throws: Errno.EIO) { try StoredSandbox.write(file, bytes("x"), at: 5) }
        #expect(throws: Errno.EIO) { try file.truncate(to: 5) }
        again.store.failures = .init()
        #expect(try again.read("f") == pattern(10_000))
        #expect(throws: Errno.EIO) {
            let store = again.store.afterCrash()
            store.failures = .init(reads: true)
            _ = try StoredSandbox(store)
        }
    }

    // MARK: Memory

    @Test func aFileLargerThanMemoryIsWrittenAndRead() throws {
        // 8 MiB of memory, 2 of them for files.
        let sandbox = try StoredSandbox(frames: 2048, cacheLimit: 2 << 20)
        let file = try sandbox.make("large")
        let piece = pattern(1 << 20)
        for index in 0..<24 { #expect(try StoredSandbox.write(file, piece, at: Int64(index) << 20) == 1 << 20) }
        #expect(sandbox.kernel.memory.framesInUse <= 1024, "the cache has a limit")
        for index in [3, 23, 0, 11] { #expect(try StoredSandbox.read(file, at: Int64(index) << 20, count: 1 << 20) == piece) }
        let again = try sandbox.afterCommit()
        let kept = try again.file("large")
        for index in 0..<24 { #expect(try StoredSandbox.read(kept, at: Int64(index) << 20, count: 1 << 20) == piece) }
        #expect(sandbox.store.complaints == [] && again.store.complaints == [])
    }

    /// Of each, all pages lie right before the place where it was read last.
    @Test func manySmallFilesThatAreReadDoNotFillMemory() throws {
        let before = try StoredSandbox(cacheLimit: 0)
        for index in 0..<200 { try before.make("f\(index)", pattern(20 * 4096, seed: index)) }
        try before.files.commit()
        before.files.release()
        let again = try StoredSandbox(before.store.afterCrash(), frames: 1024, cacheLimit: 0)
        for index in 0..<200 { #expect(try again.read("f\(index)") == pattern(20 * 4096, seed: index)) }
        #expect(again.files.ledger.withLock { again.files.account.residentPages } <= 300)
    }

    @Test func aFileWithoutANameMayBeLargerThanMemory() throws {
        let sandbox = try StoredSandbox(frames: 2048, cacheLimit: 2 << 20)
        do {
            let file = try #require(try sandbox.root.createTemporary(mode: 0o600, owner: owner, linkable: false) as? TmpFile)
            for index in 0..<16 { try StoredSandbox.write(file, pattern(1 << 20, seed: index), at: Int64(index) << 20) }
            for index in 0..<16 { #expect(try StoredSandbox.read(file, at: Int64(index) << 20, count: 1 << 20) == pattern(1 << 20, seed: index)) }
            let crashed = try StoredSandbox(sandbox.store.afterCrash())
            try crashed.files.commit()
            #expect(crashed.store.durableSize == 1)
        }
        try sandbox.files.commit()
        #expect(sandbox.store.durableSize == 1)
        #expect(sandbox.store.complaints == [])
    }

    @Test func aFileWithoutANameLeavesNothingWhenItsCommitFails() throws {
        let sandbox = try StoredSandbox()
        let file = try #require(try sandbox.root.createTemporary(mode: 0o600, owner: owner, linkable: false) as? TmpFile)
        try StoredSandbox.write(file, pattern(100_000), at: 0)
        sandbox.store.failures = .init(writes: true)
        #expect(throws: Errno.EIO) { try sandbox.files.commit(spilling: true) }
        sandbox.store.failures = .init()
        try sandbox.files.commit(spilling: true)
        #expect(sandbox.store.durableSize == 2 + 25, "the root, and the file with a record")
        let crashed = try StoredSandbox(sandbox.store.afterCrash())
        try crashed.files.commit()
        #expect(crashed.store.durableSize == 1)
        #expect(try StoredSandbox.read(file) == pattern(100_000))
        #expect(sandbox.store.complaints == [])
    }

    @Test func reservedRangesAreThereAndZero() throws {
        let sandbox = try StoredSandbox(frames: 2048, cacheLimit: 2 << 20)
        let file = try sandbox.make("f", bytes("begin"))
        try file.allocate(mode: 0, offset: 0, length: 6 << 20) { false }
        #expect(try file.attributes().size == 6 << 20)
        #expect(try file.attributes().blocks == 6 << 11)
        let again = try sandbox.afterCommit()
        #expect(try again.file("f").attributes().blocks == 6 << 11)
        #expect(try StoredSandbox.read(try again.file("f"), count: 10) == bytes("begin") + [0, 0, 0, 0, 0])
        try again.file("f").allocate(mode: 0x11, offset: 2, length: 4) { false }
        #expect(try StoredSandbox.read(try again.file("f"), count: 6) == bytes("be") + [0, 0, 0, 0])
    }

    @Test func memoryIsGivenBackWhenItIsShort() throws {
        let sandbox = try StoredSandbox()
        let before = sandbox.kernel.memory.framesInUse
        try sandbox.make("f", pattern(1 << 20))
        try sandbox.files.commit()
        #expect(sandbox.kernel.memory.framesInUse >= before + 256)
        let task = try sandbox.kernel.makeTask()
        #expect(sandbox.kernel.kernel.relieveShortage(for: task))
        #expect(sandbox.kernel.memory.framesInUse <= before + 64)
        try StoredSandbox.write(try sandbox.file("f"), pattern(1 << 20, seed: 9), at: 0)
        #expect(sandbox.files.giveBackMemory() > 0, "what has changed is written first")
        #expect(try sandbox.read("f") == pattern(1 << 20, seed: 9))
    }
}
