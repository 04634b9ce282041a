public import LibraryOS

/// Standard input, output or error (0, 1, 2), or a stream that the host connects (3 to 63), which ends with its last reference.
public final class RingStream: HostFile, @unchecked Sendable {
    /// Its number on the ring.
    public let number: UInt64
    private let close: (() -> Void)?

    /// `close` runs when the last reference goes; nil for the three that stay.
    init(number: UInt64, closedBy close: (() -> Void)?) {
        self.number = number
        self.close = close
        super.init(descriptor: Int32(truncatingIfNeeded: number))
    }

    var bit: UInt64 { 1 << (number & 63) }

    deinit { close?() }
}
