/// A pseudo trusted application: a service of the TEE itself that is reached like an application (OP-TEE's core/pta).
open class PseudoTA: @unchecked Sendable {
    /// Its name for clients.
    public let uuid: TEEUUID
    /// Sessions of clients in the normal world are accepted; else only applications may open one.
    public let servesClients: Bool

    init(_ uuid: TEEUUID, servesClients: Bool) {
        self.uuid = uuid
        self.servesClients = servesClients
    }

    /// The TA_FLAG_DEVICE_ENUM* flag by which drivers of the normal world find it.
    var deviceFlags: TAFlags { [] }

    /// A session begins. Called by several threads at a time, as `invoke`.
    func open(_ session: PseudoSession, _ parameters: inout [TEEParameter]) throws(TEEResult) {
        if session.caller == nil, !servesClients { throw .accessDenied }
    }
    /// A command; outputs are left in `parameters` and written to their buffers.
    func invoke(_ session: PseudoSession, _ command: UInt32, _ parameters: inout [TEEParameter]) throws(TEEResult) { throw .notSupported }
    /// The session is over.
    func close(_ session: PseudoSession) {}
}

/// A session with a pseudo trusted application.
final class PseudoSession: @unchecked Sendable {
    let id: UInt32
    let application: PseudoTA
    let client: TEEClientIdentity
    /// The application that opened it; nil: a client in the normal world. It is inside the command while it waits.
    let caller: TAInstance?
    let world: SecureWorld
    /// The cancellation of the entry that `caller` is in while it waits for a command; whoever invokes sets it, for the time of the command.
    var cancellation: Cancellation?
    /// When `caller` wants the command to be given up by itself (cancellationRequestTimeout), in nanoseconds of CLOCK_MONOTONIC; nil: never.
    var deadline: Int64?
    /// What the application keeps of the session.
    var state: AnyObject?

    init(id: UInt32, application: PseudoTA, client: TEEClientIdentity, caller: TAInstance?, world: SecureWorld) {
        self.id = id
        self.application = application
        self.client = client
        self.caller = caller
        self.world = world
    }

    /// A command begins, or, with nothing, is over.
    func begin(_ cancellation: Cancellation?, deadline: Int64?) {
        self.cancellation = cancellation
        self.deadline = deadline
    }
}

/// What pseudo applications expect of their parameters.
extension [TEEParameter] {
    /// Whether the types are exactly these nibbles, lowest first (TEE_PARAM_TYPES).
    func areOf(_ types: UInt32...) -> Bool { count == 4 && zip(self, types).allSatisfy { $0.type == $1 } && types.count == 4 }

    /// The numbers of a value parameter; zeros for another.
    func value(_ index: Int) -> (a: UInt32, b: UInt32) {
        if index < count, case .value(_, let a, let b) = self[index] { return (a, b) }
        return (0, 0)
    }

    /// Sets the numbers of a value parameter.
    mutating func setValue(_ index: Int, _ a: UInt32, _ b: UInt32) {
        if index < count, case .value(let direction, _, _) = self[index] { self[index] = .value(direction, a: a, b: b) }
    }

    /// The size of a memory parameter; zero for another.
    func size(_ index: Int) -> UInt64 {
        if index < count, case .memory(_, _, let size) = self[index] { return size }
        return 0
    }

    /// All bytes of a memory parameter; `badParameters` beyond `limit`.
    func bytes(_ index: Int, limit: UInt64) throws(TEEResult) -> [UInt8] {
        guard index < count, case .memory(_, let buffer, let size) = self[index], size <= limit else { throw .badParameters }
        guard let buffer, size > 0 else { return [] }
        return try buffer.read(at: 0, count: Int(size))
    }

    /// Leaves bytes in an output; `shortBuffer` with the size that is needed when they do not fit.
    mutating func give(_ index: Int, _ bytes: [UInt8]) throws(TEEResult) {
        guard index < count, case .memory(let direction, let buffer, let size) = self[index], direction.contains(.output) else { throw .badParameters }
        self[index] = .memory(direction, buffer, size: UInt64(bytes.count))
        guard UInt64(bytes.count) <= size else { throw .shortBuffer }
        if !bytes.isEmpty {
            guard let buffer else { throw .shortBuffer }
            try buffer.write(bytes, at: 0)
        }
    }
}
