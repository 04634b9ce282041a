import LibraryOS
import Monitor
import Synchronization

/// The secure world: trusted applications with their sessions, in one virtual machine.
///
/// Each instance has an address space of its own there. Requests run on the thread that brings them (`perform`) or on one of the world's own (`submit`).
public final class SecureWorld: TEEService, @unchecked Sendable {
    /// What it was made with.
    public let configuration: SecureWorldConfiguration
    let machine: Machine
    let processors: ProcessorPool
    let clock: TEEClock
    let log: TEELog
    let loader: TALoader
    let persistentTimes: PersistentTimes
    let turns = InstanceTurns()
    /// Commands that were carried out without an exit (`TAStandby`).
    let standbyCommands = Atomic<Int>(0)
    let pseudoApplications: [TEEUUID: PseudoTA]
    let deviceID: TEEUUID
    /// What system time counts from.
    let started: Int64

    private struct State {
        var nextSession: UInt32 = 1
        var sessions: [UInt32: TASession] = [:]
        /// Those of them that somebody closes now.
        var closing: Set<UInt32> = []
        var pseudoSessions: [UInt32: PseudoSession] = [:]
        /// Instances of single-instance applications.
        var shared: [TEEUUID: TAInstance] = [:]
        var isEnded = false
    }
    private let state = Mutex(State())
    /// One application is looked up and loaded at a time, so that a single-instance one comes into being once.
    private let loading = Mutex<Void>(())

    /// The most sessions that may be open.
    private static let mostSessions = 4096

    /// Makes the virtual machine; no application runs yet.
    public init(_ configuration: SecureWorldConfiguration) throws(SecureWorldError) {
        self.configuration = configuration
        clock = configuration.clock
        log = configuration.log
        started = clock.monotonic()
        do throws(MonitorError) { machine = try Machine(memoryLimit: configuration.memoryLimit) } catch { throw SecureWorldError(error.description) }
        processors = ProcessorPool(machine)
        loader = TALoader(configuration)
        persistentTimes = PersistentTimes(configuration.storage)
        pseudoApplications = PseudoTA.all(configuration)
        deviceID = configuration.deviceKey.deviceID
        configuration.faults?.apply(to: configuration.storage)
    }

    // MARK: Requests

    /// Carries the request out on the calling thread.
    public override func perform(_ request: TEERequest) { perform(request, on: TAThread(processors)) }

    /// Carries the request out on a thread of its own, or on the calling one if that takes but a moment.
    public override func submit(_ request: TEERequest, completion: @escaping @Sendable () -> Void) {
        if performAtOnce(request, completion) { return }
        RequestThreads.shared.run { [self] in
            let thread = TAThread(processors)
            thread.mayStandBy = true
            perform(request, on: thread)
            completion()
            if let instance = thread.standsBy { standBy(in: instance) }
        } refused: {
            request.finish(.outOfMemory, .communication)
            completion()
        }
    }

    private func perform(_ request: TEERequest, on thread: TAThread) {
        var parameters = request.parameters
        switch request.kind {
        case .open(let uuid, let client):
            let opened = open(uuid, client, &parameters, deadline: nil, on: thread, request: request)
            request.finish(opened.end.result, opened.end.origin, session: opened.session, parameters: parameters)
        case .invoke(let session, let command):
            let end = invoke(session, command, &parameters, deadline: nil, on: thread, request: request)
            request.finish(end.result, end.origin, session: session, parameters: parameters)
        case .close(let session):
            close(session, on: thread)
            request.finish(.success, .tee, session: session)
        }
    }

    // MARK: Sessions

    /// Opens a session: finds or makes the instance and enters it. The session is zero unless it was opened.
    func open(
        _ uuid: TEEUUID, _ client: TEEClientIdentity, _ parameters: inout [TEEParameter], deadline: Int64?, on thread: TAThread, request: TEERequest? = nil
    ) -> (session: UInt32, end: TAEntryResult) {
        if let pseudo = pseudoApplications[uuid] { return openPseudo(pseudo, client, &parameters, deadline, thread) }
        let session: TASession
        do throws(TEEResult) { session = try newSession(uuid, client, thread) } catch { return (0, TAEntryResult(result: error, origin: .tee)) }
        let instance = session.instance
        let end = enter(session, .openSession, &parameters, command: 0, deadline, thread, request)
        if end.result != .success {
            forget(session, thread)
            return (0, end)
        }
        if instance.isDead {
            // Its time was over, or another session's command ended it: nobody has this session's number yet who could close it.
            forget(session, thread)
            return (0, TAEntryResult(result: .targetDead, origin: .tee))
        }
        return (session.id, end)
    }

    /// Has the application carry out a command.
    func invoke(
        _ id: UInt32, _ command: UInt32, _ parameters: inout [TEEParameter], deadline: Int64?, on thread: TAThread, request: TEERequest? = nil
    ) -> TAEntryResult {
        let (session, pseudo) = state.withLock { ($0.sessions[id], $0.pseudoSessions[id]) }
        if let pseudo { return invokePseudo(pseudo, command, &parameters, deadline, thread) }
        guard let session else { return TAEntryResult(result: .badParameters, origin: .tee) }
        return enter(session, .invokeCommand, &parameters, command: command, deadline, thread, request)
    }

    /// Closes a session; one that does not exist is closed already.
    func close(_ id: UInt32, on thread: TAThread) {
        // Of two that close it at the same time one does.
        let (session, pseudo) = state.withLock { state in
            let pseudo = state.pseudoSessions.removeValue(forKey: id)
            guard let session = state.sessions[id], state.closing.insert(id).inserted else { return (TASession?.none, pseudo) }
            return (session, pseudo)
        }
        if let pseudo { return pseudo.application.close(pseudo) }
        guard let session else { return }
        var parameters = [TEEParameter](repeating: .none, count: 4)
        _ = enter(session, .closeSession, &parameters, command: 0, nil, thread, nil)
        forget(session, thread)
    }

    private func enter(
        _ session: TASession, _ function: TAFunction, _ parameters: inout [TEEParameter], command: UInt32, _ deadline: Int64?, _ thread: TAThread,
        _ request: TEERequest?
    ) -> TAEntryResult {
        let instance = session.instance
        guard thread.inside.count < TAThread.deepest, instance.claim(thread) else { return TAEntryResult(result: .busy, origin: .tee) }
        let entry = TAEntry(function, session, parameters, command: command, on: thread, request: request)
        entry.comeIn()
        defer { entry.leave() }
        // While this waited for its turn another thread may have closed the session.
        guard isOpen(session, for: function) || instance.isDead else { return TAEntryResult(result: .badParameters, origin: .tee) }
        entry.begin(deadline: deadline)
        let end = instance.enter(entry)
        entry.end(end)
        parameters = entry.parameters
        // Not one that another application has called: this thread still has that one to go on with.
        if thread.mayStandBy, thread.inside.count == 1, instance.prepareStandby(after: entry, end) { thread.standsBy = instance }
        return end
    }

    /// Nobody has closed it; whoever closes it comes in nevertheless.
    func isOpen(_ session: TASession, for function: TAFunction) -> Bool {
        state.withLock { $0.sessions[session.id] === session && (function == .closeSession || !$0.closing.contains(session.id)) }
    }

    /// The session with an application that has this number.
    func session(_ id: UInt32) -> TASession? { state.withLock { $0.sessions[id] } }

    private func newSession(_ uuid: TEEUUID, _ client: TEEClientIdentity, _ thread: TAThread) throws(TEEResult) -> TASession {
        try loading.withLock { _ throws(TEEResult) in
            let (shared, isFull) = state.withLock { ($0.shared[uuid], $0.isEnded || $0.sessions.count >= Self.mostSessions) }
            if isFull { throw .outOfMemory }
            let instance: TAInstance
            if let shared, !shared.isDead {
                if !shared.flags.contains(.multiSession), shared.sessionCount > 0 { throw .busy }
                instance = shared
            } else if let shared, shared.flags.isSuperset(of: [.keepAlive, .keepCrashed]) {
                throw .targetDead
            } else {
                instance = try loader.load(uuid, in: self, on: thread)
            }
            let session = state.withLock { state -> TASession? in
                if state.isEnded { return nil }
                if instance.flags.contains(.singleInstance) { state.shared[uuid] = instance }
                while state.nextSession == 0 || state.sessions[state.nextSession] != nil || state.pseudoSessions[state.nextSession] != nil {
                    state.nextSession &+= 1
                }
                let session = TASession(id: state.nextSession, instance: instance, client: client)
                state.nextSession &+= 1
                state.sessions[session.id] = session
                instance.add(session: session.id)
                return session
            }
            if let session { return session }
            // The secure world has ended while the application was loaded.
            instance.end(killed: true)
            throw .outOfMemory
        }
    }

    /// A session is over; an instance without sessions goes, unless it is to live on.
    private func forget(_ session: TASession, _ thread: TAThread) {
        let instance = session.instance
        let ends = loading.withLock { _ in
            state.withLock { state in
                state.sessions[session.id] = nil
                state.closing.remove(session.id)
                guard instance.remove(session: session.id) else { return false }
                let isShared = instance.flags.contains(.singleInstance)
                let livesOn = isShared && instance.flags.contains(.keepAlive)
                if livesOn, !instance.isDead || instance.flags.contains(.keepCrashed) { return false }
                if isShared, state.shared[instance.uuid] === instance { state.shared[instance.uuid] = nil }
                return true
            }
        }
        guard ends else { return }
        // Somebody who had the session before it was closed may be about to enter, and leaves at once.
        let isKilled = instance.isDead
        instance.markDead()
        if end(instance, thread, killed: isKilled) { return }
        // Whoever is inside waits for an instance that this thread is inside of: later, then.
        RequestThreads.shared.run { [self] in
            _ = end(instance, TAThread(processors), killed: isKilled)
        } refused: {
        }
    }

    /// Ends an instance without sessions when nobody is inside any more; false when waiting for that would be for ever.
    private func end(_ instance: TAInstance, _ thread: TAThread, killed: Bool) -> Bool {
        guard instance.claim(thread) else { return false }
        defer { instance.leave() }
        for other in instance.handles.sessions { close(other, on: thread) }
        instance.end(killed: killed)
        return true
    }

    private func openPseudo(
        _ application: PseudoTA, _ client: TEEClientIdentity, _ parameters: inout [TEEParameter], _ deadline: Int64?, _ thread: TAThread
    ) -> (session: UInt32, end: TAEntryResult) {
        let session = state.withLock { state -> PseudoSession? in
            if state.pseudoSessions.count >= Self.mostSessions { return nil }
            while state.nextSession == 0 || state.sessions[state.nextSession] != nil || state.pseudoSessions[state.nextSession] != nil { state.nextSession &+= 1 }
            let session = PseudoSession(id: state.nextSession, application: application, client: client, caller: thread.inside.last, world: self)
            state.nextSession &+= 1
            return session
        }
        guard let session else { return (0, TAEntryResult(result: .outOfMemory, origin: .tee)) }
        session.begin(thread.sessions.last?.cancellation, deadline: deadline)
        defer { session.begin(nil, deadline: nil) }
        do throws(TEEResult) { try application.open(session, &parameters) } catch { return (0, TAEntryResult(result: error, origin: .trustedApplication)) }
        state.withLock { $0.pseudoSessions[session.id] = session }
        return (session.id, TAEntryResult(result: .success, origin: .trustedApplication))
    }

    private func invokePseudo(
        _ session: PseudoSession, _ command: UInt32, _ parameters: inout [TEEParameter], _ deadline: Int64?, _ thread: TAThread
    ) -> TAEntryResult {
        session.begin(thread.sessions.last?.cancellation, deadline: deadline)
        defer { session.begin(nil, deadline: nil) }
        do throws(TEEResult) {
            try session.application.invoke(session, command, &parameters)
            return TAEntryResult(result: .success, origin: .trustedApplication)
        } catch { return TAEntryResult(result: error, origin: .trustedApplication) }
    }

    /// Ends every application. Requests that are inside one answer TARGET_DEAD.
    public func end() {
        let instances = state.withLock { state in
            state.isEnded = true
            defer {
                state.sessions = [:]
                state.closing = []
                state.pseudoSessions = [:]
                state.shared = [:]
            }
            return Array(state.sessions.values.map(\.instance)) + Array(state.shared.values)
        }
        for instance in instances { instance.kill(forGood: true) }
        let thread = TAThread(processors)
        for instance in instances where instance.claim(thread) {
            instance.end(killed: true)
            instance.leave()
        }
        configuration.debugger?.stop()
    }
}

extension SecureWorld: InstanceListing {
    func instanceStatistics() -> [InstanceStatistics] {
        let instances = state.withLock { state in
            (state.sessions.values.map(\.instance) + state.shared.values).reduce(into: [ObjectIdentifier: TAInstance]()) { $0[ObjectIdentifier($1)] = $1 }
        }
        return instances.values.map { InstanceStatistics(uuid: $0.uuid, hasPanicked: $0.isDead, sessionCount: $0.sessionCount) }
    }
}
