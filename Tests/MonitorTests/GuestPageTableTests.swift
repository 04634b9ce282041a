import CLinux
import GuestABI
import KVM
import LibraryOS
import Testing

@testable import Monitor

/// Raw entries of a tree in guest memory, found as a processor finds them.
private struct RawTables {
    let memory: GuestPhysicalMemory
    let root: UInt64

    /// The entries from the top level down to the leaf or to the first that is not present.
    func walk(_ address: UInt64) -> [UInt64] {
        var table = root
        var entries: [UInt64] = []
        for shift in [39, 30, 21, 12] as [UInt64] {
            guard let place = memory.hostAddress(of: FrameNumber(table >> 12)) else { return entries }
            let entry = place.load(fromByteOffset: Int(address >> shift & 511) * 8, as: UInt64.self)
            entries.append(entry)
            if entry & 1 == 0 || entry & 0x80 != 0 { break }
            table = entry & 0xf_ffff_ffff_f000
        }
        return entries
    }
}

@Suite("Page tables in guest memory", .enabled(if: KVMAccess.available), .serialized)
struct GuestPageTableTests {
    private static let large: UInt64 = 0x80
    private static let writable: UInt64 = 0xe7 | 1 << 63
    private static let address: UInt64 = 0x7000_0000_0000
    /// mov (%rdi),%rax; out %al,$0xf9
    private static let readWord: [UInt8] = [0x48, 0x8b, 0x07, 0xe6, 0xf9]
    private static let pageFault = UInt16(SKERRY_PORT_EXCEPTION) + 14

    private let machine: Machine
    private let vcpu: VCPU
    private let probe: ProbeGuest
    private var memory: GuestPhysicalMemory { machine.memory }
    private var raw: RawTables { RawTables(memory: memory, root: probe.root) }

    init() throws {
        machine = try Machine(memoryLimit: 256 << 20)
        machine.memory.allowLargeEntries()
        vcpu = try machine.takeVCPU().vcpu
        probe = try ProbeGuest(machine: machine, vcpu: vcpu, code: Self.readWord)
    }

    /// Two times 2 MiB of aligned frames, each page beginning with its index plus 1,000.
    private func mapped() throws -> FrameRange {
        let frames = try #require(try memory.allocate(frames: 1024).first)
        #expect(frames.count == 1024 && frames.start.value & 511 == 0)
        for index in 0..<1024 {
            let place = try #require(memory.hostAddress(of: frames[index: index]))
            place.storeBytes(of: UInt64(index + 1000), as: UInt64.self)
        }
        try probe.pageTable.map(GuestAddress(Self.address), to: frames, [.read, .write])
        return frames
    }

    /// What the guest reads at a page of the mapping; nil: a page fault.
    private func read(page: UInt64) throws -> UInt64? {
        let exit = try probe.run(argument: Self.address + page * 4096)
        guard case .portOut(let port) = exit.reason else {
            Issue.record("\(exit.reason)")
            return nil
        }
        if port == Self.pageFault {
            #expect(exit.special.cr2 == Self.address + page * 4096)
            return nil
        }
        return exit.registers.rax
    }

    @Test func alignedRunsBecomeLargeEntriesMarkedAccessedAndDirty() throws {
        let frames = try mapped()
        #expect(raw.walk(Self.address).count == 3)
        #expect(raw.walk(Self.address).last == frames.start.value << 12 | Self.writable)
        #expect(raw.walk(Self.address + 0x20_0000).last == (frames.start.value + 512) << 12 | Self.writable)
        #expect(raw.walk(Self.address + 0x40_0000).last == 0)
        #expect(try read(page: 0) == 1000)
        #expect(try read(page: 1023) == 2023)
        #expect(try read(page: 1024) == nil)
    }

    @Test func nothingBecomesALargeEntryUntilTheHostIsKnownToBeHardware() throws {
        let machine = try Machine(memoryLimit: 64 << 20)
        let probe = try ProbeGuest(machine: machine, vcpu: try machine.takeVCPU().vcpu, code: Self.readWord)
        let frames = try #require(try machine.memory.allocate(frames: 512).first)
        try probe.pageTable.map(GuestAddress(Self.address), to: frames, [.read, .write])
        #expect(RawTables(memory: machine.memory, root: probe.root).walk(Self.address).count == 4)
        machine.kind = .pageTable
        #expect(!machine.memory.hasLargeEntries)
        machine.kind = .hardware
        #expect(machine.memory.hasLargeEntries)
    }

    @Test func runsThatAreNotAlignedBecomeSmallEntries() throws {
        let frames = try #require(try memory.allocate(frames: 512).first)
        try probe.pageTable.map(GuestAddress(Self.address + 4096), to: frames, .read)
        #expect(raw.walk(Self.address).last == 0)
        #expect(raw.walk(Self.address + 4096).count == 4)
        #expect(raw.walk(Self.address + 4096).last == frames.start.value << 12 | 0x65 | 1 << 63)
        #expect(raw.walk(Self.address + 0x20_0000).last == (frames.start.value + 511) << 12 | 0x65 | 1 << 63)
    }

    @Test func unmappingOnePageSplitsALargeEntry() throws {
        let frames = try mapped()
        #expect(try read(page: 5) == 1005)
        probe.pageTable.unmap(GuestAddress(Self.address + 5 * 4096), pages: 1)
        memory.zap(frames.slice(index: 5, 1))
        #expect(raw.walk(Self.address + 5 * 4096).last == 0)
        for page in [0, 4, 6, 511] as [UInt64] {
            let walk = raw.walk(Self.address + page * 4096)
            #expect(walk.count == 4)
            #expect(walk.last == (frames.start.value + page) << 12 | Self.writable & ~Self.large)
        }
        #expect(raw.walk(Self.address + 512 * 4096).count == 3, "the neighbour stays large")
        #expect(!probe.pageTable.isMapped(GuestAddress(Self.address + 5 * 4096)))
        #expect(probe.pageTable.isMapped(GuestAddress(Self.address + 6 * 4096)))
        #expect(try read(page: 5) == nil)
        #expect(try read(page: 4) == 1004)
        #expect(try read(page: 6) == 1006)
    }

    @Test func aRangeThatCutsTwoLargeEntriesIsUnmappedExactly() throws {
        let frames = try mapped()
        probe.pageTable.unmap(GuestAddress(Self.address + 500 * 4096), pages: 20)
        memory.zap(frames.slice(index: 500, 20))
        for page in 490..<530 as Range<UInt64> { #expect(probe.pageTable.isMapped(GuestAddress(Self.address + page * 4096)) == !(500..<520).contains(page)) }
        #expect(try read(page: 499) == 1499)
        #expect(try read(page: 500) == nil)
        #expect(try read(page: 519) == nil)
        #expect(try read(page: 520) == 1520)
    }

    @Test func unmappingAWholeLargeEntryLeavesItEmptyAndItCanBeFilledAgain() throws {
        let frames = try mapped()
        #expect(try read(page: 7) == 1007)
        probe.pageTable.unmap(GuestAddress(Self.address), pages: 512)
        memory.zap(frames.slice(index: 0, 512))
        #expect(raw.walk(Self.address).last == 0)
        #expect(try read(page: 7) == nil)
        try probe.pageTable.map(GuestAddress(Self.address), to: frames.slice(index: 512, 512), .read)
        #expect(try read(page: 7) == 1519)
    }

    @Test func writeProtectionTakesOneBitAndSplitsWhatItCuts() throws {
        let frames = try mapped()
        probe.pageTable.writeProtect(GuestAddress(Self.address), pages: 512 + 3)
        memory.zap(frames.slice(index: 0, 515))
        #expect(raw.walk(Self.address).last == frames.start.value << 12 | Self.writable & ~2)
        #expect(raw.walk(Self.address).count == 3, "the whole 2 MiB stay one entry")
        #expect(raw.walk(Self.address + 514 * 4096).last == (frames.start.value + 514) << 12 | Self.writable & ~Self.large & ~2)
        #expect(raw.walk(Self.address + 515 * 4096).last == (frames.start.value + 515) << 12 | Self.writable & ~Self.large)
        #expect(try read(page: 7) == 1007)
        #expect(try read(page: 514) == 1514)
        probe.pageTable.writeProtect(GuestAddress(Self.address + 0x40_0000), pages: 512)
        #expect(!probe.pageTable.isMapped(GuestAddress(Self.address + 0x40_0000)), "what was absent stays so")
    }

    @Test func tablesOnceMadeStay() throws {
        let frames = try mapped()
        probe.pageTable.unmap(GuestAddress(Self.address), pages: 1)
        let table = raw.walk(Self.address)[2]
        probe.pageTable.unmap(GuestAddress(Self.address), pages: 1024)
        memory.zap(frames)
        try probe.pageTable.map(GuestAddress(Self.address), to: frames, [.read, .write])
        #expect(raw.walk(Self.address)[2] == table, "an entry that became a table is never a leaf again")
    }

    @Test func theUpperHalfIsNotForPrograms() throws {
        let frames = try #require(try memory.allocate(frames: 1).first)
        #expect(throws: Errno.ENOMEM) { try probe.pageTable.map(GuestAddress(0xffff_8000_0000_0000), to: frames, .read) }
    }

    @Test func aSlotTakenLaterSeesWhatIsMapped() throws {
        let frames = try mapped()
        let second = try probe.pageTable.takeSlot(machine.stub)
        #expect(RawTables(memory: memory, root: second.rootAddress).walk(Self.address).last == frames.start.value << 12 | Self.writable)
        #expect(second.rootAddress != probe.root)
        #expect(second.mailbox != (try probe.pageTable.takeSlot(machine.stub)).mailbox)
    }
}

extension FrameRange {
    fileprivate func slice(index: Int, _ count: Int) -> FrameRange { FrameRange(start: FrameNumber(start.value + UInt64(index)), count: count) }
    fileprivate subscript(index index: Int) -> FrameNumber { FrameNumber(start.value + UInt64(index)) }
}
