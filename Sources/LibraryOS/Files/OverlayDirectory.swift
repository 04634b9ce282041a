/// An open directory of an overlay. The merged list is made at the beginning and kept, so that positions stay what they were while names change;
/// rewinding makes it again.
final class OverlayDirectory: OpenFile, @unchecked Sendable {
    private let directory: OverlayInode
    /// Under `lock`.
    private var entries: [DirectoryEntry]?

    init(_ directory: OverlayInode, flags: OpenFlags, location: PathLocation) {
        self.directory = directory
        super.init(flags: flags, location: location)
    }

    override var isSeekable: Bool { true }
    override func read(_ buffers: inout UserBuffers, at offset: Int64?, task: Task, inPlace: Bool) throws(Errno) -> Int { throw .EISDIR }
    override func sync(dataOnly: Bool) throws(Errno) {}

    override func readDirectory(task: Task, _ emit: (DirectoryEntry) -> Bool) throws(Errno) {
        let (kept, start) = lock.withLock { (entries, position) }
        let list: [DirectoryEntry]
        if let kept, start > 0 {
            list = kept
        } else {
            let above = directory.parentDirectory()?.parent.number ?? directory.number
            let type = FileKind.directory.directoryEntryType
            list =
                [
                    DirectoryEntry(name: [0x2e], inode: directory.number, type: type, next: 1),
                    DirectoryEntry(name: [0x2e, 0x2e], inode: above, type: type, next: 2),
                ] + (try directory.overlay.list(directory.node))
            lock.withLock { entries = list }
        }
        emitRest(of: list, emit)
    }
}
