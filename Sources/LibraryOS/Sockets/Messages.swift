/// The MSG_ flags of send(2) and recv(2).
struct MessageFlags: OptionSet {
    let rawValue: UInt32
    static let outOfBand = MessageFlags(rawValue: 0x1)
    static let peek = MessageFlags(rawValue: 0x2)
    static let controlTruncated = MessageFlags(rawValue: 0x8)
    static let truncated = MessageFlags(rawValue: 0x20)
    static let dontWait = MessageFlags(rawValue: 0x40)
    static let endOfRecord = MessageFlags(rawValue: 0x80)
    static let waitAll = MessageFlags(rawValue: 0x100)
    static let errorQueue = MessageFlags(rawValue: 0x2000)
    static let noSignal = MessageFlags(rawValue: 0x4000)
    static let waitForOne = MessageFlags(rawValue: 0x10000)
    static let closeOnExec = MessageFlags(rawValue: 0x4000_0000)
}

/// One message on its way to or from a socket: the program's `struct msghdr`, read once, and what has been moved.
final class MessageTransfer: HeldFiles {
    /// The control buffer and the room for a name, and the header that gets `msg_namelen`, `msg_controllen` and `msg_flags` (recvmsg); nil for recvfrom.
    struct Header {
        var address: GuestAddress
        var control: GuestAddress
        var controlRoom: Int
        var name: GuestAddress
        var nameRoom: Int
    }
    /// Where a datagram goes, as the program named it; looked up by the first run.
    var destinationName: UnixAddress?
    var destination: UnixSocket?
    /// recvfrom: where the sender's name and its length go.
    var senderName: (address: GuestAddress, lengthAt: GuestAddress)?
    /// Who sent the first bytes.
    var origin: UnixSocket?
    var buffers: UserBuffers
    var header: Header?
    var ancillary = Ancillary()
    private let domain: UnixDomain
    private let account: BufferAccount
    let deadline: MonotonicInstant?

    init(_ task: Task, _ socket: UnixSocket, _ buffers: UserBuffers, sending: Bool) throws(Errno) {
        self.buffers = buffers
        account = task.kernel.buffers
        domain = task.kernel.unixSockets
        deadline = (sending ? socket.writeTimeout : socket.readTimeout).map { task.kernel.time.monotonicNow().advanced(byNanoseconds: $0) }
        super.init()
        if !hold(socket) { throw .EBADF }
    }

    override func cancel() {
        ancillary.discard(account, domain)
        super.cancel()
    }
}

/// What both directions of the message calls share.
enum Messages {
    private static let headerSize = 56

    /// Reads a `struct msghdr`.
    static func begin(_ task: Task, _ socket: UnixSocket, _ address: GuestAddress, sending: Bool) throws(Errno) -> MessageTransfer {
        let header = ByteReader(try task.memory.readBytes(address, count: headerSize))
        if header.i32(8) < 0 { throw .EINVAL }
        let hasName = header.u64(0) != 0 && header.i32(8) > 0
        let destination = sending && hasName ? try destinationName(task, socket, GuestAddress(header.u64(0)), min(header.i32(8), 128)) : nil
        if header.u64(24) > 1024 { throw .EMSGSIZE }
        let buffers = try task.buffers(GuestAddress(header.u64(16)), GuestCount(header.u64(24)))
        let room = GuestLength(header.u64(40))
        if room.value > UInt64(Int32.max) { throw .ENOBUFS }
        let control = GuestAddress(header.u64(32))
        let ancillary = sending && !control.isNull ? try Ancillary(task, control, room) : Ancillary()
        let transfer: MessageTransfer
        do throws(Errno) {
            transfer = try MessageTransfer(task, socket, buffers, sending: sending)
        } catch {
            var unsent = ancillary
            unsent.discard(task.kernel.buffers, task.kernel.unixSockets)
            throw error
        }
        transfer.ancillary = ancillary
        transfer.destinationName = destination
        transfer.header = MessageTransfer.Header(
            address: address, control: control, controlRoom: control.isNull ? 0 : room.clamped(to: 4096), name: GuestAddress(header.u64(0)),
            nameRoom: Int(header.i32(8)))
        return transfer
    }

    /// The name a datagram goes to; a stream takes none, and a packet goes to the peer whatever name comes with it.
    static func destinationName(_ task: Task, _ socket: UnixSocket, _ address: GuestAddress, _ length: Int32) throws(Errno) -> UnixAddress? {
        switch socket.kind {
        case .stream: throw socket.isConnected ? .EISCONN : .EOPNOTSUPP
        case .datagram: return try UnixAddress.read(task, address, length: length)
        case .sequentialPacket: return nil
        }
    }

    /// Goes on sending; nil when it would have to wait.
    static func send(_ task: Task, _ transfer: MessageTransfer, _ flags: MessageFlags) throws(Errno) -> Int? {
        guard let socket = transfer.files.first as? UnixSocket else { throw .EBADF }
        // Only bytes of a stream are urgent, and there has to be one.
        if flags.contains(.outOfBand), socket.kind != .stream || transfer.buffers.remaining == 0 { throw .EOPNOTSUPP }
        do throws(Errno) {
            if let name = transfer.destinationName, transfer.destination?.isOver ?? true {
                if socket.wantsName { try task.kernel.unixSockets.bindAutomatically(socket, task.kernel.host) }
                transfer.destination = try task.kernel.unixSockets.find(name, .datagram, task)
            }
            _ = try socket.send(
                &transfer.buffers, &transfer.ancillary, to: transfer.destination, from: SocketCredentials(task),
                urgent: flags.contains(.outOfBand) ? task.kernel : nil)
            if transfer.buffers.remaining == 0 || socket.kind != .stream { return transfer.buffers.moved }
        } catch {
            if error != .EAGAIN {
                if transfer.buffers.moved > 0 { return transfer.buffers.moved }
                if error == .EPIPE, socket.kind == .stream, !flags.contains(.noSignal) { task.send(SignalInfo(13, code: SignalInfo.kernel)) }
                throw error
            }
        }
        if flags.contains(.dontWait) || socket.currentFlags.contains(.nonBlocking) {
            if transfer.buffers.moved > 0 { return transfer.buffers.moved }
            throw .EAGAIN
        }
        return nil
    }

    /// Goes on receiving; nil when it would have to wait.
    static func receive(_ task: Task, _ transfer: MessageTransfer, _ flags: MessageFlags) throws(Errno) -> Int? {
        guard let socket = transfer.files.first as? UnixSocket else { throw .EBADF }
        if flags.contains(.outOfBand), socket.kind != .stream { throw .EOPNOTSUPP }
        if flags.contains(.errorQueue) { throw .EAGAIN }
        try socket.checkReceiver()
        if flags.contains(.outOfBand) {
            return try finish(task, transfer, socket, try socket.receiveUrgent(&transfer.buffers, peeking: flags.contains(.peek)), flags)
        }
        if socket.kind == .stream, transfer.buffers.remaining == 0, transfer.buffers.moved == 0 {
            return try finish(task, transfer, socket, UnixSocket.Received(), flags)
        }
        do throws(Errno) {
            let waits = !flags.contains(.dontWait) && !socket.currentFlags.contains(.nonBlocking)
            let received = try socket.receive(&transfer.buffers, peeking: flags.contains(.peek), waits: waits)
            if transfer.origin == nil { transfer.origin = received.origin }
            let waitsForMore =
                flags.contains(.waitAll) && !flags.contains(.peek) && socket.kind == .stream && received.count > 0 && received.files.isEmpty
                && transfer.buffers.remaining > 0
            if !waitsForMore { return try finish(task, transfer, socket, received, flags) }
            // More may be there already: look again at once, then wait.
            return try receive(task, transfer, flags)
        } catch {
            if error != .EAGAIN {
                if transfer.buffers.moved > 0 { return transfer.buffers.moved }
                throw error
            }
        }
        if flags.contains(.dontWait) || socket.currentFlags.contains(.nonBlocking) {
            if transfer.buffers.moved > 0 { return try finish(task, transfer, socket, UnixSocket.Received(), flags) }
            throw .EAGAIN
        }
        return nil
    }

    private static func finish(
        _ task: Task, _ transfer: MessageTransfer, _ socket: UnixSocket, _ received: UnixSocket.Received, _ flags: MessageFlags
    ) throws(Errno) -> Int {
        var shown: MessageFlags = flags.intersection(.closeOnExec)
        let isDatagram = socket.kind != .stream
        if isDatagram, received.fullLength > received.count { shown.insert(.truncated) }
        if flags.contains(.outOfBand) { shown.insert(.outOfBand) }
        let options = socket.domain.lock.withLock { socket.options }
        let passes = options.passesCredentials
        let delivered = try Ancillary.deliver(
            received, to: transfer.header?.control ?? GuestAddress(0), room: transfer.header?.controlRoom ?? 0, closeOnExec: flags.contains(.closeOnExec),
            passesCredentials: passes && transfer.header != nil && received.origin != nil,
            timestamp: isDatagram && transfer.header != nil ? options.timestamp : 0, task)
        if delivered.truncated { shown.insert(.controlTruncated) }
        if let header = transfer.header {
            let name = transfer.origin?.name?.bytes ?? []
            if !header.name.isNull {
                try task.memory.writeBytes(Array(name.prefix(header.nameRoom)), to: header.name)
                try task.memory.writeU32(UInt32(name.count), to: try header.address.advanced(by: 8))
            }
            try task.memory.writeU64(UInt64(delivered.used), to: try header.address.advanced(by: 40))
            try task.memory.writeU32(shown.rawValue, to: try header.address.advanced(by: 48))
        }
        if let place = transfer.senderName {
            let name = transfer.origin?.name?.bytes ?? []
            let room = Int32(bitPattern: try task.memory.readU32(place.lengthAt))
            if room < 0 { throw .EINVAL }
            try task.memory.writeBytes(Array(name.prefix(Int(room))), to: place.address)
            try task.memory.writeU32(UInt32(name.count), to: place.lengthAt)
        }
        return isDatagram && flags.contains(.truncated) ? received.fullLength : transfer.buffers.moved
    }

    /// Waits for the socket, up to its time-out.
    static func wait(_ task: Task, _ call: SyscallCall, _ transfer: MessageTransfer) throws(Errno) -> Outcome {
        guard let socket = transfer.files.first as? UnixSocket else { throw .EBADF }
        let isOver = transfer.deadline.map { $0 <= task.kernel.time.monotonicNow() } ?? false
        if isOver || call.wake == .interrupted {
            if transfer.buffers.moved > 0 { return .count(transfer.buffers.moved) }
            if isOver { throw .EAGAIN }
        }
        return try call.wait(
            on: [socket.readiness] + (transfer.destination.map { [$0.roomQueue] } ?? []), until: transfer.deadline,
            restart: transfer.deadline == nil ? .ERESTARTSYS : .EINTR)
    }
}
