import Testing

@testable import LibraryOS

/// What fork(2) does with private memory: small processes are copied, of large ones frames are owned together until one side writes.
@Suite("Copy on write") struct CopyOnWriteTests {
    private static let pages: UInt64 = 1024
    private let memory = TestMemory(frames: 8192)
    private let parent: AddressSpace
    private let start: UInt64

    init() throws {
        _ = TestKernel.assertsLockOrder
        parent = try AddressSpace(physicalMemory: memory)
        start = try parent.map(
            MappingRequest(length: Self.pages * 4096, protection: [.read, .write], flags: [], backing: AnonymousBacking(physicalMemory: memory))
        ).value
        for page in 0..<Self.pages { try put(parent, page, UInt32(page)) }
    }

    private func address(_ page: UInt64) -> GuestAddress { GuestAddress(start + page * 4096) }
    private func put(_ space: AddressSpace, _ page: UInt64, _ value: UInt32) throws { try space.writeU32(value, to: address(page)) }
    private func get(_ space: AddressSpace, _ page: UInt64) throws -> UInt32 { try space.load32(address(page)) }
    /// What a vCPU finds in the page tables.
    private func entry(_ space: AddressSpace, _ page: UInt64) throws -> (frame: FrameNumber, protection: PageProtection)? {
        try #require(space.pageTable as? TestPageTable).entries[start / 4096 + page]
    }
    /// A store by the program: through the entry if it allows it, else after the fault.
    private func store(_ space: AddressSpace, _ page: UInt64, _ value: UInt32) throws {
        for _ in 0..<3 {
            if let entry = try entry(space, page), entry.protection.contains(.write) {
                try #require(memory.hostAddress(of: entry.frame)).storeBytes(of: value, as: UInt32.self)
                return
            }
            guard case .resolved = space.fault(address(page), write: true, execute: false) else { throw Errno.EFAULT }
        }
        Issue.record("the fault was resolved, but the page cannot be written")
    }
    /// No page that both can write stands behind the same frame.
    private func expectIsolation(_ spaces: AddressSpace...) throws {
        var writers: [UInt64: Int] = [:]
        for space in spaces {
            for (_, entry) in try #require(space.pageTable as? TestPageTable).entries where entry.protection.contains(.write) {
                writers[entry.frame.value, default: 0] += 1
            }
        }
        #expect(!writers.values.contains { $0 > 1 }, "two address spaces may write to one frame")
    }

    @Test func aLargeProcessIsShared() throws {
        let before = memory.framesInUse
        let child = try parent.fork()
        #expect(memory.framesInUse == before, "nothing is copied")
        #expect(memory.zapped.reduce(0) { $0 + $1.count } == Int(Self.pages), "every frame that lost the right to write is zapped once")
        #expect(memory.zapped.count == 1, "in one go")
        #expect(try entry(parent, 5)?.protection == .read)
        try expectIsolation(parent, child)
        for page in 0..<Self.pages { #expect(try get(child, page) == UInt32(page)) }
        child.release()
    }

    @Test func eitherSideWritesForItself() throws {
        let child = try parent.fork()
        try store(child, 100, 7)
        try store(parent, 700, 8)
        #expect(try get(child, 100) == 7 && get(parent, 100) == 100)
        #expect(try get(child, 700) == 700 && get(parent, 700) == 8)
        try expectIsolation(parent, child)
        child.release()
    }

    @Test func whatTheLibraryOSWritesIsCopiedToo() throws {
        let child = try parent.fork()
        try put(child, 9, 1)
        #expect(try child.compareExchange32(address(10), expected: 10, desired: 2) == 10)
        try parent.writeBytes([UInt8](repeating: 0xee, count: 50 * 4096), to: address(200))
        #expect(try get(parent, 9) == 9 && get(parent, 10) == 10 && get(child, 9) == 1 && get(child, 10) == 2)
        #expect(try get(child, 249) == 249 && get(parent, 249) == 0xeeee_eeee)
        try expectIsolation(parent, child)
        child.release()
    }

    @Test func theOnlyOwnerGetsItsPageBackWithoutACopy() throws {
        let frame = try #require(try entry(parent, 3)).frame
        let child = try parent.fork()
        child.release()
        let before = memory.framesInUse
        try store(parent, 3, 30)
        #expect(try entry(parent, 3)?.frame == frame)
        #expect(memory.framesInUse == before)
    }

    @Test func aChildOutlivesItsParent() throws {
        let child = try parent.fork()
        try store(parent, 50, 1)
        parent.release()
        for page in 0..<Self.pages { #expect(try get(child, page) == UInt32(page)) }
        let before = memory.framesInUse
        try store(child, 60, 61)
        #expect(memory.framesInUse == before, "nobody else owns it any more")
        child.release()
        #expect(memory.framesInUse == 0)
    }

    @Test func aCopyTakesNeighboursAlongAndMoreWhenMemoryIsWrittenInOrder() throws {
        let child = try parent.fork()
        let before = memory.framesInUse
        try store(child, 100, 1)
        #expect(memory.framesInUse - before == 8, "the eight pages around it")
        var faults = 0
        for page in 104..<UInt64(600) {
            if try entry(child, page)?.protection.contains(.write) != true { faults += 1 }
            try store(child, page, 1)
        }
        #expect(faults <= 6, "\(faults) faults: clusters double")
        for page in 0..<Self.pages { #expect(try get(parent, page) == UInt32(page)) }
        child.release()
    }

    @Test func mprotectGivesNoRightToWriteToASharedFrame() throws {
        let child = try parent.fork()
        try child.protect(address(0), length: 64 * 4096, .read)
        try child.protect(address(0), length: 64 * 4096, [.read, .write])
        try child.protect(address(64), length: 64 * 4096, [])
        try child.protect(address(64), length: 64 * 4096, [.read, .write])
        try expectIsolation(parent, child)
        for page in stride(from: 0, to: 128, by: 3) as StrideTo<UInt64> { try store(child, page, 9) }
        for page in 0..<UInt64(128) { #expect(try get(parent, page) == UInt32(page)) }
        child.release()
    }

    @Test func whatMovesStaysShared() throws {
        let child = try parent.fork()
        let moved = try child.remap(address(0), oldLength: 300 * 4096, newLength: 300 * 4096, flags: [.mayMove, .dontUnmap], newAddress: GuestAddress(0)).value
        #expect(moved != start)
        try expectIsolation(parent, child)
        try child.writeU32(77, to: GuestAddress(moved))
        #expect(try child.load32(GuestAddress(moved + 4096)) == 1 && get(parent, 0) == 0)
        #expect(try get(child, 0) == 0 && get(child, 1) == 0, "what the move left is empty")
        child.release()
        parent.release()
        #expect(memory.framesInUse == 0)
    }

    @Test func whatOneSideDropsTheOtherKeeps() throws {
        let child = try parent.fork()
        try child.advise(start, start + 16 * 4096, .dontNeed)
        try child.unmap(address(16), length: 16 * 4096)
        #expect(try get(child, 3) == 0 && get(parent, 3) == 3)
        #expect(try entry(child, 3)?.frame != entry(parent, 3)?.frame)
        for page in 0..<UInt64(32) { #expect(try get(parent, page) == UInt32(page)) }
        try parent.advise(start + 100 * 4096, start + 116 * 4096, .free)
        #expect(try get(child, 110) == 110)
        child.release()
        parent.release()
        #expect(memory.framesInUse == 0)
    }

    @Test func whatIsInUseIsCopiedAhead() throws {
        let before = memory.framesInUse
        let child = try parent.fork(usedNow: [address(500)])
        #expect(memory.framesInUse - before == 4)
        #expect(try entry(parent, 500)?.protection == [.read, .write] && entry(child, 500)?.protection == [.read, .write])
        #expect(try get(child, 500) == 500)
        try expectIsolation(parent, child)
        // What is written soon after a fork is copied by the next.
        try store(parent, 800, 5)
        child.release()
        let second = try parent.fork()
        #expect(try entry(parent, 800)?.protection == [.read, .write] && get(second, 800) == 5)
        try expectIsolation(parent, second)
        second.release()
    }

    @Test func aPageAHostCallStoresIntoIsNotShared() throws {
        var child: AddressSpace?
        _ = try parent.withPinned([UserBuffers.Range(address: address(40), length: 2 * 4096)], writing: true) { segments throws(Errno) in
            child = try parent.fork()
            segments[0].storeBytes(of: 4711, as: UInt32.self)
            return 0
        }
        let made = try #require(child)
        #expect(try get(parent, 40) == 4711 && get(made, 40) == 40)
        try expectIsolation(parent, made)
        made.release()
    }

    @Test func aFrameAHostCallReadsIsNotHandedToItsOtherOwner() throws {
        let child = try parent.fork()
        var seen: UInt32 = 0
        _ = try parent.withPinned([UserBuffers.Range(address: address(40), length: 4096)], writing: false) { segments throws(Errno) in
            do throws(Errno) {
                try parent.writeU32(1, to: address(40))
                try child.writeU32(2, to: address(40))
            } catch { return 0 }
            seen = segments[0].load(as: UInt32.self)
            return 0
        }
        #expect(seen == 40, "neither the copy nor the child's word")
        child.release()
        parent.release()
        #expect(memory.framesInUse == 0)
    }

    @Test func generationsShareAndLeaveNothing() throws {
        var spaces = [parent]
        for generation in 1...5 as ClosedRange<UInt32> {
            let next = try #require(spaces.last).fork()
            try store(next, UInt64(generation), generation + 1000)
            spaces.append(next)
        }
        #expect(try get(spaces[5], 1) == 1001 && get(spaces[5], 5) == 1005 && get(spaces[0], 5) == 5)
        for index in [2, 0, 5, 1, 4, 3] {
            for page in 900..<UInt64(910) { #expect(try get(spaces[index], page) == UInt32(page)) }
            spaces[index].release()
        }
        #expect(memory.framesInUse == 0 && memory.shares.count == 0)
    }

    @Test func aCopyThatDoesNotFitIsOutOfMemory() throws {
        let small = TestMemory(frames: 1 + 600)
        let space = try AddressSpace(physicalMemory: small)
        let place = try space.map(MappingRequest(length: 600 * 4096, protection: [.read, .write], backing: AnonymousBacking(physicalMemory: small))).value
        let child = try space.fork()
        guard case .outOfMemory = child.fault(GuestAddress(place), write: true, execute: false) else {
            Issue.record("there is no frame for the copy")
            return
        }
        #expect(throws: Errno.ENOMEM) { try child.writeU32(1, to: GuestAddress(place)) }
        space.release()
        guard case .resolved = child.fault(GuestAddress(place), write: true, execute: false) else {
            Issue.record("its own page needs none")
            return
        }
        child.release()
        #expect(small.framesInUse == 0)
    }

    @Test func aForkThatDoesNotFitLeavesNothing() throws {
        let small = TestMemory(frames: 1 + 300)
        let space = try AddressSpace(physicalMemory: small)
        _ = try space.map(MappingRequest(length: 200 * 4096, protection: [.read, .write], backing: AnonymousBacking(physicalMemory: small)))
        #expect(throws: Errno.ENOMEM) { try space.fork() }
        #expect(small.framesInUse == 200)
        space.release()
        #expect(small.framesInUse == 0)
    }

    @Test func aSmallProcessIsCopied() throws {
        let space = try AddressSpace(physicalMemory: memory)
        let place = try space.map(MappingRequest(length: 100 * 4096, protection: [.read, .write], backing: AnonymousBacking(physicalMemory: memory))).value
        let before = memory.zapped.count
        let child = try space.fork()
        #expect(memory.zapped.count == before && memory.shares.count == 0)
        try child.writeU32(5, to: GuestAddress(place))
        #expect(try space.load32(GuestAddress(place)) == 0)
        child.release()
        space.release()
    }
}
