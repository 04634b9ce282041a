/// socketpair(2), socket(2), shutdown(2) and options.
extension Syscalls {
    private static let unixFamily: Int32 = 1

    static func parse(_ type: Int32, protocol number: Int32, family: Int32) throws(Errno) -> (UnixSocket.Kind, OpenFlags) {
        let flags = OpenFlags(rawValue: UInt32(bitPattern: type & ~0xf))
        if !flags.isSubset(of: [.nonBlocking, .closeOnExec]) { throw .EINVAL }
        if family < 0 || family != unixFamily { throw .EAFNOSUPPORT }
        if type & 0xf > 10 || type & 0xf == 0 { throw .EINVAL }
        if number != 0 && number != unixFamily { throw .EPROTONOSUPPORT }
        // SOCK_RAW means datagrams here.
        guard let kind = UnixSocket.Kind(rawValue: type & 0xf == 3 ? 2 : type & 0xf) else { throw .ESOCKTNOSUPPORT }
        return (kind, flags)
    }

    static func makeSocket(_ kind: UnixSocket.Kind, _ flags: OpenFlags, _ task: Task) -> UnixSocket {
        let files = task.kernel.anonymousFiles
        return UnixSocket(
            kind, flags: flags, inode: files.inode(in: files.sockets, kind: .socket, permissions: 0o777, task: task), domain: task.kernel.unixSockets,
            account: task.kernel.buffers)
    }

    @Sendable static func socketpair(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (kind, flags) = try parse(call.int(1), protocol: call.int(2), family: call.int(0))
        let (one, other) = (makeSocket(kind, flags, task), makeSocket(kind, flags, task))
        UnixSocket.makePair(one, other, PeerCredentials(task))
        try task.install([one, other], closeOnExec: flags.contains(.closeOnExec), numbersAt: call.address(3))
        return .success
    }

    @Sendable static func socket(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (kind, flags) = try parse(call.int(1), protocol: call.int(2), family: call.int(0))
        return .done(Int64(try task.install(makeSocket(kind, flags, task), closeOnExec: flags.contains(.closeOnExec))))
    }

    static func unixSocket(_ task: Task, _ descriptor: Int32) throws(Errno) -> UnixSocket {
        guard let socket = try task.file(descriptor) as? UnixSocket else { throw .ENOTSOCK }
        return socket
    }

    @Sendable static func shutdown(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let socket = try unixSocket(task, call.int(0))
        let how = call.int(1)
        if how < 0 || how > 2 { throw .EINVAL }
        socket.shut(reading: how != 1, writing: how != 0)
        return .success
    }

    // MARK: Options

    private enum Option {
        static let reuseAddress: Int32 = 2, type: Int32 = 3, error: Int32 = 4, dontRoute: Int32 = 5, broadcast: Int32 = 6
        static let sendBuffer: Int32 = 7, receiveBuffer: Int32 = 8, keepAlive: Int32 = 9, inlineOutOfBand: Int32 = 10
        static let passCredentials: Int32 = 16, peerCredentials: Int32 = 17, receiveTimeout: Int32 = 20, sendTimeout: Int32 = 21
        static let acceptsConnections: Int32 = 30, protocolNumber: Int32 = 38, domain: Int32 = 39
        static let linger: Int32 = 13, receiveLowWater: Int32 = 18, sendLowWater: Int32 = 19, peerGroups: Int32 = 59
        static let switches: Set<Int32> = [reuseAddress, dontRoute, broadcast, keepAlive, inlineOutOfBand]
        /// SOCK_MIN_SNDBUF, SOCK_MIN_RCVBUF and wmem_max.
        static let minimumSend = 4608, minimumReceive = 2304, maximum = 212_992
    }

    @Sendable static func setsockopt(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let socket = try unixSocket(task, call.int(0))
        let (option, length) = (call.int(2), call.int(4))
        if length < 0 { throw .EINVAL }
        if call.int(1) != Ancillary.socketLevel { throw .EOPNOTSUPP }
        if length < 4 { throw .EINVAL }
        let value = Int32(bitPattern: try task.memory.readU32(call.address(3)))
        switch option {
        case Option.sendBuffer:
            let size = max(min(Int(max(0, value)), Option.maximum) * 2, Option.minimumSend)
            socket.domain.lock.withLock { socket.options.sendBuffer = size }
            socket.readiness.wakeAll()
        case Option.receiveBuffer:
            let size = max(min(Int(max(0, value)), Option.maximum) * 2, Option.minimumReceive)
            socket.domain.lock.withLock { socket.options.receiveBuffer = size }
        case Option.linger:
            if length < 8 { throw .EINVAL }
            let seconds = Int32(bitPattern: try task.memory.readU32(try call.address(3).advanced(by: 4)))
            socket.domain.lock.withLock { socket.options.linger = (value != 0 ? 1 : 0, value != 0 ? seconds : socket.options.linger.seconds) }
        case Option.receiveLowWater: socket.domain.lock.withLock { socket.options.lowWater = value < 0 ? .max : max(1, value) }
        case Option.passCredentials: socket.domain.lock.withLock { socket.options.passesCredentials = value != 0 }
        case Option.receiveTimeout, Option.sendTimeout:
            if length < 16 { throw .EINVAL }
            let timeout = try readTimeout(task, call.address(3))
            socket.domain.lock.withLock {
                if option == Option.receiveTimeout { socket.options.receiveTimeout = timeout } else { socket.options.sendTimeout = timeout }
            }
        case _ where Option.switches.contains(option):
            let bit: UInt64 = 1 << UInt64(option)
            socket.domain.lock.withLock { socket.options.switches = value != 0 ? socket.options.switches | bit : socket.options.switches & ~bit }
        default: throw .ENOPROTOOPT
        }
        return .success
    }

    /// A `struct timeval`; zero means for ever.
    private static func readTimeout(_ task: Task, _ address: GuestAddress) throws(Errno) -> Int64? {
        let reader = ByteReader(try task.memory.readBytes(address, count: 16))
        let (seconds, microseconds) = (reader.i64(0), reader.i64(8))
        if microseconds < 0 || microseconds >= 1_000_000 { throw .EDOM }
        if seconds < 0 { return 0 }
        if seconds == 0 && microseconds == 0 || seconds >= Int64.max / 1_000_000_000 { return nil }
        return seconds * 1_000_000_000 + microseconds * 1000
    }

    @Sendable static func getsockopt(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let socket = try unixSocket(task, call.int(0))
        if call.int(1) != Ancillary.socketLevel { throw .EOPNOTSUPP }
        let room = Int32(bitPattern: try task.memory.readU32(call.address(4)))
        if room < 0 { throw .EINVAL }
        let (options, peer) = socket.domain.lock.withLock { (socket.options, socket.peerCredentials) }
        var writer = ByteWriter(capacity: 16)
        switch call.int(2) {
        case Option.type: writer.i32(socket.kind.rawValue)
        case Option.error: writer.i32(socket.takeError()?.code ?? 0)
        case Option.sendBuffer: writer.u32(UInt32(options.sendBuffer))
        case Option.receiveBuffer: writer.u32(UInt32(options.receiveBuffer))
        case Option.passCredentials: writer.u32(options.passesCredentials ? 1 : 0)
        case Option.peerCredentials:
            writer.i32(peer?.credentials.process ?? 0)
            writer.u32(peer?.credentials.user ?? .max)
            writer.u32(peer?.credentials.group ?? .max)
        case Option.peerGroups:
            guard let groups = peer?.groups else { throw .ENODATA }
            if Int(room) < groups.count * 4 {
                try task.memory.writeU32(UInt32(groups.count * 4), to: call.address(4))
                throw .ERANGE
            }
            for group in groups { writer.u32(group) }
        case Option.linger:
            writer.i32(options.linger.on)
            writer.i32(options.linger.seconds)
        case Option.receiveLowWater: writer.i32(options.lowWater)
        case Option.sendLowWater: writer.i32(1)
        case Option.receiveTimeout, Option.sendTimeout:
            let timeout = (call.int(2) == Option.receiveTimeout ? options.receiveTimeout : options.sendTimeout) ?? 0
            writer.i64(timeout / 1_000_000_000)
            writer.i64(timeout % 1_000_000_000 / 1000)
        case Option.acceptsConnections: writer.u32(socket.domain.lock.withLock { socket.state == .listening } ? 1 : 0)
        case Option.protocolNumber: writer.u32(0)
        case Option.domain: writer.i32(unixFamily)
        case let option where Option.switches.contains(option): writer.u32(options.switches >> UInt64(option) & 1 != 0 ? 1 : 0)
        default: throw .ENOPROTOOPT
        }
        let bytes = Array(writer.bytes.prefix(Int(room)))
        try task.memory.writeBytes(bytes, to: call.address(3))
        try task.memory.writeU32(UInt32(bytes.count), to: call.address(4))
        return .success
    }
}
