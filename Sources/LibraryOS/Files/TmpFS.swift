/// A file system in guest memory (tmpfs(5)): /tmp, /dev, /dev/shm, memfd, and the tree that granted folders are mounted in.
///
/// One lock (`treeLock`) covers all names and parent links of the file system, so that renames need no lock order; each node has its own lock for its
/// attributes. Names hold nodes strongly, and so do open files, so a file without a name lives as long as it is used.
package class TmpFS: FileSystem, @unchecked Sendable {
    let treeLock = Lock(.directory)
    let time: TimeBase
    let physicalMemory: PhysicalMemory
    /// The most pages its files may have together; nil: what the sandbox's memory allows.
    let pageLimit: Int?
    /// The most nodes there may be, so that empty files cannot fill the monitor's own memory.
    let nodeLimit: Int

    /// Bytes of a node with its name.
    private static let nodeCost = 1024
    private let numbers: Counter
    private let usageLock = Lock(.leaf)
    private var pagesUsed = 0
    private var nodesUsed = 0
    private var rootNode: TmpDirectory?

    /// An empty file system whose root directory has these permission bits.
    package init(
        kernel: Kernel, permissions: UInt32 = 0o1777, owner: FileCredentials = FileCredentials(user: 0, group: 0), sizeLimit: UInt64? = nil,
        nodeLimit: Int = 1 << 20, typeName: String = "tmpfs", readOnly: Bool = false, firstNumber: UInt64 = 2
    ) {
        numbers = Counter(startingAt: firstNumber)
        time = kernel.time
        physicalMemory = kernel.physicalMemory
        pageLimit = sizeLimit.map { Int(clamping: $0 / 4096) }
        self.nodeLimit = nodeLimit
        super.init(typeName: typeName, device: DeviceNumber.make(major: 0, minor: UInt32(truncatingIfNeeded: kernel.deviceNumbers.take())), readOnly: readOnly)
        physicalMemory.chargeBeyondLimit(Self.nodeCost)
        let root = TmpDirectory(self, number: 1, permissions: permissions, owner: owner, parent: nil, name: [])
        nodesUsed = 1
        rootNode = root
    }

    /// The root directory as what it is; nil after `release`.
    package var rootDirectory: TmpDirectory? { treeLock.withLock { rootNode } }

    package override var root: Inode {
        if let rootDirectory { return rootDirectory }
        return Inode(fileSystem: self, number: 1, kind: .directory)
    }

    package override var mountOptions: String { pageLimit.map { "size=\($0 &* 4)k" } ?? "" }

    package override func statistics() throws(Errno) -> FileSystemStatistics {
        var result = FileSystemStatistics()
        result.type = 0x0102_1994
        let memory = physicalMemory.usage
        let total = pageLimit.map(UInt64.init(clamping:)) ?? memory.limit / 4096
        usageLock.lock()
        defer { usageLock.unlock() }
        let free = pageLimit == nil ? (memory.limit - min(memory.resident, memory.limit)) / 4096 : total - min(total, UInt64(clamping: pagesUsed))
        result.blocks = total
        result.blocksFree = free
        result.blocksAvailable = free
        result.files = UInt64(clamping: nodeLimit)
        result.filesFree = UInt64(clamping: nodeLimit - nodesUsed)
        result.identifier = device
        result.flags = readOnly ? 1 : 0
        return result
    }

    package override func release() {
        let root = treeLock.withLock {
            let result = rootNode
            rootNode = nil
            return result
        }
        root?.releaseTree()
    }

    // MARK: Accounting

    /// A number for a new node; `ENOSPC` when there are too many.
    func takeNumber() throws(Errno) -> UInt64 {
        try chargeNode()
        return numbers.take()
    }

    /// Books a node. `ENOSPC`.
    func chargeNode() throws(Errno) {
        guard physicalMemory.charge(Self.nodeCost) else { throw .ENOSPC }
        let fits = usageLock.withLock {
            if nodesUsed >= nodeLimit { return false }
            nodesUsed += 1
            return true
        }
        if !fits {
            physicalMemory.refund(Self.nodeCost)
            throw .ENOSPC
        }
    }
    /// A node that nobody refers to any more, with what it knew last.
    func nodeGone(_ number: UInt64, links: UInt64, isStored: Bool, hasStoredAttributes: Bool) {
        usageLock.withLock { nodesUsed -= 1 }
        physicalMemory.refund(Self.nodeCost)
    }

    /// Pages that may still be added.
    var freePages: Int { pageLimit.map { limit in max(0, limit - usageLock.withLock { pagesUsed }) } ?? .max }
    func charge(pages: Int) { usageLock.withLock { pagesUsed += pages } }

    // MARK: Files that outlive the sandbox

    // What follows is for `StoredFS`; here nothing is kept, and there is always room.

    /// The most bytes of a file.
    var maximumFileSize: Int64 { TmpFile.maximumSize }
    /// Who keeps the content of a new file.
    func makePager(_ number: UInt64) -> ObjectPager? { nil }
    /// The layout of a new directory's names.
    func makeNames() -> StoredNames? { nil }
    /// Makes sure that a change of so many blocks can be kept; `removing`: it makes more room than it takes, and is not to fail. Called without locks of the
    /// file system, as it may commit. `ENOSPC`, `EIO`.
    func makeRoom(_ blocks: Int, removing: Bool = false) throws(Errno) {}
    /// The change is over; every `makeRoom` that succeeded is followed by one.
    func roomIsUsed(_ blocks: Int) {}
    /// Attributes of a node have changed, and are to be kept. Called with the node's lock held.
    func changed(_ node: TmpNode) {}
    /// The content of a file with a pager has changed, outside of locks: commits if there is too much that is not kept. `EIO`.
    func settle() throws(Errno) {}
    /// So many blocks more have to be written by the next commit. Called with locks held.
    func owe(_ blocks: Int) {}
    /// A file with a pager is gone.
    func contentGone(_ number: UInt64) {}
    /// A file was read at a time that is to be kept, if there is room.
    func accessed(_ node: TmpNode) {}
}
