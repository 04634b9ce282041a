import LibraryOS
import Platform

/// The page tables of one address space (APM volume 2, 5.3), in private memory. The upper half leads to the guest's own tables, closed to programs.
///
/// An entry that leads to a table stays until the address space is gone, and tables are never used for another meanwhile: a page-table-based KVM does not see
/// either change.
final class ProgramTables: PageTable, @unchecked Sendable {
    private enum Bits {
        static var present: UInt64 { 1 }
        static var writable: UInt64 { 2 }
        static var user: UInt64 { 4 }
        static var touched: UInt64 { 0x60 }
        static var neverExecuted: UInt64 { 1 << 63 }
        static var address: UInt64 { 0x0007_FFFF_FFFF_F000 }
    }

    private let memory: GuestMemory
    private let top: UInt64
    private var tables: [UInt64]

    /// What CR3 is given.
    var root: UInt64 { top << 12 | Platform.encryption }

    init(memory: GuestMemory) throws(Errno) {
        self.memory = memory
        top = try memory.takeTable()
        tables = [top]
        super.init()
        let own = UInt64(SKERRY_GUEST_TABLES) &+ 4096
        entry(top, UInt64(SKERRY_GUEST_ALIAS_SLOT)).pointee = own | Bits.present | Bits.writable | Bits.touched | Platform.encryption
        // A guest that runs at CPL 3 has a gate that programs see.
        if Platform.entryBits != 0 {
            entry(top, UInt64(SKERRY_GUEST_GATE_SLOT)).pointee = UInt64(SKERRY_GUEST_GATE_TABLES) | Bits.present | Bits.user | Bits.touched
        }
    }

    private func entry(_ table: UInt64, _ index: UInt64) -> UnsafeMutablePointer<UInt64> {
        GuestMemory.address(table).assumingMemoryBound(to: UInt64.self) + Int(truncatingIfNeeded: index & 511)
    }

    /// The table that an entry leads to.
    private func next(_ entry: UnsafeMutablePointer<UInt64>) -> UInt64? {
        entry.pointee & Bits.present == 0 ? nil : (entry.pointee & Bits.address) >> 12
    }

    /// The page table of an address.
    private func leaves(_ address: UInt64) -> UInt64? {
        var table = top
        for shift: UInt64 in [39, 30, 21] {
            guard let below = next(entry(table, address >> shift)) else { return nil }
            table = below
        }
        return table
    }

    private func makeLeaves(_ address: UInt64) throws(Errno) -> UInt64 {
        guard address < GuestAddress.userEnd.value else { throw .ENOMEM }
        var table = top
        for shift: UInt64 in [39, 30, 21] {
            let place = entry(table, address >> shift)
            if let below = next(place) {
                table = below
                continue
            }
            let made = try memory.takeTable()
            tables.append(made)
            place.pointee = made << 12 | Bits.present | Bits.writable | Bits.user | Bits.touched | Platform.encryption
            table = made
        }
        return table
    }

    override func map(_ address: GuestAddress, to run: FrameRange, _ protection: PageProtection) throws(Errno) {
        let bits =
            Bits.present | Bits.user | Bits.touched | Platform.encryption | (protection.contains(.write) ? Bits.writable : 0)
            | (protection.contains(.execute) ? 0 : Bits.neverExecuted)
        var (page, frame, left) = (address.value, run.start.value, run.count)
        while left > 0 {
            let table = try makeLeaves(page)
            var index = page >> 12 & 511
            while index < 512, left > 0 {
                entry(table, index).pointee = frame << 12 | bits
                (index, frame, left, page) = (index &+ 1, frame &+ 1, left &- 1, page &+ 4096)
            }
        }
    }

    override func unmap(_ address: GuestAddress, pages: Int) { restrict(address, pages, keeping: 0) }
    override func writeProtect(_ address: GuestAddress, pages: Int) { restrict(address, pages, keeping: ~Bits.writable) }

    /// Takes bits from the entries of a range that are present.
    private func restrict(_ address: GuestAddress, _ pages: Int, keeping mask: UInt64) {
        var page = address.value
        let end = page &+ UInt64(clamping: pages) << 12
        while page < end {
            let stop = min(end, (page | 0x1F_FFFF) &+ 1)
            guard let table = leaves(page) else {
                page = stop
                continue
            }
            while page < stop {
                let place = entry(table, page >> 12)
                if place.pointee != 0 { place.pointee &= mask }
                page &+= 4096
            }
        }
    }

    override func isMapped(_ address: GuestAddress) -> Bool {
        guard let table = leaves(address.value) else { return false }
        return entry(table, address.value >> 12).pointee & Bits.present != 0
    }

    override func release() {
        memory.retire(tables)
        tables = []
    }
}
