/// Where a relying party listens: `HOST:PORT`, `[IPV6]:PORT` or `unix:PATH`.
public enum ListeningAddress: Sendable, Hashable, CustomStringConvertible {
    /// TCP, by a name or number of a host, and a port; port 0 is one that the system chooses.
    case internet(host: String, port: UInt16)
    /// A socket in the file system.
    case local(path: String)

    /// From its text.
    ///
    /// - Throws: `address` with what is wrong.
    public init(_ text: String) throws(KeyReleaseError) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            // struct sockaddr_un has 108 bytes with the zero behind the path (unix(7)).
            guard (1...107).contains(path.utf8.count), !path.utf8.contains(0) else {
                throw KeyReleaseError(.address, "\(text): the path of a socket has 1 to 107 bytes; choose a shorter one, as unix:/run/secrets.socket")
            }
            self = .local(path: path)
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw KeyReleaseError(.address, "\(text) is neither HOST:PORT, as 127.0.0.1:7000 or [::1]:7000, nor unix:PATH")
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw KeyReleaseError(.address, "\(text): write an IPv6 address in brackets, as [::1]:7000")
        }
        guard !host.isEmpty, !host.utf8.contains(0) else { throw KeyReleaseError(.address, "\(text) names no host; 0.0.0.0 is every address of this one") }
        self = .internet(host: String(host), port: port)
    }

    /// As it is written.
    public var description: String {
        switch self {
        case .internet(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .local(let path): "unix:\(path)"
        }
    }
}
