/// What whoever copies a tree of files needs of an inode.
extension Inode {
    /// The names in this directory without "." and "..", in any order.
    package func entryNames() throws(Errno) -> [[UInt8]] { try directoryEntries().map { $0.name } }

    /// Where a regular file's content is; nil when it cannot be read.
    package var contentSource: MappingSource? { mappingSource() }
}
