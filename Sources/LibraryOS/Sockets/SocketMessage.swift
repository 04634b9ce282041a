/// What one send puts into a socket's queue.
struct SocketMessage {
    var bytes: [UInt8]
    var start = 0
    /// Descriptions on their way (SCM_RIGHTS), each with a reference of its own.
    var files: [OpenFile]
    /// nil when neither side asked for credentials at the time.
    var sender: SocketCredentials?
    /// Who sent it: whose SO_SNDBUF it counts against, and whose name the receiver sees.
    let origin: UnixSocket
    let cost: Int
    /// Its only byte is the urgent one (MSG_OOB): where reading stops. An older one that nobody took is data like any other.
    var isUrgent = false
    /// An empty datagram that MSG_PEEK has shown already.
    var wasPeeked = false
    var count: Int { bytes.count - start }
}

/// `struct ucred`.
struct SocketCredentials: Equatable {
    var process: Int32
    var user: UInt32
    var group: UInt32

    /// What a receiver sees of a sender nobody asked about: no process, and the overflow ids.
    static let unknown = SocketCredentials(process: 0, user: 65534, group: 65534)
}

/// Who was at the other end when a connection was made (SO_PEERCRED, SO_PEERGROUPS).
struct PeerCredentials {
    var credentials: SocketCredentials
    var groups: [UInt32]

    init(_ task: Task) {
        credentials = SocketCredentials(process: task.group.id, user: task.credentials.effectiveUser, group: task.credentials.effectiveGroup)
        groups = task.credentials.groups
    }

    /// What is outside the sandbox has no process in it.
    static let outside = PeerCredentials(.unknown)
    private init(_ credentials: SocketCredentials) { (self.credentials, groups) = (credentials, []) }
}

/// setsockopt(2) at SOL_SOCKET, as far as AF_UNIX knows it.
struct SocketOptions {
    var sendBuffer = 212_992
    var receiveBuffer = 212_992
    var passesCredentials = false
    /// Nanoseconds; nil: for ever.
    var receiveTimeout: Int64?
    var sendTimeout: Int64?
    /// SO_LINGER, which AF_UNIX keeps and does not heed; SO_RCVLOWAT.
    var linger: (on: Int32, seconds: Int32) = (0, 0)
    var lowWater: Int32 = 1
    /// SO_PEEK_OFF; negative: MSG_PEEK begins at the first byte.
    var peekOffset: Int32 = -1
    /// SO_OOBINLINE: the urgent byte is read in its place.
    var urgentIsInline = false
    /// Which of SO_TIMESTAMP, SO_TIMESTAMPNS and their successors is on; 0: none.
    var timestamp: Int32 = 0
    /// SO_BUF_LOCK: which sizes the program has set.
    var setSizes: Int32 = 0
    /// Options that mean nothing here, as they were set (`KeptSocketOption`).
    var kept: [Int32: Int64] = [:]

    /// MSG_PEEK has shown `count` bytes, or as many are gone when negative (`sk_peek_offset_fwd` and `_bwd` of the kernel).
    mutating func movePeekOffset(by count: Int) {
        if peekOffset >= 0 { peekOffset = Int32(clamping: max(0, Int(peekOffset) + count)) }
    }
}

extension SocketCredentials {
    init(_ task: Task) { self.init(process: task.group.id, user: task.credentials.realUser, group: task.credentials.realGroup) }
}
