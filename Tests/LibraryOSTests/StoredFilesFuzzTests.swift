import Testing

@testable import LibraryOS

/// Whatever is done to stored files, they are what the same files in memory are, also after the machine has stopped.
@Suite("Random changes of stored files") struct StoredFilesFuzzTests {
    /// A generator that gives the same numbers for the same seed.
    private struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 33)
        }
        mutating func roll(_ sides: Int) -> Int { Int.random(in: 0..<sides, using: &self) }
    }

    /// One change, which does the same to any file system.
    private struct Change {
        let kind: Int, numbers: [Int], flags: UInt32
        let owner = FileCredentials(user: 5, group: 6)

        init(_ dice: inout Dice) {
            kind = dice.roll(20)
            numbers = (0..<6).map { _ in dice.roll(1 << 20) }
            flags = UInt32([0, 0, 0, 1, 2][dice.roll(5)])
        }

        private func directory(_ files: TmpFS, _ number: Int) throws(Errno) -> TmpDirectory {
            let path = ["", "", "a", "b", "a/c"][number % 5]
            guard let root = files.rootDirectory else { throw .ENOENT }
            if path.isEmpty { return root }
            var place: Inode = root
            for name in path.split(separator: "/") { place = try place.lookup(bytes(String(name))) }
            guard let found = place as? TmpDirectory else { throw .ENOTDIR }
            return found
        }
        private func name(_ number: Int) -> [UInt8] {
            bytes(["a", "b", "c", "x", "y", "z", "w", "v", String(repeating: "long", count: 60)][number % 9])
        }
        private func file(_ files: TmpFS) throws(Errno) -> TmpFile {
            guard let file = try directory(files, numbers[0]).lookup(name(numbers[1])) as? TmpFile else { throw .EISDIR }
            return file
        }

        /// The error, if there is one.
        func make(in files: TmpFS) -> Errno? {
            do throws(Errno) {
                try apply(to: files)
                return nil
            } catch { return error }
        }

        private func apply(to files: TmpFS) throws(Errno) {
            let place = try directory(files, numbers[0])
            let name = name(numbers[1])
            let offset = Int64(numbers[2] % 300_000)
            switch kind {
            case 0, 1, 2: _ = try place.create(name, kind: .regular, mode: UInt32(numbers[2] & 0o7777), deviceNumber: 0, owner: owner)
            case 3: _ = try place.create(name, kind: .directory, mode: 0o755, deviceNumber: 0, owner: owner)
            case 4: _ = try place.create(name, kind: .fifo, mode: 0o600, deviceNumber: 0, owner: owner)
            case 5: _ = try place.symlink(name, target: bytes(String(repeating: "t", count: 1 + numbers[2] % 300)), owner: owner)
            case 6: try place.link(name, to: try directory(files, numbers[2]).lookup(self.name(numbers[3])))
            case 7: try place.unlink(name)
            case 8: try place.rmdir(name)
            case 9, 10: try place.rename(name, to: try directory(files, numbers[2]), self.name(numbers[3]), flags: flags)
            case 11, 12, 13, 14:
                let content = pattern(1 + numbers[3] % 30_000, seed: numbers[4])
                try StoredSandbox.write(try file(files), content, at: numbers[5] % 4 == 0 ? nil : offset)
            case 15: try file(files).truncate(to: offset)
            case 16:
                let mode: Int32 = [3, 3, 0, 1, 0x10, 0x11][numbers[4] % 6]
                try file(files).allocate(mode: mode, offset: offset, length: Int64(1 + numbers[3] % 40_000)) { false }
            case 17: try place.lookup(name).setExtendedAttribute(bytes("user.\(numbers[2] % 3)"), pattern(numbers[3] % 6000), flags: 0)
            case 18: try place.lookup(name).removeExtendedAttribute(bytes("user.\(numbers[2] % 3)"))
            default:
                var change = AttributeChange()
                change.permissions = UInt32(numbers[2] & 0o7777)
                change.user = UInt32(numbers[3])
                change.modificationTime = Int64(numbers[4])
                try place.lookup(name).change(change)
            }
        }
    }

    /// All that can be seen of a tree.
    private func listing(_ directory: TmpDirectory, _ path: String = "") throws -> [String: [String]] {
        var result: [String: [String]] = [:]
        for entry in try directory.directoryEntries() {
            let node = try #require(try directory.lookup(entry.name) as? TmpNode)
            let attributes = try node.attributes()
            let place = path + "/" + String(decoding: entry.name, as: UTF8.self)
            var seen = ["\(attributes.mode) \(attributes.user) \(attributes.group) \(attributes.links) \(attributes.modificationTime > 1 << 40)"]
            if node.kind != .directory { seen.append("\(attributes.size) \(attributes.blocks)") }
            for name in try node.extendedAttributeNames() { seen.append("\(name) \(try node.extendedAttribute(name))") }
            if let file = node as? TmpFile { seen.append("\(try StoredSandbox.read(file).hashValue)") }
            if node.kind == .symbolicLink { seen.append("\(try node.readLink().count)") }
            result[place] = seen
            if let found = node as? TmpDirectory { result.merge(try listing(found, place)) { one, _ in one } }
        }
        return result
    }

    @Test(arguments: 1...8) func storedFilesAreWhatFilesInMemoryAre(_ seed: Int) throws {
        var dice = Dice(state: UInt64(seed))
        let plain = TestKernel(frames: 32768)
        let model = TmpFS(kernel: plain.kernel, permissions: 0o1777)
        var sandbox = try StoredSandbox(cacheLimit: 1 << 20)
        for round in 0..<300 {
            for _ in 0..<dice.roll(8) {
                let change = Change(&dice)
                let (expected, found) = (change.make(in: model), change.make(in: sandbox.files))
                #expect(expected == found, "round \(round), \(change)")
            }
            switch dice.roll(12) {
            case 0:
                #expect(sandbox.store.complaints == [])
                sandbox = try sandbox.afterCommit()
            case 1:
                try sandbox.files.commit()
                expectNothingOwed(sandbox)
            case 2: _ = sandbox.files.dropClean(atLeast: 1000)
            case 3:
                sandbox.store.failures = .init(writes: true, writesAfter: dice.roll(30))
                try? sandbox.files.commit()
                sandbox.store.failures = .init()
            case 4: #expect(try listing(sandbox.root) == listing(try #require(model.rootDirectory)), "round \(round)")
            default: break
            }
        }
        sandbox = try sandbox.afterCommit()
        #expect(try listing(sandbox.root) == listing(try #require(model.rootDirectory)))
        // Nothing is left behind: what is in the store is what can be reached.
        try sandbox.files.commit()
        let directories = sandbox.store.durableFiles.filter { $0.value.record != nil }.count
        try empty(sandbox.root)
        let last = try sandbox.afterCommit()
        #expect(directories >= 1 && last.store.durableSize == 1)
        try last.files.commit()
        expectNothingOwed(last)
        #expect(sandbox.store.complaints == [] && last.store.complaints == [])
    }

    /// What was reserved for changes is neither forgotten nor kept for ever.
    private func expectNothingOwed(_ sandbox: StoredSandbox) {
        let account = sandbox.files.ledger.withLock { sandbox.files.account }
        #expect(account.owed == 0 && account.flying == 0 && account.promised == 0 && account.dirtyPages == 0)
        #expect(account.held <= 65 && account.firstChange == nil, "\(account.held) blocks are held")
        #expect(account.residentPages == account.contents.values.reduce(0) { $0 + ($1.pager?.resident ?? 0) })
        #expect(account.residentPages <= sandbox.files.cachePages)
    }

    private func empty(_ directory: TmpDirectory) throws {
        for name in try directory.entryNames() {
            if let inner = try directory.lookup(name) as? TmpDirectory {
                try empty(inner)
                try directory.rmdir(name)
            } else {
                try directory.unlink(name)
            }
        }
    }

    @Test func threadsAgreeAboutWhatIsWritten() async throws {
        let sandbox = try StoredSandbox(cacheLimit: 1 << 20)
        let file = try sandbox.make("f")
        let pages = 400
        try file.truncate(to: Int64(pages * 4096))
        let space = try AddressSpace(physicalMemory: sandbox.kernel.memory)
        let start = try space.map(
            MappingRequest(length: UInt64(pages) * 4096, protection: [.read, .write], backing: ObjectBacking(object: file.object, location: nil))
        ).value
        await withTaskGroup(of: [Int: UInt8].self) { group in
            for thread in 0..<3 {
                group.addTask {
                    var dice = Dice(state: UInt64(thread))
                    var written: [Int: UInt8] = [:]
                    for _ in 0..<1500 {
                        // Each thread has pages of its own to write, and looks at them through calls and through the mapping.
                        let page = dice.roll(pages / 3) * 3 + thread
                        let place = GuestAddress(start + UInt64(page) * 4096)
                        do throws(Errno) {
                            let found = dice.roll(2) == 0 ? try space.readBytes(place, count: 4096) : try StoredSandbox.read(file, at: Int64(page) * 4096, count: 4096)
                            if found != [UInt8](repeating: written[page] ?? 0, count: 4096) { Issue.record("page \(page) is not what was written") }
                            let value = UInt8(1 + dice.roll(255))
                            let content = [UInt8](repeating: value, count: 4096)
                            if dice.roll(2) == 0 {
                                try StoredSandbox.write(file, content, at: Int64(page) * 4096)
                            } else {
                                _ = space.fault(place, write: true, execute: false)
                                try space.writeBytes(content, to: place)
                            }
                            written[page] = value
                        } catch { Issue.record("page \(page): \(error)") }
                    }
                    return written
                }
            }
            group.addTask {
                for round in 0..<300 {
                    if round % 3 == 0 { sandbox.store.failures = .init(commits: round % 2 == 0) }
                    try? sandbox.files.commit()
                    _ = sandbox.files.dropClean(atLeast: 200)
                }
                sandbox.store.failures = .init()
                return [:]
            }
            var expected: [Int: UInt8] = [:]
            for await written in group { expected.merge(written) { one, _ in one } }
            do {
                let kept = try sandbox.afterCommit().read("f")
                for page in 0..<pages { #expect(kept[page * 4096] == expected[page] ?? 0 && kept[page * 4096 + 4095] == expected[page] ?? 0) }
            } catch { Issue.record(error) }
        }
        #expect(sandbox.store.complaints == [])
    }
}
