/// Where the host connects a stream of a guest to: `HOST:PORT`, `[IPV6]:PORT`, `unix:PATH`, or an absolute path, which is as `unix:PATH`.
public enum StreamAddress: Sendable, Hashable, CustomStringConvertible {
    /// TCP.
    case internet(host: String, port: UInt16)
    /// A socket in the file system.
    case local(path: String)

    /// From its text; nil for what is none of these, and for paths that do not fit into `struct sockaddr_un`.
    public init?(_ text: String) {
        if text.utf8.contains(0) { return nil }
        if text.hasPrefix("unix:") || text.hasPrefix("/") {
            let path = text.hasPrefix("/") ? text : String(text.dropFirst(5))
            if path.isEmpty || path.utf8.count > 107 { return nil }
            self = .local(path: path)
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0 else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        if host.isEmpty { return nil }
        self = .internet(host: String(host), port: port)
    }

    /// What `init` takes, for messages.
    public static let forms = "HOST:PORT, as 127.0.0.1:7000 or [::1]:7000, nor unix:PATH, of at most 107 bytes"

    /// As it is written.
    public var description: String {
        switch self {
        case .internet(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .local(let path): "unix:\(path)"
        }
    }
}
