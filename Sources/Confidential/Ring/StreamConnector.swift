internal import Glibc

/// Who connects the streams a guest asks for by name. Bytes only: what is in them is between the guest and the other end.
public protocol StreamConnector: Sendable {
    /// A connected stream socket that the ring closes; nil when there is nothing by this name. `name` is the guest's, 1 to 255 bytes of any value.
    func connect(_ name: [UInt8]) -> Int32?
}

/// Streams to UNIX-domain sockets of the host, by the names the user gave them.
public struct NamedSockets: StreamConnector {
    private let paths: [[UInt8]: String]

    /// Paths of listening sockets, by name.
    public init(_ paths: [[UInt8]: String]) { self.paths = paths }

    /// Connects to the socket of this name.
    public func connect(_ name: [UInt8]) -> Int32? {
        guard let path = paths[name] else { return nil }
        var address = sockaddr_un()
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        let isConnected = withUnsafeBytes(of: &address) { raw in
            Glibc.connect(descriptor, raw.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(raw.count)) == 0
        }
        if isConnected { return descriptor }
        close(descriptor)
        return nil
    }
}
