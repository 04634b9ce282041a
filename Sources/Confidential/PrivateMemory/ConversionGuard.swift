/// Tells an implicit conversion that helps the guest on from one that repeats for ever.
///
/// KVM reports an access to a page of the other kind by a memory fault; the monitor converts the page and enters the guest again, which repeats the access.
/// When the conversion does not help, or the guest accesses the page in turns as both kinds, that never ends; so the faults between two other exits are counted.
struct ConversionGuard: Equatable {
    /// How often the same page may be converted, one way or the other, before the guest does anything else.
    static let samePage = 8
    private var counts: [UInt64: Int] = [:]

    /// A fault at a page; false when going on is pointless.
    mutating func allows(_ page: UInt64) -> Bool {
        counts[page, default: 0] += 1
        return counts[page, default: 0] <= Self.samePage
    }

    /// The guest did something else. What is kept is bounded by the pages of its memory, each of which may fault.
    mutating func reset() { counts.removeAll(keepingCapacity: false) }
}
