internal import GuestHost
internal import LibraryOS

/// Where everything of a root image goes: what the first walk through a tree finds out.
///
/// Files are numbered as they are met, a folder's own entries in the order of their names before what is in them, so that the same tree gives the same image.
struct RootImagePlan<Source: RootImageSource> {
    /// A file with its place in the image.
    struct Node {
        let file: Source.File
        var attributes: FileAttributes
        var links: UInt32 = 0
        let parent: UInt64
        /// Directories and symbolic links: their bytes.
        var metadata: [UInt8] = []
        var offset: UInt64 = 0
        let path: [UInt8]

        var size: UInt64 { attributes.kind == .regular ? UInt64(max(0, attributes.size)) : UInt64(metadata.count) }
    }

    private struct Identity: Hashable {
        let device: UInt64
        let inode: UInt64
    }

    /// By inode number less one.
    private(set) var nodes: [Node] = []
    private var known: [Identity: UInt64] = [:]
    /// Blocks of everything but the tree of digests.
    private(set) var blocks: UInt64 = 0

    init(_ source: Source) throws(RootImageError) {
        let attributes = try source.attributes(of: source.root)
        guard attributes.kind == .directory else { throw RootImageError([0x2f], "it is no folder; name the folder that becomes the root") }
        nodes.append(Node(file: source.root, attributes: attributes, links: 2, parent: RootImageLayout.rootInode, path: [0x2f]))
        var next = 0
        while next < nodes.count {
            switch nodes[next].attributes.kind {
            case .directory: try list(next, source)
            case .symbolicLink: try follow(next, source)
            default: break
            }
            next += 1
        }
        try place()
    }

    private mutating func follow(_ index: Int, _ source: Source) throws(RootImageError) {
        let target = try source.target(of: nodes[index].file)
        guard (1...RootImageLayout.target).contains(target.count), !target.contains(0) else { throw RootImageError(nodes[index].path, "its target is not one that Linux allows") }
        nodes[index].metadata = target
    }

    private mutating func list(_ index: Int, _ source: Source) throws(RootImageError) {
        let path = nodes[index].path
        let entries = try source.entries(of: nodes[index].file).sorted { $0.name.lexicographicallyPrecedes($1.name) }
        var (heads, names) = ([UInt8](), [UInt8]())
        let namesAt = RootImageLayout.directoryHead + entries.count * RootImageLayout.directoryEntry
        for (place, entry) in entries.enumerated() {
            let isAllowed = (1...RootImageLayout.name).contains(entry.name.count) && !entry.name.contains(0) && !entry.name.contains(0x2f)
            guard isAllowed, entry.name != [0x2e], entry.name != [0x2e, 0x2e], place == 0 || entries[place - 1].name != entry.name else {
                throw RootImageError(path, "the name \"\(String(decoding: entry.name, as: UTF8.self))\" is not one that Linux allows, or is there twice")
            }
            let (number, kind) = try number(entry.file, name: entry.name, in: index, source)
            var head = ByteWriter(capacity: RootImageLayout.directoryEntry)
            head.u64(number)
            head.u32(UInt32(truncatingIfNeeded: namesAt + names.count))
            head.u16(UInt16(entry.name.count))
            head.u8(kind.directoryEntryType)
            head.u8(0)
            heads += head.bytes
            names += entry.name
        }
        var start = ByteWriter(capacity: RootImageLayout.directoryHead)
        start.u32(UInt32(truncatingIfNeeded: entries.count))
        start.u32(0)
        guard UInt64(namesAt + names.count) <= RootImageLayout.directory else { throw RootImageError(path, "it has more entries than a root image can hold") }
        nodes[index].metadata = start.bytes + heads + names
    }

    /// The number of a file: a new one, or that of the name by which it was met before.
    private mutating func number(_ file: Source.File, name: [UInt8], in folder: Int, _ source: Source) throws(RootImageError) -> (UInt64, FileKind) {
        let attributes = try source.attributes(of: file)
        let path = (nodes[folder].path == [0x2f] ? [] : nodes[folder].path) + [0x2f] + name
        guard attributes.kind != .anonymous, attributes.size >= 0 else { throw RootImageError(path, "it is a kind of file that a root image cannot hold; leave it out") }
        let identity = Identity(device: attributes.device, inode: attributes.inode)
        if attributes.kind != .directory, let number = known[identity] {
            nodes[Int(number) - 1].links += 1
            return (number, attributes.kind)
        }
        guard nodes.count < RootImageLayout.mostInodes else { throw RootImageError(path, "the tree has more files than a root image can hold") }
        let isFolder = attributes.kind == .directory
        nodes.append(Node(file: file, attributes: attributes, links: isFolder ? 2 : 1, parent: isFolder ? UInt64(folder) + 1 : 0, path: path))
        if isFolder { nodes[folder].links += 1 } else { known[identity] = UInt64(nodes.count) }
        return (UInt64(nodes.count), attributes.kind)
    }

    /// Superblock, inodes, then folders and links one behind the other at multiples of 8, then files at multiples of a block.
    private mutating func place() throws(RootImageError) {
        let block = UInt64(RootImageLayout.block)
        var offset = RootImageLayout.inodeTable * block + UInt64(nodes.count) * UInt64(RootImageLayout.inode)
        offset = (offset + block - 1) / block * block
        for index in nodes.indices where !nodes[index].metadata.isEmpty {
            nodes[index].offset = offset
            offset = (offset + nodes[index].size + 7) / 8 * 8
        }
        for index in nodes.indices where nodes[index].attributes.kind == .regular && nodes[index].size > 0 {
            offset = (offset + block - 1) / block * block
            nodes[index].offset = offset
            let (end, overflow) = offset.addingReportingOverflow(nodes[index].size)
            guard !overflow, end <= RootImageLayout.mostBlocks * block else { throw RootImageError(nodes[index].path, "the tree is larger than a root image can be") }
            offset = end
        }
        blocks = (offset + block - 1) / block
    }

    /// The 128 bytes of an inode.
    func inode(_ index: Int, times modificationOnly: Bool, asRoot: Bool) -> [UInt8] {
        let (node, attributes) = (nodes[index], nodes[index].attributes)
        var writer = ByteWriter(capacity: RootImageLayout.inode)
        writer.u32(attributes.mode)
        writer.u32(asRoot ? 0 : attributes.user)
        writer.u32(asRoot ? 0 : attributes.group)
        writer.u32(node.links)
        writer.u64(node.size)
        writer.u64(node.offset)
        writer.i64(modificationOnly ? attributes.modificationTime : attributes.accessTime)
        writer.i64(attributes.modificationTime)
        writer.i64(modificationOnly ? attributes.modificationTime : attributes.changeTime)
        writer.u64(attributes.kind == .characterDevice || attributes.kind == .blockDevice ? attributes.deviceNumber : 0)
        writer.u64(node.parent)
        writer.pad(to: RootImageLayout.inode)
        return writer.bytes
    }
}
