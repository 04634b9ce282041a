/// socketpair(2), socket(2), shutdown(2), names and options.
extension Syscalls {
    private static let unixFamily: Int32 = 1

    private static func parse(_ type: Int32, protocol number: Int32, family: Int32) throws(Errno) -> (UnixSocket.Kind, OpenFlags) {
        let flags = OpenFlags(rawValue: UInt32(bitPattern: type & ~0xf))
        if !flags.isSubset(of: [.nonBlocking, .closeOnExec]) { throw .EINVAL }
        if family < 0 || family != unixFamily { throw .EAFNOSUPPORT }
        if type & 0xf > 10 || type & 0xf == 0 { throw .EINVAL }
        if number != 0 && number != unixFamily { throw .EPROTONOSUPPORT }
        // SOCK_RAW means datagrams here.
        guard let kind = UnixSocket.Kind(rawValue: type & 0xf == 3 ? 2 : type & 0xf) else { throw .ESOCKTNOSUPPORT }
        return (kind, flags)
    }

    private static func make(_ kind: UnixSocket.Kind, _ flags: OpenFlags, _ lock: Lock, _ task: Task) -> UnixSocket {
        let files = task.kernel.anonymousFiles
        return UnixSocket(
            kind, flags: flags, inode: files.inode(in: files.sockets, kind: .socket, permissions: 0o777, task: task), lock: lock,
            account: task.kernel.buffers,
            peerCredentials: SocketCredentials(process: task.group.id, user: task.credentials.effectiveUser, group: task.credentials.effectiveGroup))
    }

    @Sendable static func socketpair(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (kind, flags) = try parse(call.int(1), protocol: call.int(2), family: call.int(0))
        let lock = Lock(.inode)
        let (one, other) = (make(kind, flags, lock, task), make(kind, flags, lock, task))
        UnixSocket.connect(one, other)
        try task.install([one, other], closeOnExec: flags.contains(.closeOnExec), numbersAt: call.address(3))
        return .success
    }

    @Sendable static func socket(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let (kind, flags) = try parse(call.int(1), protocol: call.int(2), family: call.int(0))
        return .done(Int64(try task.install(make(kind, flags, Lock(.inode), task), closeOnExec: flags.contains(.closeOnExec))))
    }

    static func unixSocket(_ task: Task, _ descriptor: Int32) throws(Errno) -> UnixSocket {
        guard let socket = try task.file(descriptor) as? UnixSocket else { throw .ENOTSOCK }
        return socket
    }

    @Sendable static func shutdown(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let socket = try unixSocket(task, call.int(0))
        let how = call.int(1)
        if how < 0 || how > 2 { throw .EINVAL }
        if !socket.isConnected { throw .ENOTCONN }
        socket.shut(reading: how != 1, writing: how != 0)
        return .success
    }

    @Sendable static func getsockname(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        _ = try unixSocket(task, call.int(0))
        try storeUnnamedAddress(task, call.address(1), lengthAt: call.address(2))
        return .success
    }

    @Sendable static func getpeername(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        if !(try unixSocket(task, call.int(0)).isConnected) { throw .ENOTCONN }
        try storeUnnamedAddress(task, call.address(1), lengthAt: call.address(2))
        return .success
    }

    /// A pair's sockets have no name: the family alone.
    static func storeUnnamedAddress(_ task: Task, _ address: GuestAddress, lengthAt: GuestAddress) throws(Errno) {
        let room = Int32(bitPattern: try task.memory.readU32(lengthAt))
        if room < 0 { throw .EINVAL }
        try task.memory.writeBytes(Array([UInt8(unixFamily), 0].prefix(Int(room))), to: address)
        try task.memory.writeU32(2, to: lengthAt)
    }

    /// connect(2) to a name. No socket of the sandbox listens yet, so a name that exists refuses.
    @Sendable static func connect(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let socket = try unixSocket(task, call.int(0))
        let length = call.int(2)
        // `struct sockaddr_un`: the family, then up to 108 bytes.
        if length < 3 || length > 110 { throw .EINVAL }
        let name = ByteReader(try task.memory.readBytes(call.address(1), count: Int(length)))
        if name.u16(0) != UInt16(unixFamily) { throw .EINVAL }
        if socket.isConnected, socket.kind != .datagram { throw .EISCONN }
        if name.u8(2) != 0 { _ = try task.locate(-100, try call.address(1).advanced(by: 2)) }
        throw .ECONNREFUSED
    }

    // MARK: Options

    private enum Option {
        static let reuseAddress: Int32 = 2, type: Int32 = 3, error: Int32 = 4, dontRoute: Int32 = 5, broadcast: Int32 = 6
        static let sendBuffer: Int32 = 7, receiveBuffer: Int32 = 8, keepAlive: Int32 = 9, inlineOutOfBand: Int32 = 10
        static let passCredentials: Int32 = 16, peerCredentials: Int32 = 17, receiveTimeout: Int32 = 20, sendTimeout: Int32 = 21
        static let acceptsConnections: Int32 = 30, protocolNumber: Int32 = 38, domain: Int32 = 39
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
            socket.pairLock.withLock { socket.options.sendBuffer = size }
            socket.readiness.wakeAll()
        case Option.receiveBuffer:
            let size = max(min(Int(max(0, value)), Option.maximum) * 2, Option.minimumReceive)
            socket.pairLock.withLock { socket.options.receiveBuffer = size }
        case Option.passCredentials: socket.pairLock.withLock { socket.options.passesCredentials = value != 0 }
        case Option.receiveTimeout, Option.sendTimeout:
            if length < 16 { throw .EINVAL }
            let timeout = try readTimeout(task, call.address(3))
            socket.pairLock.withLock {
                if option == Option.receiveTimeout { socket.options.receiveTimeout = timeout } else { socket.options.sendTimeout = timeout }
            }
        case _ where Option.switches.contains(option):
            let bit: UInt64 = 1 << UInt64(option)
            socket.pairLock.withLock { socket.options.switches = value != 0 ? socket.options.switches | bit : socket.options.switches & ~bit }
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
        let options = socket.pairLock.withLock { socket.options }
        var writer = ByteWriter(capacity: 16)
        switch call.int(2) {
        case Option.type: writer.i32(socket.kind.rawValue)
        case Option.error: writer.i32(socket.takeError()?.code ?? 0)
        case Option.sendBuffer: writer.u32(UInt32(options.sendBuffer))
        case Option.receiveBuffer: writer.u32(UInt32(options.receiveBuffer))
        case Option.passCredentials: writer.u32(options.passesCredentials ? 1 : 0)
        case Option.peerCredentials:
            writer.i32(socket.isConnected ? socket.peerCredentials.process : 0)
            writer.u32(socket.isConnected ? socket.peerCredentials.user : .max)
            writer.u32(socket.isConnected ? socket.peerCredentials.group : .max)
        case Option.receiveTimeout, Option.sendTimeout:
            let timeout = (call.int(2) == Option.receiveTimeout ? options.receiveTimeout : options.sendTimeout) ?? 0
            writer.i64(timeout / 1_000_000_000)
            writer.i64(timeout % 1_000_000_000 / 1000)
        case Option.acceptsConnections, Option.protocolNumber: writer.u32(0)
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
