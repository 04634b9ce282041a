internal import Glibc

/// A connected TCP or UDP socket of the host, used by one application; results are those of OP-TEE's tee-supplicant (tee-supplicant/src/tee_socket.c).
final class HostSocket: Sendable {
    /// Whether it is TCP.
    let isStream: Bool
    private let descriptor: HostDescriptor

    /// What one call sends or receives at most: a stream goes on with the next call, a datagram is never that large.
    static let mostBytes = 1 << 20

    private init(_ descriptor: HostDescriptor, isStream: Bool) {
        self.descriptor = descriptor
        self.isStream = isStream
    }

    /// A socket connected to the first of these addresses that takes it.
    ///
    /// Errors: what the last one failed with: `communication`, `socketTimeout`, `generic`, `socketOutOfResources`; at once `cancel` and `targetDead`.
    static func connect(_ addresses: [SocketAddress], isStream: Bool, budget: SocketBudget, _ wait: SocketWait) throws(TEEResult) -> HostSocket {
        var failure = TEEResult.socketHostname
        for address in addresses {
            do throws(TEEResult) { return try HostSocket(connecting: address, isStream: isStream, budget, wait) } catch {
                if error == .cancel || error == .targetDead { throw error }
                failure = error
            }
        }
        throw failure
    }

    private convenience init(connecting address: SocketAddress, isStream: Bool, _ budget: SocketBudget, _ wait: SocketWait) throws(TEEResult) {
        let place = try budget.take()
        let kind = isStream ? SOCK_STREAM : SOCK_DGRAM
        let number = socket(address.family, Int32(kind.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if number < 0 { throw [ENOMEM, ENOBUFS, EMFILE, ENFILE].contains(errno) ? .socketOutOfResources : .generic }
        self.init(HostDescriptor(number, place: place), isStream: isStream)
        var error = connect(to: address)
        if error == EINPROGRESS {
            try wait.wait(until: .writable, descriptor)
            error = pendingError
        }
        if error != 0 { throw error == ETIMEDOUT ? .socketTimeout : .communication }
    }

    /// 0 or the errno.
    private func connect(to address: SocketAddress) -> Int32 {
        address.bytes.withUnsafeBytes { bytes in
            let start = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
            return Glibc.connect(descriptor.number, start, socklen_t(bytes.count)) == 0 ? 0 : errno
        }
    }

    private var pendingError: Int32 {
        var error: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor.number, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno
    }

    // MARK: Data

    /// Sends; returns how many bytes the host took, all of them or, of a stream, fewer.
    ///
    /// Errors: those of `SocketWait.wait`, and `badParameters` when the connection is of no more use or the datagram too large.
    func send(_ bytes: [UInt8], _ wait: SocketWait) throws(TEEResult) -> Int {
        try wait.wait(until: .writable, descriptor)
        let sent = bytes.withUnsafeBytes { Glibc.send(descriptor.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        if sent < 0 { throw Self.failure(errno) }
        return sent
    }

    /// Receives at most `count` bytes; none at the end of a stream. Errors: as `send`.
    func receive(_ count: Int, _ wait: SocketWait) throws(TEEResult) -> [UInt8] {
        try wait.wait(until: .readable, descriptor)
        var bytes = [UInt8](repeating: 0, count: max(0, min(count, Self.mostBytes)))
        let received = bytes.withUnsafeMutableBytes { recv(descriptor.number, $0.baseAddress, $0.count, 0) }
        if received < 0 { throw Self.failure(errno) }
        bytes.removeLast(bytes.count - received)
        return bytes
    }

    private static func failure(_ error: Int32) -> TEEResult { [EAGAIN, EWOULDBLOCK, EINTR].contains(error) ? .socketTimeout : .badParameters }

    // MARK: Settings

    /// SO_RCVBUF or SO_SNDBUF, a number of 32 bits. `badParameters` when that is not what the bytes are.
    func setBuffer(isReceiving: Bool, _ bytes: [UInt8]) throws(TEEResult) {
        guard bytes.count >= 4 else { throw .badParameters }
        let option = isReceiving ? SO_RCVBUF : SO_SNDBUF
        guard bytes.withUnsafeBytes({ setsockopt(descriptor.number, SOL_SOCKET, option, $0.baseAddress, 4) }) == 0 else { throw .badParameters }
    }

    /// Whom it is connected to. `badParameters` when to nobody.
    func peer() throws(TEEResult) -> SocketAddress {
        var bytes = [UInt8](repeating: 0, count: MemoryLayout<sockaddr_storage>.size)
        var size = socklen_t(bytes.count)
        let failed = bytes.withUnsafeMutableBytes { getpeername(descriptor.number, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), &size) } != 0
        guard !failed, Int(size) <= bytes.count else { throw .badParameters }
        return SocketAddress(bytes.prefix(Int(size)))
    }

    /// Connects a UDP socket to another port. `badParameters` without an Internet address, `generic`.
    func changePort(_ port: UInt16) throws(TEEResult) {
        var address = try peer()
        guard address.port != nil else { throw .badParameters }
        address.port = port
        if connect(to: address) != 0 { throw .generic }
    }

    /// Connects a UDP socket to the first of these addresses that the host has a way to. `socketHostname` without any, `communication`.
    func changeAddress(_ addresses: [SocketAddress]) throws(TEEResult) {
        var failure = TEEResult.socketHostname
        for address in addresses {
            if connect(to: address) == 0 { return }
            failure = .communication
        }
        throw failure
    }
}
