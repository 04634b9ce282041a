internal import ConfidentialABI

/// Something a hostile host does to a guest's ring. Each must end the guest, or change nothing that it relies on.
///
/// Requests are counted from 0, in all or of one operation (`skerry_ring_operation` of `ring_abi.h`).
public enum RingDeviation: Sendable, Equatable {
    /// The response to this request has another tag.
    case wrongTag(Int)
    /// The response to this request is the one before, tag and all.
    case replay(Int)
    /// The response to this request is the one before, with the right tag: for blocks, another block.
    case substitute(Int)
    /// The response to this request is never written: what lies in the ring stays there.
    case keepSilent(Int)
    /// The status of this response is this number.
    case status(Int, UInt32)
    /// The payload of this response is said to be so many bytes longer than the guest takes.
    case overlong(Int, by: UInt32)
    /// The payload of this response is half as long as the one that belongs there.
    case short(Int)
    /// A bit of the payload of this request's response is flipped, counted modulo the payload's bits.
    case flip(Int, bit: Int)
    /// A bit of every block of this store and number is flipped.
    case flipBlock(store: UInt64, block: UInt64, byte: Int = 123)
    /// More bytes were taken than were given.
    case takeMore(Int)
    /// The payload lies where the descriptors are: it overlaps them when it is written.
    case overlap(Int)
    /// Events nobody asked for.
    case foreignEvents(Int)
    /// The date is this one; the frequency is this one.
    case date(UInt64), frequency(UInt64)
    /// The guest is entered again after its last request.
    case goOnAfterExit
    /// The manifest has a flipped bit, or goes on for ever.
    case flipManifest(bit: Int), endlessManifest
}
