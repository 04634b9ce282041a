import Testing

@testable import LibraryOS

@Suite("Signals")
struct SignalTests {
    let sandbox = TestKernel()
    let task: Task
    let stack: UInt64
    let machine = TestMachine()

    init() throws {
        task = try sandbox.makeTask()
        task.machine = machine
        stack = task.mapped() + 16 * 4096
        task.registers.rsp = stack - 64
        task.registers.rip = 0x40_1000
    }

    private func handle(_ number: Int32, at handler: UInt64 = 0x40_2000, flags: UInt64 = 0, mask: SignalSet = SignalSet()) {
        task.group.setAction(number, SignalAction(handler: handler, flags: flags | SignalAction.restorerGiven, restorer: 0x40_3000, mask: mask))
    }
    private func u64(_ address: UInt64) throws -> UInt64 { try task.memory.readU64(GuestAddress(address)) }

    @Test func standardSignalsAreKeptOnceAndRealTimeSignalsInOrder() {
        task.setSignalMask(SignalSet(bits: .max))
        for value in 1...3 {
            task.group.send(SignalInfo(Signal.SIGUSR1))
            var info = SignalInfo(40, code: SignalInfo.queue)
            info.value = UInt64(value)
            task.group.send(info)
        }
        let all = SignalSet(bits: .max)
        var taken: [(Int32, UInt64)] = []
        while let info = task.takePending(all) { taken.append((info.number, info.value)) }
        #expect(taken.map(\.0) == [Signal.SIGUSR1, 40, 40, 40])
        #expect(taken.map(\.1) == [0, 1, 2, 3])
        #expect(task.group.signals.queued == 0)
    }

    @Test func faultsComeBeforeLowerNumbers() {
        task.setSignalMask(SignalSet(bits: .max))
        task.send(SignalInfo(Signal.SIGHUP))
        task.send(SignalInfo(Signal.SIGSEGV))
        #expect(task.takePending(SignalSet(bits: .max))?.number == Signal.SIGSEGV)
    }

    @Test func queueIsBoundedByItsLimit() {
        task.setSignalMask(SignalSet(bits: .max))
        task.group.limits[11] = ResourceLimits.Limit(2, 2)
        let info = SignalInfo(40, code: SignalInfo.queue)
        #expect((0..<3).map { _ in task.group.post(info, to: nil) } == [.queued, .queued, .refused])
        // kill(2) is never refused: who sent it is lost instead.
        #expect(task.group.post(SignalInfo(41), to: nil) == .queued)
    }

    @Test func ignoredSignalsAreKeptOnlyWhileBlocked() {
        task.group.send(SignalInfo(Signal.SIGCHLD))
        #expect(task.takePending(SignalSet(Signal.SIGCHLD)) == nil)
        task.setSignalMask(SignalSet(Signal.SIGCHLD))
        task.group.send(SignalInfo(Signal.SIGCHLD))
        #expect(task.takePending(SignalSet(Signal.SIGCHLD)) != nil)
    }

    @Test func aProcessSignalGoesToAThreadThatDoesNotBlockIt() throws {
        handle(Signal.SIGUSR1)
        #expect(task.result(56, 0x10f00, stack - 4096) > 0)
        let other = try #require(machine.started.first)
        task.setSignalMask(SignalSet(Signal.SIGUSR1))
        task.group.send(SignalInfo(Signal.SIGUSR1))
        #expect(!task.signals.attention && other.signals.attention)
        // It blocks the signal before it has seen it: the next who does not block it is told.
        task.setSignalMask(SignalSet())
        task.signals.attention = false
        other.setSignalMask(SignalSet(Signal.SIGUSR1))
        #expect(task.signals.attention && !other.signals.attention)
    }

    @Test func frameHasTheLayoutOfUcontext() throws {
        handle(Signal.SIGSEGV, flags: SignalAction.information, mask: SignalSet(Signal.SIGUSR2))
        task.registers.rax = 0x1111
        task.registers.rdi = 0x2222
        task.registers.rflags = 0x702
        task.setSignalMask(SignalSet(Signal.SIGHUP))
        let before = task.registers
        var info = SignalInfo(Signal.SIGSEGV, code: SignalInfo.segvAccessError)
        info.address = 0xdead_0000
        task.forceSignal(info, fault: FaultState(trapNumber: 14, errorCode: 7, cr2: 0xdead_0000))
        #expect(task.deliverPendingSignals(afterCall: nil) == .resume)

        let now = task.registers
        #expect(now.rip == 0x40_2000 && now.rdi == 11 && now.rax == 0)
        #expect(now.rsp & 15 == 8 && now.rsp < before.rsp - 128)
        #expect(now.rflags & 0x500 == 0)
        #expect(try u64(now.rsp) == 0x40_3000)
        // Offsets of <ucontext.h> as gcc prints them on x86-64 Linux.
        let context = now.rdx
        #expect(context == now.rsp + 8)
        #expect(try u64(context) == 7)
        #expect(try u64(context + 168) == before.rip)
        #expect(try u64(context + 160) == before.rsp)
        #expect(try u64(context + 144) == 0x1111)
        #expect(try u64(context + 104) == 0x2222)
        #expect(try u64(context + 176) == 0x702)
        #expect(try u64(context + 184) == 0x002b_0000_0000_0033)
        #expect(try u64(context + 192) == 7)
        #expect(try u64(context + 200) == 14)
        #expect(try u64(context + 216) == 0xdead_0000)
        #expect(try u64(context + 296) == 1)
        let state = try u64(context + 224)
        #expect(state & 63 == 0 && state > now.rsp)
        #expect(try task.memory.readU32(GuestAddress(state + 464)) == 0x4650_5853)
        #expect(try task.memory.readU32(GuestAddress(state + 468)) == 836)
        #expect(try task.memory.readU32(GuestAddress(state + 832)) == 0x4650_5845)
        #expect(try u64(now.rsi + 16) == 0xdead_0000)
        #expect(task.signals.mask == SignalSet(Signal.SIGHUP, Signal.SIGUSR2, Signal.SIGSEGV))
    }

    @Test func returnRestoresWhatTheHandlerFound() throws {
        handle(Signal.SIGUSR1)
        task.registers.r12 = 42
        machine.state[160] = 9
        let before = task.registers
        task.send(SignalInfo(Signal.SIGUSR1))
        _ = task.deliverPendingSignals(afterCall: nil)
        machine.state[160] = 0
        task.registers.r12 = 0
        task.registers.rsp += 8
        _ = try task.run(15)
        #expect(task.registers == before && task.signals.mask.isEmpty && machine.state[160] == 9)
    }

    /// What a hostile frame may say, and that it ends in SIGSEGV.
    @Test(arguments: [(8 + 168, 0x8000_0000_0000), (8 + 184, 0x23), (8 + 224, 0x10)] as [(UInt64, UInt64)])
    func badFramesKill(_ offset: UInt64, _ value: UInt64) throws {
        handle(Signal.SIGUSR1)
        task.send(SignalInfo(Signal.SIGUSR1))
        _ = task.deliverPendingSignals(afterCall: nil)
        try task.memory.writeU64(value, to: GuestAddress(task.registers.rsp + offset))
        task.registers.rsp += 8
        _ = try task.run(15)
        #expect(task.deliverPendingSignals(afterCall: nil) == .exit && task.group.exitStatus == 11)
    }

    /// Offsets in the XSAVE image: MXCSR, XSTATE_BV, XCOMP_BV.
    @Test(arguments: [(24, 0x1_0000), (512, 0x100), (520, 1)] as [(UInt64, UInt64)])
    func badExtendedStateKills(_ offset: UInt64, _ value: UInt64) throws {
        handle(Signal.SIGUSR1)
        task.send(SignalInfo(Signal.SIGUSR1))
        _ = task.deliverPendingSignals(afterCall: nil)
        try task.memory.writeU64(value, to: GuestAddress(u64(task.registers.rdx + 224) + offset))
        task.registers.rsp += 8
        _ = try task.run(15)
        #expect(task.deliverPendingSignals(afterCall: nil) == .exit)
    }

    @Test func flagsOfAFrameCannotTurnOffInterrupts() throws {
        handle(Signal.SIGUSR1)
        task.send(SignalInfo(Signal.SIGUSR1))
        _ = task.deliverPendingSignals(afterCall: nil)
        try task.memory.writeU64(0x3000 | 0x20000 | 1, to: GuestAddress(task.registers.rdx + 176))
        task.registers.rsp += 8
        _ = try task.run(15)
        #expect(task.registers.rflags == 0x203)
    }

    struct Restart: Sendable {
        let code: Errno, flags: UInt64, handled: Bool, rax: UInt64, rewound: Bool
    }
    @Test(arguments: [
        Restart(code: .ERESTARTSYS, flags: SignalAction.restart, handled: true, rax: 7, rewound: true),
        Restart(code: .ERESTARTSYS, flags: 0, handled: true, rax: UInt64(bitPattern: -4), rewound: false),
        Restart(code: .ERESTARTNOINTR, flags: 0, handled: true, rax: 7, rewound: true),
        Restart(code: .ERESTARTNOHAND, flags: SignalAction.restart, handled: true, rax: UInt64(bitPattern: -4), rewound: false),
        Restart(code: .ERESTART_RESTARTBLOCK, flags: SignalAction.restart, handled: true, rax: UInt64(bitPattern: -4), rewound: false),
        Restart(code: .ERESTARTNOHAND, flags: 0, handled: false, rax: 7, rewound: true),
        Restart(code: .ERESTART_RESTARTBLOCK, flags: 0, handled: false, rax: 219, rewound: true),
    ])
    func interruptedCallsRestartByTheBook(_ rule: Restart) throws {
        task.registers.rax = UInt64(bitPattern: rule.code.syscallResult)
        if rule.handled {
            handle(Signal.SIGUSR1, flags: rule.flags)
            task.send(SignalInfo(Signal.SIGUSR1))
        }
        #expect(task.needsSignalDelivery(result: Int64(bitPattern: task.registers.rax)))
        #expect(task.deliverPendingSignals(afterCall: 7) == .resume)
        let context = task.registers.rdx
        #expect(try (rule.handled ? u64(context + 144) : task.registers.rax) == rule.rax)
        #expect(try (rule.handled ? u64(context + 168) : task.registers.rip) == (rule.rewound ? 0x40_0ffe : 0x40_1000))
    }

    @Test func suspendedMaskComesBackWithTheHandlersFrame() throws {
        let set = stack - 8192
        handle(Signal.SIGUSR1)
        task.setSignalMask(SignalSet(Signal.SIGUSR1))
        try task.memory.writeU64(0, to: GuestAddress(set))
        #expect(try task.run(130, set, 8).isWait)
        #expect(task.signals.mask.isEmpty)
        task.group.send(SignalInfo(Signal.SIGUSR1))
        #expect(throws: Errno.ERESTARTNOHAND) { _ = try task.run(130, set, 8, wake: .interrupted) }
        task.registers.rax = UInt64(bitPattern: Errno.ERESTARTNOHAND.syscallResult)
        _ = task.deliverPendingSignals(afterCall: 130)
        #expect(try u64(task.registers.rdx + 296) == SignalSet(Signal.SIGUSR1).bits)
        #expect(task.signals.savedMask == nil)
    }

    @Test func aHandlerWithoutStackIsFatal() {
        handle(Signal.SIGSEGV)
        task.registers.rsp = 0x10
        task.forceSignal(SignalInfo(Signal.SIGSEGV, code: SignalInfo.segvMapError))
        #expect(task.deliverPendingSignals(afterCall: nil) == .exit && task.group.exitStatus == 11)
    }

    @Test func alternateStackIsUsedOnceAndDisarms() throws {
        let base = task.mapped()
        try task.setAlternateStack(AlternateStack(base: base, size: 65536, flags: AlternateStack.autoDisarm))
        handle(Signal.SIGUSR1, flags: SignalAction.onStack)
        task.send(SignalInfo(Signal.SIGUSR1))
        _ = task.deliverPendingSignals(afterCall: nil)
        #expect(task.registers.rsp > base && task.registers.rsp < base + 65536)
        #expect(task.signals.alternateStack.size == 0)
        task.registers.rsp += 8
        _ = try task.run(15)
        #expect(task.signals.alternateStack.size == 65536)
    }

    @Test func stopsAndContinues() {
        task.send(SignalInfo(Signal.SIGTSTP))
        #expect(task.deliverPendingSignals(afterCall: nil) == .stopped)
        task.group.send(SignalInfo(Signal.SIGCONT))
        #expect(task.deliverPendingSignals(afterCall: nil) == .resume && !task.signals.attention)
    }

    @Test func periodicTimerCountsWhatWasMissed() throws {
        let area = GuestAddress(stack - 8192)
        handle(Signal.SIGALRM)
        task.setSignalMask(SignalSet(Signal.SIGALRM))
        #expect(task.result(222, 1, 0, area.value) == 0)
        for (index, value) in [UInt64(0), 10_000_000, 0, 10_000_000].enumerated() { try task.memory.writeU64(value, to: area.element(index, stride: 8)) }
        #expect(task.result(223, 0, 0, area.value, 0) == 0)
        sandbox.host.advance(nanoseconds: 10_000_000)
        sandbox.kernel.timersExpired(now: sandbox.kernel.time.monotonicNow())
        sandbox.host.advance(nanoseconds: 35_000_000)
        sandbox.kernel.timersExpired(now: sandbox.kernel.time.monotonicNow())
        let info = try #require(task.takePending(SignalSet(Signal.SIGALRM)))
        #expect(info.code == SignalInfo.timer && info.overrun == 3)
        #expect(task.takePending(SignalSet(Signal.SIGALRM)) == nil)
        #expect(task.result(225, 0) == 3)
    }

    @Test func aProcessThatEndsWithATimersSignalPendingIsFreed() throws {
        weak var process: ThreadGroup?
        func endWithPendingSignal() throws {
            let task = try sandbox.makeTask()
            process = task.group
            task.setSignalMask(SignalSet(Signal.SIGALRM))
            _ = try task.group.signals.timers.interval(0, of: task).set(TimerSetting(value: 1000, interval: 1000), absolute: false)
            sandbox.host.advance(nanoseconds: 5000)
            sandbox.kernel.timersExpired(now: sandbox.kernel.time.monotonicNow())
            #expect(task.group.signals.pending.count == 1)
            let timer = try #require(task.takePending(SignalSet(Signal.SIGALRM))?.timerHandle)
            sandbox.host.advance(nanoseconds: 5000)
            sandbox.kernel.timersExpired(now: sandbox.kernel.time.monotonicNow())
            #expect(task.finish())
            // A timer that was due in the same moment comes too late.
            #expect(timer.notify() == .dropped && task.group.signals.pending.count == 0 && task.group.signals.queued == 0)
        }
        try endWithPendingSignal()
        #expect(process == nil)
    }

    @Test func signalDescriptorGivesPendingSignals() throws {
        let area = stack - 8192
        task.setSignalMask(SignalSet(Signal.SIGUSR1, 40))
        try task.memory.writeU64(SignalSet(Signal.SIGUSR1, 40).bits, to: GuestAddress(area))
        let descriptor = task.result(289, .max, area, 8, 0o4000)
        #expect(descriptor >= 0)
        let file = try task.descriptors.file(Int32(descriptor))
        #expect(file.poll().isEmpty)
        task.group.send(.sent(Signal.SIGUSR1, by: task))
        task.send(SignalInfo(40, code: SignalInfo.queue))
        #expect(file.poll() == .input)
        var buffers = UserBuffers(task.memory, GuestAddress(area), length: 300)
        #expect(try file.read(&buffers, at: nil, task: task, inPlace: false) == 256)
        // The thread's own before the process's.
        #expect(try task.memory.readU32(GuestAddress(area)) == 40)
        var short = UserBuffers(task.memory, GuestAddress(area), length: 127)
        #expect(throws: Errno.EINVAL) { _ = try file.read(&short, at: nil, task: task, inPlace: false) }
    }

    @Test func executionKeepsIgnoredSignalsAndForgetsHandlers() {
        handle(Signal.SIGUSR1)
        task.group.setAction(Signal.SIGUSR2, SignalAction(handler: 1))
        task.resetForExecution()
        #expect(task.group.signals.actions[Signal.SIGUSR1].isDefault && task.group.signals.actions[Signal.SIGUSR2].isIgnore)
    }
}
