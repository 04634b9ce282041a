import Synchronization

/// The file systems that no path leads to: pipes, sockets, and the files behind eventfd, timerfd and epoll.
package final class AnonymousFiles: @unchecked Sendable {
    // Device numbers below those that `Kernel.deviceNumbers` hands out.
    package let pipes: FileSystem = NamelessFileSystem(typeName: "pipefs", device: 13, magic: 0x5049_5045)
    package let sockets: FileSystem = NamelessFileSystem(typeName: "sockfs", device: 8, magic: 0x534f_434b)
    package let others: FileSystem = NamelessFileSystem(typeName: "anon_inodefs", device: 14, magic: 0x0904_1934)
    package let hostStreams: FileSystem = FileSystem(typeName: "devpts", device: 15, readOnly: false)
    package init() {}

    /// A new inode, owned by the task's user.
    package func inode(in fileSystem: FileSystem, kind: FileKind, permissions: UInt32, task: Task, fifo: FIFO? = nil) -> AnonymousInode {
        inode(in: fileSystem, kind: kind, permissions: permissions, owner: task.credentials.forFiles, kernel: task.kernel, fifo: fifo)
    }

    /// A new inode that no task has made.
    func inode(in fileSystem: FileSystem, kind: FileKind, permissions: UInt32, owner: FileCredentials, kernel: Kernel, fifo: FIFO? = nil) -> AnonymousInode {
        var attributes = FileAttributes()
        attributes.device = fileSystem.device
        attributes.inode = kernel.inodeNumbers.take()
        attributes.kind = kind
        attributes.permissions = permissions
        attributes.user = owner.user
        attributes.group = owner.group
        let now = kernel.time.realtimeNow()
        attributes.accessTime = now
        attributes.modificationTime = now
        attributes.changeTime = now
        return AnonymousInode(fileSystem: fileSystem, attributes, fifo: fifo)
    }
}

/// A file system of which nothing is known but its kind (`simple_statfs` of the kernel).
private final class NamelessFileSystem: FileSystem, @unchecked Sendable {
    private let magic: UInt64

    init(typeName: String, device: UInt64, magic: UInt64) {
        self.magic = magic
        super.init(typeName: typeName, device: device, readOnly: false)
    }

    override func statistics() throws(Errno) -> FileSystemStatistics {
        var result = FileSystemStatistics()
        result.type = magic
        return result
    }
}

/// An inode without a name: only attributes.
package final class AnonymousInode: Inode, @unchecked Sendable {
    private let lock = Lock(.inode)
    private var stored: FileAttributes

    init(fileSystem: FileSystem, _ attributes: FileAttributes, fifo: FIFO? = nil) {
        stored = attributes
        super.init(fileSystem: fileSystem, number: attributes.inode, kind: attributes.kind, fifo: fifo)
    }

    package override func attributes() throws(Errno) -> FileAttributes { lock.withLock { stored } }

    override func change(_ change: AttributeChange) throws(Errno) {
        // All files without a type share one inode in the kernel, which nobody may change.
        if kind == .anonymous { throw .EOPNOTSUPP }
        lock.withLock {
            stored.permissions = change.permissions ?? stored.permissions
            stored.user = change.user ?? stored.user
            stored.group = change.group ?? stored.group
            stored.accessTime = change.accessTime ?? stored.accessTime
            stored.modificationTime = change.modificationTime ?? stored.modificationTime
        }
    }
}

/// How many bytes pipes and sockets hold in the monitor's memory, and how many they may: a program that fills queues runs into
/// `ENOMEM` or `ENOBUFS`, and never exhausts the monitor.
package final class BufferAccount: Sendable {
    /// Whose limit counts beside the account's own.
    private let memory: PhysicalMemory?
    /// Bytes of an open file that no descriptor refers to, with its inode.
    private static let fileCost = 768
    private let used = Atomic<Int>(0)
    private let inFlight = Atomic<Int>(0)
    /// 64 MiB: a thousand full pipes.
    package static let limit = 64 << 20
    package init(_ memory: PhysicalMemory? = nil) { self.memory = memory }
    /// Nothing is held and nothing is on its way: a test's leak check.
    package var isIdle: Bool { used.load(ordering: .relaxed) == 0 && inFlight.load(ordering: .relaxed) == 0 }

    /// Takes `count` bytes; false when the limit is reached.
    package func charge(_ count: Int) -> Bool {
        if used.wrappingAdd(count, ordering: .relaxed).newValue <= Self.limit, memory?.charge(count) ?? true { return true }
        used.wrappingSubtract(count, ordering: .relaxed)
        return false
    }
    /// Takes bytes that exist already and must not be lost (at most one splice a call).
    package func chargeBeyondLimit(_ count: Int) {
        used.wrappingAdd(count, ordering: .relaxed)
        memory?.chargeBeyondLimit(count)
    }
    package func refund(_ count: Int) {
        used.wrappingSubtract(count, ordering: .relaxed)
        memory?.refund(count)
    }

    /// Counts descriptors on their way in SCM_RIGHTS messages; false above `limit` (`ETOOMANYREFS`).
    package func chargeDescriptors(_ count: Int, limit: UInt64) -> Bool {
        if UInt64(clamping: inFlight.wrappingAdd(count, ordering: .relaxed).newValue) <= limit, memory?.charge(count * Self.fileCost) ?? true { return true }
        inFlight.wrappingSubtract(count, ordering: .relaxed)
        return false
    }
    package func refundDescriptors(_ count: Int) {
        inFlight.wrappingSubtract(count, ordering: .relaxed)
        memory?.refund(count * Self.fileCost)
    }
}
