/// Who may do what with a System V object (struct kern_ipc_perm).
struct IPCPermissions: Sendable {
    /// IPC_PRIVATE (0) once the object is on its way out.
    var key: Int32
    var user: UInt32, group: UInt32
    let creatorUser: UInt32, creatorGroup: UInt32
    /// Nine bits of permission, and SHM_DEST and SHM_LOCKED of a segment.
    var mode: UInt32

    init(key: Int32, mode: UInt32, creator: Credentials) {
        self.key = key
        user = creator.effectiveUser
        group = creator.effectiveGroup
        creatorUser = creator.effectiveUser
        creatorGroup = creator.effectiveGroup
        self.mode = mode & 0o777
    }

    private static let ownerCapability: UInt64 = 1 << 15, administratorCapability: UInt64 = 1 << 21

    /// `EACCES` unless the mode grants what the three octal digits of `wanted` name, in any of them (ipcperms).
    func check(_ wanted: UInt32, _ credentials: Credentials) throws(Errno) {
        let requested = (wanted >> 6) | (wanted >> 3) | wanted
        var granted = mode
        if credentials.effectiveUser == creatorUser || credentials.effectiveUser == user {
            granted >>= 6
        } else if [group, creatorGroup].contains(where: { $0 == credentials.effectiveGroup || credentials.groups.contains($0) }) {
            granted >>= 3
        }
        if requested & ~granted & 7 != 0, credentials.capabilities.effective & Self.ownerCapability == 0 { throw .EACCES }
    }

    /// `EPERM` unless it is the owner, the creator or CAP_SYS_ADMIN that changes or removes the object.
    func checkControl(_ credentials: Credentials) throws(Errno) {
        if credentials.effectiveUser == creatorUser || credentials.effectiveUser == user { return }
        if credentials.capabilities.effective & Self.administratorCapability == 0 { throw .EPERM }
    }

    /// IPC_SET: owner, group and permission bits of the struct ipc64_perm the program gave.
    mutating func update(_ reader: ByteReader) throws(Errno) {
        let (newUser, newGroup) = (reader.u32(4), reader.u32(8))
        if newUser == .max || newGroup == .max { throw .EINVAL }
        user = newUser
        group = newGroup
        mode = (mode & ~0o777) | (reader.u32(20) & 0o777)
    }

    /// struct ipc64_perm, 48 bytes.
    func write(_ writer: inout ByteWriter, id: Int32) {
        writer.i32(key)
        for value in [user, group, creatorUser, creatorGroup, mode] { writer.u32(value) }
        writer.u16(UInt16(truncatingIfNeeded: id >> IPCTable<IPCObject>.indexBits))
        writer.zeros(22)
    }
}

/// An object of System V interprocess communication. Its `var`s are guarded by the namespace's lock.
class IPCObject: @unchecked Sendable {
    let id: Int32
    var permissions: IPCPermissions
    /// IPC_RMID has taken it out: who waits gets EIDRM.
    var isRemoved = false
    var changed: Int64

    private let memory: PhysicalMemory
    private let cost: Int

    /// `ENOMEM` when the memory limit does not allow `cost` bytes.
    init(id: Int32, _ permissions: IPCPermissions, kernel: Kernel, cost: Int) throws(Errno) {
        self.id = id
        self.permissions = permissions
        self.cost = cost
        memory = kernel.physicalMemory
        changed = IPCNamespace.seconds(kernel)
        guard memory.charge(cost) else { throw .ENOMEM }
    }
    deinit { memory.refund(cost) }
}

/// The objects of one kind, by id and by key. Guarded by the namespace's lock.
struct IPCTable<Object: IPCObject> {
    /// An id is a place in the table in its low 15 bits and a number above that makes it differ from the ids that had the place before.
    static var indexBits: Int32 { 15 }
    private(set) var objects: [Int32: Object] = [:]
    private var keys: [Int32: Object] = [:]
    private var latestIndex: Int32 = -1
    private var sequence: Int32 = 0
    private let limit: Int32

    init(limit: Int32) { self.limit = limit }

    /// An id that is free now: places are given out in turn, as Linux does.
    mutating func nextID() throws(Errno) -> Int32 {
        if objects.count >= Int(limit) { throw .ENOSPC }
        // ipc_min_cycle and half as many again as are in use.
        let range = min(max(Int32(objects.count) &* 3 / 2, 64), limit)
        var index = latestIndex &+ 1 < range ? latestIndex &+ 1 : 0
        // There are fewer objects than places, so one of them is free.
        while objects[index] != nil { index = index &+ 1 < range ? index &+ 1 : 0 }
        if index <= latestIndex { sequence = sequence >= 0xffff ? 0 : sequence &+ 1 }
        latestIndex = index
        return sequence << Self.indexBits | index
    }

    mutating func insert(_ object: Object) {
        objects[object.id & 0x7fff] = object
        if object.permissions.key != 0 { keys[object.permissions.key] = object }
    }

    /// The key is free again; the id stays.
    mutating func forgetKey(_ object: Object) {
        if keys[object.permissions.key] === object { keys[object.permissions.key] = nil }
        object.permissions.key = 0
    }

    mutating func remove(_ object: Object) {
        forgetKey(object)
        if objects[object.id & 0x7fff] === object { objects[object.id & 0x7fff] = nil }
        object.isRemoved = true
    }

    func object(key: Int32) -> Object? { keys[key] }

    /// `EINVAL` for an id that does not exist (any more).
    func object(_ id: Int32) throws(Errno) -> Object {
        guard id >= 0, let found = objects[id & 0x7fff], found.id == id else { throw .EINVAL }
        return found
    }

    /// The same without an error.
    func existing(_ id: Int32) -> Object? { objects[id & 0x7fff].flatMap { $0.id == id ? $0 : nil } }

    /// SHM_STAT and its like: by place instead of id.
    func object(at index: Int32) throws(Errno) -> Object {
        guard index >= 0, let found = objects[index & 0x7fff] else { throw .EINVAL }
        return found
    }

    /// The highest place in use; 0 when there is none.
    var highestIndex: Int32 { objects.keys.max() ?? 0 }
    /// In order of place, for /proc.
    var sorted: [Object] { objects.sorted { $0.key < $1.key }.map { $0.value } }
}
