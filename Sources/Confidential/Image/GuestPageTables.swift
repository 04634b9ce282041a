internal import ConfidentialABI

/// The page tables the guest starts with (APM volume 2, 5.3): the launched 2 MiB in pages of 4 KiB, code that cannot be written and data that cannot be executed;
/// a table of nothing for the RAM that the guest accepts later.
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
        UInt64(SKERRY_GUEST_STACK_END) - 8 * PageSize.small..<UInt64(SKERRY_GUEST_STACK_END),
        UInt64(SKERRY_GUEST_VC_STACK_END) - 2 * PageSize.small..<UInt64(SKERRY_GUEST_VC_STACK_END),
        UInt64(SKERRY_GUEST_FAULT_STACK_END) - 2 * PageSize.small..<UInt64(SKERRY_GUEST_FAULT_STACK_END),
    ]
    static let tables = UInt64(SKERRY_GUEST_TABLES)..<UInt64(SKERRY_GUEST_TABLES) + 5 * PageSize.small
    /// The entries for the launched pages and the RAM, one after the other.
    static let leaves = UInt64(SKERRY_GUEST_TABLES) + 3 * PageSize.small..<tables.upperBound

    /// The five pages.
    private(set) var pages = [UInt8](repeating: 0, count: 5 * PageSize.bytes)
    /// The pages that are mapped, all of them launched.
    private(set) var launched: [UInt64] = []
    private let platform: GuestPlatform

    init(image: GuestImage, platform: GuestPlatform) {
        self.platform = platform
        // The upper levels of a guest that runs at CPL 3 are open to it; the leaves decide.
        let upper = Entry.present | Entry.writable | Entry.touched | platform.encryption | platform.entryBits
        for (level, slot) in [(0, 0), (1, 0), (2, 1)] { pages.store((Self.tables.lowerBound + UInt64(level + 1) * PageSize.small) | upper, at: level * PageSize.bytes + slot * 8) }
        pages.store((Self.tables.lowerBound + 4 * PageSize.small) | upper, at: 2 * PageSize.bytes + 2 * 8)
        map(GuestImage.base..<image.codeEnd, 0)
        map(image.codeEnd..<image.constantsEnd, Entry.neverExecuted)
        map(image.constantsEnd..<image.zeroEnd, Entry.writable | Entry.neverExecuted)
        // What belongs to the processor: the guest at CPL 3 has no access, the one at CPL 0 changes entries of the tables.
        map(Self.tables, Entry.writable | Entry.neverExecuted, isSystem: true)
        map(UInt64(SKERRY_GUEST_IDT)..<UInt64(SKERRY_GUEST_PLATFORM), Entry.neverExecuted, isSystem: true)
        map(UInt64(SKERRY_GUEST_PLATFORM)..<UInt64(SKERRY_GUEST_SECRETS), Entry.neverExecuted)
        map(UInt64(SKERRY_GUEST_SECRETS)..<UInt64(SKERRY_GUEST_CPUID), Entry.writable | Entry.neverExecuted)
        map(UInt64(SKERRY_GUEST_CPUID)..<UInt64(SKERRY_GUEST_GHCB), Entry.neverExecuted)
        map(UInt64(SKERRY_GUEST_GHCB)..<UInt64(SKERRY_GUEST_RESPONSE) + PageSize.small, Entry.writable | Entry.neverExecuted)
        for stack in Self.stacks { map(stack, Entry.writable | Entry.neverExecuted) }
    }

    private mutating func map(_ addresses: Range<UInt64>, _ bits: UInt64, isSystem: Bool = false) {
        for address in stride(from: addresses.lowerBound, to: addresses.upperBound, by: PageSize.bytes) {
            let entry = address | bits | Entry.present | Entry.touched | platform.encryption | (isSystem ? 0 : platform.entryBits)
            pages.store(entry, at: 3 * PageSize.bytes + Int((address - GuestImage.base) / PageSize.small) * 8)
            launched.append(address)
        }
    }
}
