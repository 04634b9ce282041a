/// Connections. Sockets that take part are locked together by the domain's lock.
extension UnixSocket {
    /// socketpair(2): before anyone else sees the sockets.
    static func makePair(_ one: UnixSocket, _ other: UnixSocket, _ credentials: PeerCredentials) {
        one.domain.lock.withLock {
            for (near, far) in [(one, other), (other, one)] {
                near.peer = far
                near.state = .established
                near.peerCredentials = credentials
                if near.kind == .datagram { far.sources[ObjectIdentifier(near)] = near }
            }
        }
    }

    /// listen(2).
    func listen(backlog limit: Int32, _ credentials: PeerCredentials) throws(Errno) {
        if kind == .datagram { throw .EOPNOTSUPP }
        domain.lock.lock()
        if address == nil || state == .established || isDead {
            domain.lock.unlock()
            throw .EINVAL
        }
        queueLimit = Int(min(UInt32(bitPattern: limit), UInt32(UnixDomain.longestBacklog)))
        state = .listening
        peerCredentials = credentials
        domain.lock.unlock()
        readiness.wakeAll()
        roomQueue.wakeAll()
    }

    /// Why a connection cannot be made now.
    enum Obstacle {
        /// The backlog is full: wait, or `EAGAIN`.
        case full
        /// The socket with that name has just ended: look again.
        case gone
    }

    /// Connects a stream or sequenced-packet socket to one that listens; `embryo` becomes the end that accept(2) gives. nil: it is done.
    func connect(to listener: UnixSocket, _ embryo: UnixSocket, _ credentials: PeerCredentials) throws(Errno) -> Obstacle? {
        domain.lock.lock()
        do throws(Errno) {
            if let obstacle = try checkListener(listener) {
                domain.lock.unlock()
                return obstacle
            }
            if !account.charge(Self.embryoCost) { throw .ENOMEM }
        } catch {
            domain.lock.unlock()
            throw error
        }
        link(to: embryo, of: listener, credentials)
        listener.backlog.append(embryo)
        domain.lock.unlock()
        listener.readiness.wake(for: [.input, .readNormal])
        readiness.wake(for: [.output, .writeNormal, .writeBand])
        return nil
    }

    /// Both ends of a connection know each other. Under the lock.
    func link(to embryo: UnixSocket, of listener: UnixSocket, _ credentials: PeerCredentials) {
        embryo.peer = self
        embryo.state = .established
        embryo.peerCredentials = credentials
        embryo.setAddress(listener.address, nil)
        embryo.options.passesCredentials = listener.options.passesCredentials
        peer = embryo
        state = .established
        peerCredentials = listener.peerCredentials
    }

    /// Whether this socket may be connected to that one. Under the lock.
    func checkListener(_ listener: UnixSocket) throws(Errno) -> Obstacle? {
        // Another thread has closed it meanwhile: what ended must not get a peer.
        if isDead { throw .EBADF }
        if listener.isDead { return .gone }
        if listener.state != .listening || listener.readingIsShut { throw .ECONNREFUSED }
        if listener.isFull { return .full }
        switch state {
        case .closed: return nil
        case .established: throw .EISCONN
        case .listening: throw .EINVAL
        }
    }

    /// The oldest connection that waits to be accepted; `EAGAIN` when there is none.
    func accept() throws(Errno) -> UnixSocket {
        domain.lock.lock()
        if state != .listening {
            domain.lock.unlock()
            throw .EINVAL
        }
        if backlog.isEmpty {
            let isShut = readingIsShut
            domain.lock.unlock()
            throw isShut ? .EINVAL : .EAGAIN
        }
        let embryo = backlog.removeFirst()
        account.refund(Self.embryoCost)
        // From here on it ends like any other.
        embryo.retain()
        domain.lock.unlock()
        roomQueue.wakeAll()
        return embryo
    }

    /// connect(2) of a datagram socket, to nobody for AF_UNSPEC. False: the other socket has just ended.
    func connectDatagrams(to other: UnixSocket?) throws(Errno) -> Bool {
        domain.lock.lock()
        if isDead {
            domain.lock.unlock()
            throw .EBADF
        }
        if let other {
            if other.isDead {
                domain.lock.unlock()
                return false
            }
            if let theirs = other.peer, theirs !== self {
                domain.lock.unlock()
                throw .EPERM
            }
        }
        let old = peer
        var wakened: [UnixSocket] = []
        var files: [OpenFile] = []
        if old !== other {
            peer = other
            if let old {
                old.sources[ObjectIdentifier(self)] = nil
                // What has come is lost, and the former peer is told so if it was connected to us.
                let lostData = !queue.isEmpty
                files = takeFilesFromQueue()
                while let message = queue.removeFirst() { settle(message) }
                if lostData, !old.isDead, old.peer === self { old.pendingError = .ECONNRESET }
                wakened.append(old)
            }
            if let other { other.sources[ObjectIdentifier(self)] = self }
        }
        state = other == nil ? .closed : .established
        other?.state = .established
        domain.lock.unlock()
        for socket in wakened { socket.readiness.wakeAll() }
        roomQueue.wakeAll()
        readiness.wakeAll()
        if !files.isEmpty { domain.bury(files) }
        return true
    }
}
