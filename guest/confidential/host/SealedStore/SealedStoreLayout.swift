/// The format of a sealed store (documented in the article "The sealed store" of Confidential).
package enum SealedStoreLayout {
    /// "SKRYSEL1".
    package static let magic: UInt64 = 0x314C_4553_5952_4B53
    /// Bytes of a block.
    package static let block = 4096
    /// Where headers lie: at places 0 and 1, written in turn.
    package static let headers: UInt64 = 2
    /// Blocks of a whole store: two bits of memory each bound their number.
    package static let sizes: ClosedRange<UInt64> = 64...1 << 26
    /// Entries in a node, as bits of an index, and bytes of an entry.
    package static let fanOutBits: UInt8 = 7, entry = 32
    /// Slots in a leaf of the table, as bits of a file's number, and bytes of a slot.
    package static let slotBits: UInt8 = 4, slot = 256
    /// The most levels of nodes over a file's near blocks, over its far ones (as many always), and over the table's leaves.
    package static let nearHeight: UInt8 = 3, farHeight: UInt8 = 6, tableHeight: UInt8 = 6
    /// A file's blocks below are near; the tree of the others has the file's number with the bit.
    package static let nearBlocks: UInt64 = 1 << 21, far: UInt64 = 1 << 50
    /// What numbers of a file's blocks are below.
    package static let mostFileBlocks: UInt64 = 1 << 40
    /// Numbers of files have bits below the first of these, and from the second on, which leave four ranges.
    package static let fileBits: UInt64 = 39, rangeBits: UInt64 = 62
    /// The tree that is the table: no file has this number.
    package static let table = UInt64.max
    /// Bytes of a header that are not encrypted: nonce, zeros, tag.
    package static let clearHeader = 32
}

/// What an entry says of a block: where it is, and what it takes to open it. All zeros is none: place 0 is a header's.
struct SealedEntry: Sendable {
    /// As it is stored, in the order of bytes of x86: place (4), nonce (12), tag (16).
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    static let none = SealedEntry()
    /// Of a node that is in memory only, so far.
    static let unplaced = SealedEntry(place: .max)

    init() {}
    init(place: UInt32) { words.0 = UInt64(place) }

    var place: UInt32 { UInt32(truncatingIfNeeded: words.0) }
    var isNone: Bool { place == 0 }
    var isUnplaced: Bool { place == .max }
}

/// What a sealed block is, as its tag vouches for.
struct SealedName: Sendable {
    enum Kind: UInt8, Sendable {
        case content = 0, node, leaf, header
    }

    var kind: Kind
    var level: UInt8 = 0
    var tree: UInt64 = 0
    var index: UInt64 = 0

    /// Runs `body` on the data that is authenticated: store (16 bytes), kind, level, 6 zeros, tree, index.
    func withData<Value>(_ store: (UInt64, UInt64), _ body: (UnsafeRawBufferPointer) -> Value) -> Value {
        let words = (store.0, store.1, UInt64(kind.rawValue) | UInt64(level) << 8, tree, index)
        return withUnsafeBytes(of: words) { body($0) }
    }
}

/// A block of a tree: level 0 are a file's blocks and the table's leaves; nodes lie above.
struct StoreKey: Hashable, Sendable {
    var tree: UInt64
    var level: UInt8
    var index: UInt64

    /// The node whose entry leads here.
    var above: StoreKey { StoreKey(tree: tree, level: level &+ 1, index: index >> UInt64(SealedStoreLayout.fanOutBits)) }
    /// Which of its entries.
    var entry: Int { Int(index & (1 << UInt64(SealedStoreLayout.fanOutBits) &- 1)) }
    var isTable: Bool { tree == SealedStoreLayout.table }

    /// The tree that has a file's block.
    static func tree(_ file: UInt64, _ block: UInt64) -> UInt64 { block < SealedStoreLayout.nearBlocks ? file : file | SealedStoreLayout.far }
    static func isFar(_ tree: UInt64) -> Bool { tree != SealedStoreLayout.table && tree & SealedStoreLayout.far != 0 }

    var name: SealedName {
        SealedName(kind: level > 0 ? .node : isTable ? .leaf : .content, level: level, tree: tree, index: index)
    }

    /// The table's leaf with the slot of a file: the four ranges of numbers one behind the other.
    static func leaf(of file: UInt64) -> StoreKey {
        let place = (file >> SealedStoreLayout.rangeBits) << SealedStoreLayout.fileBits | file & (1 << SealedStoreLayout.fileBits &- 1)
        return StoreKey(tree: SealedStoreLayout.table, level: 0, index: place >> UInt64(SealedStoreLayout.slotBits))
    }

    /// The file of the first slot of a leaf.
    var firstFile: UInt64 {
        let place = index << UInt64(SealedStoreLayout.slotBits)
        return (place >> SealedStoreLayout.fileBits) << SealedStoreLayout.rangeBits | place & (1 << SealedStoreLayout.fileBits &- 1)
    }

    /// Whether a file may have this number.
    static func isFile(_ file: UInt64) -> Bool { (file & (1 << SealedStoreLayout.rangeBits &- 1)) >> SealedStoreLayout.fileBits == 0 }

    /// The first number, this one or higher, that a file may have; nil: there is none.
    static func nextFile(_ file: UInt64) -> UInt64? {
        if isFile(file) { return file }
        let range = file >> SealedStoreLayout.rangeBits &+ 1
        return range > 3 ? nil : range << SealedStoreLayout.rangeBits
    }
}

/// Where a tree begins: the entry of its top, how many levels of nodes that has, and how many blocks are below.
struct TreeRoot: Sendable {
    var entry = SealedEntry.none
    var height: UInt8 = 0
    var count: UInt64 = 0

    /// Whether a tree of this height has a place for this block of level `level`.
    func spans(_ index: UInt64, level: UInt8) -> Bool {
        level <= height && index >> (UInt64(SealedStoreLayout.fanOutBits) &* UInt64(height &- level)) == 0
    }
}
