/// The pages of a ring as the host sees them. They belong to the guest, which may change them at any moment: each byte is copied out just once.
public protocol RingMemory {
    /// Copies bytes out; the range is inside the ring's pages. Nil when the guest has not shared them (any more).
    func read(_ offset: Int, _ count: Int) -> [UInt8]?
    /// Copies bytes in; false when the guest has not shared the pages.
    func write(_ offset: Int, _ bytes: [UInt8]) -> Bool
}
