/// The urgent byte of a stream (MSG_OOB of send(2)), of which a queue has one at most.
extension UnixSocket {
    /// Takes the urgent byte out of its place, which stays as a mark. `EINVAL` when there is none, or when it is to be read in its place.
    func receiveUrgent(_ buffers: inout UserBuffers, peeking: Bool) throws(Errno) -> Received {
        domain.lock.lock()
        defer { domain.lock.unlock() }
        guard !options.urgentIsInline, let index = queue.urgentIndex, let message = queue[index] else { throw .EINVAL }
        var result = Received()
        var failure: Errno?
        do throws(Errno) { result.count = try buffers.copyOut(message.bytes, from: message.start, count: 1) } catch { failure = error }
        if !peeking {
            queue.endUrgency()
            queue.advance(index, by: 1)
            // Marks do not follow one another.
            if index > 0, queue[index - 1]?.count == 0, let mark = queue.remove(at: index - 1) { settle(mark) }
        }
        if let failure { throw failure }
        if result.count == 0 { throw .EFAULT }
        result.fullLength = 1
        return result
    }

    /// The message that a read goes on with at `index`, nil when it stops before the urgent byte or finds nothing (`manage_oob` of the kernel). A read
    /// that begins at the urgent byte passes over it, which is lost then unless it is to be read in its place. Under the lock.
    func pastUrgent(_ index: Int, peeking: Bool, hasRead: Bool, _ lost: inout [OpenFile]) -> Int? {
        guard let message = queue[index] else { return nil }
        if message.count > 0, !message.isUrgent { return index }
        var place = index
        if message.count == 0 {
            if hasRead, !queue.hasUrgent { return nil }
            if peeking { place += 1 } else { discard(at: place, &lost) }
        }
        guard let next = queue[place] else { return nil }
        guard next.isUrgent else { return place }
        if hasRead { return nil }
        if peeking {
            if !options.urgentIsInline { place += 1 }
        } else {
            queue.endUrgency()
            if !options.urgentIsInline { discard(at: place, &lost) }
        }
        return queue[place] == nil ? nil : place
    }

    private func discard(at index: Int, _ lost: inout [OpenFile]) {
        let files = queue.takeFiles(at: index)
        if !files.isEmpty {
            noteArrived(files)
            lost += files
        }
        if let gone = queue.remove(at: index) { settle(gone) }
    }

    /// SIOCATMARK: the next byte to be read is the urgent one, or it was there.
    var isAtMark: Bool {
        domain.lock.withLock {
            guard let first = queue.first else { return false }
            if first.isUrgent { return true }
            return kind == .stream && first.count == 0 && (!queue.hasUrgent || queue[1]?.isUrgent ?? false)
        }
    }
}

extension OpenFile {
    /// Urgent data has come: SIGURG for the owner, and with O_ASYNC what F_SETSIG says (`send_sigurg` and SOCK_WAKE_URG of the kernel).
    func sendUrgentSignals(_ kernel: Kernel) {
        let (signals, descriptor) = lock.withLock { (self.signals, self.signals.watcher?.descriptor) }
        if case .nobody = signals.owner.recipient { return }
        signals.owner.send(SignalInfo(Signal.SIGURG, code: SignalInfo.kernel), kernel)
        if let descriptor, signals.number != 0 { signals.send(.urgent, descriptor: descriptor, kernel) }
    }
}
