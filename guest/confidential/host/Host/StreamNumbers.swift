internal import ConfidentialABI
internal import LibraryOS

/// The numbers of connected streams, which the guest chooses.
final class StreamNumbers: @unchecked Sendable {
    private let lock = Lock(.leaf)
    private var used: UInt64 = 0b111

    /// The smallest that is free; nil when none is.
    func take() -> UInt64? {
        lock.withLock {
            let number = UInt64((~used).trailingZeroBitCount)
            if number >= UInt64(SKERRY_RING_STREAMS) { return nil }
            used |= 1 << number
            return number
        }
    }

    func give(back number: UInt64) { lock.withLock { used &= ~(1 << (number & 63)) } }
}
