import CLinux
import LibraryOS
import Monitor

extension TAInstance {
    /// Has a processor wait for the next command if that is likely to come soon. The caller has claimed the instance and calls `SecureWorld.standBy` later.
    func prepareStandby(after entry: TAEntry, _ end: TAEntryResult) -> Bool {
        guard entry.function == .invokeCommand, end.origin == .trustedApplication, debuggee == nil, !isDead else { return false }
        let configuration = world.configuration
        guard !configuration.snapshotsAfterOpen, configuration.faults == nil, !world.log.wantsTrace, standby.isWorthwhile() else { return false }
        context.park(by: layout.entrySteps, looks: TAStandby.looks)
        standby.announce()
        return true
    }

    /// Runs the application, which waits for its next command and may be given some, until its processor is needed outside.
    func waitForCommand(on processor: GuestProcessor) -> GuestContext.Event {
        let event = standby.isWanted ? context.run(on: processor) : .interrupted
        context.mailbox.setLooks(0)
        switch event {
        case .call, .published, .interrupted: break
        // Whoever has given it a command learns that it is dead, and why.
        case .exception, .outOfMemory, .stopped, .failed: markDead()
        }
        return event
    }

    /// Gives the command to the processor that stands by, and answers the application's calls; nil: the processor's thread goes on with it. The entry's thread
    /// has claimed the instance, and the standby.
    func serveStandby(_ entry: TAEntry) -> TAEntryResult? {
        // Below its stack pointer; what lies there when it begins is nobody's.
        let block = layout.parameters &- 8 &- EntrySteps.blockSize
        do throws(TEEResult) {
            entry.placed = try place(entry.parameters)
            try memory.write(EntrySteps.block(entry.registers), to: block)
        } catch {
            let end = result(of: entry) { () throws(TEEResult) in throw error }
            standby.stay(behind: nil, context)
            return end
        }
        guard let (value, call) = exchange(entry, block) else {
            standby.handOver(entry)
            return nil
        }
        let end = result(of: entry) { value }
        standby.stay(behind: call, context)
        return end
    }

    /// How long the calls of one command may take on the client's thread, in cycles: some hundred microseconds.
    private static let mostCycles: UInt64 = 1_000_000

    /// The result the application has returned, with the call by which it has; nil: there is more to do than fits here.
    private func exchange(_ entry: TAEntry, _ block: UInt64) -> (TEEResult, PublishedCall)? {
        let mailbox = context.mailbox
        guard let parked = standby.next(mailbox) else { return nil }
        mailbox.answer(parked, enteringBy: layout.entrySteps, with: block)
        entry.isBegun = true
        let start = skerry_rdtsc()
        while let published = standby.next(mailbox) {
            // Many quick calls are no quick command.
            guard TEESyscallTable.isQuick(published, handles), skerry_rdtsc() &- start < Self.mostCycles else {
                mailbox.refuse(published)
                return nil
            }
            var call = TEECall(published, self, entry.session, entry.thread)
            switch TEESyscallTable.execute(&call) {
            case .result(let result): mailbox.answer(published, UInt64(result.rawValue))
            case .returned(let result): return (result, published)
            case .panicked:
                mailbox.refuse(published)
                return nil
            }
        }
        return nil
    }
}
