/// Sets of streams, bit n for stream n: 0 is standard input, 1 and 2 standard output and error.
public struct RingEvents: Sendable, Equatable {
    /// Streams that can be read from, or whose end can be read.
    public var readable: UInt64
    /// Streams that can be written to.
    public var writable: UInt64
    /// Streams whose other end is gone; only in answers.
    public var ended: UInt64

    /// These sets.
    public init(readable: UInt64 = 0, writable: UInt64 = 0, ended: UInt64 = 0) {
        (self.readable, self.writable, self.ended) = (readable, writable, ended)
    }

    /// No event.
    public var isEmpty: Bool { readable | writable | ended == 0 }
}
