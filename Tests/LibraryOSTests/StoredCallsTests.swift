import Testing

@testable import LibraryOS

/// The system calls that make stored files durable, and others on such files.
@Suite("Calls on stored files") struct StoredCallsTests {
    private let sandbox: StoredSandbox
    private let task: Task
    private let memory: UInt64

    init() throws {
        sandbox = try StoredSandbox()
        task = try sandbox.kernel.makeTask()
        memory = task.mapped(pages: 64)
        try sandbox.make("f", bytes("content"))
        try sandbox.files.commit()
    }

    private func open(_ path: String, _ flags: UInt64 = 0o2, mode: UInt64 = 0o644) throws -> UInt64 {
        try task.put(bytes(path) + [0], at: memory)
        let result = task.result(2, memory, flags, mode)
        #expect(result >= 0, "open \(path)")
        return UInt64(bitPattern: result)
    }
    private func write(_ descriptor: UInt64, _ text: String) throws -> Int64 {
        try task.put(bytes(text), at: memory + 4096)
        return task.result(1, descriptor, memory + 4096, UInt64(text.utf8.count))
    }
    /// Whether a commit was made by a call that succeeded.
    private func commits(_ body: () -> Int64) -> Bool {
        let before = sandbox.store.commits
        #expect(body() == 0)
        return sandbox.store.commits == before + 1
    }

    @Test(arguments: [[74], [75], [277, 0, 0, 4], [277, 0, 0, 7], [306], [162]] as [[UInt64]])
    func aCallThatSynchronisesCommits(_ call: [UInt64]) throws {
        let file = try open("/s/f")
        #expect(try write(file, "new") == 3)
        let arguments = call[0] == 162 ? [] : [file] + call.dropFirst()
        func at(_ index: Int) -> UInt64 { index < arguments.count ? arguments[index] : 0 }
        #expect(commits { task.result(call[0], at(0), at(1), at(2), at(3)) })
        #expect(!commits { task.result(call[0], at(0), at(1), at(2), at(3)) }, "nothing has changed since")
        #expect(try StoredSandbox(sandbox.store.afterCrash()).read("f") == bytes("newtent"))
    }

    @Test func startingToWriteBackIsNoCommit() throws {
        let file = try open("/s/f")
        #expect(try write(file, "new") == 3)
        #expect(!commits { task.result(277, file, 0, 0, 2) })
    }

    @Test func aDirectoryIsSynchronisedLikeAFile() throws {
        let directory = try open("/s", 0o200000)
        try sandbox.make("new")
        #expect(commits { task.result(74, directory) })
        #expect(try StoredSandbox(sandbox.store.afterCrash()).read("new") == [])
    }

    @Test(arguments: [0o10002, 0o4010002] as [UInt64]) func aSynchronousWriteIsDurableWhenItReturns(_ flags: UInt64) throws {
        let file = try open("/s/f", flags)
        #expect(try write(file, "durable") == 7)
        #expect(try StoredSandbox(sandbox.store.afterCrash()).read("f") == bytes("durable"))
    }

    @Test func msyncCommitsWhatWasWrittenThroughAMapping() throws {
        let file = try open("/s/f")
        let place = UInt64(bitPattern: task.result(9, 0, 4096, 3, 1, file, 0))
        try task.put(bytes("mapped!"), at: place)
        #expect(!commits { task.result(26, place, 4096, 1) })
        #expect(commits { task.result(26, place, 4096, 4) })
        #expect(try StoredSandbox(sandbox.store.afterCrash()).read("f") == bytes("mapped!"))
    }

    @Test func aFailureToSynchroniseIsTold() throws {
        let file = try open("/s/f")
        #expect(try write(file, "new") == 3)
        sandbox.store.failures = .init(commits: true)
        #expect(task.result(74, file) == failure(.EIO))
        #expect(task.result(306, file) == failure(.EIO))
        #expect(task.result(162) == 0)
        sandbox.store.failures = .init()
        #expect(commits { task.result(74, file) })
    }

    @Test func aCallThatNeedsACommitForItsBufferIsMadeAgain() throws {
        // So much of the small cache is dirty that the store has to be asked first, which a call cannot do in the middle.
        let small = try StoredSandbox(cacheLimit: 1 << 20)
        let task = try small.kernel.makeTask()
        let file = try small.make("f")
        try file.truncate(to: 2 << 20)
        let backing = ObjectBacking(object: file.object, location: nil)
        let place = try task.memory.map(MappingRequest(length: 2 << 20, protection: [.read, .write], backing: backing)).value
        for page in 0..<200 {
            try? task.put([1], at: place + UInt64(page) * 4096)
            if small.files.isFlooded { break }
        }
        #expect(small.files.isFlooded)
        let commits = small.store.commits
        var call = SyscallCall(number: 63, place + 300 * 4096, 0, 0, 0, 0, 0)
        guard case .value(let first) = task.execute(&call) else {
            Issue.record("no result")
            return
        }
        #expect(first == Errno.ERESTARTNOINTR.syscallResult)
        #expect(small.store.commits == commits + 1)
        guard case .value(0) = task.execute(&call) else {
            Issue.record("uname fails")
            return
        }
        #expect(try task.memory.readBytes(GuestAddress(place + 300 * 4096), count: 5) == bytes("Linux"))
    }

    @Test func aReadThatMustNotWaitDoesNot() throws {
        let again = try StoredSandbox(sandbox.store.afterCrash())
        let task = try again.kernel.makeTask()
        let place = task.mapped()
        try task.put(bytes("/s/f") + [0], at: place)
        let file = UInt64(bitPattern: task.result(2, place, 0, 0))
        var call = SyscallCall(number: 0, file, place, 100, 0, 0, 0, inPlace: true)
        let reads = again.store.reads
        guard case .leave = task.execute(&call) else {
            Issue.record("it has waited")
            return
        }
        #expect(again.store.reads == reads)
        #expect(task.result(17, file, place, 100, 0) == 7)
        guard case .value(7) = task.execute(&call) else {
            Issue.record("what is in memory can be read")
            return
        }
    }

    @Test func adviceOnMappingsReachesTheStore() throws {
        try sandbox.make("large", pattern(50 * 4096))
        try sandbox.files.commit()
        let again = try StoredSandbox(sandbox.store.afterCrash())
        let task = try again.kernel.makeTask()
        let large = try again.file("large")
        let backing = ObjectBacking(object: large.object, location: nil)
        let place = try task.memory.map(MappingRequest(length: 50 * 4096, protection: [.read, .write], backing: backing)).value
        // MADV_POPULATE_READ, mlock, MADV_POPULATE_WRITE, MADV_REMOVE.
        #expect(task.result(28, place, 20 * 4096, 22) == 0)
        #expect(task.memory.pageTable.isMapped(GuestAddress(place + 19 * 4096)))
        #expect(task.result(149, place + 20 * 4096, 10 * 4096) == 0)
        #expect(again.store.blocksRead >= 30)
        #expect(task.result(28, place + 30 * 4096, 4096, 23) == 0)
        #expect(large.object.leadingDirty(30, limit: 5).isDirty)
        #expect(task.result(28, place + 40 * 4096, 10 * 4096, 9) == 0)
        #expect(try large.attributes().blocks == 40 * 8)
        let last = try again.afterCommit()
        #expect(try last.read("large") == pattern(40 * 4096) + [UInt8](repeating: 0, count: 10 * 4096))
        #expect(again.store.complaints == [])
    }

    @Test func whatTmpfsCanDoStoredFilesCan() throws {
        let (one, two) = (try open("/s/f"), try open("/s/f"))
        #expect(task.result(73, one, 2 | 4) == 0)
        #expect(task.result(73, two, 2 | 4) == failure(.EAGAIN))
        let watch = UInt64(bitPattern: task.result(253))
        try task.put(bytes("/s/f") + [0], at: memory)
        #expect(task.result(254, watch, memory, 2) == 1)
        #expect(try write(one, "x") == 1)
        #expect(task.result(0, watch, memory + 8192, 4096) == 16)
        try task.put(bytes("/f") + [0], at: memory)
        try task.put(bytes("/s/f") + [0], at: memory + 100)
        #expect(task.result(82, memory + 100, memory) == failure(.EXDEV))
        #expect(task.result(86, memory + 100, memory) == failure(.EXDEV))
        let temporary = try open("/s", 0o20200002, mode: 0o600)
        #expect(try write(temporary, "nameless") == 8)
        #expect(task.result(5, temporary, memory) == 0)
        try task.put(bytes("/s") + [0], at: memory)
        #expect(task.result(137, memory, memory + 200) == 0)
        #expect(try task.memory.readU64(GuestAddress(memory + 200)) == 0x534b_5259)
    }
}
