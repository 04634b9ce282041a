public import LibraryOS

/// The read-only root file system of a confidential guest: an image that the host keeps, of which nothing is believed that the digest in the manifest does not cover.
///
/// What is covered is treated as hostile all the same, as whoever made the image may have been careless: every offset, size and name is checked, and a malformed structure
/// is an `EIO`.
public final class RootImage: @unchecked Sendable {
    let blocks: VerifiedBlocks
    /// How many inodes there are.
    let inodeCount: UInt64

    /// The image that a manifest names. Memory for its blocks is bounded: 8 MiB of content, and 1 MiB of the tree, which covers 128 MiB of content.
    ///
    /// - Throws: `EINVAL` for an identity that no image has, `EIO` when the superblock is not readable or is not one.
    public init(_ ring: Ring, _ identity: RootImageIdentity, hasher: ContentHasher, cachedBlocks: Int = 2048, cachedNodes: Int = 256) throws(Errno) {
        blocks = try VerifiedBlocks(ring, identity, hasher: hasher, cachedBlocks: cachedBlocks, cachedNodes: cachedNodes)
        let superblock = ByteReader(try blocks.block(0))
        inodeCount = superblock.u64(16)
        guard superblock.u64(0) == RootImageLayout.magic, superblock.u64(8) == identity.blocks, inodeCount >= 1, inodeCount <= RootImageLayout.mostInodes else {
            throw .EIO
        }
        let perBlock = UInt64(RootImageLayout.block / RootImageLayout.inode)
        if RootImageLayout.inodeTable &+ (inodeCount &+ perBlock &- 1) / perBlock > identity.blocks { throw .EIO }
    }

    /// An inode by its number.
    ///
    /// - Throws: `EIO` when there is none, or when it is malformed.
    func inode(_ number: UInt64) throws(Errno) -> RootImageInode {
        if number < 1 || number > inodeCount { throw .EIO }
        let perBlock = UInt64(RootImageLayout.block / RootImageLayout.inode)
        let (block, index) = (number &- 1).quotientAndRemainder(dividingBy: perBlock)
        let bytes = try blocks.block(RootImageLayout.inodeTable &+ block)
        let start = Int(index) &* RootImageLayout.inode
        return try RootImageInode(Array(bytes[start..<start &+ RootImageLayout.inode]), imageSize: blocks.count &* UInt64(RootImageLayout.block))
    }

    /// Bytes of an inode's content; the range has to be inside, and is bounded by the caller.
    func content(_ inode: RootImageInode, at position: UInt64, count: Int) throws(Errno) -> [UInt8] {
        guard count >= 0, position <= inode.size, UInt64(count) <= inode.size &- position else { throw .EIO }
        var result: [UInt8] = []
        result.reserveCapacity(count)
        var place = inode.offset &+ position
        while result.count < count {
            let (block, start) = place.quotientAndRemainder(dividingBy: UInt64(RootImageLayout.block))
            let bytes = try blocks.block(block)
            let piece = min(count &- result.count, RootImageLayout.block &- Int(start))
            result.append(contentsOf: bytes[Int(start)..<Int(start) &+ piece])
            place &+= UInt64(piece)
        }
        return result
    }

    /// The target of a symbolic link.
    func target(_ inode: RootImageInode) throws(Errno) -> [UInt8] {
        guard inode.kind == .symbolicLink else { throw .EINVAL }
        let target = try content(inode, at: 0, count: Int(inode.size))
        if target.contains(0) { throw .EIO }
        return target
    }
}
