internal import Glibc

/// The places a name stands for, looked up once: a guest's connections never wait for a name server.
struct StreamPlaces: Sendable {
    /// A family, and a `struct sockaddr` of it.
    private let places: [(family: Int32, address: [UInt8])]
    /// How long who connects waits for an answer. Who takes longer is connected to, or not, while the guest goes on.
    private static let milliseconds: Int32 = 100

    /// - Throws: `requirement` for a name that leads nowhere.
    init(_ address: StreamAddress) throws(SNPError) {
        switch address {
        case .local(let path):
            var place = sockaddr_un()
            place.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &place.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
            places = [(AF_UNIX, withUnsafeBytes(of: place) { Array($0) })]
        case .internet(let host, let port):
            var hints = addrinfo()
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
            hints.ai_flags = AI_NUMERICSERV
            var list: UnsafeMutablePointer<addrinfo>?
            let code = getaddrinfo(host, String(port), &hints, &list)
            guard code == 0 else { throw SNPError(.requirement, "\(address)", "\(host): \(String(cString: gai_strerror(code)))") }
            defer { freeaddrinfo(list) }
            var (found, next) = ([(family: Int32, address: [UInt8])](), list)
            while let entry = next?.pointee {
                found.append((entry.ai_family, Array(UnsafeRawBufferPointer(start: entry.ai_addr, count: Int(entry.ai_addrlen)))))
                next = entry.ai_next
            }
            places = found
        }
    }

    /// A socket that does not wait, connected to the first place that does not refuse it; else why the last one did (errno).
    func connect() -> (socket: Int32, error: Int32) {
        var error = EADDRNOTAVAIL
        for place in places {
            let descriptor = socket(place.family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            guard descriptor >= 0 else { return (-1, errno) }
            error = Self.connect(descriptor, place.address)
            if error == 0 { return (descriptor, 0) }
            close(descriptor)
        }
        return (-1, error)
    }

    private static func connect(_ descriptor: Int32, _ address: [UInt8]) -> Int32 {
        func begin() -> Int32 {
            address.withUnsafeBytes { Glibc.connect(descriptor, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count)) } == 0 ? 0 : errno
        }
        var result = begin()
        // A UNIX-domain socket with a full backlog: nothing tells when there is room.
        for _ in 0..<milliseconds where result == EAGAIN {
            usleep(1000)
            result = begin()
        }
        if result != EINPROGRESS { return result }
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        if poll(&entry, 1, milliseconds) <= 0 { return 0 }
        var (error, size): (Int32, socklen_t) = (0, socklen_t(MemoryLayout<Int32>.size))
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno
    }
}
