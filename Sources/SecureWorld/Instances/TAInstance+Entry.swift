import LibraryOS
import Monitor

/// The functions of `__ta_entry` (tee.md 1.5; OP-TEE's utee_entry_func).
enum TAFunction: UInt64 {
    case openSession = 0
    case closeSession = 1
    case invokeCommand = 2
    case dumpMemoryStatistics = 3
}

/// How an entry ended.
struct TAEntryResult {
    var result: TEEResult
    var origin: TEEOrigin
}

extension TAInstance {
    /// Enters the application and serves what it asks for until it returns, panics or is ended. The caller has claimed the instance.
    func enter(_ function: TAFunction, _ session: TASession, _ parameters: inout [TEEParameter], command: UInt32, on thread: TAThread) -> TAEntryResult {
        do throws(TEEResult) { try rewind(on: thread) } catch { return TAEntryResult(result: error, origin: .tee) }
        if isDead { return TAEntryResult(result: .targetDead, origin: .tee) }
        do throws(TEEResult) {
            let placed = try place(parameters)
            var registers = RegisterFile()
            registers.rip = layout.entry
            registers.rdi = function.rawValue
            registers.rsi = UInt64(session.id)
            registers.rdx = layout.parameters
            registers.rcx = UInt64(command)
            // As at the first instruction of a function: the return address that is not there.
            registers.rsp = layout.parameters &- 8
            context.fsBase = layout.threadArea
            if debuggee == nil { context.load(registers, by: layout.entryStep) } else { context.load(registers) }
            let result = try serve(session, on: thread)
            try collect(&parameters, placed)
            try keepState(after: function, result)
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

    /// Runs the application until it returns; `targetDead` when it does not live any more.
    private func serve(_ session: TASession, on thread: TAThread) throws(TEEResult) -> TEEResult {
        let processor = try thread.takeProcessor()
        defer { thread.giveBack(processor) }
        while true {
            let event = if let debuggee { debuggee.run(self, on: processor) } else { context.run(on: processor) }
            switch event {
            case .call:
                var call = TEECall(context.registers, self, session, thread)
                switch TEESyscallTable.execute(&call) {
                case .result(let result): context.answer(UInt64(result.rawValue))
                case .returned(let result): return result
                case .panicked(let code):
                    world.log.panicked(self, .call(code))
                    throw .targetDead
                }
            case .exception(let vector, let error, let address):
                world.log.panicked(self, .exception(vector: vector, error: error, address: address, registers: context.registers))
                throw .targetDead
            case .interrupted:
                if isDead {
                    world.log.panicked(self, .ended)
                    throw .targetDead
                }
            case .outOfMemory:
                world.log.panicked(self, .outOfMemory)
                throw .targetDead
            case .stopped(let reason):
                world.log.panicked(self, .stopped(reason))
                throw .targetDead
            case .failed(let error):
                world.log.failed(error)
                throw .targetDead
            }
        }
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
