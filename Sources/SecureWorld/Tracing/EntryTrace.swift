/// The two lines that a trace has for an entry into an application: what it is asked for, and how that ended.
struct EntryTrace {
    private let session: TASession
    private let what: String
    private let depth: Int

    /// Nil when nobody wants to know.
    init?(_ function: TAFunction, _ session: TASession, command: UInt32, on thread: TAThread) {
        guard session.instance.world.log.wantsTrace else { return nil }
        self.session = session
        depth = thread.inside.count
        switch function {
        case .openSession: what = "open session"
        case .invokeCommand: what = "invoke command \(command)"
        case .closeSession: what = "close session"
        case .dumpMemoryStatistics: what = "dump memory statistics"
        }
    }

    func begin(_ function: TAFunction, _ parameters: [TEEParameter]) {
        let client = session.client
        let by = function == .openSession ? " for \(TraceName.login(client.login))\(client.uuid == .null ? "" : " \(client.uuid)")" : ""
        write("> \(what)\(by) (\(ParameterText.given(parameters)))")
    }

    func end(_ end: TAEntryResult, _ parameters: [TEEParameter]) {
        let outputs = end.result == .targetDead ? nil : ParameterText.returned(parameters)
        write("< \(what) = \(end.result) from \(TraceName.origin(end.origin.rawValue))\(outputs.map { " (\($0))" } ?? "")")
    }

    private func write(_ text: String) { session.instance.world.log.traced(session.instance, session, depth: depth, text) }
}

extension TEECall {
    /// A line of the trace about this call.
    func trace(_ text: String) { world.log.traced(instance, session, depth: thread.inside.count, "  " + text) }
}

extension TEELog {
    /// A line of the trace; deeper when applications call each other.
    final func traced(_ instance: TAInstance, _ session: TASession, depth: Int, _ text: String) {
        let margin = String(repeating: "  ", count: max(0, depth - 1))
        traced(application: instance.uuid, session: session.id, "\(margin)[\(instance.uuid.description.prefix(8)).\(session.id)] \(text)")
    }
}
