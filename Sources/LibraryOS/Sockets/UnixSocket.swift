/// An AF_UNIX socket (unix(7)). Its state is under the lock of its `UnixDomain`.
package final class UnixSocket: OpenFile, @unchecked Sendable {
    enum Kind: Int32 {
        case stream = 1, datagram = 2, sequentialPacket = 5
    }
    /// The kernel's TCP_CLOSE, TCP_LISTEN and TCP_ESTABLISHED.
    enum State {
        case closed, listening, established
    }

    let kind: Kind
    let domain: UnixDomain
    private let ownInode: AnonymousInode
    let account: BufferAccount
    /// Where those wait who find this socket's queue, or backlog, full.
    let roomQueue = WaitQueue()

    // All that follows is under `domain.lock`.
    var state = State.closed
    private(set) var address: UnixAddress?
    private(set) var boundLocation: PathLocation?
    /// Whom it is connected to. It stays when the peer has ended: getpeername(2) goes on to name it.
    var peer: UnixSocket?
    /// Datagram sockets that are connected to this one, for as long as it lives.
    var sources: [ObjectIdentifier: UnixSocket] = [:]
    var queue = ReceiveQueue()
    /// Connections that nobody has accepted yet: this end of them.
    var backlog: [UnixSocket] = []
    /// How long `backlog`, or the queue of a datagram socket, may get; one more fits, as in the kernel.
    var queueLimit: Int
    /// What of this socket's sending waits in queues.
    var inTransit = 0
    var readingIsShut = false, writingIsShut = false
    var pendingError: Errno?
    var isDead = false
    var options = SocketOptions()
    var peerCredentials: PeerCredentials?
    /// How many messages hold this socket.
    var timesInFlight = 0
    /// The host's name for what serves the connections to this socket, which nobody in the sandbox accepts; nil for every socket of a program.
    let servedAs: [UInt8]?

    init(_ kind: Kind, flags: OpenFlags, inode: AnonymousInode, domain: UnixDomain, account: BufferAccount, servedAs: [UInt8]? = nil) {
        self.kind = kind
        self.servedAs = servedAs
        self.domain = domain
        ownInode = inode
        self.account = account
        queueLimit = UnixDomain.datagramQueue
        super.init(flags: flags.union(.readWrite), location: nil)
        domain.add(self)
    }

    var number: UInt64 { ownInode.number }
    var referenceCount: Int { currentReferences }
    package override var inode: Inode? { ownInode }
    override var isByteStream: Bool { kind == .stream }
    override func displayName(_ task: Task) -> [UInt8] { Array("socket:[\(ownInode.number)]".utf8) }
    override func signalsBrokenPipe(moved: Int) -> Bool { kind == .stream && moved == 0 }
    override var readTimeout: Int64? { domain.lock.withLock { options.receiveTimeout } }
    override var writeTimeout: Int64? { domain.lock.withLock { options.sendTimeout } }

    func setAddress(_ address: UnixAddress?, _ location: PathLocation?) {
        self.address = address
        boundLocation = location
    }

    override var signalledEvents: PollEvents? { [.input, .output, .hangUp] }
    /// SOCKWQ_ASYNC_NOSPACE of the kernel. Under the lock.
    private var hasFoundNoRoom = false
    override func takesOutputSignal() -> Bool {
        domain.lock.withLock {
            defer { hasFoundNoRoom = false }
            return hasFoundNoRoom
        }
    }

    override func read(_ buffers: inout UserBuffers, at offset: Int64?, task: Task, inPlace: Bool) throws(Errno) -> Int {
        if inPlace {
            if !domain.lock.tryLock() { throw .EAGAIN }
            domain.lock.unlock()
        }
        if buffers.remaining == 0 { return 0 }
        try checkReceiver()
        let received = try receive(&buffers, peeking: false, waits: !currentFlags.contains(.nonBlocking))
        // A read has no room for descriptors: they are closed.
        if !received.files.isEmpty { domain.bury(received.files) }
        return received.count
    }

    override func write(_ buffers: inout UserBuffers, at offset: Int64?, task: Task) throws(Errno) -> Int {
        var ancillary = Ancillary()
        return try send(&buffers, &ancillary, to: nil, from: SocketCredentials(task))
    }

    override func ioctl(_ request: UInt32, _ argument: UInt64, task: Task) throws(Errno) -> Int64 {
        // SIOCUNIXFILE is for CAP_NET_ADMIN, which nobody has.
        if request == Self.openFileRequest { throw .EPERM }
        if request == Self.atMarkRequest {
            if kind != .stream { throw .EOPNOTSUPP }
            try task.memory.writeU32(isAtMark ? 1 : 0, to: GuestAddress(argument))
            return 0
        }
        let value: Int
        domain.lock.lock()
        let listens = state == .listening
        switch request {
        case Ioctl.bytesAvailable: value = kind == .datagram ? queue.first?.count ?? 0 : queue.bytes
        // SIOCOUTQ.
        case 0x5411: value = inTransit
        default:
            domain.lock.unlock()
            throw .ENOTTY
        }
        domain.lock.unlock()
        if request == Ioctl.bytesAvailable, listens { throw .EINVAL }
        try task.memory.writeU32(UInt32(clamping: value), to: GuestAddress(argument))
        return 0
    }

    /// SIOCATMARK and SIOCUNIXFILE.
    private static let atMarkRequest: UInt32 = 0x8905, openFileRequest: UInt32 = 0x89e0

    // MARK: Readiness

    package override func poll() -> PollEvents {
        domain.lock.withLock {
            var events: PollEvents = []
            if pendingError != nil { events.insert(.error) }
            if readingIsShut && writingIsShut { events.insert(.hangUp) }
            if readingIsShut { events.formUnion([.readHangUp, .input, .readNormal]) }
            if !queue.isEmpty || !backlog.isEmpty { events.formUnion([.input, .readNormal]) }
            if queue.hasUrgent { events.insert(.priority) }
            if kind != .datagram, state == .closed { events.insert(.hangUp) }
            if isWritable { events.formUnion([.output, .writeNormal, .writeBand]) } else { hasFoundNoRoom = true }
            return events
        }
    }

    private var isWritable: Bool {
        if state == .listening || inTransit * 4 > options.sendBuffer { return false }
        // A datagram socket is also held up by the queue of the one it is connected to.
        guard kind == .datagram, let peer, peer.peer !== self, !peer.isDead else { return true }
        return !peer.isFull
    }

    /// No further datagram or connection fits. Under the lock.
    var isFull: Bool { (state == .listening ? backlog.count : queue.count) > queueLimit }

    var name: UnixAddress? { domain.lock.withLock { address } }
    var isOver: Bool { domain.lock.withLock { isDead } }
    /// It has a peer, perhaps one that has ended.
    var isConnected: Bool { domain.lock.withLock { peer != nil } }
    /// Who asks for credentials gets a name to be answered under (unix(7), "Autobind feature").
    var wantsName: Bool { domain.lock.withLock { options.passesCredentials && address == nil } }

    /// SO_ERROR, which it clears.
    func takeError() -> Errno? {
        domain.lock.withLock {
            defer { pendingError = nil }
            return pendingError
        }
    }

    // MARK: Ends

    /// shutdown(2).
    func shut(reading: Bool, writing: Bool) {
        let other = domain.lock.withLock {
            if reading { readingIsShut = true }
            if writing { writingIsShut = true }
            if kind != .datagram, let peer {
                if reading { peer.writingIsShut = true }
                if writing { peer.readingIsShut = true }
            }
            return peer
        }
        readiness.wakeAll()
        roomQueue.wakeAll()
        other?.readiness.wakeAll()
    }

    package override func release() {
        domain.lock.lock()
        let lost = end()
        let garbage = domain.garbage()
        domain.lock.unlock()
        lost.wake()
        withExtendedLifetime(lost) {}
        let files = lost.files + garbage
        if !files.isEmpty { domain.bury(files) }
    }

    /// What is left over when a socket ends, to be dealt with when the lock is free.
    struct Remains {
        var files: [OpenFile] = []
        var wakened: [UnixSocket] = []
        /// Its last reference may be the last one to a place.
        var location: [PathLocation] = []
        var roomQueues: [WaitQueue] = []

        func wake() {
            for socket in wakened { socket.readiness.wakeAll() }
            for queue in roomQueues { queue.wakeAll() }
        }
    }

    /// `unix_release_sock`. Under the lock.
    private func end(unaccepted: Bool = false) -> Remains {
        var remains = Remains()
        if isDead { return remains }
        isDead = true
        domain.remove(self)
        // A mark that an urgent byte has left is nothing to lose.
        let lostData = queue.count > (queue.first?.count == 0 ? 1 : 0) || unaccepted
        let (old, former) = (state, boundLocation)
        if let former { remains.location.append(former) }
        boundLocation = nil
        state = .closed
        readingIsShut = true
        writingIsShut = true
        remains.files = takeFilesFromQueue()
        while let message = queue.removeFirst() { settle(message) }
        if let peer {
            if kind != .datagram {
                peer.readingIsShut = true
                peer.writingIsShut = true
                if lostData { peer.pendingError = .ECONNRESET }
                // The peer keeps its end of the link, to name us; ours would be a cycle.
            }
            peer.sources[ObjectIdentifier(self)] = nil
            remains.wakened.append(peer)
        }
        peer = nil
        remains.wakened += sources.values
        sources = [:]
        remains.roomQueues.append(roomQueue)
        if old == .listening {
            let waiting = backlog
            backlog = []
            for embryo in waiting {
                account.refund(Self.embryoCost)
                let part = embryo.end(unaccepted: true)
                remains.files += part.files
                remains.wakened += part.wakened
                remains.location += part.location
            }
        }
        return remains
    }

    /// A message leaves the queue. Under the lock.
    func settle(_ message: SocketMessage) {
        account.refund(message.cost)
        message.origin.inTransit -= message.cost
    }

    /// What a connection that waits to be accepted costs.
    static let embryoCost = 1536
}
