import LibraryOS
import Monitor

/// The state of an instance right after a session was opened (or closed), which every command begins with: `SecureWorldConfiguration.snapshotsAfterOpen`.
///
/// **Comes back:** all memory of the application, its areas included; cryptographic objects, operations with what is under way, enumerators, the numbers of
/// handles; libraries that `dlopen` brought in, memory that the system pseudo application mapped; and life, when a command ended by a panic or by its time-out.
/// The extended registers begin as for a new instance, so that it does not matter which processor a command runs on. (General registers, the cancellation flag
/// and its mask are new at every entry anyway.)
///
/// **Stays as commands left it:** trusted storage, persistent time, the clocks, the network, and the state of other applications. A handle to a persistent object
/// goes back to its position and its attributes, and sees the object's present contents; one that the command closed is opened again by its name. Sessions with
/// other applications that a command opened are closed. What cannot be had again (the object was deleted, or renamed and closed; a session with another
/// application was closed) is an error: the command is refused with BAD_STATE, and the log is told why.
struct TASnapshot {
    private var memory: MemorySnapshot
    private let linkMap: TALinkMap
    private let parameterArea: ParameterArea
    private let handles: TAHandles
    private let names: [UInt32: [UInt8]]
    private let mapped: MappedRanges?

    /// Bytes of memory that are kept and put back each time.
    var size: Int { memory.size }

    /// The present state of an instance that nobody runs. The caller has claimed it. `outOfMemory`, and what keeps an operation from being copied.
    init(of instance: TAInstance) throws(TEEResult) {
        do throws(Errno) { memory = try instance.memory.space.snapshot() } catch { throw error == .ENOMEM ? .outOfMemory : .generic }
        linkMap = instance.linkMap
        parameterArea = instance.parameterArea
        handles = try instance.handles.duplicate()
        var names: [UInt32: [UInt8]] = [:]
        for (handle, object) in handles.objects { names[handle] = try object.stored?.id }
        self.names = names
        mapped = instance.systemMappings?.ranges
    }

    /// Makes the instance's state this one again. The caller has claimed it; `badState` when something cannot be had again, which the log is told.
    mutating func restore(_ instance: TAInstance, on thread: TAThread) throws(TEEResult) {
        try restoreHandles(instance, thread)
        do throws(Errno) { try instance.memory.space.restore(&memory) } catch { throw error == .ENOMEM ? .outOfMemory : .generic }
        instance.linkMap = linkMap
        instance.parameterArea = parameterArea
        if let mapped { instance.systemMappings?.ranges = mapped }
        instance.context.forgetExtendedState()
    }

    private func restoreHandles(_ instance: TAInstance, _ thread: TAThread) throws(TEEResult) {
        let kept = Set(handles.objects.values.compactMap { $0.stored.map { ObjectIdentifier($0) } })
        for object in instance.handles.objects.values { if let stored = object.stored, !kept.contains(ObjectIdentifier(stored)) { stored.close() } }
        for session in instance.handles.sessions.subtracting(handles.sessions) { instance.world.close(session, on: thread) }
        guard handles.sessions.isSubset(of: instance.handles.sessions) else {
            throw refusal(instance, "it had a session with another application, which a command has closed")
        }
        for (handle, object) in handles.objects {
            guard let stored = object.stored, !stored.isUsable, let name = names[handle] else { continue }
            stored.close()
            do throws(TEEResult) { object.stored = try stored.reopened(as: name) } catch {
                let text = name.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
                throw refusal(instance, "it had the persistent object \(text) open, which cannot be opened any more: \(error)")
            }
        }
        instance.handles = try handles.duplicate()
    }

    private func refusal(_ instance: TAInstance, _ reason: String) -> TEEResult {
        instance.world.log.remarked(application: instance.uuid, "the state after the session was opened cannot be restored: \(reason)")
        return .badState
    }
}

extension TAInstance {
    /// What the system pseudo application has mapped for it.
    fileprivate var systemMappings: ApplicationMappings? {
        let system = world.pseudoApplications.values.lazy.compactMap { $0 as? SystemPTA }.first
        return system?.mappings(of: self)
    }

    /// Goes back to the snapshot, if there is one, alive again if it had panicked; an entry is about to begin.
    func rewind(on thread: TAThread) throws(TEEResult) {
        guard var present = snapshot, revive() else { return }
        // Not two of them, each of which would be copied when it is changed.
        snapshot = nil
        defer { snapshot = present }
        try present.restore(self, on: thread)
    }

    /// Keeps the state after an entry that opened or closed a session; `isLast`: nobody will enter again.
    func keepState(after function: TAFunction, _ result: TEEResult) throws(TEEResult) {
        guard world.configuration.snapshotsAfterOpen else { return }
        switch function {
        case .openSession: if result != .success { return }
        case .closeSession: if sessionCount <= 1, !flags.contains(.keepAlive) { return }
        case .invokeCommand, .dumpMemoryStatistics: return
        }
        snapshot = try TASnapshot(of: self)
    }
}
