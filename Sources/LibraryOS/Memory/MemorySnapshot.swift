/// What is in an address space of private memory at one moment, to go back to (`AddressSpace.snapshot`).
package struct MemorySnapshot {
    /// Touched pages that follow each other.
    struct Piece {
        let address: UInt64
        let bytes: [UInt8]
        var end: UInt64 { address &+ UInt64(bytes.count) }
    }
    struct Area {
        var area: VirtualMemoryArea
        /// In ascending order; what lies between them is zero.
        let pieces: [Piece]
    }
    var areas: [Area]

    /// Bytes that are kept.
    package var size: Int { areas.reduce(0) { $0 &+ $1.pieces.reduce(0) { $0 &+ $1.bytes.count } } }
}
