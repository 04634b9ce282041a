import LibraryOS
import Monitor
import Synchronization

/// Commands that need no entry into the guest (`TAStandby`).
extension SecureWorld {
    /// The most memory that parameters may have to be copied on the client's own thread.
    private static let mostBytes: UInt64 = 64 << 10

    /// Carries a command out on the calling thread, if its application waits for one and the thread is soon done with it; what turns out to take longer goes on
    /// elsewhere. False: nothing has been done.
    func performAtOnce(_ request: TEERequest, _ completion: @escaping @Sendable () -> Void) -> Bool {
        guard case .invoke(let id, let command) = request.kind, let session = session(id), session.instance.standby.isStanding else { return false }
        guard Self.size(of: request.parameters) <= Self.mostBytes else { return false }
        let instance = session.instance
        let thread = TAThread(processors)
        guard instance.claimAtOnce(thread) else { return false }
        guard instance.standby.claim() else {
            instance.leave()
            return false
        }
        guard isOpen(session, for: .invokeCommand), !instance.isDead else {
            instance.standby.stay(behind: nil, instance.context)
            instance.leave()
            return false
        }
        let entry = TAEntry(.invokeCommand, session, request.parameters, command: command, on: thread, request: request, completion: completion)
        entry.comeIn()
        entry.begin(deadline: nil)
        if let end = instance.serveStandby(entry) {
            standbyCommands.wrappingAdd(1, ordering: .relaxed)
            finish(entry, end)
        }
        return true
    }

    private static func size(of parameters: [TEEParameter]) -> UInt64 {
        parameters.reduce(0) { sum, parameter in
            if case .memory(_, _?, let size) = parameter { return sum.addingReportingOverflow(size).overflow ? .max : sum &+ size }
            return sum
        }
    }

    /// An entry that no caller waits for has ended.
    private func finish(_ entry: TAEntry, _ end: TAEntryResult) {
        entry.end(end)
        entry.leave()
        entry.request?.finish(end.result, end.origin, session: entry.session.id, parameters: entry.parameters)
        entry.completion?()
    }

    /// The calling thread's processor waits in the application for the next command, as long as that pays, and goes on with what is handed over.
    func standBy(in instance: TAInstance) {
        guard instance.standby.begin() else { return }
        let thread = TAThread(processors)
        let processor: GuestProcessor
        do throws(TEEResult) { processor = try thread.takeProcessor() } catch {
            instance.context.mailbox.setLooks(0)
            if let entry = instance.standby.settle() { finish(entry, TAEntryResult(result: error, origin: .tee)) }
            return
        }
        defer { thread.giveBack(processor) }
        while true {
            let watch = instance.standby.watch(instance.context)
            let event = instance.waitForCommand(on: processor)
            watch.end()
            // Afterwards they are whoever's comes next.
            let registers = instance.context.registers
            guard let entry = instance.standby.settle() else { return log.ended(instance, by: event, registers) }
            let end = instance.goOn(entry, after: event, on: processor)
            let stays = instance.prepareStandby(after: entry, end)
            finish(entry, end)
            if !stays || !instance.standby.begin() { return }
        }
    }
}
