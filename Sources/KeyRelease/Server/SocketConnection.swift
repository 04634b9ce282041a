internal import Glibc

/// A socket as the stream of one conversation, which ends at a fixed time whatever the other side does.
final class SocketConnection: ReleaseConnection {
    private let socket: OwnedDescriptor
    /// On CLOCK_MONOTONIC, in milliseconds.
    private let deadline: Int64

    init(_ socket: OwnedDescriptor, seconds: Int) { (self.socket, deadline) = (socket, Self.now + Int64(seconds) * 1000) }

    private static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    private func wait(for events: Int32) throws(ReleaseInterruption) {
        let left = deadline - Self.now
        // poll(2) may come back early: the caller tries, and comes here again.
        guard left > 0 else { throw .timeout }
        _ = SocketCalls.wait(socket, for: events, milliseconds: Int32(clamping: left))
    }

    private static func isTransient(_ error: Int32) -> Bool { [EAGAIN, EWOULDBLOCK, EINTR].contains(error) }

    func send(_ bytes: [UInt8]) throws(ReleaseInterruption) {
        var rest = bytes[...]
        while !rest.isEmpty {
            if let count = SocketCalls.send(socket, rest) {
                rest = rest.dropFirst(count)
                continue
            }
            let error = errno
            guard Self.isTransient(error) else { throw error == EPIPE || error == ECONNRESET ? .ended : .failed(SocketCalls.reason(error)) }
            try wait(for: POLLOUT)
        }
    }

    func receive(_ count: Int) throws(ReleaseInterruption) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            // Only what has arrived takes memory.
            if let part = SocketCalls.receive(socket, atMost: min(count - bytes.count, 16 << 10)) {
                guard !part.isEmpty else { throw .ended }
                bytes += part
                continue
            }
            let error = errno
            guard Self.isTransient(error) else { throw error == ECONNRESET ? .ended : .failed(SocketCalls.reason(error)) }
            try wait(for: POLLIN)
        }
        return bytes
    }
}
