/// Putting messages into another socket's queue.
extension UnixSocket {
    /// The most one message of a stream holds.
    static let chunk = 32768

    /// Sends what there is room for; `EAGAIN` when that is nothing. Descriptors go with the first byte. `destination`: of a datagram with an address.
    /// `urgent`: the last byte is urgent (MSG_OOB); who sends the signals for it.
    func send(
        _ buffers: inout UserBuffers, _ ancillary: inout Ancillary, to destination: UnixSocket?, from sender: SocketCredentials, urgent: Kernel? = nil
    ) throws(Errno) -> Int {
        var failure: Errno?
        var moved = 0
        var receiver: UnixSocket?
        var hasSentUrgent = false
        domain.lock.lock()
        do throws(Errno) {
            repeat {
                let target = try checkedReceiver(destination)
                receiver = target
                if kind != .stream, buffers.remaining > options.sendBuffer - 32 { throw .EMSGSIZE }
                if kind == .stream, buffers.remaining == 0 { break }
                try checkRoom(target)
                let isUrgent = urgent != nil && buffers.remaining == 1
                let wanted = urgent == nil || isUrgent ? buffers.remaining : buffers.remaining - 1
                let size = kind == .stream ? min(wanted, Self.chunk, max(64, options.sendBuffer / 2 - 64)) : wanted
                let cost = (size + 320 + 63) / 64 * 64 + 256
                var reader = buffers
                let bytes = try reader.copyIn(limit: size)
                // Half a message does not go out.
                if bytes.count < size, kind != .stream || bytes.isEmpty { throw .EFAULT }
                if !account.charge(cost) { throw .ENOBUFS }
                buffers = reader
                let names = ancillary.sender ?? (options.passesCredentials || target.options.passesCredentials || target.isUnaccepted ? sender : nil)
                let files = ancillary.takeFiles()
                noteInFlight(files)
                var message = SocketMessage(bytes: bytes, files: files, sender: names, origin: self, cost: cost)
                message.isUrgent = isUrgent
                hasSentUrgent = isUrgent
                target.queue.append(message)
                inTransit += cost
                moved += bytes.count
                if bytes.count < size { throw .EFAULT }
            } while kind == .stream && buffers.remaining > 0
        } catch { failure = error }
        domain.lock.unlock()
        if hasSentUrgent, let urgent { receiver?.sendUrgentSignals(urgent) }
        if moved > 0 || failure == nil { receiver?.readiness.wake(for: hasSentUrgent ? [.input, .readNormal, .priority] : [.input, .readNormal]) }
        if moved > 0 { return moved }
        if let failure { throw failure }
        return 0
    }

    /// Whom a message goes to, if it takes any. Under the lock.
    private func checkedReceiver(_ destination: UnixSocket?) throws(Errno) -> UnixSocket {
        if kind != .datagram, state != .established { throw kind == .stream && writingIsShut ? .EPIPE : pendingErrorOr(.ENOTCONN) }
        guard let receiver = destination ?? peer else { throw pendingErrorOr(.ENOTCONN) }
        if kind == .stream, writingIsShut { throw .EPIPE }
        if let error = pendingError {
            pendingError = nil
            throw error
        }
        if writingIsShut { throw .EPIPE }
        if receiver.isDead {
            if kind != .datagram { throw .EPIPE }
            if receiver === peer {
                // A datagram socket learns once that its peer is gone, and is not connected from then on.
                peer = nil
                state = .closed
            }
            throw .ECONNREFUSED
        }
        if kind == .datagram, receiver.peer != nil, receiver.peer !== self { throw .EPERM }
        if receiver.readingIsShut { throw .EPIPE }
        return receiver
    }

    private func pendingErrorOr(_ error: Errno) -> Errno {
        guard kind == .sequentialPacket, let pending = pendingError else { return error }
        pendingError = nil
        return pending
    }

    private func checkRoom(_ receiver: UnixSocket) throws(Errno) {
        if inTransit >= options.sendBuffer { throw .EAGAIN }
        if kind == .datagram, receiver !== self, receiver.peer !== self, receiver.isFull { throw .EAGAIN }
    }

    /// It waits in a backlog: nobody can have asked it for credentials yet.
    private var isUnaccepted: Bool { kind != .datagram && currentReferences == 0 }
}
