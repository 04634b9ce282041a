/// The AF_UNIX sockets of a sandbox: who has which name, and what is on its way between them.
///
/// One lock covers the state of all sockets, so that connections, which join two of them, and the search for unreachable ones need no order among locks.
/// A name in a file system is the inode that bind(2) made there: the socket keeps the inode, so its number means nobody else while the socket lives.
/// In a granted folder the host gets the inode too (mknod), with no socket of the host behind it: neither side can talk to the other through it.
package final class UnixDomain: @unchecked Sendable {
    let lock = Lock(.inode)
    /// Sockets of different types may have the same abstract name.
    private struct AbstractName: Hashable {
        let kind: Int32
        let name: [UInt8]
    }
    private struct Node: Hashable {
        let fileSystem: ObjectIdentifier
        let number: UInt64

        init(_ inode: Inode) {
            fileSystem = ObjectIdentifier(inode.fileSystem)
            number = inode.number
        }
    }
    // All of it under `lock`.
    private var abstractNames: [AbstractName: UnixSocket] = [:]
    private var nodes: [Node: UnixSocket] = [:]
    private var sockets: [ObjectIdentifier: UnixSocket] = [:]
    private var nextAutomaticName: UInt32 = 0
    /// Sockets that are in messages, for `garbage`.
    var inFlight: [ObjectIdentifier: UnixSocket] = [:]
    var releasesSinceSearch = 0
    /// Connections that the host serves.
    private var outside: [ObjectIdentifier: OutsideConnection] = [:]
    private var buried: [OpenFile] = []
    private var isBurying = false

    private static let searchedAlways = 1024
    /// The longest queue of datagrams a new socket takes (net.unix.max_dgram_qlen), and the longest backlog (net.core.somaxconn).
    static let datagramQueue = 10, longestBacklog = 4096

    package init() {}

    // MARK: Who is there

    func add(_ socket: UnixSocket) { lock.withLock { sockets[ObjectIdentifier(socket)] = socket } }

    /// A socket has ended: its name is free. Under the lock.
    func remove(_ socket: UnixSocket) {
        sockets[ObjectIdentifier(socket)] = nil
        if case .abstract(let name) = socket.address {
            let key = AbstractName(kind: socket.kind.rawValue, name: name)
            if abstractNames[key] === socket { abstractNames[key] = nil }
        }
        if let location = socket.boundLocation, nodes[Node(location.inode)] === socket { nodes[Node(location.inode)] = nil }
    }

    /// All sockets by the number of their inode.
    var all: [UnixSocket] { lock.withLock { sockets.values.sorted { $0.number < $1.number } } }

    // MARK: Names

    /// Gives a socket the inode that was made for it; `EINVAL` when it has got a name meanwhile.
    func bind(_ socket: UnixSocket, to location: PathLocation, _ path: [UInt8]) throws(Errno) {
        lock.lock()
        defer { lock.unlock() }
        if socket.isDead { throw .EBADF }
        if socket.address != nil { throw .EINVAL }
        nodes[Node(location.inode)] = socket
        socket.setAddress(.path(path), location)
    }

    func bind(_ socket: UnixSocket, toAbstract name: [UInt8]) throws(Errno) {
        lock.lock()
        defer { lock.unlock() }
        if socket.isDead { throw .EBADF }
        if socket.address != nil { throw .EINVAL }
        let key = AbstractName(kind: socket.kind.rawValue, name: name)
        if abstractNames[key] != nil { throw .EADDRINUSE }
        abstractNames[key] = socket
        socket.setAddress(.abstract(name), nil)
    }

    /// A name of five hexadecimal digits, for a socket that has none. `ENOSPC` when all are taken.
    func bindAutomatically(_ socket: UnixSocket, _ host: Host) throws(Errno) {
        var seed = [UInt8](repeating: 0, count: 4)
        seed.withUnsafeMutableBytes { host.random($0) }
        lock.lock()
        defer { lock.unlock() }
        if socket.isDead { throw .EBADF }
        if socket.address != nil { return }
        if nextAutomaticName == 0 { nextAutomaticName = ByteReader(seed).u32(0) }
        for _ in 0...0xfffff {
            nextAutomaticName = nextAutomaticName &+ 1
            var digits = TextWriter(capacity: 5)
            digits.hex(UInt64(nextAutomaticName & 0xfffff), width: 5)
            let key = AbstractName(kind: socket.kind.rawValue, name: digits.bytes)
            if abstractNames[key] != nil { continue }
            abstractNames[key] = socket
            socket.setAddress(.abstract(digits.bytes), nil)
            return
        }
        throw .ENOSPC
    }

    /// `unix_find_other`: the socket that has a name, of the asker's own kind.
    func find(_ address: UnixAddress, _ kind: UnixSocket.Kind, _ task: Task) throws(Errno) -> UnixSocket {
        switch address {
        case .abstract(let name):
            guard let found = lock.withLock({ abstractNames[AbstractName(kind: kind.rawValue, name: name)] }) else { throw .ECONNREFUSED }
            return found
        case .path(let path):
            let location = try task.resolver.resolve(path, from: try task.pathBase(Task.workingDirectoryDescriptor, for: path))
            try Permissions.check(location, .write, task.credentials.forFiles)
            guard location.inode.kind == .socket, let found = lock.withLock({ nodes[Node(location.inode)] }) else { throw .ECONNREFUSED }
            if found.kind != kind { throw .EPROTOTYPE }
            return found
        }
    }

    // MARK: Connections that the host serves

    func add(_ connection: OutsideConnection) { lock.withLock { outside[ObjectIdentifier(connection)] = connection } }
    func remove(_ connection: OutsideConnection) { _ = lock.withLock { outside.removeValue(forKey: ObjectIdentifier(connection)) } }

    /// Bytes that programs have written to connections served by the host, and that the host has not taken yet.
    package var bytesForOutside: Int { lock.withLock { outside.values.reduce(0) { $0 + $1.bytesWaiting } } }

    /// The sandbox is over: what the host has not taken yet is lost.
    func endOutside() { for connection in lock.withLock({ Array(outside.values) }) { connection.end() } }

    // MARK: Ends of descriptions in messages

    /// Drops descriptions that messages held. What ends with them may hold further ones, in chains of any length: they wait here, so that no stack grows.
    func bury(_ files: [OpenFile]) {
        lock.lock()
        buried += files
        if isBurying {
            lock.unlock()
            return
        }
        isBurying = true
        while !buried.isEmpty {
            let batch = buried
            buried = []
            lock.unlock()
            for file in batch { file.drop() }
            lock.lock()
        }
        isBurying = false
        lock.unlock()
    }

    /// `unix_gc`: takes the messages out of sockets that only messages of each other refer to, and returns what those held. Under the lock.
    ///
    /// A search costs as much as there are sockets in flight, so with many of them it is made after a share of as many releases only.
    func garbage() -> [OpenFile] {
        releasesSinceSearch += 1
        if inFlight.isEmpty || (inFlight.count > Self.searchedAlways && releasesSinceSearch < inFlight.count / 16) { return [] }
        releasesSinceSearch = 0
        var inside: [ObjectIdentifier: Int] = [:]
        let candidates = inFlight.filter { $0.value.referenceCount <= $0.value.timesInFlight }
        if candidates.isEmpty { return [] }
        for candidate in candidates.values { candidate.forEachSocketInQueue { inside[ObjectIdentifier($0), default: 0] += 1 } }
        var reachable: Set<ObjectIdentifier> = []
        var work = candidates.values.filter { $0.timesInFlight > inside[ObjectIdentifier($0)] ?? 0 }
        while let next = work.popLast() {
            guard reachable.insert(ObjectIdentifier(next)).inserted else { continue }
            next.forEachSocketInQueue { if candidates[ObjectIdentifier($0)] != nil { work.append($0) } }
        }
        var lost: [OpenFile] = []
        for (key, candidate) in candidates where !reachable.contains(key) { lost += candidate.takeFilesFromQueue() }
        return lost
    }
}
