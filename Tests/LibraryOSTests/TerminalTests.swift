import Testing

@testable import LibraryOS

@Suite struct TerminalTests {
    let system = TestKernel()
    let task: LibraryOS.Task
    let machine = TestMachine()
    let page: UInt64

    init() throws {
        task = try system.makeTask()
        task.machine = machine
        page = task.mapped(pages: 128)
        let root = system.rootFileSystem
        try root.makeDirectories(Array("dev".utf8))
        try system.kernel.mounts.mount(try DevFS.make(kernel: system.kernel), at: try system.locate("/dev"))
        try system.kernel.mounts.mount(system.kernel.terminals, at: try system.locate("/dev/pts"))
    }

    private func open(_ path: String, _ flags: UInt64 = 0o4402, by task: LibraryOS.Task? = nil) throws -> Int64 {
        try (task ?? self.task).put(Array(path.utf8) + [0], at: page + 65536)
        return (task ?? self.task).result(2, page + 65536, flags)
    }
    /// A master and its open slave, which never block.
    private func pair() throws -> (master: UInt64, slave: UInt64) {
        let master = try open("/dev/ptmx")
        try task.put([0, 0, 0, 0], at: page)
        #expect(task.result(16, UInt64(master), 0x4004_5431, page) == 0)
        return (UInt64(master), UInt64(task.result(16, UInt64(master), 0x5441, 0o4402)))
    }
    private func fork() throws -> LibraryOS.Task {
        #expect(task.result(57) > 0)
        return try #require(machine.started.last)
    }
    private func write(_ text: String, to descriptor: UInt64) throws -> Int64 {
        try task.put(Array(text.utf8), at: page)
        return task.result(1, descriptor, page, UInt64(text.utf8.count))
    }
    private func text(from descriptor: UInt64) throws -> String? {
        let count = task.result(0, descriptor, page, 4096)
        return count < 0 ? nil : String(decoding: try task.bytes(at: page, Int(count)), as: UTF8.self)
    }
    private func pending(_ task: LibraryOS.Task) -> SignalSet { task.group.signals.lock.withLock { task.group.signals.pending.set } }

    @Test func bothSidesTalk() throws {
        let (master, slave) = try pair()
        #expect(try write("typed\n", to: master) == 6)
        #expect(try text(from: slave) == "typed\n")
        #expect(try text(from: master) == "typed\r\n")
        #expect(task.result(0, master, page, 10) == failure(.EAGAIN))
        #expect(task.result(3, slave) == 0)
        #expect(task.result(0, master, page, 10) == failure(.EIO))
        #expect(task.result(3, master) == 0)
        #expect(system.kernel.buffers.isIdle && system.kernel.terminals.count == 0)
    }

    @Test func numbersAreTheLowestFreeOnes() throws {
        let first = try open("/dev/ptmx"), second = try open("/dev/pts/ptmx")
        #expect(system.kernel.terminals.numbers == [0, 1])
        #expect(task.result(3, UInt64(first)) == 0)
        #expect(system.kernel.terminals.numbers == [1])
        #expect(try open("/dev/pts/0") == failure(.ENOENT))
        #expect(try open("/dev/pts/01") == failure(.ENOENT))
        _ = try open("/dev/ptmx")
        #expect(system.kernel.terminals.numbers == [0, 1])
        _ = task.result(3, UInt64(second))
    }

    @Test func aLockedSlaveCannotBeOpened() throws {
        let master = try open("/dev/ptmx")
        #expect(try open("/dev/pts/0") == failure(.EIO))
        #expect(task.result(16, UInt64(master), 0x5441, 2) == failure(.EIO))
    }

    @Test func aSessionLeaderGetsTheTerminalItOpens() throws {
        let (_, slave) = try pair()
        #expect(try open("/dev/tty") == failure(.ENXIO))
        #expect(try open("/dev/pts/0", 0o401) >= 0)
        #expect(system.kernel.processes.terminal(of: task.group) == nil, "O_NOCTTY")
        #expect(try open("/dev/pts/0", 2) >= 0)
        #expect(try open("/dev/tty") >= 0)
        #expect(task.result(16, slave, 0x540f, page) == 0)
        #expect(try task.bytes(at: page, 4) == [UInt8(task.id), 0, 0, 0])
        let child = try fork()
        #expect(system.kernel.processes.terminal(of: child.group) != nil)
        #expect(child.result(112) == Int64(child.id))
        #expect(system.kernel.processes.terminal(of: child.group) == nil, "setsid(2)")
        #expect(child.result(16, slave, 0x540e, 1) == failure(.EPERM), "it controls another session")
    }

    @Test func keysReachTheForeground() throws {
        let (master, slave) = try pair()
        #expect(task.result(16, slave, 0x540e, 0) == 0)
        let child = try fork()
        #expect(task.result(109, UInt64(child.id), 0) == 0)
        try task.put([UInt8(child.id), 0, 0, 0], at: page)
        #expect(task.result(16, slave, 0x5410, page) == 0)
        #expect(try write("\u{3}", to: master) == 1)
        #expect(pending(child).contains(Signal.SIGINT) && !pending(task).contains(Signal.SIGINT))
    }

    @Test func theBackgroundIsStoppedWhenItReads() throws {
        let (_, slave) = try pair()
        #expect(task.result(16, slave, 0x540e, 0) == 0)
        let child = try fork()
        #expect(child.result(0, slave, page, 1) == failure(.EAGAIN))
        #expect(child.result(109, 0, 0) == 0)
        #expect(child.result(0, slave, page, 1) == failure(.ERESTARTSYS))
        #expect(pending(child).contains(Signal.SIGTTIN))
        child.group.signals.actions[Signal.SIGTTIN] = SignalAction(handler: 1)
        #expect(child.result(0, slave, page, 1) == failure(.EIO), "ignored")
        #expect(child.result(16, slave, 0x5402, page) == failure(.ERESTARTSYS))
        #expect(pending(child).contains(Signal.SIGTTOU))
    }

    @Test func closingTheMasterHangsTheSessionUp() throws {
        let (master, slave) = try pair()
        let child = try fork()
        #expect(child.result(3, master) == 0)
        #expect(child.result(112) == Int64(child.id))
        #expect(child.result(16, slave, 0x540e, 0) == 0)
        #expect(task.result(3, master) == 0)
        #expect(pending(child).contains(Signal.SIGHUP))
        #expect(child.result(0, slave, page, 1) == 0)
        #expect(child.result(1, slave, page, 1) == failure(.EIO))
        #expect(try child.descriptors.file(Int32(slave)).poll().isSuperset(of: [.hangUp, .error, .input]))
        #expect(system.kernel.processes.terminal(of: child.group) == nil)
    }

    @Test func theEndOfALeaderReachesTheForeground() throws {
        let (_, slave) = try pair()
        let leader = try fork()
        leader.machine = machine
        #expect(leader.result(112) == Int64(leader.id))
        #expect(leader.result(16, slave, 0x540e, 0) == 0)
        #expect(leader.result(57) > 0)
        let child = try #require(machine.started.last)
        _ = try leader.run(231, 0)
        leader.finish()
        #expect(pending(child).contains(Signal.SIGHUP))
        #expect(system.kernel.processes.terminal(of: child.group) == nil)
    }

    @Test func aReadWithATimeGivesUp() throws {
        let (_, slave) = try pair()
        let file = try task.descriptors.file(Int32(slave))
        _ = file.lock.withLock { file.statusFlags.remove(.nonBlocking) }
        var settings = Termios.standard
        settings.local.remove(.canonical)
        settings[.minimum] = 0
        settings[.time] = 2
        try task.put(settings.bytes(.plain), at: page)
        #expect(task.result(16, slave, 0x5402, page) == 0)
        var call = SyscallCall(number: 0, slave, page, 10)
        guard case .wait(let wait) = try task.run(&call) else { throw Errno.EIO }
        #expect(wait.deadline == MonotonicInstant(nanoseconds: 1_200_000_000))
        call.wake = .queue
        #expect(try task.run(&call).isWait)
        system.host.advance(nanoseconds: 200_000_000)
        call.wake = .deadline
        #expect(try task.run(&call).value == 0)
    }

    @Test func terminalsAreChargedUntilTheyAreTooMany() throws {
        var opened = 0
        while try open("/dev/ptmx") >= 0 { opened += 1 }
        #expect(opened > 100 && opened <= BufferAccount.limit / 65536)
        for descriptor in 0..<opened { _ = task.result(3, UInt64(descriptor)) }
        #expect(system.kernel.buffers.isIdle)
    }
}
