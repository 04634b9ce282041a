/// Where things lie in guest-physical memory. Everything fits below 256 GiB, so that processors with 39 physical address bits serve.
///
/// The monitor maps the whole span at one place: a host address is `base + GPA`.
enum GuestMemoryLayout {
    /// The span of guest-physical addresses in use, in bytes.
    static let span: UInt64 = 256 << 30
    /// Pages for Intel's real-mode TSS and identity map, which no memory slot may cover.
    static let realModePages: UInt64 = 0xfffb_c000
    /// A page whose memory slot exists only to be removed: that makes a page-table-based KVM forget all shadow tables.
    static let flushPage: UInt64 = 0x1000_0000
    /// RAM: offset zero of the memfd.
    static let ramStart: UInt64 = 4 << 30
    /// The most RAM there may be.
    static let ramSpan: UInt64 = 124 << 30
    /// Mappings of host files.
    static let windowStart: UInt64 = 128 << 30
    /// Room for them.
    static let windowSpan: UInt64 = 128 << 30
    /// Memory slots are added in pieces of this size, as a slot costs a page-table-based KVM time by its size (0.5 ms per GiB).
    static let chunk: UInt64 = 64 << 20
}
