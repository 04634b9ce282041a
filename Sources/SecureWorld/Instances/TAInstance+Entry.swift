import LibraryOS
import Monitor

extension TAInstance {
    /// Enters the application and serves what it asks for until it returns, panics or is ended. The caller has claimed the instance.
    func enter(_ entry: TAEntry) -> TAEntryResult {
        do throws(TEEResult) { try rewind(on: entry.thread) } catch { return TAEntryResult(result: error, origin: .tee) }
        if isDead {
            // It may have died while nobody was inside.
            handles.closeAll()
            return TAEntryResult(result: .targetDead, origin: .tee)
        }
        return result(of: entry) { () throws(TEEResult) in
            entry.placed = try place(entry.parameters)
            let processor = try entry.thread.takeProcessor()
            defer { entry.thread.giveBack(processor) }
            load(entry)
            return try serve(entry, on: processor, after: nil)
        }
    }

    /// Goes on with an entry that was handed over, after the event by which the application has left the guest. The entry's thread has claimed the instance.
    func goOn(_ entry: TAEntry, after event: GuestContext.Event, on processor: GuestProcessor) -> TAEntryResult {
        result(of: entry) { () throws(TEEResult) in try serve(entry, on: processor, after: event) }
    }

    /// The end of an entry, which `body` brings to its result; `targetDead` when the application does not live any more.
    func result(of entry: TAEntry, _ body: () throws(TEEResult) -> TEEResult) -> TAEntryResult {
        do throws(TEEResult) {
            let result = try body()
            try collect(&entry.parameters, entry.placed)
            try keepState(after: entry.function, result)
            return TAEntryResult(result: result, origin: .trustedApplication)
        } catch {
            if error == .targetDead {
                markDead()
                handles.closeAll()
                debuggee?.died()
            }
            return TAEntryResult(result: error, origin: .tee)
        }
    }

    private func load(_ entry: TAEntry) {
        entry.isBegun = true
        context.fsBase = layout.threadArea
        if debuggee == nil { context.load(entry.registers, by: layout.entrySteps) } else { context.load(entry.registers) }
    }

    /// Runs the application until it returns; `targetDead` when it does not live any more.
    private func serve(_ entry: TAEntry, on processor: GuestProcessor, after first: GuestContext.Event?) throws(TEEResult) -> TEEResult {
        var first = first
        while true {
            let event = first ?? (debuggee.map { $0.run(self, on: processor) } ?? context.run(on: processor))
            first = nil
            switch event {
            case .call, .published:
                if let result = try answer(event, entry) { return result }
            case .interrupted:
                if isDead {
                    world.log.panicked(self, .ended)
                    throw .targetDead
                }
            case .exception, .outOfMemory, .stopped, .failed:
                world.log.ended(self, by: event, context.registers)
                throw .targetDead
            }
        }
    }

    /// Answers a call, or goes on where another thread was about to; a result when the application has returned.
    private func answer(_ event: GuestContext.Event, _ entry: TAEntry) throws(TEEResult) -> TEEResult? {
        guard entry.isBegun else {
            // It has waited for this command and not been told of it in time.
            load(entry)
            return nil
        }
        if case .published(let request) = event, let answer = context.mailbox.answer(to: request) {
            // The answer came when the gate had just stopped looking.
            switch answer {
            case .entry: load(entry)
            case .result(let result): context.answer(result)
            }
            return nil
        }
        var call = TEECall(context.registers, self, entry.session, entry.thread)
        switch TEESyscallTable.execute(&call) {
        case .result(let result): context.answer(UInt64(result.rawValue))
        case .returned(let result): return result
        case .panicked(let code):
            world.log.panicked(self, .call(code))
            throw .targetDead
        }
        return nil
    }

    /// Takes it out of the guest in a moment.
    func interruptSoon() {
        RequestThreads.shared.run { [context] in
            ThreadSignal().wait(after: 0, nanoseconds: 1_000_000)
            context.interrupt()
        } refused: {
            context.interrupt()
        }
    }

    /// Ends what the instance is doing, from any thread: its command answers TARGET_DEAD.
    func kill(forGood: Bool = false) {
        markDead(forGood: forGood)
        context.interrupt()
        guestLoader?.interrupt()
    }
}
