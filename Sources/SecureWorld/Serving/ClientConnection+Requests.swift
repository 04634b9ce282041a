internal import Synchronization
internal import TEEClient

// What the frames of a client ask for. Whatever is done here is done by the thread that reads, in the order of the frames, and never waits for the service.
extension ClientConnection {
    /// The work that a frame makes, if it makes any; throws when the client does not keep to the protocol.
    func accept(_ frame: Frame) throws(TEEResult) -> Work? {
        switch skerry_tee_kind(frame.kind) {
        case SKERRY_TEE_OPEN: return try acceptOpen(frame)
        case SKERRY_TEE_INVOKE: return try acceptInvoke(frame)
        case SKERRY_TEE_CLOSE: return try acceptClose(frame)
        case SKERRY_TEE_CANCEL:
            let request = try frame.only(skerry_tee_cancel.self).request
            state.withLock { $0.outstanding[request] }?.cancel()
        case SKERRY_TEE_REGISTER: try register(frame)
        case SKERRY_TEE_RELEASE:
            let region = try frame.only(skerry_tee_release.self).region
            state.withLock { _ = $0.regions.removeValue(forKey: region) }
        default: throw .badFormat
        }
        return nil
    }

    private func acceptOpen(_ frame: Frame) throws(TEEResult) -> Work? {
        let open = try frame.head(skerry_tee_open.self)
        guard let parameters = try parameters(of: frame, open.parameters, behind: MemoryLayout<skerry_tee_open>.size) else { return nil }
        guard let application = TEEUUID(bigEndian: SocketCalls.bytes(of: open.uuid)) else { throw .badFormat }
        let request: TEERequest
        do throws(TEEResult) {
            let client = try ClientIdentity.make(login: open.login, group: open.group, client: credentials)
            request = TEERequest(.open(application, client), parameters: parameters.parameters)
        } catch {
            refuse(frame.id, error)
            return nil
        }
        let isAllowed = try state.withLock { state throws(TEEResult) in
            guard state.sessions.count + state.openings < limits.sessions, try enter(request, frame.id, &state) else { return false }
            state.openings += 1
            return true
        }
        guard isAllowed else {
            refuse(frame.id, .busy)
            return nil
        }
        return .open(id: frame.id, request, parameters)
    }

    private func acceptInvoke(_ frame: Frame) throws(TEEResult) -> Work? {
        let invoke = try frame.head(skerry_tee_invoke.self)
        guard let parameters = try parameters(of: frame, invoke.parameters, behind: MemoryLayout<skerry_tee_invoke>.size) else { return nil }
        guard let session = state.withLock({ $0.sessions[invoke.session] }) else {
            refuse(frame.id, .badParameters)
            return nil
        }
        let request = TEERequest(.invoke(session: session.number, command: invoke.command), parameters: parameters.parameters)
        let isAllowed = try state.withLock { state throws(TEEResult) in
            guard try enter(request, frame.id, &state) else { return false }
            session.commands += 1
            return true
        }
        guard isAllowed else {
            refuse(frame.id, .busy)
            return nil
        }
        return .invoke(id: frame.id, request, parameters, session)
    }

    /// A session in which commands run closes after them, but the client is answered at once.
    private func acceptClose(_ frame: Frame) throws(TEEResult) -> Work? {
        let handle = try frame.only(skerry_tee_close.self).session
        let (result, session) = try state.withLock { state throws(TEEResult) -> (TEEResult, ClientSession?) in
            guard let session = state.sessions[handle] else { return (.badParameters, nil) }
            guard session.commands == 0 else {
                session.isClosed = true
                state.sessions[handle] = nil
                return (.success, nil)
            }
            guard try enter(TEERequest(.close(session: session.number)), frame.id, &state) else { return (.busy, nil) }
            state.sessions[handle] = nil
            return (.success, session)
        }
        if let session { return .close(id: frame.id, session) }
        answer(frame.id, result, .communication)
        return nil
    }

    private func register(_ frame: Frame) throws(TEEResult) {
        guard frame.body.count == MemoryLayout<skerry_tee_register>.size, frame.descriptors.count == 1, let descriptor = frame.descriptors.first else {
            throw .badFormat
        }
        let size = try frame.head(skerry_tee_register.self).size
        do throws(TEEResult) {
            let memory = try ClientMemory(descriptor, size: size, allowance)
            let handle = state.withLock { state in
                guard state.regions.count < limits.regions else { return nil as UInt32? }
                let handle = state.makeHandle()
                state.regions[handle] = memory
                return handle
            }
            guard let handle else { throw .outOfMemory }
            answer(frame.id, .success, .communication, handle: handle, size: memory.size)
        } catch { refuse(frame.id, error) }
    }

    /// Nil: answered already.
    private func parameters<Wire: BitwiseCopyable>(of frame: Frame, _ wire: Wire, behind prefix: Int) throws(TEEResult) -> ClientParameters? {
        let bytes = SocketCalls.bytes(of: wire)
        let size = MemoryLayout<skerry_tee_parameter>.size
        let four = stride(from: 0, to: bytes.count, by: size).compactMap { SocketCalls.load(skerry_tee_parameter.self, from: Array(bytes[$0...].prefix(size))) }
        do throws(TEEResult) {
            return try ClientParameters(
                four, data: frame.body.dropFirst(prefix), descriptors: frame.descriptors, regions: state.withLock { $0.regions }, allowance: allowance)
        } catch {
            guard error != .badFormat else { throw error }
            refuse(frame.id, error)
            return nil
        }
    }

    /// Makes a request one of those that can be cancelled; false when there are too many.
    private func enter(_ request: TEERequest, _ id: UInt64, _ state: inout State) throws(TEEResult) -> Bool {
        guard state.outstanding[id] == nil else { throw .badFormat }
        guard state.outstanding.count < limits.requests else { return false }
        state.outstanding[id] = request
        return true
    }

    // MARK: Work

    func perform(_ work: Work) {
        switch work {
        case .open(let id, let request, let parameters):
            service.perform(request)
            let handle = state.withLock { state in
                state.openings -= 1
                state.outstanding[id] = nil
                guard request.result == .success else { return 0 as UInt32 }
                let handle = state.makeHandle()
                state.sessions[handle] = ClientSession(request.session)
                return handle
            }
            answer(id, request, parameters, handle: handle)
        case .invoke(let id, let request, let parameters, let session):
            service.perform(request)
            leave(id, session)
            answer(id, request, parameters)
        case .close(let id, let session):
            service.perform(TEERequest(.close(session: session.number)))
            state.withLock { $0.outstanding[id] = nil }
            answer(id, .success, .tee)
        }
    }

    private func leave(_ id: UInt64, _ session: ClientSession) {
        let closes = state.withLock { state in
            state.outstanding[id] = nil
            session.commands -= 1
            return session.isClosed && session.commands == 0
        }
        if closes { service.perform(TEERequest(.close(session: session.number))) }
    }

    /// There is no thread for it.
    func refuse(_ work: Work) {
        switch work {
        case .open(let id, _, _):
            state.withLock { state in
                state.openings -= 1
                state.outstanding[id] = nil
            }
            refuse(id, .outOfMemory)
        case .invoke(let id, _, _, let session):
            leave(id, session)
            refuse(id, .outOfMemory)
        case .close: perform(work)
        }
    }

    // MARK: Answers

    private func refuse(_ id: UInt64, _ result: TEEResult) { answer(id, result, .communication) }

    private func answer(_ id: UInt64, _ request: TEERequest, _ parameters: ClientParameters, handle: UInt32 = 0) {
        let (wire, data) = parameters.answer(request.parameters)
        answer(id, request.result, request.origin, handle: handle, wire: wire, data: data)
    }

    private func answer(
        _ id: UInt64, _ result: TEEResult, _ origin: TEEOrigin, handle: UInt32 = 0, size: UInt64 = 0, wire: [skerry_tee_parameter] = [], data: [UInt8] = []
    ) {
        var body = skerry_tee_result()
        body.result = result.rawValue
        body.origin = origin.rawValue
        body.handle = handle
        body.size = size
        if wire.count == Int(SKERRY_TEE_PARAMETERS) { body.parameters = (wire[0], wire[1], wire[2], wire[3]) }
        send(Frame.bytes(kind: SKERRY_TEE_RESULT, id: id, body, data))
    }
}
