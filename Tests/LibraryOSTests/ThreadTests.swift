import Testing

@testable import LibraryOS

@Suite("Threads and futexes")
struct ThreadTests {
    let sandbox = TestKernel()
    let task: Task
    let machine = TestMachine()
    let word: UInt64
    static let threadFlags: UInt64 = 0x3d_0f00

    init() throws {
        task = try sandbox.makeTask()
        task.machine = machine
        word = task.mapped()
    }

    private func makeThread(clearing: UInt64 = 0) throws -> Task {
        #expect(task.result(56, Self.threadFlags | (clearing == 0 ? 0 : 0x20_0000), word + 32768, word + 4000, clearing, 0x7000) > 0)
        return try #require(machine.started.last)
    }
    /// FUTEX_WAIT of a new thread, with its call for later runs.
    private func wait(at address: UInt64, _ expected: UInt64 = 0) throws -> (Task, SyscallCall) {
        let thread = try makeThread()
        var call = SyscallCall(number: 202, address, 0, expected)
        #expect(try thread.run(&call).isWait)
        return (thread, call)
    }
    /// Whether a waiting call is over when it runs again.
    private func isWoken(_ waiting: (Task, SyscallCall)) throws -> Bool {
        var call = waiting.1
        call.wake = .queue
        return try waiting.0.run(&call).value == 0
    }
    private func load(_ address: UInt64) throws -> UInt32 { try task.memory.load32(GuestAddress(address)) }

    @Test func cloneRefusesWhatLinuxRefuses() {
        for flags: UInt64 in [0x1_0000, 0x800, 0x1_0800, 0x10_1000, 0x2_0200] { #expect(task.result(56, flags) == -22) }
        #expect(task.result(435, word, 63) == -22)
    }

    @Test func aThreadStartsAsItsParentButForItsStack() throws {
        task.registers.rbx = 5
        task.setSignalMask(SignalSet(Signal.SIGUSR1))
        let thread = try makeThread()
        #expect(thread.registers.rax == 0 && thread.registers.rbx == 5 && thread.registers.rsp == word + 32768 && thread.fsBase == 0x7000)
        #expect(thread.signals.mask == SignalSet(Signal.SIGUSR1) && thread.descriptors === task.descriptors)
        #expect(try load(word + 4000) == UInt32(thread.id))
    }

    @Test func wakesAreFirstComeFirstServedAndExact() throws {
        let waiting = [try wait(at: word), try wait(at: word), try wait(at: word)]
        #expect(task.result(202, word, 1, 2) == 2)
        #expect(try waiting.map(isWoken) == [true, true, false])
        #expect(task.result(202, word, 1, 9) == 1)
    }

    @Test func aWordThatDiffersIsNotWaitedFor() {
        #expect(task.result(202, word, 0, 1) == -11)
        #expect(task.result(202, word + 2, 0, 0) == -22)
        #expect(task.result(202, 0x10, 0, 0) == -14)
    }

    @Test func bitsetsSelectWaiters() throws {
        let thread = try makeThread()
        var call = SyscallCall(number: 202, word, 9, 0, 0, 0, 0b10)
        #expect(try thread.run(&call).isWait)
        #expect(task.result(202, word, 10, 1, 0, 0, 0b01) == 0)
        #expect(task.result(202, word, 10, 1, 0, 0, 0b10) == 1)
    }

    @Test func requeueMovesThoseItDoesNotWake() throws {
        let waiting = [try wait(at: word), try wait(at: word), try wait(at: word)]
        #expect(task.result(202, word, 4, 1, 1, word + 4, 1) == -11)
        #expect(task.result(202, word, 4, 1, 1, word + 4, 0) == 2)
        #expect(try waiting.map(isWoken) == [true, false, false])
        #expect(task.result(202, word + 4, 1, 9) == 1)
        #expect(task.result(202, word, 1, 9) == 1)
    }

    @Test func timeoutsAndInterruptionsLeaveTheQueue() throws {
        var (thread, call) = try wait(at: word)
        call.wake = .deadline
        #expect(throws: Errno.ETIMEDOUT) { _ = try thread.run(&call) }
        (thread, call) = try wait(at: word)
        call.wake = .interrupted
        #expect(throws: Errno.ERESTARTSYS) { _ = try thread.run(&call) }
        #expect(task.result(202, word, 1, 9) == 0)
    }

    @Test func ownedWordIsHandedToTheFirstWaiter() throws {
        #expect(task.result(202, word, 6) == 0)
        #expect(task.result(202, word, 6) == -35)
        let thread = try makeThread()
        #expect(thread.result(202, word, 8) == -11)
        var call = SyscallCall(number: 202, word, 6)
        #expect(try thread.run(&call).isWait)
        #expect(try load(word) == UInt32(task.id) | FutexOwner.waiters)
        #expect(thread.result(202, word, 7) == -1)
        #expect(task.result(202, word, 7) == 0)
        #expect(try thread.run(&call).value == 0)
        #expect(try load(word) == UInt32(thread.id) | FutexOwner.waiters)
        #expect(thread.result(202, word, 7) == 0)
        #expect(try load(word) == 0)
    }

    @Test func wakeOperationChangesAndCompares() throws {
        let first = try wait(at: word), second = try wait(at: word + 4)
        // word[1] += 5; wake the second word's waiter if it was below 1.
        #expect(task.result(202, word, 5, 1, 1, word + 4, 1 << 28 | 2 << 24 | 5 << 12 | 1) == 2)
        #expect(try load(word + 4) == 5)
        #expect(try isWoken(first) && isWoken(second))
    }

    @Test func aVectorWaitsForAnyOfItsWords() throws {
        let vector = word + 256
        for (index, address) in [word, word + 4].enumerated() {
            let at = GuestAddress(vector + UInt64(index) * 24)
            try task.memory.writeU64(address, to: at.advanced(by: 8))
            try task.memory.writeU64(2, to: at.advanced(by: 16))
        }
        let thread = try makeThread()
        var call = SyscallCall(number: 449, vector, 2)
        #expect(try thread.run(&call).isWait)
        #expect(task.result(202, word + 4, 1, 1) == 1)
        #expect(try thread.run(&call).value == 1)
    }

    @Test func theEndOfAThreadWakesJoinersAndReleasesRobustWords() throws {
        let tid = word + 1024, head = word + 2048, entry = word + 2112
        let thread = try makeThread(clearing: tid)
        try task.memory.writeU64(entry, to: GuestAddress(head))
        try task.memory.writeU64(16, to: GuestAddress(head + 8))
        try task.memory.writeU64(head, to: GuestAddress(entry))
        try task.memory.writeU32(UInt32(thread.id) | FutexOwner.waiters, to: GuestAddress(entry + 16))
        try task.memory.writeU32(UInt32(thread.id), to: GuestAddress(tid))
        #expect(thread.result(273, head, 24) == 0)
        let robust = try wait(at: entry + 16, UInt64(UInt32(thread.id) | FutexOwner.waiters))
        let joiner = try wait(at: tid, UInt64(thread.id))
        guard case .exit = try thread.run(60, 3) else { Issue.record("exit goes on"); return }
        #expect(!thread.finish())
        #expect(try load(tid) == 0 && load(entry + 16) == FutexOwner.died | FutexOwner.waiters)
        #expect(try isWoken(robust) && isWoken(joiner))
        #expect(sandbox.kernel.task(thread.id) == nil && !task.group.isExiting)
    }

    @Test func theMainThreadsStatusIsTheProcesss() throws {
        let thread = try makeThread()
        _ = try task.run(60, 4)
        #expect(!task.finish())
        _ = try thread.run(60, 5)
        #expect(thread.finish())
        #expect(task.group.exitStatus == 4 << 8)
    }
}
