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
        static let type: Int32 = 3, error: Int32 = 4, sendBuffer: Int32 = 7, receiveBuffer: Int32 = 8, inlineOutOfBand: Int32 = 10
        static let passCredentials: Int32 = 16, peerCredentials: Int32 = 17, receiveTimeout: Int32 = 20, sendTimeout: Int32 = 21
        static let acceptsConnections: Int32 = 30, protocolNumber: Int32 = 38, domain: Int32 = 39
        static let linger: Int32 = 13, receiveLowWater: Int32 = 18, sendLowWater: Int32 = 19, peerGroups: Int32 = 59
        static let bindToDevice: Int32 = 25, forceSendBuffer: Int32 = 32, forceReceiveBuffer: Int32 = 33, peekOffset: Int32 = 42
        static let newReceiveTimeout: Int32 = 66, newSendTimeout: Int32 = 67, bufferLock: Int32 = 72
        /// SOCK_MIN_SNDBUF, SOCK_MIN_RCVBUF and wmem_max; what may be forced has to end somewhere.
        static let minimumSend = 4608, minimumReceive = 2304, maximum: UInt32 = 212_992, forcedMaximum: UInt32 = 8 << 20
    }

    /// SO_SNDBUF, SO_RCVBUF and the two that go beyond the limit.
    private static func setSize(_ socket: UnixSocket, _ option: Int32, _ value: Int32, _ capabilities: CapabilitySets) throws(Errno) {
        let isForced = option == Option.forceSendBuffer || option == Option.forceReceiveBuffer
        if isForced, !capabilities.has(.administerNetwork) { throw .EPERM }
        let wanted = isForced ? min(UInt32(max(0, value)), Option.forcedMaximum) : min(UInt32(bitPattern: value), Option.maximum)
        let isSending = option == Option.sendBuffer || option == Option.forceSendBuffer
        let size = max(Int(wanted) * 2, isSending ? Option.minimumSend : Option.minimumReceive)
        socket.domain.lock.withLock {
            if isSending { socket.options.sendBuffer = size } else { socket.options.receiveBuffer = size }
            // SOCK_SNDBUF_LOCK and SOCK_RCVBUF_LOCK.
            socket.options.setSizes |= isSending ? 1 : 2
        }
        if isSending { socket.readiness.wakeAll() }
    }

    /// Options that are only kept.
    private static func setKept(_ task: Task, _ call: SyscallCall, _ socket: UnixSocket, _ option: KeptSocketOption, _ value: Int32) throws(Errno) {
        let wide = option.size == 8 && call.int(4) >= 8 ? Int64(bitPattern: try task.memory.readU64(call.address(3))) : nil
        let capabilities = task.credentials.capabilities
        socket.domain.lock.lock()
        defer { socket.domain.lock.unlock() }
        let old = socket.options.kept[option.number] ?? option.initial
        socket.options.kept[option.number] = try option.checked(value, wide: wide, old: old, capabilities)
    }

    @Sendable static func setsockopt(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        let socket = try unixSocket(task, call.int(0))
        let (option, length) = (call.int(2), call.int(4))
        if length < 0 { throw .EINVAL }
        if call.int(1) != Ancillary.socketLevel { throw .EOPNOTSUPP }
        if option == Option.bindToDevice {
            // There are no devices; no name takes the binding back.
            if length > 0, try task.memory.readBytes(call.address(3), count: 1) != [0] { throw .ENODEV }
            return .success
        }
        if length < 4 { throw .EINVAL }
        let value = Int32(bitPattern: try task.memory.readU32(call.address(3)))
        let capabilities = task.credentials.capabilities
        switch option {
        case Option.sendBuffer, Option.receiveBuffer, Option.forceSendBuffer, Option.forceReceiveBuffer:
            try setSize(socket, option, value, capabilities)
        case Option.bufferLock:
            if value & ~3 != 0 { throw .EINVAL }
            socket.domain.lock.withLock { socket.options.setSizes = value }
        case Option.peekOffset: socket.domain.lock.withLock { socket.options.peekOffset = value }
        case Option.inlineOutOfBand: socket.domain.lock.withLock { socket.options.urgentIsInline = value != 0 }
        case _ where KeptSocketOption.isTimestamp(option): socket.domain.lock.withLock { socket.options.timestamp = value != 0 ? option : 0 }
        case Option.linger:
            if length < 8 { throw .EINVAL }
            let seconds = Int32(bitPattern: try task.memory.readU32(try call.address(3).advanced(by: 4)))
            socket.domain.lock.withLock { socket.options.linger = (value != 0 ? 1 : 0, value != 0 ? seconds : socket.options.linger.seconds) }
        case Option.receiveLowWater: socket.domain.lock.withLock { socket.options.lowWater = value < 0 ? .max : max(1, value) }
        case Option.passCredentials: socket.domain.lock.withLock { socket.options.passesCredentials = value != 0 }
        case Option.receiveTimeout, Option.sendTimeout, Option.newReceiveTimeout, Option.newSendTimeout:
            if length < 16 { throw .EINVAL }
            let timeout = try readTimeout(task, call.address(3))
            socket.domain.lock.withLock {
                if option == Option.receiveTimeout || option == Option.newReceiveTimeout { socket.options.receiveTimeout = timeout } else { socket.options.sendTimeout = timeout }
            }
        default:
            if let kept = KeptSocketOption.find(option) {
                try setKept(task, call, socket, kept, value)
            } else if try !UnixSocket.acceptsWithoutEffect(option, value, length: length, capabilities) {
                throw .ENOPROTOOPT
            }
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
        case Option.receiveTimeout, Option.sendTimeout, Option.newReceiveTimeout, Option.newSendTimeout:
            let isReceiving = call.int(2) == Option.receiveTimeout || call.int(2) == Option.newReceiveTimeout
            let timeout = (isReceiving ? options.receiveTimeout : options.sendTimeout) ?? 0
            writer.i64(timeout / 1_000_000_000)
            writer.i64(timeout % 1_000_000_000 / 1000)
        case Option.acceptsConnections: writer.u32(socket.domain.lock.withLock { socket.state == .listening } ? 1 : 0)
        case Option.protocolNumber: writer.u32(0)
        case Option.domain: writer.i32(unixFamily)
        case Option.peekOffset: writer.i32(options.peekOffset)
        case Option.inlineOutOfBand: writer.u32(options.urgentIsInline ? 1 : 0)
        case Option.bufferLock: writer.i32(options.setSizes)
        case let option where KeptSocketOption.isTimestamp(option): writer.u32(options.timestamp == option ? 1 : 0)
        case let option:
            if let kept = KeptSocketOption.find(option) {
                let value = options.kept[kept.number] ?? kept.initial
                // A rate that does not fit is shown as none.
                if kept.size == 8, kept.values != .rate || room >= 8 { writer.i64(value) } else { writer.u32(UInt32(clamping: UInt64(bitPattern: value))) }
            } else if let fixed = try socket.fixedOption(option, room: Int(room)) {
                writer = fixed
            } else {
                throw .ENOPROTOOPT
            }
        }
        let bytes = Array(writer.bytes.prefix(Int(room)))
        try task.memory.writeBytes(bytes, to: call.address(3))
        try task.memory.writeU32(UInt32(bytes.count), to: call.address(4))
        return .success
    }
}
