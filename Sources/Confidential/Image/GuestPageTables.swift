internal import ConfidentialABI

/// The page tables the guest starts with (APM volume 2, 5.3): the launched pages in entries of 4 KiB, code that cannot be written and data that cannot be executed;
/// directories with nothing for the RAM that the guest accepts later. All of it is at two places.
struct GuestPageTables {
    private enum Entry {
        static let present: UInt64 = 1
        static let writable: UInt64 = 1 << 1
        /// Accessed and dirty: no walk writes into these tables.
        static let touched: UInt64 = 0x60
        static let neverExecuted: UInt64 = 1 << 63
    }

    /// The launched stacks. The pages below them are not mapped.
    static let stacks: [Range<UInt64>] = [
        UInt64(SKERRY_GUEST_STACK_END) - UInt64(SKERRY_GUEST_STACK_PAGES) * PageSize.small..<UInt64(SKERRY_GUEST_STACK_END),
        UInt64(SKERRY_GUEST_VC_STACK_END) - 4 * PageSize.small..<UInt64(SKERRY_GUEST_VC_STACK_END),
        UInt64(SKERRY_GUEST_FAULT_STACK_END) - 4 * PageSize.small..<UInt64(SKERRY_GUEST_FAULT_STACK_END),
    ]
    /// The pages that a guest gives to the host: GHCB, evidence, request and response, and the ring.
    static let shared: [Range<UInt64>] = [
        UInt64(SKERRY_GUEST_GHCB)..<UInt64(SKERRY_GUEST_RESPONSE) + PageSize.small,
        UInt64(SKERRY_GUEST_RING)..<UInt64(SKERRY_GUEST_RING) + UInt64(SKERRY_GUEST_RING_PAGES) * PageSize.small,
    ]
    static let start = UInt64(SKERRY_GUEST_TABLES)
    /// The entries for the launched pages, one after the other.
    static let leaves = UInt64(SKERRY_GUEST_LEAVES)..<UInt64(SKERRY_GUEST_GATE_TABLES)
    /// The entries for 2 MiB each from address zero on.
    let directories: Range<UInt64>

    /// The table pages from `start` on.
    private(set) var pages: [UInt8]
    /// The pages that are mapped, all of them launched.
    private(set) var launched: [UInt64] = []
    private let platform: GuestPlatform

    init(image: GuestImage, platform: GuestPlatform, ram: UInt64) {
        self.platform = platform
        let gibibytes = (UInt64(SKERRY_GUEST_RAM) + ram + (1 << 30) - 1) >> 30
        directories = UInt64(SKERRY_GUEST_DIRECTORIES)..<UInt64(SKERRY_GUEST_DIRECTORIES) + gibibytes * PageSize.small
        pages = [UInt8](repeating: 0, count: Int(directories.upperBound - Self.start))
        link(gibibytes)
        if platform.isUserMode { linkGate(image.gate) }
        map(GuestImage.base..<image.codeEnd, 0)
        map(image.codeEnd..<image.constantsEnd, Entry.neverExecuted)
        map(image.constantsEnd..<image.zeroEnd, Entry.writable | Entry.neverExecuted)
        // What belongs to the processor: the guest at CPL 3 has no access, the one at CPL 0 changes entries of the tables.
        map(Self.start..<directories.upperBound, Entry.writable | Entry.neverExecuted, isSystem: true)
        map(UInt64(SKERRY_GUEST_IDT)..<UInt64(SKERRY_GUEST_PLATFORM), Entry.neverExecuted, isSystem: true)
        map(UInt64(SKERRY_GUEST_PLATFORM)..<UInt64(SKERRY_GUEST_SECRETS), Entry.neverExecuted)
        map(UInt64(SKERRY_GUEST_SECRETS)..<UInt64(SKERRY_GUEST_CPUID), Entry.writable | Entry.neverExecuted)
        map(UInt64(SKERRY_GUEST_CPUID)..<UInt64(SKERRY_GUEST_GHCB), Entry.neverExecuted)
        for range in Self.shared + Self.stacks { map(range, Entry.writable | Entry.neverExecuted) }
    }

    /// The upper levels. Those of a guest that runs at CPL 3 are open to it; the leaves decide. Programs get the same tables by an entry that is not open.
    private mutating func link(_ gibibytes: UInt64) {
        let upper = Entry.present | Entry.writable | Entry.touched | platform.encryption | platform.entryBits
        func store(_ entry: UInt64, _ table: UInt64, _ index: UInt64) { pages.store(entry, at: Int(table - Self.start + index * 8)) }
        let pointers = Self.start + PageSize.small
        for slot in [0, UInt64(SKERRY_GUEST_ALIAS_SLOT)] { store(pointers | upper, Self.start, slot) }
        for index in 0..<gibibytes { store((directories.lowerBound + index * PageSize.small) | upper, pointers, index) }
        for index in 0..<(Self.leaves.upperBound - Self.leaves.lowerBound) / PageSize.small {
            store((Self.leaves.lowerBound + index * PageSize.small) | upper, directories.lowerBound, GuestImage.base >> 21 + index)
        }
    }

    /// Where programs of a guest at CPL 3 find the gate: three tables, which their top-level tables lead to.
    private mutating func linkGate(_ gate: UInt64) {
        let (first, upper) = (UInt64(SKERRY_GUEST_GATE_TABLES), Entry.present | Entry.touched | platform.entryBits)
        pages.store((first + PageSize.small) | upper, at: Int(first - Self.start))
        pages.store((first + 2 * PageSize.small) | upper, at: Int(first + PageSize.small - Self.start))
        pages.store(gate | upper, at: Int(first + 2 * PageSize.small - Self.start))
    }

    private mutating func map(_ addresses: Range<UInt64>, _ bits: UInt64, isSystem: Bool = false) {
        for address in stride(from: addresses.lowerBound, to: addresses.upperBound, by: PageSize.bytes) {
            let entry = address | bits | Entry.present | Entry.touched | platform.encryption | (isSystem ? 0 : platform.entryBits)
            pages.store(entry, at: Int(Self.leaves.lowerBound - Self.start + (address - GuestImage.base) / PageSize.small * 8))
            launched.append(address)
        }
    }
}
