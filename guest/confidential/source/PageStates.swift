import Platform

/// Which pages the guest has accepted: a bit for each from `Layout.base` on, in private memory. A page is accepted once and given back once; whoever makes the
/// guest do either twice could exchange its contents.
enum PageStates {
    /// The pages that the launch accepted. It is measured which they are.
    static func begin() {
        let bitmap = skerry_accepted()
        for index in 0..<8 { bitmap[index] = Platform.launched(index) }
        if Platform.ramSize > Layout.ramLimit - Layout.ram || Platform.ramSize & 0xFFF != 0 { refuse(skerry_refusal_accounting) }
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

    /// Takes pages of RAM that were never taken. They are zeros afterwards.
    static func accept(_ first: UInt64, pages: UInt64) {
        var (page, left) = (first, pages)
        while left > 0 {
            let count = left < PageStateList.capacity ? left : PageStateList.capacity
            for index in 0..<count { claim(page + index << 12) }
            PageStateList.makePrivate(page, pages: count)
            for index in 0..<count {
                let address = page + index << 12
                validate(address, true)
                map(address, isEncrypted: true)
                skerry_wipe(pointer(address), 4096)
            }
            page += count << 12
            left -= count
        }
    }

    private static func claim(_ page: UInt64) {
        if page < Layout.ram || page >= Layout.ramLimit { refuse(skerry_refusal_accounting) }
        let (bitmap, bit) = (skerry_accepted(), position(page))
        if bitmap[bit.word] & bit.mask != 0 { refuse(skerry_refusal_accounting) }
        bitmap[bit.word] |= bit.mask
    }

    /// PVALIDATE (APM volume 3) of 4 KiB. Carry says that the page was so already: the host has put another page there, or this one for the second time.
    private static func validate(_ page: UInt64, _ isValid: Bool) {
        let outcome = skerry_pvalidate(page, 0, isValid ? 1 : 0)
        if outcome & 0xFFFF_FFFF != 0 { refuse(skerry_refusal_validation) }
        if outcome >> 32 & 1 != 0 { refuse(skerry_refusal_unchanged) }
    }

    /// Present, writable, accessed, dirty, never executed.
    private static func map(_ page: UInt64, isEncrypted: Bool) {
        let entry = page | 0x63 | 1 << 63 | Platform.entryBits | (isEncrypted ? Platform.encryption : 0)
        skerry_set_entry(Layout.entries + (page - Layout.base) / 4096 * 8, entry, page, isEncrypted ? 1 : 0)
    }

    private static func position(_ page: UInt64) -> (word: Int, mask: UInt64) {
        let number = (page - Layout.base) >> 12
        return (Int(truncatingIfNeeded: number >> 6), 1 << (number & 63))
    }
}
