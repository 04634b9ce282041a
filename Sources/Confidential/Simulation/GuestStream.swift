internal import Glibc

/// A byte stream from a simulated guest to somebody outside, which the host of the guest, so this process, carries.
public protocol GuestStream: AnyObject {
    /// Sends all of these bytes; false when the stream has ended.
    func send(_ bytes: [UInt8]) -> Bool
    /// Just that many bytes; nil when the stream has ended before.
    func receive(_ count: Int) -> [UInt8]?
}

/// What a simulated guest asks a relying party for its secrets with.
public struct GuestRequester {
    /// The stream to the relying party.
    public var stream: any GuestStream
    /// The table of the processor's certificates that the host gives the guest for the relying party; none when it has its own.
    public var certificates: [UInt8] = []
    /// The manifest that the guest shows; none when the relying party knows it.
    public var manifest: [UInt8] = []
    /// The relying party's public key, 97 bytes, that the guest insists on; none when anybody will do.
    public var identity: [UInt8] = []

    /// Over a stream, with nothing beside it.
    public init(_ stream: any GuestStream) { self.stream = stream }
}

/// A byte stream over a connected socket.
public final class SocketStream: GuestStream {
    /// The descriptor.
    let number: Int32

    /// Over a socket that is connected; it is closed with the stream. The other side may take `seconds` for each piece.
    public init(_ socket: Int32, seconds: Int = 60) {
        number = socket
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] { setsockopt(socket, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size)) }
    }

    /// Connected to a socket in the file system.
    ///
    /// - Throws: `requirement` when nobody listens there.
    public convenience init(path: String) throws(SNPError) {
        let refused = { (reason: String) in SNPError(.requirement, "the connection to \(path)", "\(reason); skerry snp serve-secrets --listen unix:\(path) listens there") }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        // There has to be room for the zero behind the path (unix(7)).
        guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: address.sun_path), !bytes.contains(0) else { throw refused("a path of 1 to 107 bytes is needed") }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let number = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw refused(String(cString: strerror(errno))) }
        let failed = withUnsafeBytes(of: address) { connect(number, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count)) } != 0
        guard !failed else {
            let reason = String(cString: strerror(errno))
            close(number)
            throw refused(reason)
        }
        self.init(number)
    }

    deinit { close(number) }

    /// Sends all of these bytes; false when the stream has ended, or time is up.
    public func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if sent < 0 && errno == EINTR { continue }
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    /// Just that many bytes; nil when the stream has ended before, or time is up.
    public func receive(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: max(0, count))
        var done = 0
        while done < bytes.count {
            let received = bytes.withUnsafeMutableBytes { recv(number, $0.baseAddress?.advanced(by: done), $0.count - done, 0) }
            if received < 0 && errno == EINTR { continue }
            guard received > 0 else { return nil }
            done += received
        }
        return bytes
    }
}
