internal import Glibc

/// An address that a socket can be connected to: the bytes of a `sockaddr`.
struct SocketAddress: Hashable, Sendable {
    private(set) var bytes: [UInt8]

    /// The address of that many bytes.
    init(_ bytes: some Collection<UInt8>) { self.bytes = Array(bytes) }

    /// AF_INET, AF_INET6.
    var family: Int32 { bytes.count < 2 ? 0 : Int32(bytes[0]) | Int32(bytes[1]) << 8 }

    /// The port, which is at the same place in both kinds; nil for another kind of address.
    var port: UInt16? {
        get { isInternet ? UInt16(bytes[2]) << 8 | UInt16(bytes[3]) : nil }
        set {
            guard let newValue, isInternet else { return }
            (bytes[2], bytes[3]) = (UInt8(newValue >> 8), UInt8(newValue & 0xff))
        }
    }

    private var isInternet: Bool { (family == AF_INET || family == AF_INET6) && bytes.count >= 4 }

    /// The addresses of a host, which may have to be asked for in the network: on the calling thread, for as long as that takes. None when nobody knows it.
    ///
    /// `family` is AF_UNSPEC for any; `isStream`: for TCP, else for UDP. Numbers and a dotted or colon form need no question.
    static func resolve(_ host: String, port: UInt16, family: Int32, isStream: Bool, isNumeric: Bool) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_family = family
        hints.ai_socktype = Int32((isStream ? SOCK_STREAM : SOCK_DGRAM).rawValue)
        hints.ai_flags = AI_NUMERICSERV | (isNumeric ? AI_NUMERICHOST : 0)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            if let address = entry.ai_addr { found.append(SocketAddress(UnsafeRawBufferPointer(start: address, count: Int(entry.ai_addrlen)))) }
            next = entry.ai_next
        }
        return found
    }
}
