internal import ConfidentialABI
internal import LibraryOS

/// The blocks of a root image, each verified before anybody sees it: the digests of its neighbours lead to the digest that the manifest names.
///
/// The tree lies behind the blocks, level by level, in nodes of 128 digests; its shape follows from the number of blocks alone, so that no block can pass for a node.
final class VerifiedBlocks: @unchecked Sendable {
    /// Read together where a file goes on: one exit and many digests instead of many exits.
    static let runLength = Int(SKERRY_RING_BLOCKS)

    private let ring: Ring
    private let hasher: ContentHasher
    private let identity: RootImageIdentity
    /// Where each level begins, the lowest first.
    private let levels: [UInt64]
    private let nodes: BlockCache
    private let blocks: BlockCache

    /// - Throws: `EINVAL` for an identity no image can have.
    init(_ ring: Ring, _ identity: RootImageIdentity, hasher: ContentHasher, cachedBlocks: Int, cachedNodes: Int) throws(Errno) {
        if identity.blocks == 0 || identity.blocks > RootImageLayout.mostBlocks { throw .EINVAL }
        (self.ring, self.identity, self.hasher) = (ring, identity, hasher)
        var (starts, start) = ([UInt64](), identity.blocks)
        for count in RootImageLayout.levels(blocks: identity.blocks) {
            starts.append(start)
            start &+= count
        }
        levels = starts
        blocks = BlockCache(capacity: cachedBlocks)
        nodes = BlockCache(capacity: max(cachedNodes, levels.count))
    }

    /// How many there are.
    var count: UInt64 { identity.blocks }

    /// A block that was read already.
    func cached(_ block: UInt64) -> [UInt8]? { blocks[block] }

    /// One block.
    ///
    /// - Throws: `EIO` when the host does not read it, when it is not the right one (a violation), or when there is no such block.
    func block(_ number: UInt64) throws(Errno) -> [UInt8] {
        if let known = blocks[number] { return known }
        var found: [UInt8] = []
        try fetch(number, count: 1) { found = $1 }
        return found
    }

    /// Reads a run of blocks (1 to 16), and hands on each once it is verified, with its number in the run.
    func fetch(_ first: UInt64, count: Int, _ body: (Int, [UInt8]) -> Void) throws(Errno) {
        guard count > 0, count <= Self.runLength, first < identity.blocks, UInt64(count) <= identity.blocks &- first else { throw .EIO }
        var run = [UInt8](repeating: 0, count: count &* RootImageLayout.block)
        try run.withMutableBytes { buffer throws(Errno) in try ring.readBlocks(store: UInt64(SKERRY_RING_STORE_ROOT), first: first, into: buffer) }
        for index in 0..<count {
            let bytes = Array(run[index &* RootImageLayout.block..<(index &+ 1) &* RootImageLayout.block])
            try require(bytes, RootImageLayout.blockDomain, try expected(level: 0, first &+ UInt64(index)))
            blocks.insert(bytes, as: first &+ UInt64(index))
            body(index, bytes)
        }
    }

    /// The digest that the node above has of block or node `index`.
    private func expected(level: Int, _ index: UInt64) throws(Errno) -> ContentDigest {
        if level == levels.count { return identity.root }
        let above = try node(level: level, index / RootImageLayout.fanOut)
        let at = Int(index % RootImageLayout.fanOut) &* ContentDigest.size
        guard let digest = ContentDigest(Array(above[at..<at &+ ContentDigest.size])) else { throw .EIO }
        return digest
    }

    /// A verified node; the recursion ends at the top, after six levels at most.
    private func node(level: Int, _ index: UInt64) throws(Errno) -> [UInt8] {
        let place = levels[level] &+ index
        if let known = nodes[place] { return known }
        var bytes = [UInt8](repeating: 0, count: RootImageLayout.block)
        try bytes.withMutableBytes { buffer throws(Errno) in try ring.readBlocks(store: UInt64(SKERRY_RING_STORE_ROOT), first: place, into: buffer) }
        try require(bytes, RootImageLayout.nodeDomain, try expected(level: level &+ 1, index))
        nodes.insert(bytes, as: place)
        return bytes
    }

    private func require(_ bytes: [UInt8], _ domain: UInt8, _ expected: ContentDigest) throws(Errno) {
        let found = bytes.withUnsafeBytes { hasher.digest(domain: domain, $0) }
        if found == expected { return }
        ring.violate(.image)
        throw .EIO
    }
}
