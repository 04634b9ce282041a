import LibraryOS
import Monitor
import Synchronization

/// An instance in the hands of a debugger. Except for `requestStop` only for whoever has entered the instance.
final class Debuggee: @unchecked Sendable {
    private struct State {
        var isStanding = false
        var wanted: UInt8?
    }
    let debugger: TADebugger
    /// Set once, by the instance itself.
    weak var instance: TAInstance?
    /// The processor it runs on; nil between two entries.
    private(set) var processor: GuestProcessor?
    private var breakpoints = Breakpoints()
    private var current: (connection: DebugConnection, session: GDBSession)?
    private var loadedImages: [DebugImage] = []
    /// It stops before it executes anything.
    private var stopsNext = true
    private var waitsForDebugger = true
    private var isStepping = false
    /// The context has the registers of the moment.
    private var isKnown = true
    /// The registers that it runs with have the trap flag.
    private var isArmed = false
    /// The signal that it is about to die of.
    private var lastSignal = DebugStop.kill
    private let state = Mutex(State())

    init(_ debugger: TADebugger) { self.debugger = debugger }

    /// What gdb on this connection has said so far.
    func session(with connection: DebugConnection) -> GDBSession {
        if let current, current.connection === connection { return current.session }
        let session = GDBSession(self)
        current = (connection, session)
        return session
    }

    // MARK: Running

    /// Runs the application until the TEE has to know something.
    func run(_ instance: TAInstance, on processor: GuestProcessor) -> GuestContext.Event {
        self.processor = processor
        defer { self.processor = nil }
        if waitsForDebugger { announce(instance) }
        isKnown = true
        while true {
            if instance.isDead { return .interrupted }
            let wanted = state.withLock { $0.wanted }
            if stopsNext || wanted != nil && isKnown {
                stand(instance, .signal(wanted ?? DebugStop.trap))
                continue
            }
            let event = execute(instance, processor)
            // Interrupted code is somewhere; after everything else the context has its registers.
            if case .interrupted = event { isKnown = false } else { isKnown = true }
            if let result = handle(event, instance, processor) { return result }
        }
    }

    /// One entry into the guest, with the breakpoints there as long as it lasts.
    private func execute(_ instance: TAInstance, _ processor: GuestProcessor) -> GuestContext.Event {
        let context = instance.context
        if !debugger.isAttached { (isStepping, breakpoints) = (false, Breakpoints()) }
        if isStepping, !isArmed, !isAtCall(instance) {
            var registers = context.registers
            registers.rflags |= Self.trapFlag
            context.load(registers)
            isArmed = true
        }
        breakpoints.plant(in: instance.memory)
        defer { breakpoints.lift(from: instance.memory) }
        return context.run(on: processor)
    }

    private static let trapFlag: UInt64 = 0x100

    /// A `syscall` instruction comes next: it is one step by itself, and the trap flag would show in r11.
    private func isAtCall(_ instance: TAInstance) -> Bool {
        guard let bytes = try? instance.memory.read(instance.context.registers.rip, 2) else { return false }
        return bytes == [0x0f, 0x05]
    }

    /// What remains of an event for the TEE; nil: the application goes on.
    private func handle(_ event: GuestContext.Event, _ instance: TAInstance, _ processor: GuestProcessor) -> GuestContext.Event? {
        let context = instance.context
        switch event {
        case .call, .published:
            let isPanic = context.registers.rax == 2
            if isPanic, debugger.isAttached {
                lastSignal = DebugStop.abort
                stand(instance, .signal(DebugStop.abort))
                return instance.isDead ? .interrupted : event
            }
            if isStepping { stopsNext = true }
            return event
        case .exception(let vector, _, _):
            clearTrapFlag(context)
            if vector == 1, isStepping {
                stand(instance, .signal(DebugStop.trap))
                return nil
            }
            // Behind `int3`, which has one byte.
            if vector == 3, breakpoints.isPlanted(context.registers.rip &- 1) {
                var registers = context.registers
                registers.rip &-= 1
                context.load(registers)
                if debugger.isAttached { stand(instance, .breakpoint) }
                return nil
            }
            guard debugger.isAttached else { return event }
            lastSignal = DebugStop.signal(ofException: vector)
            let dies = stand(instance, .signal(lastSignal)) != 0
            return dies ? event : nil
        case .interrupted:
            if instance.isDead { return event }
            guard state.withLock({ $0.wanted }) != nil else { return nil }
            // Just behind or before a call, where nothing can be looked at: a moment later.
            guard context.inspectInterrupted(on: processor) else {
                instance.interruptSoon()
                return nil
            }
            clearTrapFlag(context)
            (isKnown, stopsNext) = (true, true)
            return nil
        case .outOfMemory:
            lastSignal = DebugStop.kill
            if debugger.isAttached { stand(instance, .signal(DebugStop.segment)) }
            return event
        case .stopped, .failed: return event
        }
    }

    private func clearTrapFlag(_ context: GuestContext) {
        isArmed = false
        guard context.registers.rflags & Self.trapFlag != 0 else { return }
        var registers = context.registers
        registers.rflags &= ~Self.trapFlag
        context.load(registers)
    }

    // MARK: Standing still

    /// Stands still until gdb lets it go on; returns the signal that it goes on with.
    @discardableResult private func stand(_ instance: TAInstance, _ stop: DebugStop) -> UInt8 {
        state.withLock { state in
            state.isStanding = true
            state.wanted = nil
        }
        (stopsNext, isStepping) = (false, false)
        instance.whenEnded { [debugger] in debugger.wake() }
        defer {
            instance.whenEnded(nil)
            waitsForDebugger = false
            state.withLock { $0.isStanding = false }
        }
        switch debugger.serve(self, stop, waits: waitsForDebugger, isOver: { instance.isDead }) {
        case .resumed(let resumption):
            isStepping = resumption.isStep
            return resumption.signal
        case .killed:
            lastSignal = DebugStop.kill
            instance.kill()
            return DebugStop.kill
        case .detached:
            breakpoints = Breakpoints()
            // Nobody is there to take the signal back.
            return lastSignal
        case .ended:
            lastSignal = DebugStop.kill
            return lastSignal
        }
    }

    /// Makes the application stand still soon, or now if nobody is inside; any thread.
    func requestStop(_ signal: UInt8) {
        let isNew = state.withLock { state in
            if state.isStanding { return false }
            state.wanted = signal
            return true
        }
        guard isNew, let instance else { return }
        instance.context.interrupt()
        // Between two entries nothing interrupts it.
        RequestThreads.shared.run { [self] in
            guard instance.claim(TAThread(instance.world.processors)) else { return }
            defer { instance.leave() }
            guard !instance.isDead, let signal = state.withLock({ $0.wanted }) else { return }
            stand(instance, .signal(signal))
            // A step leads to the first instruction of the next entry.
            stopsNext = isStepping
        } refused: {
        }
    }

    private func announce(_ instance: TAInstance) {
        let files = images.map { "add-symbol-file \($0.path) -o 0x\(String($0.base, radix: 16))" }
        let text = "waits for gdb before its first instruction: gdb -ex 'target remote \(debugger.name)', which finds the symbols itself; by hand: " + files.joined(separator: "; ")
        instance.world.log.remarked(application: instance.uuid, text)
    }

    // MARK: The end

    /// It has panicked. A snapshot may revive it: then it waits for gdb again.
    func died() {
        debugger.tell(self, .killed(lastSignal))
        (stopsNext, waitsForDebugger, isStepping, breakpoints) = (true, true, false, Breakpoints())
    }

    /// The instance is over.
    func ended(_ stop: DebugStop) {
        debugger.tell(self, stop)
        debugger.forget(self)
    }
}

extension Debuggee: DebugTarget {
    var registers: GDBRegisters {
        guard let context = instance?.context else { return GDBRegisters(general: RegisterFile(), extended: nil) }
        return GDBRegisters(general: context.registers, extended: processor.flatMap { context.extendedState(on: $0) }, threadPointer: context.fsBase)
    }

    func replaceRegisters(_ registers: GDBRegisters) -> Bool {
        // Between two entries there is nobody whose registers they would be.
        guard let context = instance?.context, let processor else { return false }
        if registers.general != context.registers { context.load(registers.general) }
        guard let extended = registers.extended, extended != context.extendedState(on: processor) else { return true }
        return context.setExtendedState(extended, on: processor)
    }

    func readMemory(_ address: UInt64, count: Int) -> [UInt8] {
        guard let memory = instance?.memory else { return [] }
        var result: [UInt8] = []
        while result.count < count {
            let (position, overflow) = address.addingReportingOverflow(UInt64(result.count))
            if overflow { return result }
            let part = min(UInt64(count - result.count), 4096 - position & 4095)
            guard let bytes = try? memory.read(position, part) else { return result }
            result += bytes
        }
        return result
    }

    func writeMemory(_ address: UInt64, _ bytes: [UInt8]) -> Bool {
        guard let memory = instance?.memory else { return false }
        return memory.overwrite(bytes, at: address)
    }

    func insertBreakpoint(_ address: UInt64) -> Bool { readMemory(address, count: 1).count == 1 && breakpoints.add(address) }

    func removeBreakpoint(_ address: UInt64) { breakpoints.remove(address) }

    var images: [DebugImage] {
        guard let instance else { return [] }
        let loaded = instance.linkMap.images
        if loaded.count != loadedImages.count { loadedImages = loaded.map { DebugImage($0, instance.world.loader) } }
        return loadedImages
    }
}
