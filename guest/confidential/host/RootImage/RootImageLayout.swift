/// The format of a root image, as its maker and its reader share it (documented in the article "The root image" of Confidential).
package enum RootImageLayout {
    /// "SKRYROT1".
    package static let magic: UInt64 = 0x3154_4F52_5952_4B53
    /// Bytes of a block.
    package static let block = 4096
    /// Where the inodes begin, in blocks; the superblock is block 0.
    package static let inodeTable: UInt64 = 1
    /// Bytes of an inode.
    package static let inode = 128
    /// The number of the root; inode n lies at index n - 1 of the table.
    package static let rootInode: UInt64 = 1
    /// Bytes of a directory's head and of each of its entries.
    package static let directoryHead = 8, directoryEntry = 16
    /// Digests in a node of the tree.
    package static let fanOut: UInt64 = 128
    /// What digests begin with: of a block, of a node.
    package static let blockDomain: UInt8 = 0, nodeDomain: UInt8 = 1
    /// The most blocks: offsets in bytes stay far from the end of the numbers.
    package static let mostBlocks: UInt64 = 1 << 36
    /// The most inodes.
    package static let mostInodes: UInt64 = 1 << 32
    /// The longest name and the longest target of a symbolic link (PATH_MAX less its zero).
    package static let name = 255, target = 4095
    /// The most bytes of a directory.
    package static let directory: UInt64 = 1 << 30

    /// The nodes of each level of the tree over so many blocks, from the one right above them to the single one at the top.
    package static func levels(blocks: UInt64) -> [UInt64] {
        var (levels, below) = ([UInt64](), blocks)
        repeat {
            below = below / fanOut &+ (below % fanOut == 0 ? 0 : 1)
            levels.append(below)
        } while below > 1
        return levels
    }
}

/// Which root image: all that has to be known of it beforehand.
public struct RootImageIdentity: Sendable, Equatable {
    /// Blocks of 4 KiB without the tree, which the shape of the tree follows from.
    public var blocks: UInt64
    /// The digest of the tree's top node.
    public var root: ContentDigest

    /// An image of so many blocks (at most 2^36) with this digest.
    public init(blocks: UInt64, root: ContentDigest) { (self.blocks, self.root) = (blocks, root) }

    /// No image.
    public static let none = RootImageIdentity(blocks: 0, root: ContentDigest())

    /// Blocks of the whole image, with the tree.
    public var storedBlocks: UInt64 { RootImageLayout.levels(blocks: min(blocks, RootImageLayout.mostBlocks)).reduce(min(blocks, RootImageLayout.mostBlocks), &+) }
}
