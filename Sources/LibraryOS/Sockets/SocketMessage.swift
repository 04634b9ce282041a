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
    /// SO_REUSEADDR, SO_KEEPALIVE, SO_BROADCAST and others that mean nothing here, kept by number.
    var switches: UInt64 = 0
}

extension SocketCredentials {
    init(_ task: Task) { self.init(process: task.group.id, user: task.credentials.realUser, group: task.credentials.realGroup) }
}
