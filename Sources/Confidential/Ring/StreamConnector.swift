internal import CLinux
internal import Glibc
internal import Synchronization

/// Who connects the streams a guest asks for by name. Bytes only: what is in them is between the guest and the other end.
public protocol StreamConnector: Sendable {
    /// A connected stream socket that the ring closes; nil when there is nothing by this name. `name` is the guest's, 1 to 255 bytes of any value.
    func connect(_ name: [UInt8]) -> Int32?
}

/// Streams to what the user has named, and to nothing else.
public final class NamedStreams: StreamConnector {
    private let places: [[UInt8]: StreamPlaces]
    private let contents: [[UInt8]: [UInt8]]
    private let errors = Mutex<[[UInt8]: Int32]>([:])

    /// Looks the addresses up.
    ///
    /// - Parameters:
    ///   - addresses: where the streams of these names lead.
    ///   - contents: what a guest reads from the streams of these names.
    /// - Throws: `requirement` for an address that leads nowhere.
    public init(_ addresses: [[UInt8]: StreamAddress], contents: [[UInt8]: [UInt8]] = [:]) throws(SNPError) {
        var places: [[UInt8]: StreamPlaces] = [:]
        for (name, address) in addresses { places[name] = try StreamPlaces(address) }
        (self.places, self.contents) = (places, contents)
    }

    /// Connects to what has this name.
    public func connect(_ name: [UInt8]) -> Int32? {
        if let content = contents[name] { return Self.file(content) }
        guard let places = places[name] else { return nil }
        let (socket, error) = places.connect()
        errors.withLock { $0[name] = error == 0 ? nil : error }
        return socket < 0 ? nil : socket
    }

    /// Why the latest stream of a name could not be connected, in the system's words; nil when it was, or was never asked for.
    public func failure(of name: [UInt8]) -> String? { errors.withLock { $0[name] }.map { String(cString: strerror($0)) } }

    /// A file in memory, which is read from its beginning.
    private static func file(_ content: [UInt8]) -> Int32? {
        let descriptor = skerry_memfd_create("skerry-stream")
        if descriptor < 0 { return nil }
        guard write(descriptor, content, content.count) == content.count, lseek(descriptor, 0, SEEK_SET) == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }
}
