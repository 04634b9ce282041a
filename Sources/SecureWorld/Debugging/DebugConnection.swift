internal import Glibc
import Synchronization

/// The connection of one gdb. Any thread.
final class DebugConnection: Sendable {
    private struct State {
        /// What gdb asks for again when it arrived damaged.
        var lastPacket: [UInt8] = []
        var acknowledges = true
        var isAttached = false
        var awaitsStop = false
    }
    private let socket: OwnedDescriptor
    private let state = Mutex(State())

    init(_ socket: OwnedDescriptor) { self.socket = socket }

    /// gdb has said something: it is there, and nobody has only tried the port.
    var isAttached: Bool { state.withLock { $0.isAttached } }
    func noteAttached() { state.withLock { $0.isAttached = true } }
    /// gdb has let go of the application, and may take hold of it again.
    func noteDetached() { state.withLock { $0.isAttached = false } }
    /// gdb has let the application go on and waits for its next stop.
    var awaitsStop: Bool {
        get { state.withLock { $0.awaitsStop } }
        set { state.withLock { $0.awaitsStop = newValue } }
    }
    /// Whether packets are acknowledged.
    var acknowledges: Bool {
        get { state.withLock { $0.acknowledges } }
        set { state.withLock { $0.acknowledges = newValue } }
    }

    /// Sends a packet.
    func send(_ content: [UInt8]) {
        let packet = GDBPacketParser.packet(content)
        state.withLock { $0.lastPacket = packet }
        put(packet)
    }

    /// Sends the last packet again.
    func sendAgain() { put(state.withLock { $0.lastPacket }) }

    /// `+` or `-`, unless gdb does without.
    func acknowledge(_ good: Bool) { if acknowledges { put([UInt8(ascii: good ? "+" : "-")]) } }

    /// What fails is found out by whoever reads.
    private func put(_ bytes: [UInt8]) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.send(socket.number, $0.baseAddress?.advanced(by: done), $0.count - done, Int32(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return }
            done += count
        }
    }

    /// Waits for bytes; none at the end of the connection.
    func receive() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = bytes.withUnsafeMutableBytes { recv(socket.number, $0.baseAddress, $0.count, 0) }
            if count < 0, errno == EINTR { continue }
            return Array(bytes.prefix(max(0, count)))
        }
    }

    /// Ends it; `receive` returns.
    func shutDown() { shutdown(socket.number, Int32(SHUT_RDWR)) }
}

/// Where gdb finds the stub.
public enum DebugAddress: Hashable, Sendable {
    /// A TCP port of 127.0.0.1; 0: one that is free. Every user of this machine can connect to it.
    case port(UInt16)
    /// A Unix socket, of the user alone.
    case path(String)

    /// A port's number, or the path of a socket; nil for nothing at all.
    public init?(_ text: String) {
        if text.isEmpty { return nil }
        if let port = UInt16(text) { self = .port(port) } else { self = .path(text) }
    }
}

/// The socket that waits for gdb.
final class DebugListener: Sendable {
    private let socket: OwnedDescriptor
    /// As gdb's `target remote` takes it.
    let name: String
    private let path: String?

    /// Errors: `accessConflict` when somebody has the address, `accessDenied`, `badParameters` for a path that is too long.
    init(_ address: DebugAddress) throws(TEEResult) {
        switch address {
        case .path(let path):
            socket = try ListeningSocket.make(path: path, mode: 0o600)
            (name, self.path) = (path, path)
        case .port(let port):
            let number = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard number >= 0 else { throw .outOfMemory }
            socket = OwnedDescriptor(number)
            var one: Int32 = 1
            setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
            var place = sockaddr_in()
            place.sin_family = sa_family_t(AF_INET)
            place.sin_port = port.bigEndian
            place.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let bound = withUnsafeBytes(of: &place) { Glibc.bind(number, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), size) }
            guard bound == 0 else { throw errno == EADDRINUSE ? .accessConflict : .accessDenied }
            guard listen(number, 1) == 0 else { throw .generic }
            _ = withUnsafeMutableBytes(of: &place) { getsockname(number, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), &size) }
            (name, path) = ("127.0.0.1:\(UInt16(bigEndian: place.sin_port))", nil)
        }
    }

    /// Waits for a connection; nil when the listener has been shut down.
    func accept() -> DebugConnection? {
        while true {
            guard let made = SocketCalls.own(Glibc.accept(socket.number, nil, nil)) else {
                if errno == EINTR || errno == ECONNABORTED { continue }
                return nil
            }
            // Packets are small, and each waits for the other's.
            var one: Int32 = 1
            if path == nil { setsockopt(made.number, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size)) }
            return DebugConnection(made)
        }
    }

    /// Ends it; `accept` returns.
    func shutDown() {
        if let path { unlink(path) }
        shutdown(socket.number, Int32(SHUT_RDWR))
    }
}
