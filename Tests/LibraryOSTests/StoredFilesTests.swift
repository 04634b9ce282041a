import Testing

@testable import LibraryOS

/// Files that outlive the sandbox.
@Suite("Stored files") struct StoredFilesTests {
    private let nobody = FileCredentials(user: 0, group: 0)

    private func expectNoComplaints(_ sandboxes: StoredSandbox...) { for sandbox in sandboxes { #expect(sandbox.store.complaints == []) } }

    // MARK: What is kept

    @Test func anEmptyStoreIsAnEmptyDirectory() throws {
        let sandbox = try StoredSandbox()
        #expect(try sandbox.root.attributes().permissions == 0o1777)
        #expect(sandbox.root.list(from: 2, limit: 10).isEmpty)
        let again = try sandbox.afterCommit()
        #expect(try again.root.attributes().permissions == 0o1777)
        #expect(again.store.durableSize == 1, "the root's record")
    }

    @Test func everythingAFileSystemKeepsIsKept() throws {
        let sandbox = try StoredSandbox()
        let file = try sandbox.make("d/sub/f", pattern(10_000))
        try sandbox.root.link(bytes("second"), to: file)
        _ = try sandbox.root.symlink(bytes("link"), target: bytes("d/sub/f"), owner: sandbox.owner)
        for (name, kind, number) in [("fifo", FileKind.fifo, 0), ("socket", .socket, 0), ("null", .characterDevice, 0x103), ("disk", .blockDevice, 0x800)] {
            _ = try sandbox.root.create(bytes(name), kind: kind, mode: 0o640, deviceNumber: UInt64(number), owner: sandbox.owner)
        }
        var change = AttributeChange()
        change.permissions = 0o6751
        change.user = 12
        change.group = 34
        change.accessTime = -5
        change.modificationTime = 1_234_567_890_123_456_789
        try file.change(change)
        change.permissions = 0o3770
        try sandbox.node("d").change(change)
        change.permissions = 0o755
        try sandbox.root.change(change)
        try file.setExtendedAttribute(bytes("user.large"), pattern(60_000), flags: 0)
        try file.setExtendedAttribute(bytes("user.empty"), [], flags: 0)
        try sandbox.root.setExtendedAttribute(bytes("user.root"), bytes("r"), flags: 0)
        let paths = ["", "d", "d/sub", "d/sub/f", "second", "link", "fifo", "socket", "null", "disk"]
        let before = try paths.map { try sandbox.node($0).attributes() }
        let again = try sandbox.afterCommit()
        for (path, old) in zip(paths, before) {
            let new = try again.node(path).attributes()
            #expect(new.inode == old.inode && new.mode == old.mode && new.links == old.links && new.user == old.user && new.group == old.group, "\(path)")
            #expect(new.size == old.size && new.blocks == old.blocks && new.deviceNumber == old.deviceNumber, "\(path)")
            #expect(new.accessTime == old.accessTime && new.modificationTime == old.modificationTime, "\(path)")
            #expect(new.changeTime == old.changeTime && new.birthTime == old.birthTime, "\(path)")
        }
        #expect(try again.read("second") == pattern(10_000))
        #expect(try again.node("second") === again.node("d/sub/f"))
        #expect(try again.node("link").readLink() == bytes("d/sub/f"))
        #expect(try again.node("second").extendedAttribute(bytes("user.large")) == pattern(60_000))
        #expect(try again.node("second").extendedAttributeNames() == [bytes("user.empty"), bytes("user.large")])
        #expect(try again.root.extendedAttribute(bytes("user.root")) == bytes("r"))
        #expect(try again.make("new").number > file.number, "numbers are not given a second time")
        expectNoComplaints(sandbox, again)
    }

    @Test func aCrashLeavesTheLastCommit() throws {
        let sandbox = try StoredSandbox()
        try sandbox.make("kept", bytes("before"))
        try sandbox.make("gone", bytes("g"))
        try sandbox.files.commit()
        try StoredSandbox.write(try sandbox.file("kept"), bytes("AFTER!"), at: 0)
        try sandbox.root.unlink(bytes("gone"))
        try sandbox.make("new")
        let again = try sandbox.afterCrash()
        #expect(try again.read("kept") == bytes("before"))
        #expect(try again.read("gone") == bytes("g"))
        #expect(throws: Errno.ENOENT) { try again.node("new") }
        expectNoComplaints(sandbox, again)
    }

    @Test func removedAttributesStayRemoved() throws {
        let sandbox = try StoredSandbox()
        let file = try sandbox.make("f")
        try file.setExtendedAttribute(bytes("user.a"), bytes("1"), flags: 0)
        try sandbox.files.commit()
        let size = sandbox.store.durableSize
        try file.removeExtendedAttribute(bytes("user.a"))
        let again = try sandbox.afterCommit()
        #expect(try again.file("f").extendedAttributeNames() == [])
        #expect(again.store.durableSize == size - 2)
    }

    @Test func holesStayHoles() throws {
        let sandbox = try StoredSandbox()
        let file = try sandbox.make("f")
        try StoredSandbox.write(file, pattern(4096), at: 1 << 40)
        try StoredSandbox.write(file, bytes("x"), at: 5 * 4096)
        try file.truncate(to: 1 << 50)
        #expect(try file.attributes().blocks == 16)
        let again = try sandbox.afterCommit()
        let kept = try again.file("f")
        #expect(try kept.attributes().blocks == 16, "known before the content is looked at")
        let open = TmpOpenFile(kept, flags: .readWrite, location: again.kernel.root)
        #expect(try open.seek(0, whence: 3) == 5 * 4096)
        #expect(try open.seek(5 * 4096, whence: 4) == 6 * 4096)
        #expect(try open.seek(6 * 4096, whence: 3) == 1 << 40)
        #expect(throws: Errno.ENXIO) { try open.seek((1 << 40) + 4096, whence: 3) }
        #expect(try kept.attributes().blocks == 16)
        #expect(again.store.blocksRead - again.store.durableFiles[1]!.blocks.count == 0, "nobody has looked at the content")
        #expect(try StoredSandbox.read(kept, at: 1 << 40, count: 5000) == pattern(4096) + [UInt8](repeating: 0, count: 904))
        try kept.allocate(mode: 3, offset: 5 * 4096, length: 4096) { false }
        #expect(try kept.attributes().blocks == 8)
        #expect(try again.afterCommit().file("f").attributes().blocks == 8)
    }

    /// Whole pages go without being read, also when nobody has looked at the file before.
    @Test(arguments: [3, 0x10] as [Int32]) func aHoleIsTheFirstThingThatIsDone(_ mode: Int32) throws {
        let before = try StoredSandbox()
        try before.make("f", pattern(4 * 4096))
        let sandbox = try before.afterCommit()
        try sandbox.file("f").allocate(mode: mode, offset: 4096, length: 2 * 4096) { false }
        let wanted = Array(pattern(4 * 4096)[..<4096]) + [UInt8](repeating: 0, count: 2 * 4096) + Array(pattern(4 * 4096)[(3 * 4096)...])
        #expect(try sandbox.read("f") == wanted)
        let again = try sandbox.afterCommit()
        #expect(try again.read("f") == wanted)
        #expect(try again.node("f").attributes().blocks == (mode == 3 ? 16 : 32))
        expectNoComplaints(before, sandbox, again)
    }

    @Test func whatIsCutOffDoesNotComeBack() throws {
        let sandbox = try StoredSandbox()
        try sandbox.make("f", pattern(20_000))
        let again = try sandbox.afterCommit()
        let file = try again.file("f")
        try file.truncate(to: 5000)
        try file.truncate(to: 20_000)
        let expected = pattern(5000) + [UInt8](repeating: 0, count: 15_000)
        #expect(try again.read("f") == expected)
        try StoredSandbox.write(file, bytes("z"), at: 16_384)
        try file.allocate(mode: 3, offset: 100, length: 5000) { false }
        let last = try again.afterCommit()
        var rest = expected
        rest[16_384] = UInt8(ascii: "z")
        for index in 100..<5100 { rest[index] = 0 }
        #expect(try last.read("f") == rest)
        expectNoComplaints(sandbox, again, last)
    }

    @Test func anOverwrittenPartOfAPageKeepsTheRest() throws {
        let sandbox = try StoredSandbox()
        try sandbox.make("f", pattern(12_288))
        let again = try sandbox.afterCommit()
        try StoredSandbox.write(try again.file("f"), bytes("middle"), at: 5000)
        var expected = pattern(12_288)
        expected.replaceSubrange(5000..<5006, with: bytes("middle"))
        #expect(try again.read("f") == expected)
        #expect(try again.afterCommit().read("f") == expected)
    }

    @Test func whatWasReadBeforeAChangeDoesNotReplaceIt() throws {
        let sandbox = try StoredSandbox()
        try sandbox.make("f", pattern(4096))
        let again = try sandbox.afterCommit()
        let file = try again.file("f")
        // Another reader's page is on its way while the file is written, committed, and leaves memory.
        again.store.afterReading {
            do {
                try StoredSandbox.write(file, pattern(4096, seed: 5), at: 0)
                try again.files.commit()
                #expect(file.object.dropClean(limit: 10) == 1)
            } catch { Issue.record(error) }
        }
        #expect(try again.read("f") == pattern(4096, seed: 5))
        #expect(again.store.complaints == [])
    }

    // MARK: Names

    @Test func renamingIsKept() throws {
        let sandbox = try StoredSandbox()
        for name in ["a", "b", "c", "e", "f"] { try sandbox.make("d1/\(name)", bytes(name)) }
        try sandbox.files.makeDirectories(bytes("d2/inner"))
        let (one, two) = (try #require(try sandbox.node("d1") as? TmpDirectory), try #require(try sandbox.node("d2") as? TmpDirectory))
        try sandbox.files.commit()
        try one.rename(bytes("a"), to: two, bytes("a2"), flags: 0)
        try one.rename(bytes("b"), to: one, bytes("c"), flags: 0)
        try one.rename(bytes("e"), to: two, bytes("inner"), flags: 2)
        try two.rename(bytes("a2"), to: sandbox.root, bytes("top"), flags: 1)
        try sandbox.root.rename(bytes("d2"), to: one, bytes("d2"), flags: 0)
        let again = try sandbox.afterCommit()
        func names(_ path: String) throws -> [String] {
            try #require(try again.node(path) as? TmpDirectory).entryNames().map { String(decoding: $0, as: UTF8.self) }.sorted()
        }
        #expect(try names("") == ["d1", "top"])
        #expect(try names("d1") == ["c", "d2", "e", "f"])
        #expect(try names("d1/d2") == ["inner"])
        #expect(try again.read("d1/c") == bytes("b"))
        #expect(try again.read("d1/d2/inner") == bytes("e"))
        #expect(try again.node("d1/e").kind == .directory)
        #expect(try again.node("d1").attributes().links == 4)
        #expect(again.store.durableFiles.values.filter { $0.record != nil }.count == 8, "the file that was replaced is gone")
        expectNoComplaints(sandbox, again)
    }

    @Test func aTemporaryFileIsKeptWhenItGetsAName() throws {
        let sandbox = try StoredSandbox()
        let file = try #require(try sandbox.root.createTemporary(mode: 0o600, owner: sandbox.owner, linkable: true) as? TmpFile)
        try StoredSandbox.write(file, bytes("content"), at: 0)
        try file.setExtendedAttribute(bytes("user.a"), bytes("1"), flags: 0)
        try sandbox.files.commit()
        #expect(sandbox.store.durableSize == 1, "without a name it is nobody's")
        try sandbox.root.link(bytes("named"), to: file)
        let again = try sandbox.afterCommit()
        #expect(try again.read("named") == bytes("content"))
        #expect(try again.file("named").extendedAttribute(bytes("user.a")) == bytes("1"))
        expectNoComplaints(sandbox, again)
    }

    @Test func aFileThatIsOpenOutlivesItsName() throws {
        let sandbox = try StoredSandbox()
        try sandbox.make("f", pattern(50_000))
        try sandbox.files.commit()
        do {
            let file = try sandbox.file("f")
            try sandbox.root.unlink(bytes("f"))
            try StoredSandbox.write(file, bytes("new"), at: 60_000)
            try sandbox.files.commit()
            #expect(try StoredSandbox.read(file, count: 50_000) == pattern(50_000))
            let crashed = try StoredSandbox(sandbox.store.afterCrash())
            #expect(throws: Errno.ENOENT) { try crashed.node("f") }
            try crashed.files.commit()
            #expect(crashed.store.durableSize == 1, "its blocks go at the next mount")
        }
        try sandbox.files.commit()
        #expect(sandbox.store.durableSize == 1, "its blocks go when it is closed")
        expectNoComplaints(sandbox)
    }

    // MARK: What commits cost

    @Test func committingOneOfTenThousandFilesIsCheap() throws {
        let sandbox = try StoredSandbox(frames: 32768)
        for index in 0..<10_000 { _ = try sandbox.root.create(bytes("file-\(index)"), kind: .regular, mode: 0o644, deviceNumber: 0, owner: nobody) }
        try sandbox.files.commit()
        let before = sandbox.store.blocksWritten
        try StoredSandbox.write(try sandbox.file("file-77"), bytes("x"), at: 0)
        try sandbox.files.commit()
        #expect(sandbox.store.blocksWritten - before == 2, "a page and a record")
        try sandbox.make("one more")
        try sandbox.files.commit()
        #expect(sandbox.store.blocksWritten - before == 5, "a block of names, the directory's record, the file's")
        let commits = sandbox.store.commits
        try sandbox.files.commit()
        #expect(sandbox.store.commits == commits, "nothing has changed")
        let again = try sandbox.afterCrash()
        #expect(again.root.list(from: 2, limit: 20_000).count == 10_001)
        expectNoComplaints(sandbox, again)
    }

    @Test func whoReadsOnIsReadAheadFor() throws {
        let sandbox = try StoredSandbox()
        try sandbox.make("f", pattern(256 * 4096))
        let again = try sandbox.afterCommit()
        let file = try again.file("f")
        let before = again.store.reads
        for page in 0..<128 { #expect(try StoredSandbox.read(file, at: Int64(page * 4096), count: 4096).count == 4096) }
        #expect(again.store.reads - before <= 10)
        let later = again.store.blocksRead
        #expect(try StoredSandbox.read(file, at: 200 * 4096, count: 10).count == 10)
        #expect(again.store.blocksRead - later == 1, "here and there nothing is read that nobody wants")
    }

    @Test func whatHasWaitedLongIsCommitted() throws {
        let sandbox = try StoredSandbox()
        try sandbox.files.commit()
        let commits = sandbox.store.commits
        func due() { sandbox.files.commitIfDue(now: sandbox.kernel.kernel.time.monotonicNow()) }
        #expect(sandbox.files.commitDue == nil, "who sleeps needs not wake for it")
        try sandbox.make("f")
        #expect(sandbox.files.commitDue == sandbox.kernel.kernel.time.monotonicNow().advanced(byNanoseconds: 5_000_000_000))
        due()
        sandbox.kernel.host.advance(nanoseconds: 4_900_000_000)
        due()
        #expect(sandbox.store.commits == commits)
        sandbox.kernel.host.advance(nanoseconds: 200_000_000)
        due()
        due()
        #expect(sandbox.store.commits == commits + 1)
        #expect(sandbox.files.commitDue == nil)
    }

    // MARK: Damage

    @Test func aStoreThatIsSomethingElseIsRefused() throws {
        let sandbox = try StoredSandbox()
        try sandbox.make("d/f", pattern(5000)).setExtendedAttribute(bytes("user.a"), bytes("1"), flags: 0)
        _ = try sandbox.root.symlink(bytes("l"), target: bytes("d"), owner: nobody)
        try sandbox.files.commit()
        let good = sandbox.store.durableFiles
        var refused = 0
        var random = SystemRandomNumberGenerator()
        for _ in 0..<600 {
            var files = good
            guard let number = files.keys.randomElement() else { continue }
            if Bool.random(), let block = files[number]?.blocks.keys.first {
                files[number]?.blocks[block]?[Int.random(in: 0..<64)] = UInt8.random(in: 0...255, using: &random)
            } else if Int.random(in: 0..<8) == 0 {
                files[number] = nil
            } else if let count = files[number]?.record?.count {
                files[number]?.record?[Int.random(in: 0..<count)] = UInt8.random(in: 0...255, using: &random)
            }
            let store = MemoryFileStore(holding: files)
            do {
                let damaged = try StoredSandbox(store, frames: 512)
                try damaged.files.commit()
                damaged.files.release()
            } catch {
                #expect(error as? Errno == .EIO)
                refused += 1
            }
            #expect(store.complaints == [])
        }
        #expect(refused > 60)
    }
}
