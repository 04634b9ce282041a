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
        var progress = Progress()
        domain.lock.lock()
        // Packets wait behind an error, bytes go before it.
        if kind != .stream, let error = pendingError {
            pendingError = nil
            domain.lock.unlock()
            throw error
        }
        let wasFull = kind == .datagram && isFull
        do throws(Errno) {
            if kind == .stream { try takeStream(&buffers, peeking: peeking, &result, &progress) } else { try takeDatagram(&buffers, peeking: peeking, &result, &progress) }
        } catch { failure = error }
        let roomIsMade = wasFull && !isFull
        if roomIsMade { progress.wakened += sources.values }
        let isOver = readingIsShut
        if failure == nil, !progress.foundSome, let error = pendingError {
            pendingError = nil
            failure = error
        }
        domain.lock.unlock()
        for socket in progress.wakened { socket.readiness.wake(for: [.output, .writeNormal, .writeBand]) }
        if roomIsMade { roomQueue.wakeAll() }
        if !progress.lost.isEmpty { domain.bury(progress.lost) }
        if let failure { throw failure }
        // Whoever will not wait for a datagram is not told that none can come.
        if !progress.foundSome, !isOver || (kind == .datagram && !waits) { throw .EAGAIN }
        return result
    }

    /// What is to be done when the lock is free.
    private struct Progress {
        /// There was a message to read.
        var foundSome = false
        /// Who may send again.
        var wakened: [UnixSocket] = []
        /// Descriptions of an urgent message that nobody took.
        var lost: [OpenFile] = []
    }

    private func takeStream(
        _ buffers: inout UserBuffers, peeking: Bool, _ result: inout Received, _ progress: inout Progress
    ) throws(Errno) {
        var index = 0
        var skip = peeking ? max(0, Int(options.peekOffset)) : 0
        while buffers.remaining > 0, let place = pastUrgent(index, peeking: peeking, hasRead: result.count > 0, &progress.lost) {
            index = place
            while let message = queue[index], skip >= message.count {
                skip -= message.count
                index += 1
            }
            guard let message = queue[index] else { break }
            progress.foundSome = true
            // Bytes of different senders are not glued together when the reader asks who sent them.
            if options.passesCredentials, result.origin != nil, result.sender != message.sender { break }
            let wanted = min(message.count - skip, buffers.remaining)
            let copied: Int
            do throws(Errno) {
                copied = try buffers.copyOut(message.bytes, from: message.start + skip, count: wanted)
            } catch {
                if result.count > 0 { break }
                throw error
            }
            result.sender = message.sender
            if result.origin == nil { result.origin = message.origin }
            result.count += copied
            let carriesFiles = !message.files.isEmpty
            if carriesFiles { handOver(index, peeking: peeking, &result) }
            options.movePeekOffset(by: peeking ? copied : -copied)
            if peeking {
                index += 1
                skip = 0
            } else {
                queue.advance(index, by: copied)
                if copied < message.count { break }
                if let done = queue.remove(at: index) {
                    settle(done)
                    if progress.wakened.isEmpty { progress.wakened.append(done.origin) }
                }
            }
            // At most one message with descriptors a call.
            if carriesFiles || copied < wanted { break }
        }
        result.fullLength = result.count
    }

    private func takeDatagram(
        _ buffers: inout UserBuffers, peeking: Bool, _ result: inout Received, _ progress: inout Progress
    ) throws(Errno) {
        var index = 0
        var skip = 0
        if peeking, options.peekOffset >= 0 {
            skip = Int(options.peekOffset)
            while let message = queue[index], skip >= message.count, skip > 0 || message.wasPeeked {
                skip -= message.count
                index += 1
            }
        }
        guard let message = queue[index] else { return }
        progress.foundSome = true
        result.fullLength = message.count - skip
        result.sender = message.sender
        result.origin = message.origin
        let wanted = min(message.count - skip, buffers.remaining)
        result.count = try buffers.copyOut(message.bytes, from: message.start + skip, count: wanted)
        handOver(index, peeking: peeking, &result)
        options.movePeekOffset(by: peeking ? wanted : -message.count)
        if peeking { return message.count == 0 ? queue.notePeek(at: index) : () }
        if let done = queue.removeFirst() { settle(done) }
        progress.wakened = [message.origin]
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
