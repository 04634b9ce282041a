import Platform

/// Which pages the guest has accepted: a bit for each from `Layout.base` on, in private memory, and how much of the RAM behind. A page is accepted once and given
/// back once; whoever makes the guest do either twice could exchange its contents.
enum PageStates {
    /// The pages that the launch accepted. It is measured which they are.
    static func begin() {
        let bitmap = skerry_accepted()
        for index in 0..<40 { bitmap[index] = Platform.launched(index) }
        if Platform.ramSize > Layout.ramLimit - Layout.ram || Platform.ramSize % Layout.step != 0 { refuse(skerry_refusal_accounting) }
    }

    /// Gives a page to the host: it is invalidated, its state is changed, and its address then leads to shared memory.
    static func share(_ page: UInt64) {
        let (bitmap, bit) = (skerry_accepted(), position(page))
        if bitmap[bit.word] & bit.mask == 0 { refuse(skerry_refusal_accounting) }
        bitmap[bit.word] &= ~bit.mask
        validate(page, false)
        HostProtocol.changeState(page, isPrivate: false)
        map(page, isEncrypted: false)
    }

    /// How much RAM was accepted: from its beginning, one step after the other, so that this number says which.
    nonisolated(unsafe) private(set) static var accepted: UInt64 = 0

    /// Takes the next 2 MiB of RAM; their address, or nil when all is taken. What is in them is anything.
    static func accept() -> UInt64? {
        guard accepted < Platform.ramSize else { return nil }
        let address = Layout.ram + accepted
        accepted += Layout.step
        PageStateList.makePrivate(address)
        let outcome = skerry_pvalidate(Layout.virtual(address), 1, 1)
        // FAIL_SIZEMISMATCH: the host has them in small pages.
        if outcome & 0xFFFF_FFFF == 6 {
            for index in 0..<512 as Range<UInt64> { validate(address + index << 12, true) }
        } else {
            check(outcome)
        }
        // Present, writable, accessed, dirty, 2 MiB, never executed.
        let entry = address | 0xE3 | 1 << 63 | Platform.entryBits | Platform.encryption
        skerry_set_entry(Layout.virtual(Layout.directories + (address >> 21) * 8), entry, Layout.virtual(address), 1)
        return address
    }

    /// PVALIDATE (APM volume 3) of 4 KiB.
    private static func validate(_ page: UInt64, _ isValid: Bool) { check(skerry_pvalidate(Layout.virtual(page), 0, isValid ? 1 : 0)) }

    /// Carry says that the page was so already: the host has put another page there, or this one for the second time.
    private static func check(_ outcome: UInt64) {
        if outcome & 0xFFFF_FFFF != 0 { refuse(skerry_refusal_validation) }
        if outcome >> 32 & 1 != 0 { refuse(skerry_refusal_unchanged) }
    }

    /// Present, writable, accessed, dirty, never executed.
    private static func map(_ page: UInt64, isEncrypted: Bool) {
        let entry = page | 0x63 | 1 << 63 | Platform.entryBits | (isEncrypted ? Platform.encryption : 0)
        skerry_set_entry(Layout.virtual(Layout.entries + (page - Layout.base) / 4096 * 8), entry, Layout.virtual(page), isEncrypted ? 1 : 0)
    }

    private static func position(_ page: UInt64) -> (word: Int, mask: UInt64) {
        let number = (page - Layout.base) >> 12
        return (Int(truncatingIfNeeded: number >> 6), 1 << (number & 63))
    }
}
