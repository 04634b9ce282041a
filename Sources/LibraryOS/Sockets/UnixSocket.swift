/// What one send puts into the peer's queue.
struct SocketMessage {
    var bytes: [UInt8]
    var start = 0
    /// Descriptions on their way (SCM_RIGHTS), each with a reference of its own.
    var files: [OpenFile]
    var sender: SocketCredentials
    /// What it counts against the sender's SO_SNDBUF.
    let cost: Int
    var count: Int { bytes.count - start }
}

/// `struct ucred`.
struct SocketCredentials: Equatable {
    var process: Int32
    var user: UInt32
    var group: UInt32
}

/// One of a pair of connected AF_UNIX sockets (unix(7)).
package final class UnixSocket: OpenFile, @unchecked Sendable {
    enum Kind: Int32 {
        case stream = 1, datagram = 2, sequentialPacket = 5
    }

    let kind: Kind
    private let ownInode: Inode
    private let account: BufferAccount
    /// Shared by both ends: everything below is protected by it.
    let pairLock: Lock
    private(set) var peer: UnixSocket?
    private var queue: [SocketMessage] = []
    /// What of this socket's sending waits in the peer's queue.
    private var inTransit = 0
    private var readingIsShut = false, writingIsShut = false
    private var pendingError: Errno?
    /// A connected datagram socket whose peer was closed, and nobody has sent to it since.
    private var peerIsGone = false
    var options = SocketOptions()
    let peerCredentials: SocketCredentials

    init(_ kind: Kind, flags: OpenFlags, inode: Inode, lock: Lock, account: BufferAccount, peerCredentials: SocketCredentials) {
        self.kind = kind
        ownInode = inode
        pairLock = lock
        self.account = account
        self.peerCredentials = peerCredentials
        super.init(flags: flags.union(.readWrite), location: nil)
    }

    /// Makes the connection, before anyone else sees the sockets.
    static func connect(_ one: UnixSocket, _ other: UnixSocket) {
        one.peer = other
        other.peer = one
    }

    package override var inode: Inode? { ownInode }
    override var isByteStream: Bool { kind == .stream }
    override func displayName(_ task: Task) -> [UInt8] { Array("socket:[\(ownInode.number)]".utf8) }
    override func signalsBrokenPipe(moved: Int) -> Bool { kind == .stream && moved == 0 }
    override var readTimeout: Int64? { pairLock.withLock { options.receiveTimeout } }
    override var writeTimeout: Int64? { pairLock.withLock { options.sendTimeout } }

    override func read(_ buffers: inout UserBuffers, at offset: Int64?, task: Task, inPlace: Bool) throws(Errno) -> Int {
        if buffers.remaining == 0 { return 0 }
        let received = try receive(&buffers, peeking: false)
        // A read has no room for descriptors: they are closed.
        for file in received.files { file.drop() }
        return received.count
    }

    override func write(_ buffers: inout UserBuffers, at offset: Int64?, task: Task) throws(Errno) -> Int {
        var ancillary = Ancillary()
        return try send(&buffers, &ancillary, from: SocketCredentials(task))
    }

    override func ioctl(_ request: UInt32, _ argument: UInt64, task: Task) throws(Errno) -> Int64 {
        let value: Int
        switch request {
        case Ioctl.bytesAvailable: value = pairLock.withLock { kind == .stream ? queue.reduce(0) { $0 + $1.count } : queue.first?.count ?? 0 }
        // SIOCOUTQ.
        case 0x5411: value = pairLock.withLock { inTransit }
        default: throw .ENOTTY
        }
        try task.memory.writeU32(UInt32(clamping: value), to: GuestAddress(argument))
        return 0
    }

    // MARK: Receiving

    struct Received {
        var count = 0
        /// The length of a datagram, of which `count` bytes fitted.
        var fullLength = 0
        var files: [OpenFile] = []
        var sender: SocketCredentials?
    }

    /// Takes what is there; count zero at the end of the stream, `EAGAIN` when nothing has come. Files come with a reference each.
    func receive(_ buffers: inout UserBuffers, peeking: Bool) throws(Errno) -> Received {
        var result = Received()
        var failure: Errno?
        var freed = false
        pairLock.lock()
        if queue.isEmpty {
            defer { pairLock.unlock() }
            if let error = pendingError {
                pendingError = nil
                throw error
            }
            if readingIsShut { return result }
            throw .EAGAIN
        }
        do throws(Errno) {
            freed = try kind == .stream ? takeStream(&buffers, peeking: peeking, &result) : takeDatagram(&buffers, peeking: peeking, &result)
        } catch { failure = error }
        let writer = freed ? peer : nil
        pairLock.unlock()
        writer?.readiness.wake(for: [.output, .writeNormal, .writeBand])
        if let failure { throw failure }
        return result
    }

    private func takeStream(_ buffers: inout UserBuffers, peeking: Bool, _ result: inout Received) throws(Errno) -> Bool {
        var index = 0
        var freed = false
        while index < queue.count, buffers.remaining > 0 {
            // Bytes of different senders are not glued together when the reader asks who sent them.
            if options.passesCredentials, let sender = result.sender, sender != queue[index].sender { break }
            let wanted = min(queue[index].count, buffers.remaining)
            let copied: Int
            do throws(Errno) {
                copied = try buffers.copyOut(queue[index].bytes, from: queue[index].start, count: wanted)
            } catch {
                if result.count > 0 { break }
                throw error
            }
            result.sender = queue[index].sender
            result.count += copied
            let carriesFiles = !queue[index].files.isEmpty
            if carriesFiles { handOver(index, peeking: peeking, &result) }
            if peeking {
                index += 1
            } else {
                queue[index].start += copied
                if queue[index].count == 0 {
                    removeFirst()
                    freed = true
                } else {
                    break
                }
            }
            // At most one message with descriptors a call.
            if carriesFiles || copied < wanted { break }
        }
        result.fullLength = result.count
        return freed
    }

    private func takeDatagram(_ buffers: inout UserBuffers, peeking: Bool, _ result: inout Received) throws(Errno) -> Bool {
        let message = queue[0]
        result.fullLength = message.count
        result.sender = message.sender
        result.count = try buffers.copyOut(message.bytes, from: message.start, count: min(message.count, buffers.remaining))
        handOver(0, peeking: peeking, &result)
        if !peeking { removeFirst() }
        return !peeking
    }

    private func handOver(_ index: Int, peeking: Bool, _ result: inout Received) {
        result.files.append(contentsOf: queue[index].files)
        if peeking {
            for file in queue[index].files { file.retain() }
        } else {
            account.refundDescriptors(queue[index].files.count)
            queue[index].files = []
        }
    }

    private func removeFirst() {
        let message = queue.removeFirst()
        account.refund(message.cost)
        peer?.inTransit -= message.cost
    }

    // MARK: Sending

    /// The most one message of a stream holds.
    private static let chunk = 32768

    /// Sends what there is room for; `EAGAIN` when that is nothing. Descriptors go with the first byte.
    func send(_ buffers: inout UserBuffers, _ ancillary: inout Ancillary, from sender: SocketCredentials) throws(Errno) -> Int {
        var failure: Errno?
        var moved = 0
        pairLock.lock()
        let receiver = peer
        do throws(Errno) {
            repeat {
                guard let receiver = try checkedReceiver() else { break }
                if kind != .stream, buffers.remaining > options.sendBuffer - 32 { throw .EMSGSIZE }
                if kind == .stream, buffers.remaining == 0 { break }
                if inTransit >= options.sendBuffer { throw .EAGAIN }
                let size = kind == .stream ? min(buffers.remaining, Self.chunk, max(64, options.sendBuffer / 2 - 64)) : buffers.remaining
                let cost = (size + 320 + 63) / 64 * 64 + 256
                var reader = buffers
                let bytes = try reader.copyIn(limit: size)
                // Half a message does not go out.
                if bytes.count < size, kind != .stream || bytes.isEmpty { throw .EFAULT }
                if !account.charge(cost) { throw .ENOBUFS }
                buffers = reader
                receiver.queue.append(SocketMessage(bytes: bytes, files: ancillary.takeFiles(), sender: ancillary.sender ?? sender, cost: cost))
                inTransit += cost
                moved += bytes.count
                if bytes.count < size { throw .EFAULT }
            } while kind == .stream && buffers.remaining > 0
        } catch { failure = error }
        pairLock.unlock()
        if moved > 0 || failure == nil { receiver?.readiness.wake(for: [.input, .readNormal]) }
        if moved > 0 { return moved }
        if let failure { throw failure }
        return 0
    }

    /// The peer, if it takes messages. Under the lock.
    private func checkedReceiver() throws(Errno) -> UnixSocket? {
        if kind == .stream, writingIsShut { throw .EPIPE }
        if let error = pendingError {
            pendingError = nil
            throw error
        }
        if writingIsShut { throw .EPIPE }
        guard let receiver = peer else {
            // A datagram socket learns once that its peer is gone, and is not connected from then on.
            defer { peerIsGone = false }
            throw peerIsGone ? .ECONNREFUSED : .ENOTCONN
        }
        if receiver.readingIsShut { throw .EPIPE }
        return receiver
    }

    // MARK: State

    package override func poll() -> PollEvents {
        pairLock.withLock {
            var events: PollEvents = []
            if pendingError != nil { events.insert(.error) }
            if readingIsShut && writingIsShut { events.insert(.hangUp) }
            if readingIsShut { events.formUnion([.readHangUp, .input, .readNormal]) }
            if !queue.isEmpty { events.formUnion([.input, .readNormal]) }
            if kind != .datagram, peer == nil, !(readingIsShut && writingIsShut) { events.insert(.hangUp) }
            if inTransit * 4 <= options.sendBuffer { events.formUnion([.output, .writeNormal, .writeBand]) }
            return events
        }
    }

    /// SO_ERROR, which it clears.
    func takeError() -> Errno? {
        pairLock.withLock {
            defer { pendingError = nil }
            return pendingError
        }
    }
    var isConnected: Bool { pairLock.withLock { peer != nil || (kind != .datagram && (readingIsShut || writingIsShut)) } }

    /// shutdown(2).
    func shut(reading: Bool, writing: Bool) {
        let other = pairLock.withLock {
            if reading { readingIsShut = true }
            if writing { writingIsShut = true }
            if kind != .datagram, let peer {
                if reading { peer.writingIsShut = true }
                if writing { peer.readingIsShut = true }
            }
            return peer
        }
        readiness.wakeAll()
        other?.readiness.wakeAll()
    }

    package override func release() {
        pairLock.lock()
        let (lost, other) = (queue, peer)
        queue = []
        for message in lost { account.refund(message.cost) }
        if let other {
            other.peer = nil
            other.inTransit = 0
            if kind == .datagram {
                other.pendingError = nil
                other.peerIsGone = true
            } else {
                other.readingIsShut = true
                other.writingIsShut = true
                if !lost.isEmpty { other.pendingError = .ECONNRESET }
            }
        }
        peer = nil
        pairLock.unlock()
        other?.readiness.wakeAll()
        for message in lost {
            account.refundDescriptors(message.files.count)
            for file in message.files { file.drop() }
        }
    }
}

/// setsockopt(2) at SOL_SOCKET, as far as AF_UNIX knows it.
struct SocketOptions {
    var sendBuffer = 212_992
    var receiveBuffer = 212_992
    var passesCredentials = false
    /// Nanoseconds; nil: for ever.
    var receiveTimeout: Int64?
    var sendTimeout: Int64?
    /// SO_REUSEADDR, SO_KEEPALIVE, SO_BROADCAST and others that mean nothing here, kept by number.
    var switches: UInt64 = 0
}

extension SocketCredentials {
    init(_ task: Task) { self.init(process: task.group.id, user: task.credentials.realUser, group: task.credentials.realGroup) }
}
