public import GuestHost
internal import LibraryOS

/// Makes root images: from a tree to a stream of bytes that is the same for the same tree. Memory holds the names and attributes, never the content.
public struct RootImageWriter: Sendable {
    /// Times of the last access and of the last change of the inode are those of the modification, as both differ from one copy of a tree to the next.
    public var usesModificationTimeOnly = true
    /// Owners are all root, as for a tree that an ordinary user unpacked.
    public var ownsAllAsRoot = false

    /// A writer with the settings above.
    public init() {}

    /// Writes the image of a tree and says which one it is.
    ///
    /// - Parameter output: takes the image's bytes in order.
    /// - Throws: `RootImageError` for a tree that changes meanwhile, or that an image cannot hold; what `output` throws.
    public func write<Source: RootImageSource>(
        _ source: Source, to output: (UnsafeRawBufferPointer) throws(RootImageError) -> Void
    ) throws(RootImageError) -> RootImageIdentity {
        let plan = try RootImagePlan(source)
        let blocks = BlockWriter()
        try blocks.append(superblock(plan), output)
        for index in plan.nodes.indices { try blocks.append(plan.inode(index, times: usesModificationTimeOnly, asRoot: ownsAllAsRoot), output) }
        for node in plan.nodes where !node.metadata.isEmpty {
            try blocks.pad(to: node.offset, output)
            try blocks.append(node.metadata, output)
        }
        for node in plan.nodes where node.attributes.kind == .regular && node.size > 0 {
            try blocks.pad(to: node.offset, output)
            var left = node.size
            try source.content(of: node.file) { piece throws(RootImageError) in
                guard UInt64(piece.count) <= left else { throw RootImageError(node.path, "it has grown while it was read; try again when nothing writes to it") }
                left -= UInt64(piece.count)
                try blocks.append(piece, output)
            }
            if left > 0 { throw RootImageError(node.path, "it has shrunk while it was read; try again when nothing writes to it") }
        }
        try blocks.pad(to: plan.blocks * UInt64(RootImageLayout.block), output)
        return RootImageIdentity(blocks: plan.blocks, root: try blocks.finish(output))
    }

    private func superblock<Source>(_ plan: RootImagePlan<Source>) -> [UInt8] {
        var writer = ByteWriter(capacity: RootImageLayout.block)
        writer.u64(RootImageLayout.magic)
        writer.u64(plan.blocks)
        writer.u64(UInt64(plan.nodes.count))
        writer.pad(to: RootImageLayout.block)
        return writer.bytes
    }
}
