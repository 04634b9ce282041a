/// Sockets in the sandbox whose connections the host serves: programs connect to them as to any other.
extension MountTree {
    /// Makes a stream socket that everybody may connect to. What is written to a connection goes to what the host has behind `name` (`Host.connect`), and back.
    ///
    /// - Throws: `EEXIST` when there is something at this path, `EROFS` where nothing can be made.
    package func makeSocket(_ path: [UInt8], servedAs name: [UInt8]) throws(Errno) {
        let (parent, last) = try place(path)
        let owner = FileCredentials(user: 0, group: 0)
        let inode = try parent.inode.create(last, kind: .socket, mode: 0o666, deviceNumber: 0, owner: owner)
        let files = kernel.anonymousFiles
        let socket = UnixSocket(
            .stream, flags: [], inode: files.inode(in: files.sockets, kind: .socket, permissions: 0o777, owner: owner, kernel: kernel), domain: kernel.unixSockets,
            account: kernel.buffers, servedAs: name)
        try kernel.unixSockets.bind(socket, to: PathLocation(mount: parent.mount, inode: inode, parent: parent, name: last), path)
        try socket.listen(backlog: 0, .outside)
    }
}

extension UnixSocket {
    /// Connects to a socket that the host serves; the host is asked first, so that a connection that it refuses is refused here. `embryo` becomes the end that
    /// `OutsideConnection` has. nil: it is done.
    func connect(
        to listener: UnixSocket, servedAs name: [UInt8], by host: Host, _ embryo: UnixSocket, _ credentials: PeerCredentials
    ) throws(Errno) -> Obstacle? {
        if let obstacle = try domain.lock.withLock({ () throws(Errno) -> Obstacle? in try checkListener(listener) }) { return obstacle }
        let stream: HostFile
        do throws(Errno) { stream = try host.connect(name) } catch {
            if error == .EMFILE { return .full }
            throw .ECONNREFUSED
        }
        // Another thread may have connected it meanwhile: the stream ends then, when the lock is free.
        let obstacle = try domain.lock.withLock { () throws(Errno) -> Obstacle? in
            if let obstacle = try checkListener(listener) { return obstacle }
            link(to: embryo, of: listener, credentials)
            // An urgent byte is one among the others outside.
            embryo.options.urgentIsInline = true
            // From here on it ends like any other: `OutsideConnection` drops it.
            embryo.retain()
            return nil
        }
        if let obstacle { return obstacle }
        let connection = OutsideConnection(embryo, stream, host, listener)
        domain.add(connection)
        connection.begin()
        readiness.wake(for: [.output, .writeNormal, .writeBand])
        return nil
    }

    /// How many bytes its sending may still put into queues; what the other end has shut takes none.
    var room: Int? { domain.lock.withLock { writingIsShut || isDead ? nil : max(0, options.sendBuffer - inTransit) } }

    /// What waits to be read is lost.
    func discardQueue() {
        domain.lock.lock()
        let files = takeFilesFromQueue()
        while let message = queue.removeFirst() { settle(message) }
        domain.lock.unlock()
        if !files.isEmpty { domain.bury(files) }
    }

    /// The other end learns, behind what it has not read yet, that the connection was reset.
    func reset() {
        let other = domain.lock.withLock { () -> UnixSocket? in
            (readingIsShut, writingIsShut) = (true, true)
            guard let peer, !peer.isDead else { return nil }
            (peer.readingIsShut, peer.writingIsShut, peer.pendingError) = (true, true, .ECONNRESET)
            return peer
        }
        other?.readiness.wakeAll()
    }
}
