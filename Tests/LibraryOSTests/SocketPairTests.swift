import Testing

@testable import LibraryOS

@Suite struct SocketPairTests {
    let system = TestKernel()
    let task: Task
    let page: UInt64

    init() throws {
        task = try system.makeTask()
        page = task.mapped(pages: 128)
    }

    private func pair(_ type: UInt64) throws -> (UInt64, UInt64) {
        #expect(task.result(53, 1, type | 0o4000, 0, page) == 0)
        let ends = try task.pair(at: page)
        return (fd(ends.0), fd(ends.1))
    }

    /// Stores a `msghdr` at `page` with one buffer of `count` bytes at `page + 1024` and a control buffer of `room` bytes at `page + 512`.
    private func header(count: UInt64, room: UInt64) throws {
        var writer = ByteWriter()
        for value in [0, 0, page + 256, 1, page + 512, room, 0] { writer.u64(value) }
        try task.put(writer.bytes, at: page)
        var vector = ByteWriter()
        vector.u64(page + 1024)
        vector.u64(count)
        try task.put(vector.bytes, at: page + 256)
    }

    private func rights(_ descriptor: UInt64) throws {
        var control = ByteWriter()
        control.u64(20)
        control.i32(1)
        control.i32(1)
        control.u32(UInt32(descriptor))
        try task.put(control.bytes, at: page + 512)
    }

    @Test func streamsGlueAndDatagramsDoNot() throws {
        let stream = try pair(1), datagram = try pair(2)
        for socket in [stream.0, datagram.0] {
            #expect(task.result(44, socket, page, 3, 0, 0, 0) == 3)
            #expect(task.result(44, socket, page, 4, 0, 0, 0) == 4)
        }
        #expect(task.result(45, stream.1, page, 100, 0, 0, 0) == 7)
        #expect(task.result(45, datagram.1, page, 2, 0x20, 0, 0) == 3)
        #expect(task.result(45, datagram.1, page, 100, 2, 0, 0) == 4)
        #expect(task.result(45, datagram.1, page, 100, 0, 0, 0) == 4)
        #expect(task.result(45, datagram.1, page, 100, 0, 0, 0) == failure(.EAGAIN))
    }

    @Test func aDescriptorTravelsAndKeepsItsFileOpen() throws {
        let socket = try pair(1)
        #expect(task.result(293, page, 0) == 0)
        let pipe = try task.pair(at: page)
        try header(count: 1, room: 24)
        try rights(fd(pipe.1))
        #expect(task.result(46, socket.0, page, 0) == 1)
        #expect(task.result(3, fd(pipe.1)) == 0)
        try header(count: 8, room: 24)
        #expect(task.result(47, socket.1, page, 0x4000_0000) == 1)
        let control = ByteReader(try task.bytes(at: page + 512, 24))
        #expect(control.u64(0) == 20 && control.i32(12) == 1)
        let received = UInt64(control.u32(16))
        #expect(task.result(72, received, 1) == 1)
        #expect(task.result(1, received, page, 5) == 5)
        #expect(task.result(0, fd(pipe.0), page, 9) == 5)
    }

    @Test func aDescriptorWithoutRoomIsClosedAndSaidSo() throws {
        let socket = try pair(1)
        #expect(task.result(293, page, 0o4000) == 0)
        let pipe = try task.pair(at: page)
        try header(count: 1, room: 24)
        try rights(fd(pipe.1))
        #expect(task.result(46, socket.0, page, 0) == 1)
        #expect(task.result(3, fd(pipe.1)) == 0)
        try header(count: 8, room: 0)
        #expect(task.result(47, socket.1, page, 0) == 1)
        #expect(try task.memory.readU32(GuestAddress(page + 48)) & 8 == 8)
        // The only writer is gone: the end of the file.
        #expect(task.result(0, fd(pipe.0), page, 1) == 0)
    }

    @Test func closingEndsTheStream() throws {
        let socket = try pair(1)
        #expect(task.result(44, socket.0, page, 3, 0, 0, 0) == 3)
        #expect(task.result(3, socket.0) == 0)
        #expect(task.result(0, socket.1, page, 9) == 3)
        #expect(task.result(0, socket.1, page, 9) == 0)
        #expect(task.result(44, socket.1, page, 1, 0x4000, 0, 0) == failure(.EPIPE))
    }

    @Test func unreadBytesResetThePeer() throws {
        let socket = try pair(1)
        #expect(task.result(44, socket.0, page, 3, 0, 0, 0) == 3)
        #expect(task.result(3, socket.1) == 0)
        #expect(task.result(0, socket.0, page, 9) == failure(.ECONNRESET))
        #expect(task.result(0, socket.0, page, 9) == 0)
    }

    @Test func aFullSocketTakesNoMoreAndWakesWhenItIsRead() throws {
        let socket = try pair(1)
        var sent: Int64 = 0
        while case let count = task.result(44, socket.0, page, 65536, 0, 0, 0), count > 0 { sent += count }
        #expect(sent >= 200_000)
        while case let count = task.result(0, socket.1, page, 65536), count > 0 { sent -= count }
        #expect(sent == 0)
        #expect(task.result(44, socket.0, page, 1, 0, 0, 0) == 1)
    }

    @Test func halfClosingAndOptions() throws {
        let socket = try pair(1)
        #expect(task.result(48, socket.0, 1) == 0)
        #expect(task.result(0, socket.1, page, 1) == 0)
        #expect(task.result(44, socket.1, page, 1, 0, 0, 0) == 1)
        try task.memory.writeU32(4, to: GuestAddress(page + 8))
        #expect(task.result(55, socket.0, 1, 3, page, page + 8) == 0)
        #expect(try task.memory.readU32(GuestAddress(page)) == 1)
        #expect(task.result(41, 2, 1, 0) == failure(.EAFNOSUPPORT))
        #expect(task.result(44, 0, page, 1, 0, 0, 0) != 1)
    }

    @Test func nothingStaysChargedAfterTheEnd() throws {
        let socket = try pair(1)
        try header(count: 1, room: 24)
        try rights(socket.1)
        #expect(task.result(46, socket.0, page, 0) == 1)
        #expect(task.result(3, socket.0) == 0)
        try header(count: 8, room: 0)
        #expect(task.result(47, socket.1, page, 0) == 1)
        #expect(task.result(3, socket.1) == 0)
        #expect(system.kernel.buffers.isIdle)
    }
}
