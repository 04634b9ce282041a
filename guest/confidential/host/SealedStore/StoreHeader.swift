/// What a header says of its store.
struct StoreHeader: Sendable {
    var identity: (UInt64, UInt64)
    /// One more with each header that is written.
    var generation: UInt64
    /// Blocks of the whole store.
    var blocks: UInt64
    /// How many blocks the key may have sealed by the time another header is written.
    var seals: UInt64
    /// The table.
    var table: TreeRoot

    init(identity: (UInt64, UInt64), generation: UInt64, blocks: UInt64, seals: UInt64, table: TreeRoot) {
        (self.identity, self.generation, self.blocks, self.seals, self.table) = (identity, generation, blocks, seals, table)
    }

    /// From the decrypted part of a header; nil when that is something else.
    init?(_ bytes: UnsafeRawBufferPointer) {
        func word(_ index: Int) -> UInt64 { bytes.loadUnaligned(fromByteOffset: index &* 8, as: UInt64.self) }
        guard bytes.count >= 96, word(0) == SealedStoreLayout.magic, word(6) <= UInt64(UInt8.max) else { return nil }
        (identity, generation, blocks, seals) = ((word(1), word(2)), word(3), word(4), word(5))
        table = TreeRoot(height: UInt8(truncatingIfNeeded: word(6)))
        table.entry.words = (word(8), word(9), word(10), word(11))
    }

    /// Fills the part of a header that is encrypted, which holds zeros.
    func encode(into bytes: UnsafeMutableRawBufferPointer) {
        let entry = table.entry.words
        let words = [
            SealedStoreLayout.magic, identity.0, identity.1, generation, blocks, seals, UInt64(table.height), 0, entry.0, entry.1, entry.2, entry.3,
        ]
        for index in words.indices { bytes.storeBytes(of: words[index], toByteOffset: index &* 8, as: UInt64.self) }
    }

    /// What a header's tag vouches for: which of the two it is. The store is named inside.
    static func name(_ slot: Int) -> SealedName { SealedName(kind: .header, index: UInt64(slot)) }
}
