import Synchronization

/// Which way a parameter goes, seen from the trusted application.
public struct TEEDirection: OptionSet, Hashable, Sendable {
    /// Bit 0: in, bit 1: out; as the low bits of the parameter types of TEE Internal Core API 4.3.6.1.
    public let rawValue: UInt8
    /// Wraps the bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// The application reads it.
    public static let input = TEEDirection(rawValue: 1)
    /// The application writes it.
    public static let output = TEEDirection(rawValue: 2)
}

/// Memory of a client that a command refers to. What is in it may change at any time: it is read once and never trusted.
open class TEEBuffer: @unchecked Sendable {
    /// Bytes the command may use.
    public let size: UInt64
    /// For subclasses.
    public init(size: UInt64) { self.size = size }
    /// Copies `count` bytes from the client; `accessDenied` when they are not there (any more).
    open func read(at offset: UInt64, count: Int) throws(TEEResult) -> [UInt8] { throw .accessDenied }
    /// Copies bytes to the client; `accessDenied` as `read`.
    open func write(_ bytes: [UInt8], at offset: UInt64) throws(TEEResult) { throw .accessDenied }
}

/// One of the four parameters of an entry into a trusted application (TEE Internal Core API 4.3.6).
public enum TEEParameter: Sendable {
    /// TEE_PARAM_TYPE_NONE.
    case none
    /// TEE_PARAM_TYPE_VALUE_*: what comes in, and after the command what went out.
    case value(TEEDirection, a: UInt32, b: UInt32)
    /// TEE_PARAM_TYPE_MEMREF_*; no buffer: a null reference of that size. After the command `size` is what the application left there, which for an
    /// output that did not fit (`shortBuffer`) is more than the buffer holds.
    case memory(TEEDirection, TEEBuffer?, size: UInt64)

    /// The nibble of `paramTypes`.
    public var type: UInt32 {
        switch self {
        case .none: 0
        case .value(let direction, _, _): UInt32(direction.rawValue)
        case .memory(let direction, _, _): 4 | UInt32(direction.rawValue)
        }
    }
}

/// Who opens a session (TEE Internal Core API 4.2.2: `gpd.client.identity`).
public struct TEEClientIdentity: Hashable, Sendable {
    /// TEE_LOGIN_PUBLIC (0), USER (1), GROUP (2), APPLICATION (4), ..., TRUSTED_APP (0xf0000000).
    public let login: UInt32
    /// Who that is; nil UUID for public.
    public let uuid: TEEUUID
    /// An identity that the caller has established.
    public init(login: UInt32, uuid: TEEUUID) {
        self.login = login
        self.uuid = uuid
    }
}

/// One command on its way to a trusted application and back.
///
/// Made by a client's side, handed once to `TEEService.perform` or `submit`; the results are valid from the completion on.
public final class TEERequest: @unchecked Sendable {
    /// What is asked for.
    public enum Kind: Sendable {
        /// Opens a session with an application.
        case open(TEEUUID, TEEClientIdentity)
        /// Has the application of a session carry out a command.
        case invoke(session: UInt32, command: UInt32)
        /// Closes a session; always succeeds.
        case close(session: UInt32)
    }

    /// What is asked for.
    public let kind: Kind
    /// Four parameters; as they came, and after the completion as they go back.
    public internal(set) var parameters: [TEEParameter]
    /// How it ended.
    public internal(set) var result = TEEResult.generic
    /// Where `result` comes from.
    public internal(set) var origin = TEEOrigin.tee
    /// The session that was opened; 0 when none was.
    public internal(set) var session: UInt32 = 0

    private let cancellation = Mutex<(isWanted: Bool, tell: (@Sendable () -> Void)?)>((false, nil))

    /// A request; missing parameters are none.
    public init(_ kind: Kind, parameters: [TEEParameter] = []) {
        self.kind = kind
        self.parameters = Array(parameters.prefix(4)) + [TEEParameter](repeating: .none, count: max(0, 4 - parameters.count))
    }

    /// Asks the application to give up (TEE Internal Core API 4.10); whether it listens is its own decision.
    public func cancel() {
        let tell = cancellation.withLock { state in
            state.isWanted = true
            return state.tell
        }
        tell?()
    }

    /// Whether `cancel` has been called.
    public var isCancelled: Bool { cancellation.withLock { $0.isWanted } }

    /// Who is told of a cancellation from now on, once at once if there was one already.
    func whenCancelled(_ tell: (@Sendable () -> Void)?) {
        let now = cancellation.withLock { state in
            state.tell = tell
            return state.isWanted
        }
        if now { tell?() }
    }

    /// The results of a service of another kind than SecureWorld's own (tests, other processes).
    public func finish(_ result: TEEResult, _ origin: TEEOrigin, session: UInt32 = 0, parameters: [TEEParameter]? = nil) {
        self.result = result
        self.origin = origin
        self.session = session
        if let parameters { self.parameters = parameters }
    }
}

/// Where clients send their requests: the secure world, or a double of it in tests.
open class TEEService: @unchecked Sendable {
    /// What it asks of a supplicant in the normal world; a double asks for nothing.
    let supplicant = SupplicantRequests()

    /// For subclasses.
    public init() {}
    /// Carries the request out on the calling thread, which waits as long as the application takes.
    open func perform(_ request: TEERequest) { request.finish(.itemNotFound, .tee) }
    /// Carries the request out elsewhere and calls `completion` from any thread, exactly once, perhaps before this returns.
    open func submit(_ request: TEERequest, completion: @escaping @Sendable () -> Void) {
        perform(request)
        completion()
    }
}
