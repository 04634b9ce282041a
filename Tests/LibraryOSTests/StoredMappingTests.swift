import Testing

@testable import LibraryOS

/// Stored files in the memory of programs.
@Suite("Mappings of stored files") struct StoredMappingTests {
    private let sandbox: StoredSandbox
    private let file: TmpFile
    private let space: AddressSpace
    private let start: UInt64
    private static let pages = 40

    init() throws {
        sandbox = try Self.mounted(MemoryFileStore())
        file = try sandbox.file("f")
        space = try AddressSpace(physicalMemory: sandbox.kernel.memory)
        start = try Self.map(file, in: space, shared: true)
    }

    /// A sandbox with a file that is in the store and not in memory.
    private static func mounted(_ store: MemoryFileStore, cacheLimit: UInt64 = 16 << 20) throws -> StoredSandbox {
        let first = try StoredSandbox(store)
        try first.make("f", pattern(pages * 4096))
        try first.files.commit()
        first.files.release()
        return try StoredSandbox(store.afterCrash(), cacheLimit: cacheLimit)
    }
    private static func map(_ file: TmpFile, in space: AddressSpace, shared: Bool, pages: Int = pages) throws -> UInt64 {
        let backing: MemoryBacking = shared ? ObjectBacking(object: file.object, location: nil) : PrivateObjectBacking(object: file.object, location: nil)
        return try space.map(MappingRequest(length: UInt64(pages) * 4096, protection: [.read, .write], backing: backing)).value
    }

    /// What a vCPU finds in the page tables.
    private func entry(_ page: Int, in space: AddressSpace? = nil, at start: UInt64? = nil) throws -> (frame: FrameNumber, protection: PageProtection)? {
        try #require((space ?? self.space).pageTable as? TestPageTable).entries[(start ?? self.start) / 4096 + UInt64(page)]
    }
    /// An access by the program: through the entry if that allows it, else after the fault.
    private func access(_ page: Int, write: UInt8? = nil, in other: AddressSpace? = nil, at otherStart: UInt64? = nil) throws -> UInt8 {
        let (space, start) = (other ?? self.space, otherStart ?? self.start)
        for _ in 0..<3 {
            if let entry = try entry(page, in: space, at: start), write == nil || entry.protection.contains(.write) {
                let place = try #require(sandbox.kernel.memory.hostAddress(of: entry.frame))
                if let write { place.storeBytes(of: write, as: UInt8.self) }
                return place.load(as: UInt8.self)
            }
            switch space.fault(GuestAddress(start + UInt64(page) * 4096), write: write != nil, execute: false) {
            case .resolved: continue
            case .beyondFile: throw Errno.EFAULT
            default: throw Errno.EACCES
            }
        }
        Issue.record("the fault was resolved, but the page cannot be used")
        return 0
    }

    @Test func aPageIsReadOnlyUntilItIsWritten() throws {
        #expect(try access(3) == pattern(Self.pages * 4096)[3 * 4096])
        #expect(try entry(3)?.protection == .read)
        #expect(try access(3, write: 0x55) == 0x55)
        #expect(try entry(3)?.protection.contains(.write) == true)
        #expect(try StoredSandbox.read(file, at: 3 * 4096, count: 1) == [0x55])
        let written = sandbox.store.blocksWritten
        try sandbox.files.commit()
        #expect(sandbox.store.blocksWritten == written + 1, "one page, and nothing else has changed")
        #expect(try entry(3)?.protection == .read, "the next write is noticed")
        #expect(sandbox.kernel.memory.zapped.contains { $0.count == 1 })
        #expect(try access(3, write: 0x66) == 0x66)
        #expect(try sandbox.afterCommit().read("f")[3 * 4096] == 0x66)
        #expect(sandbox.store.complaints == [])
    }

    @Test func everyAddressSpaceNoticesACommit() throws {
        let child = try space.fork()
        #expect(try access(1, write: 1, in: child) == 1)
        #expect(try access(1, write: 2) == 2)
        try sandbox.files.commit()
        #expect(try entry(1, in: child)?.protection.contains(.write) == false && entry(1)?.protection.contains(.write) == false)
        #expect(try access(1, write: 3, in: child) == 3)
        #expect(try access(1) == 3)
        #expect(try sandbox.afterCommit().read("f")[4096] == 3)
        child.release()
    }

    /// Nothing but the page changes: no record is written with it.
    @Test func blocksThatAMappingHasMadeAreCounted() throws {
        try file.truncate(to: 0)
        try file.truncate(to: Int64(Self.pages) * 4096)
        try sandbox.files.commit()
        #expect(try access(1, write: 1) == 1)
        let again = try sandbox.afterCommit()
        #expect(try again.node("f").attributes().blocks == 8)
        #expect(try again.read("f")[4096] == 1)
    }

    @Test func whatTheLibraryOSWritesIsKeptToo() throws {
        try space.writeBytes(pattern(20 * 4096, seed: 7), to: GuestAddress(start + 100))
        #expect(try space.compareExchange32(GuestAddress(start), expected: try space.load32(GuestAddress(start)), desired: 77) != 77)
        #expect(try space.readBytes(GuestAddress(start + 100), count: 20 * 4096) == pattern(20 * 4096, seed: 7))
        let count = try space.withPinned([UserBuffers.Range(address: GuestAddress(start + 30 * 4096), length: 8192)], writing: true) { segments in
            for segment in segments { segment.initializeMemory(as: UInt8.self, repeating: 0xaa) }
            return segments.reduce(0) { $0 + $1.count }
        }
        #expect(count == 8192)
        let kept = try sandbox.afterCommit().read("f")
        #expect(Array(kept[100..<100 + 20 * 4096]) == pattern(20 * 4096, seed: 7))
        #expect(kept[0] == 77 && kept[30 * 4096] == 0xaa && kept[32 * 4096 - 1] == 0xaa)
        #expect(sandbox.store.complaints == [])
    }

    @Test func whatAHostCallStoresDuringACommitIsKept() throws {
        _ = try space.withPinned([UserBuffers.Range(address: GuestAddress(start + 5 * 4096), length: 4096)], writing: true) { segments in
            try? sandbox.files.commit()
            segments[0].initializeMemory(as: UInt8.self, repeating: 0xbb)
            return 4096
        }
        #expect(try sandbox.afterCommit().read("f")[5 * 4096] == 0xbb)
        #expect(sandbox.store.complaints == [])
    }

    @Test func pagesInUseMayLeaveMemoryAndComeBack() throws {
        let frames = sandbox.kernel.memory.framesInUse
        for page in 0..<Self.pages { _ = try access(page) }
        #expect(try access(9, write: 1) == 1)
        try sandbox.files.commit()
        #expect(try access(10, write: 2) == 2)
        #expect(sandbox.files.dropClean(atLeast: 1000) > 0)
        #expect(try access(10) == 2, "dirty pages stay")
        #expect(sandbox.files.dropClean(atLeast: 1000) == 0 && sandbox.kernel.memory.framesInUse - frames <= 33)
        #expect(try entry(0) == nil)
        let expected = pattern(Self.pages * 4096)
        for page in 0..<Self.pages where page != 9 && page != 10 { #expect(try access(page) == expected[page * 4096]) }
        #expect(try access(9) == 1)
    }

    @Test func whatAHostCallReadsStaysUntilItIsOver() throws {
        _ = try access(0)
        // So that the first page is not among those where somebody reads on.
        _ = try access(39)
        let frames = sandbox.kernel.memory.framesInUse
        let memory = sandbox.kernel.memory
        let first = try space.withPinned([UserBuffers.Range(address: GuestAddress(start), length: 4096)], writing: false) { segments in
            #expect(sandbox.files.dropClean(atLeast: 1000) > 0)
            #expect(memory.framesInUse == frames, "nobody else gets them")
            return Int(segments[0][0])
        }
        #expect(first == Int(pattern(1)[0]))
        #expect(memory.framesInUse < frames)
        #expect(try access(0) == pattern(1)[0])
    }

    @Test func privateMappingsAreTheProgramsOwn() throws {
        let place = try Self.map(file, in: space, shared: false)
        let expected = pattern(Self.pages * 4096)
        #expect(try access(4, at: place) == expected[4 * 4096])
        #expect(try access(4, write: 0x11, at: place) == 0x11)
        _ = sandbox.files.dropClean(atLeast: 1000)
        #expect(try access(4, at: place) == 0x11)
        #expect(try access(4) == expected[4 * 4096])
        #expect(try space.readBytes(GuestAddress(place + 6 * 4096), count: 3 * 4096) == Array(expected[6 * 4096..<9 * 4096]))
        #expect(try sandbox.afterCommit().read("f") == expected)
    }

    @Test func behindTheEndThereIsNothing() throws {
        _ = try access(30, write: 1)
        try file.truncate(to: 5 * 4096 + 10)
        #expect(throws: Errno.EFAULT) { try access(30) }
        #expect(throws: Errno.EFAULT) { try access(30, write: 1) }
        #expect(throws: Errno.EFAULT) { try space.readBytes(GuestAddress(start + 6 * 4096), count: 1) }
        #expect(throws: Errno.EFAULT) { try space.writeBytes([1], to: GuestAddress(start + 6 * 4096)) }
        #expect(try access(5, write: 9) == 9)
        try file.truncate(to: 20 * 4096)
        #expect(try access(10) == 0)
        #expect(try entry(10)?.protection == .read, "a hole stays one until it is written")
        #expect(try file.attributes().blocks == 48)
        #expect(try access(10, write: 3) == 3)
        #expect(try file.attributes().blocks == 56)
    }

    @Test func aStoreThatFailsIsASignal() throws {
        sandbox.store.failures = .init(reads: true)
        #expect(throws: Errno.EFAULT) { try access(0) }
        #expect(throws: Errno.EFAULT) { try space.readBytes(GuestAddress(start), count: 1) }
        sandbox.store.failures = .init()
        #expect(try access(0) == pattern(1)[0])
    }

    @Test func aFullStoreIsASignalForHoles() throws {
        let sandbox = try StoredSandbox(MemoryFileStore(capacity: 120))
        let file = try sandbox.make("f")
        try file.truncate(to: 1 << 20)
        let space = try AddressSpace(physicalMemory: sandbox.kernel.memory)
        let start = try Self.map(file, in: space, shared: true, pages: 256)
        var resolved = 0
        for page in 0..<UInt64(256) {
            guard case .resolved = space.fault(GuestAddress(start + page * 4096), write: true, execute: false) else { break }
            resolved += 1
        }
        #expect(resolved > 30 && resolved < 120)
        #expect(throws: Errno.EFAULT) { try space.writeBytes([1], to: GuestAddress(start + 200 * 4096)) }
        guard case .beyondFile = space.fault(GuestAddress(start + 200 * 4096), write: true, execute: false) else {
            Issue.record("no signal")
            return
        }
        #expect(try space.readBytes(GuestAddress(start + 200 * 4096), count: 1) == [0])
        try sandbox.files.commit()
        #expect(sandbox.store.complaints == [])
    }

    @Test func aMappingLargerThanTheCacheIsWritten() throws {
        let sandbox = try StoredSandbox(frames: 3000, cacheLimit: 2 << 20)
        let file = try sandbox.make("f")
        try file.truncate(to: 16 << 20)
        let space = try AddressSpace(physicalMemory: sandbox.kernel.memory)
        let start = try Self.map(file, in: space, shared: true, pages: 4096)
        for page in 0..<UInt64(4096) {
            guard case .resolved = space.fault(GuestAddress(start + page * 4096), write: true, execute: false) else {
                Issue.record("page \(page)")
                return
            }
            let translation = try #require(try entry(Int(page), in: space, at: start))
            let place = try #require(sandbox.kernel.memory.hostAddress(of: translation.frame))
            place.storeBytes(of: UInt64(page), as: UInt64.self)
        }
        #expect(sandbox.kernel.memory.framesInUse < 1000)
        let again = try sandbox.afterCommit()
        for page in stride(from: 0, to: 4096, by: 97) {
            #expect(ByteReader(try StoredSandbox.read(try again.file("f"), at: Int64(page * 4096), count: 8)).u64(0) == UInt64(page))
        }
        #expect(sandbox.store.complaints == [])
    }
}
