/// IPC_CREAT, IPC_EXCL, IPC_NOWAIT.
enum IPCFlags {
    static let create: UInt32 = 0o1000, exclusive: UInt32 = 0o2000, noWait: UInt32 = 0o4000
}

/// IPC_RMID and the other commands that all three kinds have.
enum IPCCommand {
    static let remove: Int32 = 0, set: Int32 = 1, status: Int32 = 2, information: Int32 = 3
}

/// The System V objects of a sandbox (sysvipc(7)).
package final class IPCNamespace: @unchecked Sendable {
    /// Taken while an address space's lock may be held (a last mapping goes), so it is above that; guest memory is never touched under it.
    let lock = Lock(.overlayNodes)
    // Under `lock`:
    var segments = IPCTable<SharedSegment>(limit: IPCNamespace.mostSegments)
    var semaphores = IPCTable<SemaphoreSet>(limit: IPCNamespace.mostSets)
    var queues = IPCTable<MessageQueue>(limit: IPCNamespace.mostQueues)

    static let mostSegments: Int32 = 4096, mostSets: Int32 = 32000, mostQueues: Int32 = 32000

    package init() {}

    static func seconds(_ kernel: Kernel) -> Int64 { kernel.time.realtimeNow() / 1_000_000_000 }

    /// The sandbox is over: segments that nobody has removed go.
    func release() {
        let left = lock.withLock {
            defer {
                segments = IPCTable(limit: Self.mostSegments)
                semaphores = IPCTable(limit: Self.mostSets)
                queues = IPCTable(limit: Self.mostQueues)
            }
            return (segments, semaphores, queues)
        }
        withExtendedLifetime(left) {}
    }
}

extension IPCTable {
    /// The id of the object with a key, or of a new one, as the flags of shmget(2) and its like say. `suits` says whether one that exists will do (`EINVAL`).
    mutating func get(
        _ key: Int32, _ flags: UInt32, _ credentials: Credentials, suits: (Object) -> Bool, make: (Int32, IPCPermissions) throws(Errno) -> Object
    ) throws(Errno) -> Int32 {
        if key != 0, let found = object(key: key) {
            if flags & IPCFlags.create != 0, flags & IPCFlags.exclusive != 0 { throw .EEXIST }
            if !suits(found) { throw .EINVAL }
            try found.permissions.check(flags, credentials)
            return found.id
        }
        if key != 0, flags & IPCFlags.create == 0 { throw .ENOENT }
        let made = try make(try nextID(), IPCPermissions(key: key, mode: flags, creator: credentials))
        insert(made)
        return made.id
    }
}
