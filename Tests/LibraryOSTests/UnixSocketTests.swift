import Testing

@testable import LibraryOS

@Suite struct UnixSocketTests {
    let system = TestKernel()
    let task: Task
    let page: UInt64

    init() throws {
        task = try system.makeTask()
        page = task.mapped(pages: 16)
    }

    /// Stores an abstract name and returns its length.
    private func name(_ text: String) throws -> UInt64 {
        try task.put([1, 0, 0] + Array(text.utf8), at: page)
        return UInt64(3 + text.utf8.count)
    }

    private func pair(_ type: UInt64) throws -> (UInt64, UInt64) {
        #expect(task.result(53, 1, type | 0o4000, 0, page) == 0)
        let ends = try task.pair(at: page)
        return (fd(ends.0), fd(ends.1))
    }

    /// Sends one byte and a descriptor.
    private func send(_ descriptor: UInt64, through socket: UInt64) throws -> Int64 {
        var writer = ByteWriter()
        for value in [0, 0, page + 256, 1, page + 512, 24, 0] { writer.u64(value) }
        try task.put(writer.bytes, at: page)
        var vector = ByteWriter()
        vector.u64(page + 1024)
        vector.u64(1)
        try task.put(vector.bytes, at: page + 256)
        var control = ByteWriter()
        control.u64(20)
        control.i32(1)
        control.i32(1)
        control.u32(UInt32(descriptor))
        try task.put(control.bytes, at: page + 512)
        return task.result(46, socket, page, 0x4000)
    }

    @Test func aConnectionByAbstractName() throws {
        let server = UInt64(task.result(41, 1, 1 | 0o4000, 0))
        let length = try name("here")
        #expect(task.result(50, server, 1) == failure(.EINVAL))
        #expect(task.result(49, server, page, length) == 0)
        #expect(task.result(50, server, 1) == 0)
        #expect(task.result(43, server, 0, 0) == failure(.EAGAIN))
        let clients = (0..<3).map { _ in UInt64(task.result(41, 1, 1 | 0o4000, 0)) }
        #expect(task.result(42, clients[0], page, length) == 0)
        #expect(task.result(42, clients[1], page, length) == 0)
        #expect(task.result(42, clients[2], page, length) == failure(.EAGAIN))
        let accepted = UInt64(task.result(288, server, 0, 0, 0o4000))
        #expect(task.result(42, clients[2], page, length) == 0)
        #expect(task.result(44, clients[0], page, 5, 0, 0, 0) == 5)
        #expect(task.result(45, accepted, page + 2048, 9, 0, 0, 0) == 5)
        #expect(task.result(3, server) == 0)
        // The two that nobody accepted are reset.
        #expect(task.result(45, clients[1], page + 2048, 9, 0, 0, 0) == failure(.ECONNRESET))
        #expect(task.result(42, UInt64(task.result(41, 1, 1, 0)), page, length) == failure(.ECONNREFUSED))
    }

    @Test func socketsThatOnlyMessagesHoldAreCollected() throws {
        for _ in 0..<20 {
            let socket = try pair(1)
            #expect(try send(socket.0, through: socket.0) == 1)
            #expect(try send(socket.1, through: socket.1) == 1)
            #expect(task.result(3, socket.0) == 0)
            #expect(task.result(3, socket.1) == 0)
        }
        #expect(task.result(3, UInt64(task.result(41, 1, 2, 0))) == 0)
        #expect(system.kernel.buffers.isIdle)
        #expect(system.kernel.unixSockets.all.isEmpty)
    }

    @Test func socketsInMessagesThatCanBeReachedStay() throws {
        let (outer, inner) = (try pair(1), try pair(1))
        // The inner pair is in a cycle with itself, and in a message that can still be read.
        #expect(try send(inner.0, through: inner.0) == 1)
        #expect(try send(inner.1, through: outer.0) == 1)
        #expect(task.result(3, inner.0) == 0)
        #expect(task.result(3, inner.1) == 0)
        #expect(task.result(3, UInt64(task.result(41, 1, 2, 0))) == 0)
        #expect(system.kernel.unixSockets.all.count == 4)
        #expect(task.result(3, outer.0) == 0)
        #expect(task.result(3, outer.1) == 0)
        #expect(system.kernel.buffers.isIdle)
        #expect(system.kernel.unixSockets.all.isEmpty)
    }

    @Test func aLongChainOfSocketsInMessagesEndsAtOnce() throws {
        var last = try pair(2)
        for _ in 0..<1000 {
            let next = try pair(2)
            #expect(try send(last.1, through: next.0) == 1)
            for end in [last.0, last.1] { #expect(task.result(3, end) == 0) }
            last = next
        }
        for end in [last.0, last.1] { #expect(task.result(3, end) == 0) }
        #expect(system.kernel.buffers.isIdle)
        #expect(system.kernel.unixSockets.all.isEmpty)
    }

    @Test func watchesAndEventsAreCountedAndGivenBack() throws {
        try task.put(Array("/".utf8) + [0], at: page)
        try task.put(Array("/new".utf8) + [0], at: page + 64)
        var instances: [UInt64] = []
        while case let number = task.result(253), number >= 0 { instances.append(UInt64(number)) }
        #expect(instances.count == InotifyLimits.instances)
        #expect(task.result(294, 0o4000) == failure(.EMFILE))
        for instance in instances { #expect(task.result(254, instance, page, 0x100) == 1) }
        #expect(task.result(83, page + 64, 0o755) == 0)
        #expect(task.result(0, instances[5], page + 1024, 64) == 32)
        #expect(ByteReader(try task.bytes(at: page + 1024, 8)).u32(4) == 0x4000_0100)
        #expect(task.result(255, instances[5], 1) == 0)
        for instance in instances { #expect(task.result(3, instance) == 0) }
        #expect(system.kernel.buffers.isIdle)
        #expect(!system.root.inode.fileSystem.marks.isActive)
        #expect(task.result(294, 0o4000) >= 0)
    }
}
