import Glibc
import Synchronization
import Testing

/// Sockets of this machine that tests talk to. Every call of them ends after some seconds.
final class PseudoTALoopback: Sendable {
    let port: UInt16
    private let descriptor: Int32

    /// A TCP socket that listens, or a UDP socket, at 127.0.0.1.
    init(stream: Bool) throws {
        descriptor = socket(AF_INET, Int32((stream ? SOCK_STREAM : SOCK_DGRAM).rawValue | SOCK_CLOEXEC.rawValue), 0)
        try #require(descriptor >= 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let number = descriptor
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(number, $0, size) == 0 && getsockname(number, $0, &size) == 0 }
        }
        try #require(bound)
        if stream { try #require(listen(descriptor, 8) == 0) }
        port = UInt16(bigEndian: address.sin_port)
        Self.limit(descriptor)
    }

    deinit { close(descriptor) }

    private static func limit(_ descriptor: Int32) {
        var time = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    /// The next connection.
    func accept() throws -> PseudoTAConnection {
        let accepted = Glibc.accept(descriptor, nil, nil)
        try #require(accepted >= 0)
        Self.limit(accepted)
        return PseudoTAConnection(accepted)
    }

    /// Receives a datagram and sends it back with a byte before it.
    func answer(_ mark: UInt8) throws {
        var bytes = [UInt8](repeating: 0, count: 65536)
        var address = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let number = descriptor
        let done = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                let received = recvfrom(number, &bytes, bytes.count, 0, address, &size)
                if received < 0 { return false }
                let reply = [mark] + bytes.prefix(received)
                return sendto(number, reply, reply.count, 0, address, size) == reply.count
            }
        }
        try #require(done)
    }
}

/// The server's end of a TCP connection.
final class PseudoTAConnection: Sendable {
    private let descriptor: Int32
    init(_ descriptor: Int32) { self.descriptor = descriptor }
    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) throws { try #require(Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count) }
    /// What arrives next; nothing at the end.
    func receive() throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 65536)
        let received = recv(descriptor, &bytes, bytes.count, 0)
        try #require(received >= 0)
        return Array(bytes.prefix(received))
    }
}
