/// Names of sockets, and connections between them: bind(2), listen(2), connect(2), accept(2), getsockname(2), getpeername(2).
extension Syscalls {
    @Sendable static func bind(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let socket = try unixSocket(task, call.int(0))
        let structure = try UnixAddress.bytes(task, call.address(1), length: call.int(2))
        if structure.bytes.count == 2, structure.u16(0) == UnixAddress.family {
            try socket.domain.bindAutomatically(socket, task.kernel.host)
            return .success
        }
        switch try UnixAddress.read(task, call.address(1), length: call.int(2)) {
        case .abstract(let name): try socket.domain.bind(socket, toAbstract: name)
        case .path(let path): try bind(task, socket, path)
        }
        return .success
    }

    /// Makes the inode and gives it to the socket, or takes it away again.
    private static func bind(_ task: Task, _ socket: UnixSocket, _ path: [UInt8]) throws(Errno) {
        let last = try task.resolver.resolveParent(path, from: try task.pathBase(Task.workingDirectoryDescriptor, for: path))
        let owner = task.credentials.forFiles
        let inode: Inode
        do throws(Errno) {
            try task.checkNewName(last, directory: false)
            let mode = try socket.inode?.attributes().permissions ?? 0o777
            inode = try last.parent.inode.create(last.name, kind: .socket, mode: mode & ~task.fileSystem.umask, deviceNumber: 0, owner: owner)
        } catch { throw error == .EEXIST ? .EADDRINUSE : error }
        last.parent.inode.notify(.create, last.name, isDirectory: false)
        do throws(Errno) {
            try socket.domain.bind(socket, to: PathLocation(mount: last.parent.mount, inode: inode, parent: last.parent, name: last.name), path)
        } catch {
            try? last.parent.inode.unlink(last.name)
            throw error
        }
    }

    @Sendable static func listen(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try unixSocket(task, call.int(0)).listen(backlog: call.int(1), PeerCredentials(task))
        return .success
    }

    @Sendable static func getsockname(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try UnixAddress.store(try unixSocket(task, call.int(0)).name, task, at: call.address(1), lengthAt: call.address(2))
        return .success
    }

    @Sendable static func getpeername(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let socket = try unixSocket(task, call.int(0))
        let (peer, name) = socket.domain.lock.withLock { (socket.peer, socket.peer?.address) }
        if peer == nil { throw .ENOTCONN }
        try UnixAddress.store(name, task, at: call.address(1), lengthAt: call.address(2))
        return .success
    }

    // MARK: Connecting

    @Sendable static func connect(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try call.holding { call throws(Errno) in
            if let progress = call.progress as? Connecting { return try goOn(progress, task, &call) }
            let socket = try unixSocket(task, call.int(0))
            let structure = try UnixAddress.bytes(task, call.address(1), length: call.int(2))
            if socket.kind == .datagram, structure.bytes.count >= 2, structure.u16(0) == 0 {
                _ = try socket.connectDatagrams(to: nil)
                return .success
            }
            let address = try UnixAddress.read(task, call.address(1), length: call.int(2))
            if socket.wantsName { try socket.domain.bindAutomatically(socket, task.kernel.host) }
            let progress = Connecting(task, address, deadline: socket.writeTimeout.map { task.kernel.time.monotonicNow().advanced(byNanoseconds: $0) })
            if !progress.hold(socket) { throw .EBADF }
            call.progress = progress
            return try goOn(progress, task, &call)
        }
    }

    private static func goOn(_ progress: Connecting, _ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        guard let socket = progress.files.first as? UnixSocket else { throw .EBADF }
        // A listener that goes while it is being connected to is looked up again, but nobody keeps this thread busy by making and closing listeners.
        for _ in 0..<64 {
            let other = try socket.domain.find(progress.address, socket.kind, task)
            if socket.kind == .datagram {
                if try socket.connectDatagrams(to: other) { return .success }
                continue
            }
            let embryo = progress.embryo ?? makeSocket(socket.kind, [], task)
            progress.embryo = embryo
            let credentials = PeerCredentials(task)
            let obstacle: UnixSocket.Obstacle?
            if let name = other.servedAs {
                obstacle = try socket.connect(to: other, servedAs: name, by: task.kernel.host, embryo, credentials)
            } else {
                obstacle = try socket.connect(to: other, embryo, credentials)
            }
            switch obstacle {
            case nil:
                progress.embryo = nil
                return .success
            case .gone: continue
            case .full: break
            }
            if socket.currentFlags.contains(.nonBlocking) { throw .EAGAIN }
            if let deadline = progress.deadline, deadline <= task.kernel.time.monotonicNow() { throw .EAGAIN }
            return try call.wait(on: [other.roomQueue], until: progress.deadline, restart: progress.deadline == nil ? .ERESTARTSYS : .EINTR)
        }
        throw .ECONNREFUSED
    }

    // MARK: Accepting

    @Sendable static func accept(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome { try accept(task, &call, []) }

    @Sendable static func accept4(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let flags = OpenFlags(rawValue: call.uint(3))
        if !flags.isSubset(of: [.nonBlocking, .closeOnExec]) { throw .EINVAL }
        return try accept(task, &call, flags)
    }

    private static func accept(_ task: Task, _ call: inout SyscallCall, _ flags: OpenFlags) throws(Errno) -> Outcome {
        try call.holding { call throws(Errno) in
            let progress: Accepting
            if let existing = call.progress as? Accepting {
                progress = existing
            } else {
                let socket = try unixSocket(task, call.int(0))
                if socket.kind == .datagram { throw .EOPNOTSUPP }
                try task.descriptors.checkRoom(limit: task.descriptorLimit)
                progress = Accepting(deadline: socket.readTimeout.map { task.kernel.time.monotonicNow().advanced(byNanoseconds: $0) })
                if !progress.hold(socket) { throw .EBADF }
                call.progress = progress
            }
            guard let socket = progress.files.first as? UnixSocket else { throw .EBADF }
            let accepted: UnixSocket
            do throws(Errno) { accepted = try socket.accept() } catch {
                if error != .EAGAIN || socket.currentFlags.contains(.nonBlocking) { throw error }
                if let deadline = progress.deadline, deadline <= task.kernel.time.monotonicNow() { throw .EAGAIN }
                return try call.wait(on: [socket.readiness], until: progress.deadline, restart: progress.deadline == nil ? .ERESTARTSYS : .EINTR)
            }
            defer { accepted.drop() }
            return .done(Int64(try give(accepted, task, call, flags)))
        }
    }

    /// Gives an accepted connection its descriptor and the program the other end's name.
    private static func give(_ accepted: UnixSocket, _ task: Task, _ call: SyscallCall, _ flags: OpenFlags) throws(Errno) -> Int32 {
        accepted.lock.withLock { accepted.statusFlags = OpenFlags.readWrite.union(flags.intersection(.nonBlocking)) }
        if !call.address(1).isNull {
            let (peer, name) = accepted.domain.lock.withLock { (accepted.peer, accepted.peer?.address) }
            if peer == nil { throw .ECONNABORTED }
            try UnixAddress.store(name, task, at: call.address(1), lengthAt: call.address(2))
        }
        return try task.descriptors.install(accepted, closeOnExec: flags.contains(.closeOnExec), limit: task.descriptorLimit)
    }
}

/// A connect that waits for room in a backlog: the name is looked up again each time.
private final class Connecting: HeldFiles {
    let address: UnixAddress
    let deadline: MonotonicInstant?
    /// The other end that accept(2) will give.
    var embryo: UnixSocket?

    init(_ task: Task, _ address: UnixAddress, deadline: MonotonicInstant?) {
        self.address = address
        self.deadline = deadline
    }

    override func cancel() {
        embryo?.release()
        embryo = nil
        super.cancel()
    }
}

private final class Accepting: HeldFiles {
    let deadline: MonotonicInstant?
    init(deadline: MonotonicInstant?) { self.deadline = deadline }
}
