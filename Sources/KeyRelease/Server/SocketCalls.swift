// pthread_attr_t is of libcrypto's headers, too, and Swift takes it for theirs.
internal import CCrypto
internal import Glibc

/// A descriptor that is closed with the last reference to it.
final class OwnedDescriptor: Sendable {
    let number: Int32
    init(_ number: Int32) { self.number = number }
    deinit { close(number) }
}

/// The system calls of the server, the only place of this module that handles raw memory.
enum SocketCalls {
    /// The kernel's words for an errno.
    static func reason(_ error: Int32 = errno) -> String { String(cString: strerror(error)) }

    /// A socket that listens at an address.
    static func listen(at address: ListeningAddress) throws(KeyReleaseError) -> OwnedDescriptor {
        switch address {
        case .local(let path): try listen(path: path, address)
        case .internet(let host, let port): try listen(host: host, port: port, address)
        }
    }

    private static func failure(_ address: ListeningAddress, _ reason: String) -> KeyReleaseError {
        KeyReleaseError(.address, "cannot listen at \(address): \(reason)")
    }

    private static func socket(_ family: Int32) -> OwnedDescriptor? {
        let number = Glibc.socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        return number < 0 ? nil : OwnedDescriptor(number)
    }

    private static func listen(path: String, _ address: ListeningAddress) throws(KeyReleaseError) -> OwnedDescriptor {
        guard let place = self.address(path), let listener = socket(AF_UNIX) else { throw failure(address, reason()) }
        // Linux gives the file these permissions from the moment it exists: connecting is for its owner.
        guard fchmod(listener.number, 0o600) == 0 else { throw failure(address, reason()) }
        var error = apply(bind, listener.number, place)
        if error == EADDRINUSE, isAbandoned(path, place) {
            unlink(path)
            error = apply(bind, listener.number, place)
        }
        guard error == 0 else { throw failure(address, error == EADDRINUSE ? "something else listens there, or a file is in the way" : reason(error)) }
        guard Glibc.listen(listener.number, 64) == 0 else { throw failure(address, reason()) }
        return listener
    }

    /// Whether a socket is left over from a process that is gone.
    private static func isAbandoned(_ path: String, _ place: sockaddr_un) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK, let probe = socket(AF_UNIX) else { return false }
        return withExtendedLifetime(probe) { apply(connect, probe.number, place) == ECONNREFUSED }
    }

    private static func listen(host: String, port: UInt16, _ address: ListeningAddress) throws(KeyReleaseError) -> OwnedDescriptor {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV | AI_PASSIVE
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else { throw failure(address, String(cString: gai_strerror(code))) }
        defer { freeaddrinfo(list) }
        var (next, error) = (list, "nothing there to listen at")
        while let entry = next?.pointee {
            next = entry.ai_next
            guard let listener = socket(entry.ai_family) else { continue }
            var on: Int32 = 1
            setsockopt(listener.number, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
            if bind(listener.number, entry.ai_addr, entry.ai_addrlen) == 0, Glibc.listen(listener.number, 64) == 0 { return listener }
            error = reason()
        }
        throw failure(address, error)
    }

    /// The port an Internet socket has, which the system may have chosen.
    static func port(of socket: OwnedDescriptor) -> UInt16? {
        var bytes = [UInt8](repeating: 0, count: MemoryLayout<sockaddr_storage>.size)
        var size = socklen_t(bytes.count)
        let failed = bytes.withUnsafeMutableBytes { getsockname(socket.number, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), &size) } != 0
        let family = Int32(bytes[0]) | Int32(bytes[1]) << 8
        // The port is at the same place in both kinds, in network byte order.
        return failed || (family != AF_INET && family != AF_INET6) ? nil : UInt16(bytes[2]) << 8 | UInt16(bytes[3])
    }

    /// The next connection; nil when nobody connected, or who did is gone again.
    static func accept(_ listener: OwnedDescriptor) -> OwnedDescriptor? {
        let number = Glibc.accept(listener.number, nil, nil)
        guard number >= 0 else { return nil }
        let socket = OwnedDescriptor(number)
        return fcntl(number, F_SETFD, FD_CLOEXEC) == 0 && fcntl(number, F_SETFL, O_NONBLOCK) == 0 ? socket : nil
    }

    /// Who connected, as far as the kernel says: an address with its port, or a process and its user.
    static func peer(of socket: OwnedDescriptor) -> String {
        var bytes = [UInt8](repeating: 0, count: MemoryLayout<sockaddr_storage>.size)
        var size = socklen_t(bytes.count)
        var (host, port) = ([CChar](repeating: 0, count: Int(NI_MAXHOST)), [CChar](repeating: 0, count: 32))
        let isNamed = bytes.withUnsafeMutableBytes { buffer -> Bool in
            let address = buffer.baseAddress?.assumingMemoryBound(to: sockaddr.self)
            guard getpeername(socket.number, address, &size) == 0, let address, address.pointee.sa_family != AF_UNIX else { return false }
            return getnameinfo(address, size, &host, socklen_t(host.count), &port, socklen_t(port.count), NI_NUMERICHOST | NI_NUMERICSERV) == 0
        }
        if isNamed { return "\(text(host)), port \(text(port))" }
        // struct ucred: process, user, group.
        var credentials: [UInt32] = [0, 0, 0]
        var length = socklen_t(credentials.count * MemoryLayout<UInt32>.size)
        guard getsockopt(socket.number, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0, credentials[0] != 0 else { return "somebody" }
        return "process \(credentials[0]) of user \(credentials[1])"
    }

    private static func text(_ characters: [CChar]) -> String { String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) }

    private static func address(_ path: String) -> sockaddr_un? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: address.sun_path), !bytes.contains(0) else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return address
    }

    /// `bind` and `connect`; 0 or the errno.
    private static func apply(_ call: (Int32, UnsafePointer<sockaddr>?, socklen_t) -> Int32, _ socket: Int32, _ address: sockaddr_un) -> Int32 {
        withUnsafeBytes(of: address) { bytes in
            call(socket, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count)) != 0 ? errno : 0
        }
    }

    /// Waits for a socket; false when time is up.
    static func wait(_ socket: OwnedDescriptor, for events: Int32, milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: socket.number, events: Int16(truncatingIfNeeded: events), revents: 0)
        return poll(&entry, 1, milliseconds) > 0
    }

    /// What a socket has, up to so many bytes: some, none at its end, nil with the reason in errno.
    static func receive(_ socket: OwnedDescriptor, atMost count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        let received = bytes.withUnsafeMutableBytes { recv(socket.number, $0.baseAddress, $0.count, 0) }
        return received < 0 ? nil : Array(bytes.prefix(received))
    }

    /// How many bytes the socket took; nil with the reason in errno.
    static func send(_ socket: OwnedDescriptor, _ bytes: ArraySlice<UInt8>) -> Int? {
        let sent = bytes.withUnsafeBytes { Glibc.send(socket.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        return sent < 0 ? nil : sent
    }

    /// Starts a thread that nobody waits for; false when the system has no more.
    static func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
        final class Body: Sendable {
            let run: @Sendable () -> Void
            init(_ run: @escaping @Sendable () -> Void) { self.run = run }
        }
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let argument = Unmanaged.passRetained(Body(body))
        var thread = pthread_t()
        let failed = pthread_create(
            &thread, &attributes,
            { argument in
                if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, argument.toOpaque())
        if failed != 0 { argument.release() }
        return failed == 0
    }
}
