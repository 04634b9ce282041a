internal import Glibc
internal import Synchronization
internal import TEEClient

/// A session of a client; its fields belong to the state of its connection.
final class ClientSession: @unchecked Sendable {
    /// The service's number.
    let number: UInt32
    /// Commands under way.
    var commands = 0
    /// The client has closed it: whoever ends its last command tells the service.
    var isClosed = false
    init(_ number: UInt32) { self.number = number }
}

/// One client of the socket, which is one TEE context.
///
/// Its threads take turns: one reads the next frame and then carries it out itself, while another reads on. So an invocation changes threads nowhere, and
/// there is always a thread that reads: cancellations arrive however many requests are under way.
final class ClientConnection: Sendable {
    /// A request that this thread carries out.
    enum Work: Sendable {
        case open(id: UInt64, TEERequest, ClientParameters)
        case invoke(id: UInt64, TEERequest, ClientParameters, ClientSession)
        case close(id: UInt64, ClientSession)
    }

    struct State {
        var threads = 1
        var working = 0
        var outstanding: [UInt64: TEERequest] = [:]
        var openings = 0
        var sessions: [UInt32: ClientSession] = [:]
        var regions: [UInt32: ClientMemory] = [:]
        var lastHandle: UInt32 = 0

        /// A number that neither a session nor a region has.
        mutating func makeHandle() -> UInt32 {
            repeat { lastHandle = lastHandle % 0x7fff_ffff + 1 } while sessions[lastHandle] != nil || regions[lastHandle] != nil
            return lastHandle
        }
    }

    let socket: OwnedDescriptor
    let credentials: ClientCredentials
    let service: TEEService
    let limits: TEEServingLimits
    let allowance: MemoryAllowance
    let state = Mutex(State())
    private let ended: @Sendable (ClientConnection) -> Void
    /// Who holds it reads; true from the end of the connection on.
    private let reading = Mutex(false)
    private let sending = Mutex(())

    init(
        _ socket: OwnedDescriptor, _ credentials: ClientCredentials, service: TEEService, limits: TEEServingLimits, budget: DescriptorBudget,
        ended: @escaping @Sendable (ClientConnection) -> Void
    ) {
        self.socket = socket
        self.credentials = credentials
        self.service = service
        self.limits = limits
        allowance = MemoryAllowance(user: credentials.user, sizeLimit: limits.regionSize, budget: budget)
        self.ended = ended
    }

    /// Makes the first thread; false when the system has none left.
    func start() -> Bool {
        SocketCalls.startThread { [self] in
            if !greet() { endReading() }
            serve()
        }
    }

    /// Ends the connection from this side.
    func shutDown() { shutdown(socket.number, Int32(SHUT_RDWR)) }

    private func greet() -> Bool {
        SocketCalls.setReceiveTimeout(socket.number, seconds: limits.greetingSeconds)
        guard let frame = Frame.receive(socket.number), frame.kind == SKERRY_TEE_HELLO.rawValue, frame.id == 0,
            let hello = try? frame.only(skerry_tee_hello.self), hello.magic == UInt32(SKERRY_TEE_MAGIC), hello.version >= 1
        else { return false }
        SocketCalls.setReceiveTimeout(socket.number, seconds: 0)
        send(Self.welcome(.success, limits))
        return true
    }

    /// The server's first words.
    static func welcome(_ result: TEEResult, _ limits: TEEServingLimits) -> [UInt8] {
        let welcome = skerry_tee_welcome(
            magic: UInt32(SKERRY_TEE_MAGIC), version: UInt32(SKERRY_TEE_VERSION), result: result.rawValue, outstanding: UInt32(clamping: limits.requests),
            region_max: limits.regionSize)
        return Frame.bytes(kind: SKERRY_TEE_HELLO, id: 0, welcome)
    }

    func send(_ frame: [UInt8]) {
        let isSent = sending.withLock { _ in SocketCalls.send(socket.number, frame) }
        if !isSent { shutDown() }
    }

    // MARK: Threads

    private func serve() {
        while let work = nextWork() {
            perform(work)
            state.withLock { $0.working -= 1 }
        }
        let isLast = state.withLock { state in
            state.threads -= 1
            return state.threads == 0
        }
        if isLast { end() }
    }

    private func nextWork() -> Work? {
        reading.withLock { isOver in
            while !isOver {
                guard let frame = Frame.receive(socket.number) else { break }
                do throws(TEEResult) {
                    if let work = try accept(frame), prepareToWork(on: work) { return work }
                } catch { break }
            }
            if !isOver { giveUp() }
            isOver = true
            return nil
        }
    }

    private func endReading() { reading.withLock { $0 = true } }

    /// Sees to it that another thread reads on.
    private func prepareToWork(on work: Work) -> Bool {
        let needsThread = state.withLock { state in
            state.working += 1
            guard state.working == state.threads else { return false }
            state.threads += 1
            return true
        }
        guard needsThread, !SocketCalls.startThread({ [self] in serve() }) else { return true }
        state.withLock { state in
            state.threads -= 1
            state.working -= 1
        }
        refuse(work)
        return false
    }

    /// The client is gone: nobody wants the answers of what is under way.
    private func giveUp() {
        shutDown()
        for request in state.withLock({ Array($0.outstanding.values) }) { request.cancel() }
    }

    private func end() {
        let sessions = state.withLock { state in
            let sessions = state.sessions.values.map(\.number)
            state.sessions = [:]
            state.regions = [:]
            return sessions
        }
        for session in sessions { service.perform(TEERequest(.close(session: session))) }
        ended(self)
    }
}
