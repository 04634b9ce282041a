/// Taking messages out of the queue.
extension UnixSocket {
    struct Received {
        var count = 0
        /// The length of a datagram, of which `count` bytes fitted.
        var fullLength = 0
        var files: [OpenFile] = []
        var sender: SocketCredentials?
        /// The first message's sender.
        var origin: UnixSocket?
    }

    /// Receiving from a socket that is not connected, or that listens.
    func checkReceiver() throws(Errno) {
        let state = domain.lock.withLock { self.state }
        switch kind {
        case .stream: if state != .established { throw .EINVAL }
        case .sequentialPacket: if state != .established { throw .ENOTCONN }
        case .datagram: break
        }
    }

    /// Takes what is there; count zero at the end of the stream, `EAGAIN` when nothing has come. Files come with a reference each.
    func receive(_ buffers: inout UserBuffers, peeking: Bool, waits: Bool) throws(Errno) -> Received {
        var result = Received()
        var failure: Errno?
        var wakened: [UnixSocket] = []
        var roomIsMade = false
        domain.lock.lock()
        // Packets wait behind an error, bytes go before it.
        if kind != .stream || queue.isEmpty, let error = pendingError {
            pendingError = nil
            domain.lock.unlock()
            throw error
        }
        if queue.isEmpty {
            let isOver = readingIsShut
            domain.lock.unlock()
            // Whoever will not wait for a datagram is not told that none can come.
            if isOver, kind != .datagram || waits { return result }
            throw .EAGAIN
        }
        let wasFull = kind == .datagram && isFull
        do throws(Errno) {
            wakened = try kind == .stream ? takeStream(&buffers, peeking: peeking, &result) : takeDatagram(&buffers, peeking: peeking, &result)
        } catch { failure = error }
        if wasFull, !isFull {
            roomIsMade = true
            wakened += sources.values
        }
        domain.lock.unlock()
        for socket in wakened { socket.readiness.wake(for: [.output, .writeNormal, .writeBand]) }
        if roomIsMade { roomQueue.wakeAll() }
        if let failure { throw failure }
        return result
    }

    /// Returns who may send again.
    private func takeStream(_ buffers: inout UserBuffers, peeking: Bool, _ result: inout Received) throws(Errno) -> [UnixSocket] {
        var index = 0
        var wakened: [UnixSocket] = []
        while let message = queue[index], buffers.remaining > 0 {
            // Bytes of different senders are not glued together when the reader asks who sent them.
            if options.passesCredentials, result.origin != nil, result.sender != message.sender { break }
            let wanted = min(message.count, buffers.remaining)
            let copied: Int
            do throws(Errno) {
                copied = try buffers.copyOut(message.bytes, from: message.start, count: wanted)
            } catch {
                if result.count > 0 { break }
                throw error
            }
            result.sender = message.sender
            if result.origin == nil { result.origin = message.origin }
            result.count += copied
            let carriesFiles = !message.files.isEmpty
            if carriesFiles { handOver(index, peeking: peeking, &result) }
            if peeking {
                index += 1
            } else {
                queue.advanceFirst(by: copied)
                if copied < message.count { break }
                if let done = queue.removeFirst() {
                    settle(done)
                    if wakened.isEmpty { wakened.append(done.origin) }
                }
            }
            // At most one message with descriptors a call.
            if carriesFiles || copied < wanted { break }
        }
        result.fullLength = result.count
        return wakened
    }

    private func takeDatagram(_ buffers: inout UserBuffers, peeking: Bool, _ result: inout Received) throws(Errno) -> [UnixSocket] {
        guard let message = queue.first else { return [] }
        result.fullLength = message.count
        result.sender = message.sender
        result.origin = message.origin
        result.count = try buffers.copyOut(message.bytes, from: message.start, count: min(message.count, buffers.remaining))
        handOver(0, peeking: peeking, &result)
        if peeking { return [] }
        if let done = queue.removeFirst() { settle(done) }
        return [message.origin]
    }

    private func handOver(_ index: Int, peeking: Bool, _ result: inout Received) {
        if peeking {
            let files = queue[index]?.files ?? []
            for file in files { file.retain() }
            result.files += files
        } else {
            let files = queue.takeFiles(at: index)
            noteArrived(files)
            result.files += files
        }
    }
}
