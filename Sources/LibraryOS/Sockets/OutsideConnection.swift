/// The far end of a connection that the host serves: carries bytes between the program's socket and a stream of the host, as many as both take, and nothing but bytes.
/// Descriptors that a program sends are dropped.
///
/// What a program has written waits in the queue of `near`, what comes from outside in the program's own, so that everything that programs can do with sockets is as
/// between two of them. Nobody waits here: whoever changes either side calls `wake`, on any thread.
final class OutsideConnection: WaitQueueWaiter, @unchecked Sendable {
    /// The end that accept(2) would have given.
    private let near: UnixSocket
    private let host: Host
    private let listener: UnixSocket
    /// Woken when the stream may be ready.
    private let streamReadiness = WaitQueue()
    private let lock = Lock(.leaf)
    // Under `lock`: one thread carries at a time; who comes meanwhile asks it to look again.
    private var isCarrying = false, isAsked = false
    private var stream: HostFile?
    // Of the thread that carries.
    private var inputIsOver = false, outputIsOver = false

    /// What is carried at once: one message of a socket, so that what was read from the host is taken as a whole.
    private static let piece = UnixSocket.chunk

    init(_ near: UnixSocket, _ stream: HostFile, _ host: Host, _ listener: UnixSocket) { (self.near, self.stream, self.host, self.listener) = (near, stream, host, listener) }

    /// Begins to watch both sides.
    func begin() {
        streamReadiness.add(self)
        near.readiness.add(self)
        if let stream = lock.withLock({ stream }) { host.watch(stream, waking: streamReadiness) }
        carry()
    }

    /// Bytes for the host that it has not taken. Under the domain's lock.
    var bytesWaiting: Int { near.queue.bytes }

    override func wake(from queue: WaitQueue) { carry() }

    private func carry() {
        let goesOn = lock.withLock { () -> Bool in
            isAsked = true
            if isCarrying { return false }
            isCarrying = true
            return true
        }
        if !goesOn { return }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.piece, alignment: 16)
        defer { buffer.deallocate() }
        while let stream = next() {
            carryIn(stream, buffer)
            carryOut(stream, buffer)
            if inputIsOver && outputIsOver { end() }
        }
    }

    /// The stream, if somebody has asked to look; nil ends the carrying.
    private func next() -> HostFile? {
        lock.withLock {
            isCarrying = isAsked && stream != nil
            isAsked = false
            return isCarrying ? stream : nil
        }
    }

    /// From the host to the program.
    private func carryIn(_ stream: HostFile, _ buffer: UnsafeMutableRawBufferPointer) {
        while !inputIsOver {
            guard let room = near.room else {
                // Nobody will read it any more.
                inputIsOver = true
                return
            }
            if room == 0 { return }
            do throws(Errno) {
                let count = try host.read(stream, into: [buffer], at: nil)
                if count == 0 { return endInput(stream) }
                var buffers = UserBuffers(kernel: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
                var nothing = Ancillary()
                _ = try near.send(&buffers, &nothing, to: nil, from: .unknown)
            } catch {
                switch error {
                case .EAGAIN: return
                // The program has closed its end meanwhile.
                case .EPIPE where near.room == nil: inputIsOver = true
                // The stream was reset, or the sandbox has no memory left for what came.
                default: reset()
                }
            }
        }
    }

    /// The host's end of the stream is over; perhaps the other direction is, too, which programs see as a hang-up.
    private func endInput(_ stream: HostFile) {
        inputIsOver = true
        let isGone = host.poll(stream, events: []).contains(.hangUp)
        near.shut(reading: isGone, writing: true)
        if isGone { endOutput() }
    }

    private func reset() {
        inputIsOver = true
        near.reset()
        endOutput()
    }

    /// What waits for the host is lost; nothing can come behind it.
    private func endOutput() {
        outputIsOver = true
        near.discardQueue()
    }

    /// From the program to the host.
    private func carryOut(_ stream: HostFile, _ buffer: UnsafeMutableRawBufferPointer) {
        while !outputIsOver {
            do throws(Errno) {
                let count = try take(buffer, peeking: true)
                if count == 0 {
                    outputIsOver = true
                    if !inputIsOver { try host.endOutput(stream) }
                    return
                }
                let taken = try host.write(stream, from: [UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])], at: nil)
                _ = try take(UnsafeMutableRawBufferPointer(rebasing: buffer[..<taken]), peeking: false)
            } catch {
                switch error {
                case .EAGAIN: return
                // The program closed its end with bytes unread, which is nothing to the host.
                case .ECONNRESET: continue
                // Nobody reads outside: what was written is lost, and programs that go on to write are told. What comes from there may still be read.
                case .EPIPE:
                    near.shut(reading: true, writing: false)
                    endOutput()
                default: reset()
                }
            }
        }
    }

    /// Bytes of the program, none at their end; `EAGAIN` when there are none now.
    private func take(_ buffer: UnsafeMutableRawBufferPointer, peeking: Bool) throws(Errno) -> Int {
        var buffers = UserBuffers(kernel: buffer)
        let received = try near.receive(&buffers, peeking: peeking, waits: false)
        if !received.files.isEmpty { near.domain.bury(received.files) }
        return received.count
    }

    /// Both directions are over, or the sandbox is.
    func end() {
        let last = lock.withLock {
            defer { stream = nil }
            return stream
        }
        guard let last else { return }
        host.unwatch(last, waking: streamReadiness)
        streamReadiness.remove(self)
        near.readiness.remove(self)
        near.domain.remove(self)
        near.drop()
        listener.roomQueue.wakeAll()
    }
}
