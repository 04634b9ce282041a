import LibraryOS

internal import GuestABI

/// x86-64 four-level page tables in guest memory, written by the monitor only. What is needed to go on is kept here and never read back from the guest.
///
/// A table entry goes from empty to a table once and then stays: a page-table-based KVM does not see it change. Leaf entries are set with Accessed and Dirty, so that KVM need not emulate setting them.
final class GuestPageTable: PageTable, @unchecked Sendable {
    private enum Bits {
        static let present: UInt64 = 1
        static let writable: UInt64 = 2
        static let user: UInt64 = 4
        static let accessedDirty: UInt64 = 0x60
        static let large: UInt64 = 0x80
        static let noExecute: UInt64 = 1 << 63
    }

    /// A table page with the monitor's record of what is in it.
    final class Table {
        let frame: UInt64
        let entries: UnsafeMutablePointer<UInt64>
        /// Lower tables (levels 4, 3, 2).
        var children: [Table?]
        /// Present leaf entries (levels 2 and 1): the value as written.
        var leaves: [UInt64]

        init(memory: GuestPhysicalMemory, level: Int) throws(Errno) {
            guard memory.charge(Self.cost(level)) else { throw .ENOMEM }
            do throws(Errno) {
                frame = try memory.allocateTableFrame()
            } catch {
                memory.refund(Self.cost(level))
                throw error
            }
            entries = (memory.base + Int(frame << 12)).assumingMemoryBound(to: UInt64.self)
            children = level > 1 ? Array(repeating: nil, count: 512) : []
            leaves = level <= 2 ? Array(repeating: 0, count: 512) : []
        }

        /// Bytes of the monitor's record of a table; the frame itself is guest memory and counted there.
        static func cost(_ level: Int) -> Int { (level > 1 ? 4096 : 0) + (level <= 2 ? 4096 : 0) + 128 }

        func setLeaf(_ index: Int, _ value: UInt64) {
            leaves[index] = value
            entries[index] = value
        }

        /// Takes bits from the present entries of a page table between two addresses in it.
        func restrict(_ start: UInt64, _ end: UInt64, keeping mask: UInt64) {
            var index = Int(start >> 12 & 511)
            for _ in 0..<Int((end - start) >> 12) {
                if leaves[index] != 0 { setLeaf(index, leaves[index] & mask) }
                index += 1
            }
        }
    }

    private unowned let memory: GuestPhysicalMemory
    /// The tables below the top level, by top-level index, shared by all roots.
    private var top: [Table?] = Array(repeating: nil, count: 256)
    /// Top-level pages of the thread slots.
    private var slots: [ThreadSlot] = []
    private var freeSlots: [ThreadSlot] = []
    private var frames: [UInt64] = []
    /// What the tables' records have cost.
    private var charged = 0

    init(memory: GuestPhysicalMemory) throws(Errno) {
        self.memory = memory
        super.init()
    }

    // MARK: Thread slots

    /// A root with its own mailbox for a vCPU that enters this address space. Called with the address space's lock held.
    func takeSlot(_ stub: StubImage) throws(Errno) -> ThreadSlot {
        if let slot = freeSlots.popLast() { return slot }
        let slot = try ThreadSlot(memory: memory, stub: stub)
        for (index, table) in top.enumerated() {
            if let table { slot.setTop(index, Self.tableEntry(table.frame)) }
        }
        slots.append(slot)
        return slot
    }

    /// Gives a slot back for another thread of the same address space.
    func returnSlot(_ slot: ThreadSlot) { freeSlots.append(slot) }

    override func release() {
        memory.quarantineTableFrames(frames + slots.flatMap(\.frames))
        memory.refund(charged)
        charged = 0
        frames = []
        slots = []
        freeSlots = []
        top = []
    }

    private static func tableEntry(_ frame: UInt64) -> UInt64 { frame << 12 | Bits.present | Bits.writable | Bits.user | 0x20 }

    // MARK: Walking

    private func makeTable(_ level: Int) throws(Errno) -> Table {
        let table = try Table(memory: memory, level: level)
        frames.append(table.frame)
        charged += Table.cost(level)
        return table
    }

    private func child(of parent: Table, _ index: Int, level: Int) throws(Errno) -> Table {
        if let existing = parent.children[index] { return existing }
        let table = try makeTable(level)
        parent.children[index] = table
        parent.entries[index] = Self.tableEntry(table.frame)
        return table
    }

    /// The level-2 table (page directory) that covers an address, made if `create`.
    private func directory(_ address: UInt64, create: Bool) throws(Errno) -> Table? {
        let topIndex = Int(address >> 39 & 511)
        guard topIndex < top.count else { throw .ENOMEM }
        var pointers = top[topIndex]
        if pointers == nil {
            guard create else { return nil }
            let table = try makeTable(3)
            top[topIndex] = table
            for slot in slots { slot.setTop(topIndex, Self.tableEntry(table.frame)) }
            pointers = table
        }
        guard let pointers else { return nil }
        let index = Int(address >> 30 & 511)
        return create ? try child(of: pointers, index, level: 2) : pointers.children[index]
    }

    private static func bits(_ protection: PageProtection) -> UInt64 {
        Bits.present | Bits.user | Bits.accessedDirty | (protection.contains(.write) ? Bits.writable : 0)
            | (protection.contains(.execute) ? 0 : Bits.noExecute)
    }

    override func map(_ address: GuestAddress, to run: FrameRange, _ protection: PageProtection) throws(Errno) {
        let bits = Self.bits(protection)
        var page = address.value
        var done = 0
        while done < run.count {
            guard let directory = try directory(page, create: true) else { throw .ENOMEM }
            let slot = Int(page >> 21 & 511)
            let frame = run.start.value + UInt64(done)
            if memory.hasLargeEntries, page & 0x1f_ffff == 0, frame & 511 == 0, run.count - done >= 512, directory.children[slot] == nil {
                directory.setLeaf(slot, frame << 12 | bits | Bits.large)
                page += 1 << 21
                done += 512
                continue
            }
            let table = try splitTable(directory, slot, page & ~0x1f_ffff)
            var index = Int(page >> 12 & 511)
            while index < 512, done < run.count {
                table.setLeaf(index, (run.start.value + UInt64(done)) << 12 | bits)
                index += 1
                done += 1
                page += 4096
            }
        }
    }

    /// The page table at `slot` of a directory; a 2 MiB entry there is split into 512, and its frames are zapped so that no vCPU keeps the large translation.
    private func splitTable(_ directory: Table, _ slot: Int, _ address: UInt64) throws(Errno) -> Table {
        if let existing = directory.children[slot] { return existing }
        let large = directory.leaves[slot]
        guard large & Bits.present != 0 else { return try child(of: directory, slot, level: 1) }
        let table = try makeTable(1)
        for index in 0..<512 { table.setLeaf(index, (large & ~Bits.large) + UInt64(index) << 12) }
        directory.leaves[slot] = 0
        directory.children[slot] = table
        directory.entries[slot] = Self.tableEntry(table.frame)
        memory.zap(FrameRange(start: FrameNumber((large & 0xf_ffff_ffff_f000) >> 12), count: 512))
        return table
    }

    override func unmap(_ address: GuestAddress, pages: Int) { restrict(address, pages: pages, keeping: 0) }

    override func writeProtect(_ address: GuestAddress, pages: Int) { restrict(address, pages: pages, keeping: ~Bits.writable) }

    /// Takes bits from the leaf entries of a range that are present.
    private func restrict(_ address: GuestAddress, pages: Int, keeping mask: UInt64) {
        var page = address.value
        let end = page + UInt64(pages) << 12
        while page < end {
            guard let directory = (try? directory(page, create: false)) ?? nil else {
                page = min(end, (page | 0x3fff_ffff) + 1)
                continue
            }
            let slot = Int(page >> 21 & 511)
            let next = min(end, (page | 0x1f_ffff) + 1)
            if let table = directory.children[slot] {
                table.restrict(page, next, keeping: mask)
            } else if directory.leaves[slot] != 0 {
                if page & 0x1f_ffff == 0, next - page == 1 << 21 {
                    directory.setLeaf(slot, directory.leaves[slot] & mask)
                } else if let table = try? splitTable(directory, slot, page & ~0x1f_ffff) {
                    table.restrict(page, next, keeping: mask)
                } else {
                    // No frame for the split: the whole 2 MiB lose their entry and come back by demand faults.
                    let large = directory.leaves[slot]
                    directory.setLeaf(slot, 0)
                    memory.zap(FrameRange(start: FrameNumber((large & 0xf_ffff_ffff_f000) >> 12), count: 512))
                }
            }
            page = next
        }
    }

    override func isMapped(_ address: GuestAddress) -> Bool {
        guard let directory = (try? directory(address.value, create: false)) ?? nil else { return false }
        let slot = Int(address.value >> 21 & 511)
        if let table = directory.children[slot] { return table.leaves[Int(address.value >> 12 & 511)] != 0 }
        return directory.leaves[slot] != 0
    }
}
