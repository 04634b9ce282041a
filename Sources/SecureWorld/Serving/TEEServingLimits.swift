/// What clients of a socket may use up; beyond it they are answered BUSY or OUT_OF_MEMORY, and nobody else notices.
public struct TEEServingLimits: Sendable {
    /// Connections at a time.
    public var connections = 64
    /// Connections at a time of one user.
    public var connectionsPerUser = 48
    /// Requests of one connection that may be unanswered at a time; each has a thread.
    public var requests = 32
    /// Open sessions of one connection.
    public var sessions = 256
    /// Registered regions of one connection, each of which is an open descriptor.
    public var regions = 64
    /// Descriptors of all clients together: registered regions and memory of outstanding requests.
    public var descriptors = 512
    /// Descriptors of one user's clients together.
    public var descriptorsPerUser = 384
    /// Most bytes of one descriptor that are served.
    public var regionSize: UInt64 = 256 << 20
    /// How long a new connection may take until it has said HELLO, in seconds.
    public var greetingSeconds = 10

    /// The usual limits, which suit a limit of 1,024 open files.
    public init() {}
}
