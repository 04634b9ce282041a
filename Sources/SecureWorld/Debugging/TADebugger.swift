import Synchronization

/// Lets gdb debug an application: a stub of its remote protocol behind a socket (`SecureWorldConfiguration.debugger`).
///
/// The first instance of the application that is alive is debugged. It waits at its first instruction until gdb has attached (`target remote`), stops at
/// breakpoints, steps, and before it dies of a panic or a fault; between two commands gdb can stop it, too. gdb is told where the image lies and gets the file with
/// its symbols through the connection. When gdb detaches or goes away, the instance runs on, and another gdb can attach.
///
/// Breakpoints are in the application's memory only while it executes, so that no TEE call, no other application and no client ever reads one; the application itself
/// would find one in its own code. Not there: hardware breakpoints and watchpoints (gdb steps instead), changes of segment bases, and stopping inside of a TEE call that takes
/// long, which stops at its end. No time limit holds for the instance.
public final class TADebugger: Sendable {
    private struct State {
        var connection: DebugConnection?
        var packets: [[UInt8]] = []
        var debuggee: Debuggee?
        var isStopped = false
    }
    /// More packets than these that nobody answers end the connection: gdb sends one at a time.
    private static let mostPackets = 64

    private let listener: DebugListener
    private let application: TEEUUID
    private let state = Mutex(State())
    /// Something has happened that whoever stands still has to know.
    private let news = ThreadSignal()

    /// Listens at an address for a gdb that debugs `application`. Errors: `accessConflict` when somebody has the address, `accessDenied`, `badParameters` for a path that is too
    /// long, `outOfMemory`.
    public init(_ application: TEEUUID, at address: DebugAddress) throws(TEEResult) {
        self.application = application
        listener = try DebugListener(address)
        guard RequestThreads.start({ [self] in listen() }) else {
            listener.shutDown()
            throw .outOfMemory
        }
    }

    /// What gdb's `target remote` takes: `127.0.0.1:PORT`, or the path.
    public var name: String { listener.name }

    /// Ends the connection and the listening; whoever waits for gdb runs on.
    public func stop() {
        let connection = state.withLock { state in
            state.isStopped = true
            return state.connection
        }
        connection?.shutDown()
        listener.shutDown()
        news.signal()
    }

    /// The debugger's hold on a new instance; nil when it is not the one to be debugged.
    func debuggee(for uuid: TEEUUID) -> Debuggee? {
        state.withLock { state in
            guard uuid == application, state.debuggee == nil, !state.isStopped else { return nil }
            let made = Debuggee(self)
            state.debuggee = made
            return made
        }
    }

    /// The instance is gone: the next one is debugged.
    func forget(_ debuggee: Debuggee) { state.withLock { if $0.debuggee === debuggee { $0.debuggee = nil } } }

    /// Whether a gdb is there.
    var isAttached: Bool { state.withLock { $0.connection?.isAttached == true } }

    // MARK: The connection

    private func listen() {
        while let connection = listener.accept() {
            let isStopped = state.withLock { state in
                if state.isStopped { return true }
                state.connection = connection
                state.packets = []
                return false
            }
            if isStopped { return }
            read(connection)
            state.withLock { $0.connection = nil }
            news.signal()
        }
    }

    private func read(_ connection: DebugConnection) {
        var parser = GDBPacketParser()
        while true {
            let bytes = connection.receive()
            if bytes.isEmpty { return }
            for byte in bytes {
                guard let event = parser.take(byte) else { continue }
                switch event {
                case .packet(let packet): if !take(packet, connection) { return connection.shutDown() }
                case .damaged: connection.acknowledge(false)
                case .acknowledged(let good): if !good { connection.sendAgain() }
                case .interrupt: if connection.awaitsStop { state.withLock { $0.debuggee }?.requestStop(DebugStop.interrupt) }
                }
            }
        }
    }

    private func take(_ packet: [UInt8], _ connection: DebugConnection) -> Bool {
        connection.acknowledge(true)
        let isFirst = !connection.isAttached
        connection.noteAttached()
        let (fits, debuggee) = state.withLock { state in
            let fits = state.packets.count < Self.mostPackets
            if fits { state.packets.append(packet) }
            return (fits, state.debuggee)
        }
        // One that runs has to stand still for gdb.
        if isFirst { debuggee?.requestStop(DebugStop.trap) }
        news.signal()
        return fits
    }

    // MARK: Standing still

    /// How somebody who stands still goes on.
    enum Outcome {
        case resumed(GDBResumption)
        /// gdb has gone, or the debugger was stopped.
        case detached
        /// gdb wants it dead.
        case killed
        /// It was ended from elsewhere meanwhile.
        case ended
    }

    /// Tells gdb of the stop and does what it wants until it lets the target go on. The target's thread, or whoever has claimed its instance. `waits`: until there is a gdb.
    func serve(_ target: Debuggee, _ stop: DebugStop, waits: Bool, isOver: () -> Bool) -> Outcome {
        var current: DebugConnection?
        while true {
            let seen = news.count
            let (connection, isStopped) = state.withLock { ($0.connection, $0.isStopped) }
            if isOver() { return .ended }
            if isStopped { return .detached }
            if let old = current, connection !== old {
                if old.isAttached { return .detached }
                current = nil
            }
            guard let connection else {
                if !waits { return .detached }
                news.wait(after: seen)
                continue
            }
            let session = target.session(with: connection)
            if current == nil { begin(connection, session, stop) }
            current = connection
            guard let packet = state.withLock({ $0.connection === connection && !$0.packets.isEmpty ? $0.packets.removeFirst() : nil }) else {
                news.wait(after: seen)
                continue
            }
            if let outcome = perform(session.answer(packet), connection, session) { return outcome }
        }
    }

    private func begin(_ connection: DebugConnection, _ session: GDBSession, _ stop: DebugStop) {
        session.stop = stop
        if connection.awaitsStop {
            connection.awaitsStop = false
            connection.send(session.stopReply)
        }
    }

    private func perform(_ outcome: GDBSession.Outcome, _ connection: DebugConnection, _ session: GDBSession) -> Outcome? {
        switch outcome {
        case .reply(let content):
            // gdb does without acknowledgements as soon as it has this answer.
            if session.doesWithoutAcknowledgements { connection.acknowledges = false }
            connection.send(content)
            return nil
        case .resume(let resumption):
            connection.awaitsStop = true
            return .resumed(resumption)
        case .kill(let content):
            if let content { connection.send(content) }
            return .killed
        case .detach(let content):
            connection.send(content)
            connection.noteDetached()
            return .detached
        }
    }

    /// The target does not run any more, which gdb hears if it waits for it.
    func tell(_ target: Debuggee, _ stop: DebugStop) {
        guard let connection = state.withLock({ $0.connection }), connection.isAttached, connection.awaitsStop else { return }
        connection.awaitsStop = false
        let session = target.session(with: connection)
        session.stop = stop
        connection.send(session.stopReply)
    }

    /// Wakes whoever stands still: it was ended.
    func wake() { news.signal() }
}
